import { addon } from "./addon.js";
import type { Netlink } from "./netlink.js";

/** Maps and programs of one trunk. */
export interface Plane {
  readonly kind: "plane";
}

/** Numbers of trunk_program in native/bpf/trunk.h: at a member, at the inner end, at that of a sub-interface. */
export const PROGRAM = { receive: 0, send: 1, sendTagged: 2 } as const;

export interface PlaneHook {
  readonly ifindex: number;
  readonly program: (typeof PROGRAM)[keyof typeof PROGRAM];
  /** The VLAN ID that `sendTagged` gets; else 0. */
  readonly vlan: number;
  /** Of the filter, as `tc` shows it. */
  readonly name: string;
}

interface PlaneFunctions {
  /** Loads maps and programs of a trunk; `log` gets what the verifier says when it refuses, ended by a 0. */
  planeOpen(log: Uint8Array): Plane | number;
  /** What runs at a hook goes on running. */
  planeClose(plane: Plane): void;
  /** 65 interface indexes by slot and 256 slots by bucket; the hash by number of trunk_hash. */
  planeSpread(plane: Plane, hash: number, seed: Uint32Array, ports: Uint32Array, buckets: Uint8Array): number;
  planeMember(plane: Plane, ifindex: number, slot: number, collecting: boolean, inner: number): number;
  /** Frames of a VLAN arrive at another inner end; 0 for the trunk's own. */
  planeVlan(plane: Plane, vlan: number, inner: number): number;
  planeForget(plane: Plane, ifindex: number): number;
  /** Frames and octets received, frames and octets sent, frames dropped. */
  planeCounters(plane: Plane, slot: number, counts: Float64Array): number;
  planeClear(plane: Plane, slot: number): number;
  planeHook(plane: Plane, netlink: Netlink, hook: PlaneHook): number;
  /** `qdisc`: also the clsact qdisc, if nobody else uses it. */
  hookRemove(netlink: Netlink, ifindex: number, qdisc: boolean): number;
  /** Whether there is a clsact or ingress qdisc. */
  hookQdisc(netlink: Netlink, ifindex: number): boolean;
}

export const planeAddon = (): PlaneFunctions => addon();
