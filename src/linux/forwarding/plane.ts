import type { HashProfile } from "../../core/base/hash-profile.js";
import type { InterfaceIndex } from "../../core/base/protocol.js";

export interface Device {
  readonly index: InterfaceIndex;
  /** Linux name. */
  readonly name: string;
}

/** A member as the data plane shall treat it. */
export interface MemberState extends Device {
  /** 1 to 64, unique in the trunk while it is a member. */
  readonly slot: number;
  readonly collecting: boolean;
  /** It came with a clsact or ingress qdisc, which stays. */
  readonly hadQdisc: boolean;
}

/** A sub-interface on a kernel without 802.1Q: a pair like the trunk's, whose frames bear the tag on the members. */
export interface SubInterfaceState {
  readonly vlan: number;
  readonly inner: Device;
}

/** A trunk as the data plane shall be. A plane holds on to the object, which always says the newest. */
export interface TrunkState {
  readonly trunk: number;
  /** The trunk's inner end: `et1-ul`. */
  readonly inner: Device;
  readonly hash: HashProfile;
  readonly members: ReadonlyMap<InterfaceIndex, MemberState>;
  /** By VLAN ID. */
  readonly subInterfaces: ReadonlyMap<number, SubInterfaceState>;
  /** Slot of the member each hash value leads to, 0 for none. */
  readonly buckets: Uint8Array;
}

/** Of one member: frames and octets received, frames and octets sent, frames dropped while not collecting. */
export type Counts = readonly number[];

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
  /** A sub-interface is new in the state since the plane was opened. */
  addVlan(subInterface: SubInterfaceState): void;
  /** A sub-interface is gone from the state, its device still there: the frames are the trunk's again. */
  removeVlan(vlan: number): void;
  /** Since the member was attached, by this process or, where the backend keeps them, an earlier one. */
  counts(member: MemberState): Counts;
  /** Lets go of what it holds. What runs at the hooks goes on. */
  close(): void;
  /** Ends at every member; nothing is left but what goes with the inner end. */
  remove(): void;
}

export interface BackendProblem {
  readonly trunk: number;
  /** One line. */
  readonly text: string;
}

export type BackendName = "ebpf" | "nftables";

/** A way to forward frames. */
export interface Backend {
  readonly name: BackendName;
  /** Why it has no sub-interfaces, in one line; undefined when it has. */
  readonly noTags: string | undefined;
  /** Counters live in the kernel, and go on from process to process. */
  readonly keepsCounts: boolean;
  /** Throws an Error of one line when the kernel refuses. */
  open(state: TrunkState): TrunkPlane;
  /** What is done inside may take effect at its end only, for all trunks at once; then it says what failed. */
  together(action: () => void): readonly BackendProblem[];
  /** Takes the hook of an earlier process from an interface that is no member any more. */
  clean(member: InterfaceIndex, hadQdisc: boolean): void;
  /** Removes what an earlier process left of a trunk, apart from its device and its members. */
  cleanTrunk(trunk: number): void;
}
