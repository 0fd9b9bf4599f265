import { integer } from "../../config/language/parameters.js";
import { rowsOf } from "../../core/contract/questions.js";
import type { PartnerView, PortView, TrunkView } from "../../daemon/questions.js";
import { columns, printMac, rule } from "../layout.js";
import { action, display, numbered } from "./row.js";

/** Values that a display shows for a partner that was never heard. */
const NOBODY: PartnerView = {
  systemPriority: 0,
  systemId: "00:00:00:00:00:00",
  portPriority: 0,
  portNumber: 0,
  portKey: 0,
  portState: "10100011",
};

/** `display eth-trunk [ <id> ]`: every trunk, a blank line between. */
const displayEthTrunks = (trunks: readonly TrunkView[]): string => trunks.map(displayEthTrunk).join("\n");

/** `display eth-trunk <id>`. */
function displayEthTrunk(trunk: TrunkView): string {
  const head = `Eth-Trunk${trunk.id}'s state information is:`;
  const lines = trunk.mode === "static" ? staticTrunk(trunk) : trunk.mode === "manual" ? manual(trunk) : backup(trunk);
  return [head, ...lines, ...idleTable(trunk.ports), ""].join("\n");
}

/** Reasons of members that do not carry. The waiting member of mode backup is up, so it has none. */
function idleTable(ports: readonly PortView[]): string[] {
  const idle = ports.filter(({ status }) => status === "Unselect" || status === "Down" || status === "Offline");
  if (idle.length === 0) return [];
  const row = columns(0, 26);
  return [rule(), row("Not carrying", "Reason"), ...idle.map(({ name, reason }) => row(name, reason))];
}

const known = (value: string | number | null): string => (value === null ? "-" : String(value));

/** Whether a member carries traffic; in mode backup the waiting one is up too. */
const isForwarding = (port: PortView): boolean =>
  port.role === null
    ? port.status === "Selected" || port.status === "ForceUp" || port.status === "Up"
    : port.distributing;

function staticTrunk(trunk: TrunkView): string[] {
  const fields = columns(0, 43);
  const { preemptDelay, leastBandwidth } = trunk;
  const systemId = trunk.systemId === null ? "-" : printMac(trunk.systemId);
  const lines = [
    "(h): high priority",
    "(r): reference port",
    "Local:",
    fields(`LAG ID: ${trunk.id}`, "WorkingMode: STATIC"),
    fields(
      preemptDelay === null ? "Preempt Delay: Disabled" : `Preempt Delay Time: ${preemptDelay}`,
      `Hash arithmetic: ${trunk.hashArithmetic}`,
    ),
    fields(
      `System Priority: ${known(trunk.systemPriority)}`,
      `System ID: ${systemId}${trunk.systemIdSource === null ? "" : `(${trunk.systemIdSource})`}`,
    ),
    fields(leastActive(trunk.leastActive, leastBandwidth), `Max Active-linknumber: ${known(trunk.maxActive)}`),
    fields(`Operate status: ${trunk.operState}`, `Number Of Up Ports In Trunk: ${trunk.upPorts}`),
    `Timeout Period: ${trunk.timeout === "fast" ? "Fast" : "Slow"}`,
    `PortKeyMode: ${trunk.portKeyMode ?? "Auto"}`,
  ];
  return [...lines, ...etrunkLine(trunk), ...actorTable(trunk.ports), ...partnerTable(trunk.ports)];
}

/** State of the trunk as a member of its E-Trunk. */
function etrunkLine({ etrunk, memberState, memberCausation = null }: TrunkView): string[] {
  if (etrunk === null) return [];
  return [`E-Trunk: ${etrunk}  Member state: ${known(memberState)}  Reason: ${known(memberCausation)}`];
}

const leastActive = (links: number | null, bandwidth: number | null): string =>
  bandwidth === null ? `Least Active-linknumber: ${known(links)}` : `Least Active-bandwidth: ${bandwidth}`;

function actorTable(ports: readonly PortView[]): string[] {
  const row = columns(0, 26, 36, 47, 57, 65, 75, 86);
  return [
    rule(),
    row("ActorPortName", "Status", "PortType", "PortPri", "PortNo", "PortKey", "PortState", "Weight"),
    ...ports.map((port) =>
      row(
        port.name + flags(port),
        port.status,
        port.portType,
        known(port.portPriority),
        known(port.portNumber),
        known(port.portKey),
        known(port.portState),
        port.weight,
      ),
    ),
  ];
}

function flags({ highPriority, reference }: PortView): string {
  const letters = (highPriority ? "h" : "") + (reference ? "r" : "");
  return letters === "" ? "" : ` (${letters})`;
}

function partnerTable(ports: readonly PortView[]): string[] {
  const row = columns(0, 21, 33, 49, 59, 68, 79);
  return [
    "Partner:",
    rule(),
    row("ActorPortName", "SysPri", "SystemID", "PortPri", "PortNo", "PortKey", "PortState"),
    ...ports.map(({ name, partner }) => {
      const { systemPriority, systemId, portPriority, portNumber, portKey, portState } = partner ?? NOBODY;
      return row(name, systemPriority, printMac(systemId), portPriority, portNumber, portKey, portState);
    }),
  ];
}

function manual(trunk: TrunkView): string[] {
  const fields = columns(0, 28);
  const row = columns(0, 30, 42);
  return [
    fields("WorkingMode: NORMAL", `Hash arithmetic: ${trunk.hashArithmetic}`),
    fields(
      leastActive(trunk.leastActive, trunk.leastBandwidth),
      `Max Bandwidth-affected-linknumber: ${known(trunk.maxActive)}`,
    ),
    fields(`Operate status: ${trunk.operState}`, `Number Of Up Ports In Trunk: ${trunk.upPorts}`),
    ...etrunkLine(trunk),
    rule(),
    row("PortName", "Status", "Weight"),
    ...trunk.ports.map((port) => row(port.name, port.status, port.weight)),
  ];
}

function backup(trunk: TrunkView): string[] {
  const row = columns(0, 30, 44);
  const letter = ({ role }: PortView): string => (role === null ? "-" : role === "master" ? "M" : "S");
  return [
    "WorkingMode: BACKUP",
    `WorkingState: ${trunk.workingState ?? "None"}`,
    rule(),
    row("PortName", "Slave/Master", "Status"),
    ...trunk.ports.map((port) => row(port.name, letter(port), port.status)),
  ];
}

const MODES = { manual: "NORMAL", static: "STATIC", backup: "BACKUP" } as const;

/** `display eth-trunk brief`. */
function displayEthTrunkBrief(trunks: readonly TrunkView[]): string {
  const row = columns(0, 23, 33, 43, 53, 70);
  const lines = trunks.map((trunk) => {
    const active = trunk.ports.filter(isForwarding);
    const configured = trunk.ports.length;
    return row(
      `Eth-Trunk${trunk.id}`,
      MODES[trunk.mode],
      trunk.operState === "up" ? "Up" : "Down",
      trunk.memberState === "Master" ? "M" : trunk.memberState === "Backup" ? "S" : "-",
      `${active.length}/${configured - active.length}/${configured}`,
      active.reduce((sum, port) => sum + bandwidth(port.portType), 0),
    );
  });
  return [
    "Status: Operate status",
    "Role: E-Trunk status",
    "Act: Active link number",
    "Inact: Inactive link number",
    "Cfgd: Configured link number",
    "BW: Bandwidth",
    row("Interface", "Mode", "Status", "Role", "Act/Inact/Cfgd", "BW(Mbps)"),
    ...lines,
    "",
  ].join("\n");
}

/** Mbit/s of `100M`, `10GE`; 0 of `-`. */
function bandwidth(portType: string): number {
  const [, digits, unit] = /^(\d+)(M|GE?)$/.exec(portType) ?? [];
  return digits === undefined ? 0 : Number(digits) * (unit === "M" ? 1 : 1_000);
}

/** `display trunkmembership eth-trunk <id>`. */
function displayTrunkMembership(trunk: TrunkView): string {
  const mode = { manual: "Normal", static: "Static", backup: "Backup" }[trunk.mode];
  const operate = (port: PortView): string =>
    port.interface === null ? "offline" : isForwarding(port) ? "up" : "down";
  return [
    `Trunk ID: ${trunk.id}`,
    "used status: VALID",
    "TYPE: ethernet",
    `Working Mode : ${mode}`,
    `Number Of Ports in Trunk = ${trunk.ports.length}`,
    `Number Of UP Ports in Trunk = ${trunk.upPorts}`,
    `operate status: ${trunk.operState}`,
    "",
    ...trunk.ports.map((port) => `Interface ${port.name}, valid, operate ${operate(port)}, weight=${port.weight}`),
    "",
  ].join("\n");
}

const TRUNKS = "State of Eth-Trunks and their ports";
const parameters = { id: { type: integer(0, 65535, "trunks"), help: "Number of the Eth-Trunk" } };

export const ethTrunkRows = [
  display("display eth-trunk [ <id> ]", {
    help: TRUNKS,
    parameters,
    ask: (match) => ["eth-trunk", numbered(match)],
    show: (answer) => displayEthTrunks(rowsOf("trunks", answer)),
  }),
  display("display eth-trunk brief", {
    help: "One line per Eth-Trunk",
    words: { brief: "One line per Eth-Trunk", "eth-trunk": TRUNKS },
    ask: () => ["eth-trunk", {}],
    show: (answer) => displayEthTrunkBrief(rowsOf("trunks", answer)),
  }),
  display("display trunkmembership eth-trunk <id>", {
    help: "Members of an Eth-Trunk",
    words: { "eth-trunk": "Eth-Trunk interface" },
    parameters,
    ask: (match) => ["eth-trunk", numbered(match)],
    show: (answer) => rowsOf("trunks", answer).map(displayTrunkMembership).join("\n"),
  }),
  action("protect-switch eth-trunk <id>", {
    help: "Let the other member of a 1:1 Eth-Trunk work",
    parameters,
    ask: ({ values }) => ["protect-switch", { id: values.id as number }],
  }),
];
