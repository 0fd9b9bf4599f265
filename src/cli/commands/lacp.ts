import { integer, interfaceName } from "../../config/language/parameters.js";
import { rowsOf } from "../../core/contract/questions.js";
import type { LacpBriefView, LacpStatisticsView } from "../../daemon/questions.js";
import { columns, printMac, rule } from "../layout.js";
import { action, display, numbered } from "./row.js";

/** Column of the first head. */
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
const displayLacpStatistics = (trunks: readonly LacpStatisticsView[]): string => trunks.map(one).join("\n");

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
function displayLacpBrief(lacp: LacpBriefView): string {
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

const parameters = {
  id: { type: integer(0, 65535, "trunks"), help: "Number of the Eth-Trunk" },
  if: { type: interfaceName, help: "Member interface" },
};

export const lacpRows = [
  display("display lacp statistics eth-trunk [ <id> ]", {
    help: "Counters of LACP and Marker PDUs",
    parameters,
    ask: (match) => ["lacp-statistics", numbered(match)],
    show: (answer) => displayLacpStatistics(rowsOf("trunks", answer)),
  }),
  display("display lacp brief", {
    help: "System priority and system ID",
    ask: () => ["lacp-brief", {}],
    show: displayLacpBrief,
  }),
  action("reset lacp statistics eth-trunk [ <id> [ interface <if> ] ]", {
    help: "Clear the counters of LACP and Marker PDUs",
    words: { interface: "One member interface" },
    parameters,
    ask: (match) => {
      const { if: member } = match.values;
      return ["reset-lacp-statistics", { ...numbered(match), ...(member ? { interface: member as string } : {}) }];
    },
  }),
];
