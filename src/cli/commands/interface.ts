import type { Match } from "../../config/language/match.js";
import { interfaceName, interfaceType } from "../../config/language/parameters.js";
import type { InterfaceView } from "../../daemon/questions.js";
import { Refused } from "../client.js";
import { columns, localTime, printMac, rule } from "../layout.js";
import { excerpt } from "./row.js";

const PHYSICAL = { up: "up", down: "down", "administratively-down": "*down", standby: "^down" } as const;
const STATES = {
  up: "UP",
  down: "DOWN",
  "administratively-down": "Administratively DOWN",
  standby: "TRUNK BACKUP DOWN",
} as const;

const LEGEND = [
  "*down: administratively down",
  "^down: standby",
  "(l): loopback",
  "(s): spoofing",
  "(E): E-Trunk down",
];

/** Star and caret of a state stand before its column. */
const marked = (text: string): string => (/^[*^]/.test(text) ? text : ` ${text}`);

const physicalOf = ({ physicalState }: InterfaceView): string => PHYSICAL[physicalState];
const protocolOf = ({ protocolState, spoofing, etrunkDown }: InterfaceView): string =>
  protocolState === "up" ? (spoofing ? "up(s)" : "up") : etrunkDown ? "down(E)" : "down";

/** Percent of the bandwidth, `--` where it is not known. */
function utility(bits: number | undefined, bandwidth: number | null): string {
  if (bits === undefined || bandwidth === null || bandwidth === 0) return "--";
  const percent = Math.min(100, bits / (bandwidth * 10_000));
  return `${percent >= 1 || percent === 0 ? Math.round(percent) : percent.toFixed(2)}%`;
}

const inUtility = ({ rates, bandwidth }: InterfaceView): string => utility(rates?.bitsReceived, bandwidth);
const outUtility = ({ rates, bandwidth }: InterfaceView): string => utility(rates?.bitsSent, bandwidth);

/** `display interface brief`. */
function displayInterfaceBrief(interfaces: readonly InterfaceView[]): string {
  const left = columns(0, 27, 34);
  // Numbers are right-aligned with their heads.
  const row = (each: readonly string[]): string => {
    const [name = "", physical = "", protocol = "", ...numbers] = each;
    const ends = [49, 56, 67, 78];
    return numbers.reduce(
      (line, number, at) => `${line} ${number.padStart((ends[at] ?? 0) - line.length - 1)}`,
      left(name, physical, protocol),
    );
  };
  return [
    "PHY: Physical",
    ...LEGEND,
    "(b): BFD down",
    "InUti/OutUti: input utility/output utility",
    row(["Interface", " PHY", "Protocol", "InUti", "OutUti", "inErrors", "outErrors"]),
    ...interfaces.map((each) => {
      const { inErrors = 0, outErrors = 0 } = each.counters ?? {};
      const numbers = [inUtility(each), outUtility(each), String(inErrors), String(outErrors)];
      return row([each.name, marked(physicalOf(each)), protocolOf(each), ...numbers]);
    }),
    "",
  ].join("\n");
}

/** `display ip interface brief`. */
function displayIpInterfaceBrief(interfaces: readonly InterfaceView[]): string {
  const row = columns(0, 34, 55, 66, 77);
  const count = (isCounted: (each: InterfaceView) => boolean): number => interfaces.filter(isCounted).length;
  const isUp = ({ physicalState }: InterfaceView): boolean => physicalState === "up";
  const speaks = ({ protocolState }: InterfaceView): boolean => protocolState === "up";
  return [
    ...LEGEND,
    `The number of interface that is UP in Physical is ${count(isUp)}`,
    `The number of interface that is DOWN in Physical is ${count((each) => !isUp(each))}`,
    `The number of interface that is UP in Protocol is ${count(speaks)}`,
    `The number of interface that is DOWN in Protocol is ${count((each) => !speaks(each))}`,
    "",
    row("Interface", "IP Address/Mask", "Physical", "Protocol", "VPN"),
    ...interfaces.flatMap((each) => {
      const [first, ...others] = each.ipv4.map(({ address, length }) => `${address}/${length}`);
      return [
        row(each.name, first ?? "unassigned", physicalOf(each), protocolOf(each), "--"),
        ...others.map((address) => row("", `${address} sub`)),
      ];
    }),
    "",
  ].join("\n");
}

/** `display ipv6 interface brief`. */
function displayIpv6InterfaceBrief(interfaces: readonly InterfaceView[]): string {
  const row = columns(0, 29, 51, 62);
  return [
    ...LEGEND,
    row("Interface", "Physical", "Protocol", "VPN"),
    ...interfaces.flatMap((each) => [
      row(each.name, physicalOf(each), protocolOf(each), "--"),
      ...(each.ipv6.length === 0
        ? ["[IPv6 Address] Unassigned"]
        : each.ipv6.map(({ address, length }) => `[IPv6 Address] ${address.toUpperCase()}/${length}`)),
    ]),
    "",
  ].join("\n");
}

const timeText = (iso: string | null): string => {
  if (iso === null) return "-";
  const { date, time } = localTime(iso);
  return `${date} ${time}`;
};

const gigabits = (megabits: number | null): string =>
  megabits === null ? "-" : megabits >= 1_000 ? `${megabits / 1_000}G` : `${megabits}M`;

/** One interface of `display interface`. */
function displayInterface(each: InterfaceView): string {
  const { name, physicalState, ifindex, interface: device, lastUp, lastDown } = each;
  const spoofing = each.spoofing ? "UP(spoofing)" : "UP";
  const protocol = each.protocolState === "up" ? spoofing : each.etrunkDown ? "DOWN(E-Trunk)" : "DOWN";
  return [
    `${name} current state : ${STATES[physicalState]}${ifindex === null ? "" : ` (ifindex: ${ifindex})`}`,
    `Line protocol current state : ${protocol}`,
    ...(lastUp === null ? [] : [`Last line protocol up time : ${timeText(lastUp)}`]),
    `Description: ${each.description ?? ""}`.trimEnd(),
    roleLine(each),
    ...addressLines(each),
    ...(each.mac === null
      ? []
      : [`IP Sending Frames' Format is PKTFMT_ETHNT_2, Hardware address is ${printMac(each.mac)}`]),
    `Physical is ${PHYSICAL_KINDS[each.kind]}`,
    ...(lastUp === null ? [] : [`Last physical up time   : ${timeText(lastUp)}`]),
    ...(lastDown === null ? [] : [`Last physical down time : ${timeText(lastDown)}`]),
    `Linux interface : ${device ?? "-"}`,
    `Current system time: ${timeText(new Date().toISOString())}`,
    ...trafficLines(each),
    ...portTable(each),
    "",
  ].join("\n");
}

const PHYSICAL_KINDS: { readonly [kind in InterfaceView["kind"]]: string } = {
  "eth-trunk": "ETH_TRUNK",
  physical: "ETHERNET",
  "sub-interface": "VLAN",
  loopback: "LOOPBACK",
  vlanif: "VLANIF",
  null: "NULL",
};

function roleLine(each: InterfaceView): string {
  const { kind, layer, ethTrunk, hashArithmetic, bandwidth, currentBandwidth, mtu, vlan } = each;
  const parts = [ethTrunk !== null ? `Member of Eth-Trunk${ethTrunk}` : layer === 2 ? "Switch Port" : "Route Port"];
  if (hashArithmetic !== null) parts.push(`Hash arithmetic : ${hashArithmetic}`);
  if (kind === "eth-trunk") parts.push(`Maximal BW: ${gigabits(bandwidth)}, Current BW: ${gigabits(currentBandwidth)}`);
  else if (bandwidth !== null) parts.push(`Current BW: ${gigabits(bandwidth)}`);
  if (vlan !== null) parts.push(`VLAN ${vlan}`);
  if (mtu !== null) parts.push(`The Maximum Transmit Unit is ${mtu}`);
  return parts.join(", ");
}

function addressLines({ ipv4, ipv6 }: InterfaceView): string[] {
  const [first, ...others] = ipv4;
  return [
    ...(first === undefined ? [] : [`Internet Address is ${first.address}/${first.length}`]),
    ...others.map(({ address, length }) => `Internet Address is ${address}/${length} Sub`),
    ...ipv6.map(({ address, length }) => `IPv6 Address is ${address.toUpperCase()}/${length}`),
    ...(ipv4.length + ipv6.length === 0 ? ["Internet protocol processing : disabled"] : []),
  ];
}

function trafficLines(each: InterfaceView): string[] {
  const { counters, rates } = each;
  if (counters === null) return [];
  const rate = (way: string, bits = 0, frames = 0): string =>
    `      Last 300 seconds ${way} rate: ${bits} bits/sec, ${frames} packets/sec`;
  return [
    "Statistics last cleared:never",
    rate("input", rates?.bitsReceived, rates?.framesReceived),
    rate("output", rates?.bitsSent, rates?.framesSent),
    `      Input: ${counters.bytesReceived} bytes, ${counters.framesReceived} packets`,
    `      Output: ${counters.bytesSent} bytes, ${counters.framesSent} packets`,
    "      Input:",
    `      Multicast: ${counters.multicastReceived} packets, Errors: ${counters.inErrors} packets`,
    `      Discard: ${counters.inDiscards} packets`,
    "      Output:",
    `      Errors: ${counters.outErrors} packets, Discard: ${counters.outDiscards} packets`,
    `    Last 300 seconds input utility rate:  ${inUtility(each)}`,
    `    Last 300 seconds output utility rate: ${outUtility(each)}`,
  ];
}

function portTable({ ports }: InterfaceView): string[] {
  if (ports.length === 0) return [];
  const row = columns(0, 30, 42);
  const head = row("PortName", "Status", "Weight");
  return [rule(53), head, rule(53), ...ports.map(({ name, status, weight }) => row(name, status, weight)), rule(53)];
}

const parameters = {
  if: { type: interfaceName, help: "One interface" },
  type: { type: interfaceType, help: "Interfaces of one type, e.g. Eth-Trunk" },
};

const isOfType = (name: string, type: string): boolean => name.startsWith(type) && /^\d/.test(name.slice(type.length));

/** Interfaces that the line names: one, those of a type, or all but the sub-interfaces. */
function chosen(all: readonly InterfaceView[], { values, words }: Match): readonly InterfaceView[] {
  const [name, type] = [values.if, values.type as string | undefined];
  return all.filter(
    (each) =>
      (name === undefined || each.name === name) &&
      (type === undefined || isOfType(each.name, type)) &&
      !(words.includes("main") && each.kind === "sub-interface"),
  );
}

/** True for interfaces that may have addresses; members of trunks and interfaces of the bridge have none. */
const isLayer3 = ({ layer, ethTrunk }: InterfaceView): boolean => layer === 3 && ethTrunk === null;

const INTERFACES = "State, addresses and counters of interfaces";
const words = { interface: INTERFACES, main: "No sub-interfaces" };

export const interfaceRows = [
  excerpt("display interface [ <if> | <type> | main ]", {
    help: INTERFACES,
    words,
    parameters,
    ask: () => ["interfaces", {}],
    document: (answer, match) => {
      const interfaces = chosen(answer.interfaces, match);
      const { if: name } = match.values;
      if (name !== undefined && interfaces.length === 0) throw new Refused(`Interface ${name} does not exist`);
      return name === undefined ? { interfaces } : interfaces[0];
    },
    show: (_document, match, answer) => chosen(answer.interfaces, match).map(displayInterface).join("\n"),
  }),
  excerpt("display interface brief [ <type> ] [ main ]", {
    help: "One line per interface",
    words: { ...words, brief: "One line per interface" },
    parameters,
    ask: () => ["interfaces", {}],
    document: (answer, match) => ({ interfaces: chosen(answer.interfaces, match) }),
    show: ({ interfaces }) => displayInterfaceBrief(interfaces),
  }),
  excerpt("display ip interface brief", {
    help: "IPv4 addresses of interfaces",
    words: { ip: "IPv4", interface: "IPv4 addresses of interfaces", brief: "One line per interface" },
    ask: () => ["interfaces", {}],
    document: ({ interfaces }) => ({ interfaces: interfaces.filter(isLayer3) }),
    show: ({ interfaces }) => displayIpInterfaceBrief(interfaces),
  }),
  excerpt("display ipv6 interface brief", {
    help: "IPv6 addresses of interfaces",
    words: { ipv6: "IPv6", interface: "IPv6 addresses of interfaces", brief: "Two lines per interface" },
    ask: () => ["interfaces", {}],
    document: ({ interfaces }) => ({
      interfaces: interfaces.filter((each) => isLayer3(each) && (each.ipv6Enabled || each.ipv6.length > 0)),
    }),
    show: ({ interfaces }) => displayIpv6InterfaceBrief(interfaces),
  }),
];
