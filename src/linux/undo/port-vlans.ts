import type { PortVlans } from "../../core/contract/desired/network.js";
import { bridgeAddon, PORT_VLAN } from "../native/bridge.js";
import type { Netlink } from "../native/netlink.js";
import { systemError } from "../system-error.js";

/** Consecutive VLANs with the same flags. */
interface Range {
  readonly first: number;
  readonly last: number;
  readonly flags: number;
}

/** Flags by VLAN. */
type Flags = ReadonlyMap<number, number>;

const OWN = PORT_VLAN.pvid | PORT_VLAN.untagged;

/** The ranges of a port's VLANs; each takes one request, and even all 4094 VLANs are a few ranges. */
function rangesOf(flags: Flags): Range[] {
  const ranges: Range[] = [];
  for (const [vlan, flag] of [...flags].sort(([one], [other]) => one - other)) {
    const range = ranges.at(-1);
    // A request with a PVID may name one VLAN only.
    if (range !== undefined && range.last === vlan - 1 && range.flags === flag && flag === 0)
      ranges[ranges.length - 1] = { ...range, last: vlan };
    else ranges.push({ first: vlan, last: vlan, flags: flag });
  }
  return ranges;
}

/** `1/6,10,20-30`: VLANs and their flags. */
const textOf = (flags: Flags): string =>
  rangesOf(flags)
    .map(({ first, last, flags }) => `${first}${last > first ? `-${last}` : ""}${flags === 0 ? "" : `/${flags}`}`)
    .join();

function flagsOf(text: string): Flags {
  const flags = new Map<number, number>();
  for (const [, first, last = first, flag] of text.matchAll(/(\d+)(?:-(\d+))?(?:\/(\d+))?/g))
    for (let vlan = Number(first); vlan <= Number(last); vlan++) flags.set(vlan, Number(flag ?? 0));
  return flags;
}

/** The VLANs of every port of every bridge, and of the bridges themselves, by interface index. */
export type PortVlanTable = ReadonlyMap<number, Flags>;

export function readPortVlans(netlink: Netlink): PortVlanTable {
  const all = bridgeAddon().portVlans(netlink);
  if (typeof all === "number") throw systemError("VLANs of the bridge", -all);
  const ports = new Map<number, Map<number, number>>();
  for (const { index, vlan, flags } of all) {
    const port = ports.get(index) ?? new Map<number, number>();
    ports.set(index, port.set(vlan, flags & OWN));
  }
  return ports;
}

const NONE: Flags = new Map();

/** The VLANs of a port as one line, the same line for the same VLANs; empty for none. */
export const portVlansText = (all: PortVlanTable, port: number): string => textOf(all.get(port) ?? NONE);

/** The line of the VLANs a port is configured for. */
export function wantedVlansText({ untagged, tagged }: PortVlans): string {
  const flags = new Map(tagged.map((vlan) => [vlan, 0]));
  if (untagged !== undefined) flags.set(untagged, OWN);
  return textOf(flags);
}

/** Brings a port to the VLANs of such a line by requests for the differences alone. */
export function writePortVlans(netlink: Netlink, port: number, text: string): void {
  const [now, wanted] = [readPortVlans(netlink).get(port) ?? NONE, flagsOf(text)];
  const gone = new Map([...now].filter(([vlan]) => !wanted.has(vlan)).map(([vlan]) => [vlan, 0]));
  const due = new Map([...wanted].filter(([vlan, flags]) => now.get(vlan) !== flags));
  const set = (on: boolean) => (range: Range) => {
    const result = bridgeAddon().portVlan(netlink, port, on, { self: false, ...range });
    if (result < 0) throw systemError(`VLAN ${range.first}`, -result);
  };
  rangesOf(gone).forEach(set(false));
  rangesOf(due).forEach(set(true));
}
