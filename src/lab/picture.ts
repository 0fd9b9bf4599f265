import type { Edge, Network, PeView, View } from "./network.js";
import { PES, type PeName } from "./pe.js";
import type { Traffic } from "./traffic.js";

export const timeText = (micros: number): string =>
  micros < 1_000_000 ? `${(micros / 1_000).toFixed(1)} ms` : `${(micros / 1_000_000).toFixed(2)} s`;

export const namesText = (names: readonly PeName[]): string => (names.length > 0 ? names.join(" and ") : "nobody");

/** What is known of a stream. */
export const streamText = ({ lost, duplicates, longestGap, flowing }: Omit<Traffic, "sent">): string =>
  [
    lost > 0 ? `${lost} lost, longest gap ${timeText(longestGap)}` : "none lost",
    ...(duplicates > 0 ? [`${duplicates} came twice`] : []),
    ...(flowing ? [] : ["interrupted"]),
  ].join(", ");

export const trafficText = (traffic: Traffic): string => `${traffic.sent} frames sent, ${streamText(traffic)}`;

/** What a PE displays, and the causation of it. */
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

/** Left-aligned, two blanks between. */
export function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join("  ")
      .trimEnd(),
  );
}

/** Nine columns: a link that is whole, one that is cut, and none where an end lost its power. */
function linkOf(network: Network, name: PeName, side: "ce" | "service"): string {
  const { ceWire, coreWire, parts, state } = network.pe[name];
  const link = parts.links[side];
  if (state === "off") return " ".repeat(9);
  const isWhole = (side === "ce" ? ceWire : coreWire).stateOf(link) === "whole";
  return isWhole ? `==${link}===` : `--${link} x-`;
}

/** The network with what is whole and who carries. */
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
