import type { LacpBriefView, LacpStatisticsView } from "../../daemon/questions.js";
import { columns, printMac, rule } from "./layout.js";

/** Where the first number's head begins. */
const FIRST_HEAD = 23;

/** Port names, and numbers right-aligned to the ends of their heads. */
function table(heads: readonly string[], ports: readonly (readonly [name: string, ...counts: number[]])[]): string[] {
  const starts = heads.map((_, n) => FIRST_HEAD + heads.slice(0, n).reduce((sum, head) => sum + head.length + 1, 0));
  const row = columns(0, ...starts);
  return [
    row("Port", ...heads),
    ...ports.map(([name, ...counts]) => row(name, ...counts.map((n, at) => String(n).padStart(heads[at]!.length)))),
  ];
}

/** `display lacp statistics eth-trunk [ <id> ]`. */
export const displayLacpStatistics = (trunks: readonly LacpStatisticsView[]): string => trunks.map(one).join("\n");

function one(trunk: LacpStatisticsView): string {
  const lines = [
    `Eth-trunk${trunk.id}'s PDU statistic is:`,
    rule(78),
    ...table(
      ["LacpRevPdu", "LacpSentPdu", "MarkerRevPdu", "MarkerSentPdu"],
      trunk.ports.map((port) => [
        port.name,
        port.lacpduReceived,
        port.lacpduSent,
        port.markerReceived,
        port.markerSent,
      ]),
    ),
  ];
  const troubled = trunk.ports.some((port) => port.lacpduErrors + port.markerErrors + port.unknownReceived > 0);
  if (troubled) {
    lines.push(
      ...table(
        ["LacpErrPdu", "MarkerErrPdu", "UnknownPdu"],
        trunk.ports.map((port) => [port.name, port.lacpduErrors, port.markerErrors, port.unknownReceived]),
      ),
    );
  }
  return [...lines, ""].join("\n");
}

/** `display lacp brief`. */
export function displayLacpBrief(lacp: LacpBriefView): string {
  const identity = (priority: number, id: string, source = ""): string[] => [
    `System Priority: ${priority}`,
    `System ID      : ${printMac(id)}${source}`,
  ];
  return [
    ...identity(lacp.systemPriority, lacp.systemId),
    rule(),
    ...lacp.trunks.flatMap((trunk) => [
      `Eth-Trunk${trunk.id}:`,
      ...identity(trunk.systemPriority, trunk.systemId, `(${trunk.systemIdSource})`),
    ]),
    "",
  ].join("\n");
}
