import type { Edge, Network, PeView, View } from "./network.js";
import { PES, type PeName } from "./pe.js";
import type { Traffic } from "./traffic.js";

export const timeText = (micros: number): string =>
  micros < 1_000_000 ? `${(micros / 1_000).toFixed(1)} ms` : `${(micros / 1_000_000).toFixed(2)} s`;

export const namesText = (names: readonly PeName[]): string => (names.length > 0 ? names.join(" and ") : "nobody");

/** A stream's counts as text. */
export const streamText = ({ lost, duplicates, longestGap, flowing }: Omit<Traffic, "sent">): string =>
  [
    lost > 0 ? `${lost} lost, longest gap ${timeText(longestGap)}` : "none lost",
    ...(duplicates > 0 ? [`${duplicates} came twice`] : []),
    ...(flowing ? [] : ["interrupted"]),
  ].join(", ");

export const trafficText = (traffic: Traffic): string => `${traffic.sent} frames sent, ${streamText(traffic)}`;

/** State and causation of a PE and of its member. */
export function roleText({ state, etrunk }: PeView): string {
  const [member] = etrunk?.members ?? [];
  if (!etrunk || !member)
    return { off: "powered off", stopped: "stopped", headless: "its daemon is dead", running: "" }[state];
  const revert = member.revertRemaining > 0 ? `, takes back in ${member.revertRemaining} s` : "";
  return `${etrunk.state} (${etrunk.causation}), its member ${member.state} (${member.causation})${revert}`;
}

const WHAT: { readonly [event: string]: string } = {
  "e-trunk-state": "E-Trunk 1",
  "member-state": "member",
  "bfd-state": "BFD",
};

export const edgeText = ({ at, event, port, from, to, because }: Edge): string =>
  `${at} ${port ?? WHAT[event] ?? event}: ${from} -> ${to}${because ? ` (${because})` : ""}`;

/** Lays out rows in columns, left-aligned, with two blanks between. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join("  ")
      .trimEnd(),
  );
}

/** A link in nine characters: whole, cut, or blank where the PE has no power. */
function linkOf(network: Network, name: PeName, side: "ce" | "service"): string {
  const { ceWire, coreWire, parts, state } = network.pe[name];
  const link = parts.links[side];
  if (state === "off") return " ".repeat(9);
  const isWhole = (side === "ce" ? ceWire : coreWire).stateOf(link) === "whole";
  return isWhole ? `==${link}===` : `--${link} x-`;
}

/** A drawing of the network: its links, the PEs' roles, and the PE that carries. */
export function picture(network: Network, { pe }: View): string[] {
  const row = (name: PeName) => {
    const carries = network.carriers.now.includes(name) ? " <== carries" : "";
    const links = `     +${linkOf(network, name, "ce")}| ${name} |${linkOf(network, name, "service")}+    `;
    return `${links}${name}: ${roleText(pe[name])}${carries}`;
  };
  const lost = network.lostWays;
  const path = lost.length === 0 ? "hellos, BFD" : lost.length === PES.length ? "no path" : `${lost.join()} is deaf`;
  return [
    "               +-----+",
    row("PE1"),
    "  +----+       +--+--+       +------+",
    `  | CE |          ${lost.length === 0 ? "|" : "x"}          | core |  between the PEs: ${path}`,
    "  +----+       +--+--+       +------+",
    row("PE2"),
    "               +-----+",
  ];
}
