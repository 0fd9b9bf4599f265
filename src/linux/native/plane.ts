import { addon } from "./addon.js";
import type { Netlink } from "./netlink.js";

/** Maps and programs of one trunk. */
export interface Plane {
  readonly kind: "plane";
}

/**
 * Numbers of trunk_program in native/bpf/trunk.h: at a member, at an inner end, at the trunk when frames leave; for sub-interfaces
 * at their inner end, and at the trunk.
 */
export const PROGRAM = { receive: 0, send: 1, keep: 2, sendTagged: 3, receiveTagged: 4 } as const;

export interface PlaneHook {
  readonly ifindex: number;
  readonly program: (typeof PROGRAM)[keyof typeof PROGRAM];
  /** The VLAN ID that `sendTagged` gets; else 0. */
  readonly vlan: number;
  /** Of the filter, as `tc` shows it. */
  readonly name: string;
}

/** How frames are spread. */
interface Spread {
  /** Interface index of the trunk. */
  readonly outer: number;
  /** Number of trunk_hash. */
  readonly hash: number;
  /** Two numbers. */
  readonly seed: Uint32Array;
  /** 65 interface indexes by slot. */
  readonly ports: Uint32Array;
  /** 256 slots by bucket. */
  readonly buckets: Uint8Array;
}

interface PlaneEvents {
  readonly kind: "plane-events";
}

/** A filter of the clsact qdisc. */
export interface HookFilter {
  /** Filters of lower preference run before. */
  readonly preference: number;
  /** It has the place of our filters. */
  readonly isOurs: boolean;
  /** `bpf`, `u32`, ... */
  readonly kind: string;
  /** Of kind `bpf`; else empty. */
  readonly name: string;
  /** ID of the program, of kind `bpf`; else 0. */
  readonly program: number;
}

interface PlaneFunctions {
  /** Loads maps and programs of a trunk; `log` gets what the verifier says when it refuses, ended by a 0. */
  planeOpen(log: Uint8Array): Plane | number;
  /** What runs at a hook goes on running. */
  planeClose(plane: Plane): void;
  planeSpread(plane: Plane, spread: Spread): number;
  planeMember(plane: Plane, ifindex: number, slot: number, collecting: boolean, inner: number): number;
  /** Frames of a VLAN arrive at a sub-interface by its inner end; 0: at the trunk. */
  planeVlan(plane: Plane, vlan: number, inner: number): number;
  planeForget(plane: Plane, ifindex: number): number;
  /** Frames and octets received, frames and octets sent, frames dropped. */
  planeCounters(plane: Plane, slot: number, counts: Float64Array): number;
  planeClear(plane: Plane, slot: number): number;
  /** Whether the maps of the trunk and its VLANs hold what was written to them last: 1 or 0, or negative errno. */
  planeStands(plane: Plane): number;
  /** The same of what was written for a member. */
  planeMemberStands(plane: Plane, ifindex: number): number;
  planeHook(plane: Plane, netlink: Netlink, hook: PlaneHook): number;
  /** `qdisc`: also the clsact qdisc, if nobody else uses it. */
  hookRemove(netlink: Netlink, ifindex: number, qdisc: boolean): number;
  /** Whether there is a clsact or ingress qdisc. */
  hookQdisc(netlink: Netlink, ifindex: number): boolean;
  planeWatchOpen(nftables: boolean, readable: () => void): PlaneEvents | number;
  /**
   * Where the next change is: an interface whose qdiscs or filters changed, by index, or a table of nftables, by name. -EAGAIN
   * when none waits, -ENOBUFS when some got lost.
   */
  planeWatchNext(watch: PlaneEvents): string | number;
  planeWatchClose(watch: PlaneEvents): void;
  /** In the order in which they run. */
  hookFilters(netlink: Netlink, ifindex: number, ingress: boolean): HookFilter[] | number;
  /** TCX programs at ingress, which run before every filter; 0 where the kernel has none; or negative errno. */
  hookTcx(ifindex: number): number;
  /** What a table of family netdev holds, with the elements of one of its maps, in one short text; or negative errno. */
  nftablesPrint(table: string, map: string): string | number;
}

export const planeAddon = (): PlaneFunctions => addon();
