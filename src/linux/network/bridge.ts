import type { PortVlans } from "../../core/base/network.js";
import { addon, type KernelPortVlan, type Netlink, PORT_VLAN } from "../addon.js";
import { systemError } from "../system-error.js";
import type { Links } from "./links.js";

/** VLANs in a row that are carried alike. */
interface Range {
  readonly first: number;
  last: number;
  readonly flags: number;
}

/** Flags by VLAN. */
type Flags = ReadonlyMap<number, number>;

function flagsOf({ untagged, tagged }: PortVlans): Flags {
  const flags = new Map(tagged.map((vlan) => [vlan, 0]));
  if (untagged !== undefined) flags.set(untagged, PORT_VLAN.pvid | PORT_VLAN.untagged);
  return flags;
}

/** One request for each, which for all VLANs there can be are a few. */
function rangesOf(flags: Flags): Range[] {
  const ranges: Range[] = [];
  for (const [vlan, flag] of [...flags].sort(([one], [other]) => one - other)) {
    const range = ranges.at(-1);
    // The kernel takes a PVID by itself only.
    if (range !== undefined && range.last === vlan - 1 && range.flags === flag && flag === 0) range.last = vlan;
    else ranges.push({ first: vlan, last: vlan, flags: flag });
  }
  return ranges;
}

const presentAt = (port: number, all: readonly KernelPortVlan[]): Flags =>
  new Map(
    all
      .filter(({ index }) => index === port)
      .map(({ vlan, flags }) => [vlan, flags & (PORT_VLAN.pvid | PORT_VLAN.untagged)]),
  );

/** Brings the VLANs of bridge ports to what they shall be; difference by difference. */
export class PortVlanTable {
  readonly #native = addon();
  readonly #netlink: Netlink;
  readonly #failed: (text: string) => void;

  constructor(netlink: Netlink, failed: (text: string) => void) {
    this.#netlink = netlink;
    this.#failed = failed;
  }

  apply(wanted: ReadonlyMap<number, PortVlans>, links: Links): void {
    if (wanted.size === 0) return;
    const all = this.#native.portVlans(this.#netlink);
    if (typeof all === "number") throw systemError("VLANs of the bridge", -all);
    for (const [index, vlans] of wanted) this.#bring(index, presentAt(index, all), flagsOf(vlans), links);
  }

  #bring(index: number, present: Flags, wanted: Flags, links: Links): void {
    const gone = new Map([...present].filter(([vlan]) => !wanted.has(vlan)).map(([vlan]) => [vlan, 0]));
    const due = new Map([...wanted].filter(([vlan, flags]) => present.get(vlan) !== flags));
    for (const { first, last } of rangesOf(gone)) this.#set(index, false, first, last, 0, links);
    for (const { first, last, flags } of rangesOf(due)) this.#set(index, true, first, last, flags, links);
  }

  #set(index: number, on: boolean, first: number, last: number, flags: number, links: Links): void {
    const result = this.#native.portVlan(this.#netlink, index, on, false, first, last, flags);
    if (result < 0) {
      const name = links.at(index)?.name ?? `interface ${index}`;
      this.#failed(`${name}: ${systemError(`VLAN ${first}`, -result).message}`);
    }
  }
}
