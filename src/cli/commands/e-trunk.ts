import { etrunkId } from "../../config/features/etrunk/member-rows.js";
import type { Match } from "../../config/language/match.js";
import { interfaceName } from "../../config/language/parameters.js";
import { rowsOf } from "../../core/contract/questions.js";
import type { EtrunkMemberView, EtrunkPacketsView, EtrunkView, MoveView } from "../../daemon/questions.js";
import { Refused } from "../client.js";
import { columns, localTime, printAddress, printMac, rule, zoneOf } from "../layout.js";
import { action, display, excerpt, numbered } from "./row.js";
import { displayWhy } from "./why.js";

const known = (value: string | number | null | undefined): string => String(value ?? "-");

const TITLE = " ".repeat(28);
const fields = columns(0, 40);

/** `display e-trunk [ <id> ]`: every E-Trunk, a blank line between. */
const displayEtrunks = (etrunks: readonly EtrunkView[]): string => etrunks.map(displayEtrunk).join("\n");

/** `display e-trunk <id>`. */
function displayEtrunk(etrunk: EtrunkView): string {
  const peerSystemId = etrunk.peerSystemId === null ? "-" : printMac(etrunk.peerSystemId);
  const vpn = etrunk.vpnInstance === null ? [] : [`VPN-Instance : ${etrunk.vpnInstance}`];
  const bfd = etrunk.dynamicBfd;
  return [
    `${TITLE}The E-Trunk information`,
    fields(`E-TRUNK-ID : ${etrunk.id}`, `Revert-Delay-Time (s) : ${etrunk.revertDelay}`),
    fields(`Priority : ${etrunk.priority}`, `System-ID : ${printMac(etrunk.systemId)}`),
    ...vpn,
    fields(`Peer-IP : ${printAddress(etrunk.peerAddress)}`, `Source-IP : ${printAddress(etrunk.sourceAddress)}`),
    fields(`State : ${etrunk.state}`, `Causation : ${etrunk.causation}`),
    fields(`Send-Period (100ms) : ${etrunk.sendPeriod}`, `Fail-Time (100ms) : ${etrunk.failTime}`),
    fields(`Receive : ${etrunk.received}`, `Send : ${etrunk.sent}`),
    fields(`RecDrop : ${etrunk.receivedDropped}`, `SndDrop : ${etrunk.sentDropped}`),
    fields(`Peer-Priority : ${known(etrunk.peerPriority)}`, `Peer-System-ID : ${peerSystemId}`),
    fields(
      `Peer-Fail-Time (100ms) : ${known(etrunk.peerFailTime)}`,
      `BFD-Session : ${known(bfd === null ? etrunk.bfdSession : null)}`,
    ),
    `Description : ${known(etrunk.description)}`,
    `Sequence : ${etrunk.sequence ? "Enable" : "Disable"}`,
    fields(`Authentication : ${etrunk.authenticationMode.toUpperCase()}`, `Key : ${capital(etrunk.key)}`),
    fields(`Priority-Order : ${etrunk.priorityOrder}`, `Revert : ${revertText(etrunk)}`),
    ...etrunk.attention.map((text) => `Attention : ${text}`),
    fields(`Dynamic-BFD : ${bfd === null ? "Disabled" : "Enabled"}`, `BFD-State : ${known(etrunk.bfdState)}`),
    fields(`TX (ms) : ${known(bfd?.minTx)}`, `RX (ms) : ${known(bfd?.minRx)}`),
    `Multiplier : ${known(bfd?.detectMultiplier)}`,
    rule(),
    `${TITLE}The Member information`,
    memberRow("Type", "ID", "LocalPhyState", "Work-Mode", "State", "Causation", "Remote-ID"),
    ...etrunk.members.map(memberLine),
    "",
  ].join("\n");
}

const capital = (word: string): string => word.slice(0, 1).toUpperCase() + word.slice(1);

function revertText({ revertEnabled, members }: EtrunkView): string {
  if (!revertEnabled) return "Disabled";
  const left = Math.max(0, ...members.map(({ revertRemaining }) => revertRemaining));
  return left === 0 ? "Enabled, idle" : `Enabled, ${left} s left`;
}

const memberRow = columns(0, 10, 14, 29, 43, 51, 68);

/** The state in at most five letters, which is the width of the tables. */
const shortState = (state: string): string => (state === "Negotiation" ? "Negot" : state);

const memberLine = (member: EtrunkMemberView): string =>
  memberRow(
    member.type,
    member.id,
    member.physicalState,
    member.workMode,
    shortState(member.state),
    member.causation,
    member.remoteId,
  );

/** `display e-trunk brief`. */
function displayEtrunkBrief(etrunks: readonly EtrunkView[]): string {
  const row = columns(0, 12, 21, 52, 83);
  const count = (state: string): number => etrunks.filter((etrunk) => etrunk.state === state).length;
  return [
    row("E-TRUNK-ID", "State", "VPN-Instance", "Peer-IP", "Source-IP"),
    rule(111),
    ...etrunks.map(({ id, state, vpnInstance, peerAddress, sourceAddress }) =>
      row(id, state, known(vpnInstance), printAddress(peerAddress), printAddress(sourceAddress)),
    ),
    rule(111),
    columns(0, 14, 27, 44)(
      `Total:${etrunks.length}`,
      `Master:${count("Master")}`,
      `Backup:${count("Backup")}`,
      `Init:${count("Init")}`,
    ),
    "",
  ].join("\n");
}

/** Counters of dropped hellos under their documented names, in printed order. */
const DROPS = [
  ["Received packets with priority errors", "priority"],
  ["Received packets with fail-time errors", "failTime"],
  ["Received packets with state errors", "state"],
  ["Received packets with state reason errors", "reason"],
  ["Received packets with peer-ip errors", "peerAddress"],
  ["Received packets with authentication errors", "authentication"],
  ["Received packets with TLV check errors", "tlv"],
  ["Received packets with system-id errors", "systemId"],
  ["Dropped packets with BFD protection", "bfd"],
  ["Received packets with sequence errors", "sequence"],
  ["Received packets with version errors", "version"],
  ["Dropped packets with session-CAR", "sessionCar"],
  ["Dropped packets with TTL", "ttl"],
  ["Dropped packets of a flood", "flood"],
] as const;

/** `display e-trunk packet-statistics [ e-trunk-id <id> ]`. */
function displayEtrunkPackets({ etrunkIdErrors, lengthErrors, etrunks }: EtrunkPacketsView): string {
  const sum = (drop: string): number => etrunks.reduce((total, { drops }) => total + (drops[drop] ?? 0), 0);
  const line = (label: string, count: number): string => `  ${label.padEnd(44)}: ${count}`;
  return [
    `E-Trunk-ID errors : ${etrunkIdErrors + sum("etrunkId")}`,
    `Length errors     : ${lengthErrors + sum("length")}`,
    ...etrunks.flatMap(({ id, sent, sentDropped, received, drops, wentBackwards, halfwayMembers }) => [
      "",
      `E-TRUNK-ID : ${id}`,
      line("Sent packets", sent),
      line("Failed to send packets", sentDropped),
      line("Received packets", received),
      ...DROPS.map(([label, drop]) => line(label, drops[drop] ?? 0)),
      line("Taken packets older than the last one", wentBackwards),
      line("Members that fit halfway", halfwayMembers),
    ]),
    "",
  ].join("\n");
}

/** `display e-trunk <id> state-change [ member-interface <if> ]`: newest first. */
function displayMoves(moves: readonly MoveView[]): string {
  const row = columns(0, 31, 47, 59);
  return [
    row("Time", "SourceState", "DestState", "Reason"),
    rule(75),
    ...[...moves].reverse().map(({ time, from, to, causation }) => {
      const { date, time: clock } = localTime(time);
      return row(`${date} ${clock}${zoneOf(time)}`, shortState(from), shortState(to), causation);
    }),
    rule(75),
    "",
  ].join("\n");
}

/** `display e-trunk bfd session all`, of E-Trunks that made sessions by themselves. */
function displayEtrunkBfd(dynamic: readonly EtrunkView[]): string {
  const row = columns(0, 27, 54);
  return [
    `BFD session information for E-Trunk, Total BFD session(s): ${dynamic.length}`,
    rule(69),
    ...dynamic.flatMap(({ id, dynamicBfd, bfdState, sourceAddress, peerAddress }, n) => [
      ...(n === 0 ? [] : [rule(69)]),
      `E-TRUNK-ID : ${id}`,
      row(
        `TX(ms)  : ${dynamicBfd?.minTx}`,
        `RX(ms) : ${dynamicBfd?.minRx}`,
        `Multiplier : ${dynamicBfd?.detectMultiplier}`,
      ),
      row(
        `LocalIP : ${printAddress(sourceAddress)}`,
        `PeerIP : ${printAddress(peerAddress)}`,
        `BFD State  : ${known(bfdState)}`,
      ),
    ]),
    "",
  ].join("\n");
}

/** The moves of the device, or of the member that the line names. */
function movesOf(etrunk: EtrunkView, { values: { if: name } }: Match): readonly MoveView[] {
  if (name === undefined) return etrunk.history;
  const member = etrunk.members.find(({ type, id }) => `${type}${id}` === name);
  if (member === undefined) throw new Refused(`${name} is no member of E-Trunk ${etrunk.id}`);
  return member.history;
}

const ETRUNKS = "State of E-Trunks and their members";

const parameters = {
  id: { type: etrunkId, help: "Number of the E-Trunk" },
  if: { type: interfaceName, help: "Member interface" },
};

export const etrunkRows = [
  display("display e-trunk [ <id> ]", {
    help: ETRUNKS,
    parameters,
    ask: (match) => ["e-trunk", numbered(match)],
    show: (answer) => displayEtrunks(rowsOf("etrunks", answer)),
  }),
  display("display e-trunk brief", {
    help: "One line per E-Trunk",
    words: { "e-trunk": ETRUNKS },
    ask: () => ["e-trunk", {}],
    show: (answer) => displayEtrunkBrief(rowsOf("etrunks", answer)),
  }),
  display("display e-trunk packet-statistics [ e-trunk-id <id> ]", {
    help: "Counters of hellos",
    words: { "e-trunk": ETRUNKS, "e-trunk-id": "One E-Trunk" },
    parameters,
    ask: (match) => ["e-trunk-packets", numbered(match)],
    show: displayEtrunkPackets,
  }),
  excerpt("display e-trunk <id> state-change [ member-interface <if> ]", {
    help: "The last changes of the state of the E-Trunk, or of one member",
    words: { "e-trunk": ETRUNKS, "member-interface": "Changes of one member" },
    parameters,
    ask: (match) => ["e-trunk", numbered(match)],
    document: (answer, match) => {
      const { id, if: name = null } = match.values;
      return { id, interface: name, moves: rowsOf("etrunks", answer).flatMap((each) => movesOf(each, match)) };
    },
    show: ({ moves }) => displayMoves(moves),
  }),
  excerpt("display e-trunk bfd session all", {
    help: "BFD sessions that E-Trunks made by themselves",
    words: { "e-trunk": ETRUNKS },
    ask: () => ["e-trunk", {}],
    document: (answer) => ({ etrunks: rowsOf("etrunks", answer).filter(({ dynamicBfd }) => dynamicBfd !== null) }),
    show: ({ etrunks }) => displayEtrunkBfd(etrunks),
  }),
  display("why e-trunk <id>", {
    help: "The last decision of an E-Trunk and of its members, with all its inputs",
    parameters,
    ask: ({ values }) => ["why-e-trunk", { id: values.id as number }],
    show: displayWhy,
  }),
  action("reset e-trunk packet-statistics [ e-trunk-id <id> ]", {
    help: "Clear the counters of hellos",
    words: { "e-trunk-id": "One E-Trunk" },
    parameters,
    ask: (match) => ["reset-e-trunk-statistics", numbered(match)],
  }),
];
