import { carries, LINKS, NAMES, type Name, type Trunk } from "./pair.js";
import type { Traffic } from "./traffic.js";
import type { LinkState, Wire } from "./wire.js";

const COLUMNS = ["", "link", "status", "state", "carries", "mux", "partner", "partner's state"] as const;

function rowsOf(name: Name, trunk: Trunk): string[][] {
  return trunk.ports.map((port, index) => [
    index === 0 ? name : "",
    `${port.name}${port.linkUp ? "" : " (down)"}`,
    port.status,
    port.portState ?? "-",
    carries(port) ? "yes" : "no",
    (port.muxState ?? "-").toLowerCase().replaceAll("_", " "),
    port.partner?.systemId ?? "-",
    port.partner?.portState ?? "-",
  ]);
}

/** Both ends' ports as lines of a table. */
export function table(trunks: ReadonlyMap<Name, Trunk>): string[] {
  const rows = [[...COLUMNS], ...NAMES.flatMap((name) => rowsOf(name, trunks.get(name) as Trunk))];
  const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] as number))
      .join("  ")
      .trimEnd(),
  );
}

const DRAWN: { readonly [S in LinkState]: string } = {
  whole: "======================",
  silent: "=====  silent cut  ===",
  disconnected: "-----  x  no carrier  ",
};

/** The links between the two, one a line. */
export const cabling = (wire: Wire): string[] =>
  LINKS.map((link) => `  PE ${link} ${DRAWN[wire.stateOf(link)]} ${link} CE`);

export const timeText = (micros: number): string =>
  micros < 1_000_000 ? `${(micros / 1_000).toFixed(1)} ms` : `${(micros / 1_000_000).toFixed(2)} s`;

/** What is known of a stream. */
export const streamText = ({ lost, duplicates, longestGap, flowing }: Omit<Traffic, "sent">): string =>
  [
    `${lost} frames lost`,
    ...(duplicates > 0 ? [`${duplicates} came twice`] : []),
    `longest gap of a flow ${timeText(longestGap)}`,
    ...(flowing ? [] : ["and it is interrupted"]),
  ].join(", ");

export const trafficText = (traffic: Traffic): string => `${traffic.sent} frames sent, ${streamText(traffic)}`;
