import type { HashProfile } from "../../core/base/hash-profile.js";
import type { InterfaceIndex } from "../../core/base/protocol.js";

/** A member as the data plane shall treat it. */
export interface MemberState {
  readonly index: InterfaceIndex;
  /** Linux name. */
  readonly name: string;
  /** 1 to 64, unique in the trunk while it is a member. */
  readonly slot: number;
  readonly collecting: boolean;
  /** It came with a clsact or ingress qdisc, which stays. */
  readonly hadQdisc: boolean;
}

/** A trunk as the data plane shall be. A plane holds on to the object, which always says the newest. */
export interface TrunkState {
  readonly trunk: number;
  /** The trunk's inner end: `et1-ul`. */
  readonly inner: { readonly index: InterfaceIndex; readonly name: string };
  readonly hash: HashProfile;
  readonly members: ReadonlyMap<InterfaceIndex, MemberState>;
  /** Slot of the member each hash value leads to, 0 for none. */
  readonly buckets: Uint8Array;
}

/** Of one slot: frames and octets received, frames and octets sent, frames dropped while not collecting. */
export type SlotCounts = readonly number[];

/**
 * What moves the frames of one trunk. It is opened, given its members, started, and then kept in step: what an earlier
 * process left at a hook is replaced by something that already knows the whole state, so that no frame is lost. Methods
 * throw an Error of one line when the kernel refuses.
 */
export interface TrunkPlane {
  /** A member is new in the state. */
  attach(member: MemberState): void;
  /** Takes the trunk's own traffic; called once, after the members there were. */
  start(): void;
  /** A member is gone from the state. */
  detach(member: MemberState): void;
  /** The hash, the slots or the buckets changed. */
  spread(): void;
  /** Whether a member collects changed. */
  collect(member: MemberState): void;
  counts(slot: number): SlotCounts;
  /** A slot begins to count from 0. */
  clear(slot: number): void;
  /** Lets go of what it holds. What runs at the hooks goes on; it ends with the inner end, or by `detach`. */
  close(): void;
}

/** A way to forward frames. */
export interface Backend {
  readonly name: "ebpf" | "nftables";
  /** Throws an Error of one line when the kernel refuses. */
  open(state: TrunkState): TrunkPlane;
  /** Takes the hook of an earlier process from an interface that is no member any more. */
  clean(member: InterfaceIndex, hadQdisc: boolean): void;
}
