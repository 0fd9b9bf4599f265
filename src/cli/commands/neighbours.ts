import type { Match } from "../../config/language/match.js";
import { hostMask } from "../../config/language/network-parameters.js";
import { interfaceName, ipv4Address, ipv6Address } from "../../config/language/parameters.js";
import type { NeighbourStatistics, NeighbourView } from "../../daemon/questions.js";
import { columns, printAddress, printMac, rule } from "../layout.js";
import { action, display } from "./row.js";

const row = columns(0, 16, 32, 42, 54, 66);
const vlanLine = columns(42);
const counts = columns(0, 16, 32, 44);
const RULE = 78;

/** Types of ARP entries as the vendor shows them; the letter O is the vendor's. */
const ARP_TYPES = { interface: "I -", dynamic: "D-0", "remote-backup": "R-0" } as const;

const count = (entries: readonly NeighbourView[], type: NeighbourView["type"]): number =>
  entries.filter((entry) => entry.type === type).length;

/** `display arp`. `timeout`: seconds, of an interface alone. */
function arpText(entries: readonly NeighbourView[]): string {
  return [
    row("IP ADDRESS", "MAC ADDRESS", "EXPIRE(M)", "TYPE", "INTERFACE", "VPN-INSTANCE"),
    vlanLine("VLAN/CEVLAN PVC"),
    rule(RULE),
    ...entries.flatMap(arpLines),
    rule(RULE),
    counts(
      `Total:${entries.length}`,
      `Dynamic:${count(entries, "dynamic")}`,
      "Static:0",
      `Interface:${count(entries, "interface")}    Remote:${count(entries, "remote-backup")}`,
    ),
    "Redirect:0",
    "",
  ].join("\n");
}

function arpLines({ address, mac, expiresIn, type, interface: name, vlan }: NeighbourView): string[] {
  const minutes = expiresIn === null ? "" : String(Math.ceil(expiresIn / 60));
  const line = row(address, printMac(mac), minutes, ARP_TYPES[type], name);
  return vlan === null ? [line] : [line, vlanLine(`${vlan}/-`)];
}

const ND_RULE = 77;
const pair = columns(0, 49);

/** `display ipv6 neighbors`. */
function ndText(entries: readonly NeighbourView[]): string {
  const hosts = entries.filter(({ type }) => type !== "interface");
  return [
    rule(ND_RULE),
    ...hosts.flatMap((entry) => [...ndLines(entry), rule(ND_RULE)]),
    `Total: ${hosts.length}        Dynamic: ${count(hosts, "dynamic")}      Static: 0      Remote:${count(hosts, "remote-backup")}`,
    "",
  ].join("\n");
}

const two = (value: number): string => String(value).padStart(2, "0");

function ndLines({ address, mac, type, interface: name, vlan, heard, isRouter, probes }: NeighbourView): string[] {
  const age = heard ?? 0;
  const state = type === "remote-backup" ? "REMOTE" : probes > 0 ? "PROBE" : "STALE";
  return [
    `IPv6 Address : ${printAddress(address)}`,
    pair(`Link-layer   : ${printMac(mac)}`, `State     : ${state}`),
    pair(
      `Interface    : ${name}`,
      `Age       : ${two(Math.floor(age / 3_600))}h${two(Math.floor(age / 60) % 60)}m${two(age % 60)}s`,
    ),
    pair(`VLAN         : ${vlan ?? "-"}`, "CEVLAN    : -"),
    pair("VPN name     : -", `Is Router : ${isRouter ? "TRUE" : "FALSE"}`),
    "Secure FLAG  : UN-SECURE",
  ];
}

function statisticsText({
  entries,
  own,
  copies,
  most,
  expired,
  received,
  faulty,
  added,
  changed,
  untaught,
}: NeighbourStatistics): string {
  const line = (label: string, value: number): string => ` ${label.padEnd(34)}: ${value}`;
  return [
    line("Entries", entries),
    line("  heard by this device", own),
    line("  told by the peer", copies),
    line("  at most", most),
    line("Entries added", added),
    line("Entries changed", changed),
    line("Entries expired", expired),
    line("Packets received", received),
    line("Packets with a fault", faulty),
    ...Object.entries(untaught).map(([reason, packets]) =>
      line(`Packets not learned from, ${REASONS[reason as keyof typeof REASONS]}`, packets),
    ),
    "",
  ].join("\n");
}

const REASONS = {
  own: "own",
  zero: "zero",
  group: "group",
  foreign: "network",
  conflict: "conflict",
  room: "no room",
} as const satisfies { readonly [Reason in keyof NeighbourStatistics["untaught"]]: string };

const interfaceParameter = { interface: { type: interfaceName, help: "Name of the interface" } };
const interfaceOf = ({ values }: Match): { readonly interface?: string } =>
  values.interface === undefined ? {} : { interface: values.interface as string };

const TYPES = { dynamic: "Entries that this device heard", "remote-backup": "Entries that the peer told" };
const typeOf = ({ words }: Match): { readonly type?: "dynamic" | "remote-backup" } =>
  words.includes("remote-backup") ? { type: "remote-backup" } : words.includes("dynamic") ? { type: "dynamic" } : {};

export const neighbourRows = [
  display("display arp { all | dynamic | remote-backup | interface <interface> }", {
    help: "ARP entries",
    words: { all: "All entries", interface: "Entries of one interface", ...TYPES },
    parameters: interfaceParameter,
    ask: (match) => ["neighbours", { service: "arp", ...interfaceOf(match), ...typeOf(match) }],
    show: ({ entries }) => arpText(entries),
  }),
  display("display arp network <address> [ <mask> ]", {
    help: "ARP entries of a network",
    parameters: {
      address: { type: ipv4Address, help: "Address of the network, or of a host" },
      mask: { type: hostMask, help: "Mask of the network, or its length" },
    },
    ask: ({ values }) => [
      "neighbours",
      {
        service: "arp",
        address: values.address as string,
        ...(values.mask === undefined ? {} : { length: values.mask as number }),
      },
    ],
    show: ({ entries }) => arpText(entries),
  }),
  display("display arp statistics all", {
    help: "What was heard by ARP",
    words: { all: "Of all interfaces" },
    ask: () => ["neighbour-statistics", { service: "arp" }],
    show: statisticsText,
  }),
  display("display ipv6 neighbors [ <address> | remote-backup | interface <interface> ]", {
    help: "IPv6 neighbours",
    words: { neighbors: "Entries of neighbour discovery", interface: "Entries of one interface", ...TYPES },
    parameters: { ...interfaceParameter, address: { type: ipv6Address, help: "Address of a host" } },
    ask: (match) => [
      "neighbours",
      {
        service: "nd",
        ...interfaceOf(match),
        ...typeOf(match),
        ...(match.values.address === undefined ? {} : { address: match.values.address as string }),
      },
    ],
    show: ({ entries }) => ndText(entries),
  }),
  display("display ipv6 neighbors statistics all", {
    help: "What was heard by neighbour discovery",
    words: { all: "Of all interfaces" },
    ask: () => ["neighbour-statistics", { service: "nd" }],
    show: statisticsText,
  }),
  display("display nd all", {
    help: "IPv6 neighbours",
    words: { all: "All entries" },
    ask: () => ["neighbours", { service: "nd" }],
    show: ({ entries }) => ndText(entries),
  }),
  action("reset arp { all | dynamic ip <address> | interface <interface> [ ip <address> ] }", {
    help: "Forget ARP entries",
    words: { all: "All entries", interface: "Entries of one interface", ip: "Entry of one host", ...TYPES },
    parameters: { ...interfaceParameter, address: { type: ipv4Address, help: "Address of the host" } },
    ask: (match) => [
      "reset-neighbours",
      {
        service: "arp",
        ...interfaceOf(match),
        ...typeOf(match),
        ...(match.values.address === undefined ? {} : { address: match.values.address as string }),
      },
    ],
  }),
  action("reset arp remote-backup { all | interface <interface> }", {
    help: "Forget ARP entries of the peer",
    words: { all: "All entries", interface: "Entries of one interface", ...TYPES },
    parameters: interfaceParameter,
    ask: (match) => ["reset-neighbours", { service: "arp", ...interfaceOf(match), type: "remote-backup" }],
  }),
  action("reset ipv6 neighbors { dynamic | remote-backup { all | interface <interface> } }", {
    help: "Forget IPv6 neighbours",
    words: {
      all: "All entries",
      interface: "Entries of one interface",
      neighbors: "Entries of neighbour discovery",
      ...TYPES,
    },
    parameters: interfaceParameter,
    ask: (match) => ["reset-neighbours", { service: "nd", ...interfaceOf(match), ...typeOf(match) }],
  }),
];
