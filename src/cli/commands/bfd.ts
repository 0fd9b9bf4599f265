import type { Match } from "../../config/language/match.js";
import { integer, ipv4Address, ipv6AddressOnLink } from "../../config/language/parameters.js";
import { MULTI_HOP_PORT, SINGLE_HOP_PORT } from "../../core/base/bfd.js";
import type { AnswerTo, BfdSessionView } from "../../daemon/questions.js";
import { Refused } from "../client.js";
import { columns, printAddress, rule } from "../layout.js";
import { action, display, excerpt } from "./row.js";

const known = (value: string | number | null): string => (value === null ? "-" : String(value));

const LEGEND = ["(w): State in WTR", "(*): State is invalid"];

/** State of a session; `(w)` marks one that is Up and still in its wait-to-restore. */
const stateText = ({ state, restoring }: BfdSessionView): string =>
  `${state === "AdminDown" ? "AdmDown" : state}${restoring ? "(w)" : ""}`;

function total(sessions: readonly BfdSessionView[]): string {
  const up = sessions.filter(({ state }) => state === "Up").length;
  return `    Total UP/DOWN Session Number : ${up}/${sessions.length - up}`;
}

const row = columns(0, 11, 22, 38, 48, 60);
const continued = columns(38, 48, 60);
/** Width of the address column; an address that fills it gets a line of its own. */
const ADDRESS_WIDTH = 16;

/** `display bfd session all` and its like. */
function displayBfdSessions(sessions: readonly BfdSessionView[]): string {
  return [
    ...LEGEND,
    rule(),
    row("Local", "Remote", "PeerIpAddr", "State", "Type", "InterfaceName"),
    rule(),
    ...sessions.flatMap(sessionRows),
    rule(),
    total(sessions),
    "",
  ].join("\n");
}

function sessionRows(session: BfdSessionView): string[] {
  const local = known(session.localDiscriminator);
  const remote = known(session.remoteDiscriminator);
  const address = printAddress(session.destination);
  const type = `${session.type === "dynamic" ? "D" : "S"}_IP_${session.interface === null ? "PEER" : "IF"}`;
  const rest = [stateText(session), type, known(session.interface)] as const;
  if (address.length < ADDRESS_WIDTH) return [row(local, remote, address, ...rest)];
  return [row(local, remote, address), continued(...rest)];
}

const pair = columns(0, 44);
const field = (label: string, value: string | number | null): string => `  ${label.padEnd(23)}: ${known(value)}`;
const second = (label: string, value: string | number | null): string => `${label.padEnd(23)}: ${known(value)}`;

/** `display bfd session ... verbose`. */
function displayBfdSessionsVerbose(sessions: readonly BfdSessionView[]): string {
  return [...LEGEND, ...sessions.flatMap(verbose), rule(), total(sessions), ""].join("\n");
}

function verbose(session: BfdSessionView): string[] {
  const { multihop } = session;
  const bound = session.interface === null ? "Peer IP Address" : `Interface(${session.interface})`;
  return [
    rule(),
    pair(`  (${multihop ? "Multi" : "One"} Hop) State : ${stateText(session)}`, `Name : ${session.name}`),
    rule(),
    pair(
      field("Local Discriminator", session.localDiscriminator),
      second("Remote Discriminator", session.remoteDiscriminator),
    ),
    field("Session Detect Mode", "Asynchronous Mode Without Echo Function"),
    field("BFD Bind Type", bound),
    field("Bind Session Type", session.type === "dynamic" ? "Dynamic" : "Static"),
    field("Bind Peer IP Address", printAddress(session.destination)),
    field("Bind Interface", session.interface),
    field("Track Interface", session.trackInterface),
    field("Bind Source IP Address", printAddress(session.sourceAddress)),
    pair(field("FSM Board Id", 0), second("TOS-EXP", session.tosExp)),
    pair(field("Min Tx Interval (ms)", session.minTx), second("Min Rx Interval (ms)", session.minRx)),
    pair(field("Actual Tx Interval (ms)", session.actualTx), second("Actual Rx Interval (ms)", session.actualRx)),
    pair(
      field("Local Detect Multi", session.detectMultiplier),
      second("Detect Interval (ms)", session.detectionTime || null),
    ),
    pair(field("Echo Passive", "Disable"), second("Acl Number", null)),
    pair(field("Destination Port", multihop ? MULTI_HOP_PORT : SINGLE_HOP_PORT), second("TTL", multihop ? 254 : 255)),
    pair(field("Proc Interface Status", "Disable"), second("Process PST", "Disable")),
    pair(field("WTR Interval (ms)", session.wtr || null), second("Config PST", "Disable")),
    field("Active Multi", session.remoteMultiplier || session.detectMultiplier),
    field("Last Local Diagnostic", session.diagnostic),
    field("Bind Application", session.applications.join(" | ") || "No Application Bind"),
    pair(field("Session TX TmrID", null), second("Session Detect TmrID", null)),
    pair(field("Session Init TmrID", null), second("Session WTR TmrID", null)),
    field("Session Echo Tx TmrID", null),
    ...(session.notUpReason === null ? [] : [field("Session Not Up Reason", session.notUpReason)]),
    field("Session Description", session.description),
    field("Track Group Name", null),
    field("Sent/Received packets", `${session.sent}/${session.received}`),
    pair(field("Authentication", session.authentication), second("Sent By Pacer", session.offloaded ? "Yes" : "No")),
  ];
}

/** `display bfd statistics`. */
function displayBfdStatistics({ sessions, strays, faults }: AnswerTo<"bfd-sessions">): string {
  const line = (label: string, count: string | number): string => `${label.padEnd(40)}: ${count}`;
  const count = (test: (session: BfdSessionView) => boolean): number => sessions.filter(test).length;
  const up = count(({ state }) => state === "Up");
  const dropped = new Map<string, number>(Object.entries(faults));
  for (const { drops } of sessions)
    for (const [drop, times] of Object.entries(drops)) dropped.set(drop, (dropped.get(drop) ?? 0) + times);
  return [
    line("Total Up/Down Session Number", `${up}/${sessions.length - up}`),
    line(
      "Static session",
      count(({ type }) => type === "static"),
    ),
    line(
      "Dynamic session",
      count(({ type }) => type === "dynamic"),
    ),
    line(
      "Multihop session",
      count(({ multihop }) => multihop),
    ),
    line(
      "Single-hop session",
      count(({ multihop }) => !multihop),
    ),
    line(
      "Session sent by the pacer",
      count(({ offloaded }) => offloaded),
    ),
    line("IP Multihop Destination Port", MULTI_HOP_PORT),
    line(
      "Sent packets",
      sessions.reduce((sum, { sent }) => sum + sent, 0),
    ),
    line(
      "Received packets",
      sessions.reduce((sum, { received }) => sum + received, 0),
    ),
    line("Packets of no session", strays),
    ...[...dropped].filter(([, times]) => times > 0).map(([why, times]) => line(`Dropped packets, ${why}`, times)),
    "",
  ].join("\n");
}

/** The sessions that the line names. */
function chosen(sessions: readonly BfdSessionView[], { words, values }: Match): readonly BfdSessionView[] {
  const { discriminator, address = values.address6 } = values;
  if (discriminator !== undefined) {
    const found = sessions.filter(({ localDiscriminator }) => localDiscriminator === discriminator);
    if (found.length > 0) return found;
    throw new Refused(`There is no BFD session with the local discriminator ${discriminator}`);
  }
  if (address !== undefined) return sessions.filter(({ peerAddress }) => peerAddress === address);
  const type = (["static", "dynamic"] as const).find((each) => words.includes(each));
  return type === undefined ? sessions : sessions.filter((session) => session.type === type);
}

const BFD = "Bidirectional Forwarding Detection";
const ONE = "One session, by its local discriminator";

const parameters = {
  discriminator: { type: integer(1, 4_294_967_295), help: "Local discriminator of the session" },
  address: { type: ipv4Address, help: "IPv4 address of the peer" },
  address6: { type: ipv6AddressOnLink, help: "IPv6 address of the peer" },
};

export const bfdRows = [
  excerpt(
    "display bfd session { all | static | dynamic | discriminator <discriminator> | peer-ip <address> | peer-ipv6 <address6> } [ verbose ]",
    {
      help: "State of BFD sessions",
      words: {
        bfd: BFD,
        all: "Every session",
        static: "Sessions of the configuration",
        dynamic: "Sessions that protocols made by themselves",
        discriminator: ONE,
        "peer-ip": "Sessions to an IPv4 address",
        "peer-ipv6": "Sessions to an IPv6 address",
        verbose: "All fields of each session",
      },
      parameters,
      ask: () => ["bfd-sessions", {}],
      document: (answer, match) => ({ sessions: chosen(answer.sessions, match) }),
      show: ({ sessions }, { words }) =>
        (words.includes("verbose") ? displayBfdSessionsVerbose : displayBfdSessions)(sessions),
    },
  ),
  display("display bfd statistics", {
    help: "How many sessions there are, and what was dropped",
    words: { bfd: BFD },
    ask: () => ["bfd-sessions", {}],
    show: displayBfdStatistics,
  }),
  action("reset bfd statistics { all | discriminator <discriminator> }", {
    help: "Clear the counters of BFD sessions",
    words: { bfd: BFD, all: "Every session", discriminator: ONE },
    parameters,
    ask: ({ values: { discriminator } }) => [
      "reset-bfd-statistics",
      discriminator === undefined ? {} : { discriminator: discriminator as number },
    ],
  }),
];
