import type { InterfaceIndex } from "../../core/base/protocol.js";
import type { TrunkDevice } from "../../core/contract/host.js";

export type HashProfile = TrunkDevice["hash"];

export interface NamedInterface {
  readonly index: InterfaceIndex;
  /** Linux name. */
  readonly name: string;
}

/** A member as the data plane is to treat it. */
export interface MemberState extends NamedInterface {
  /** 1 to 64, unique in the trunk while it is a member. */
  readonly slot: number;
  readonly collecting: boolean;
  /** The interface had a clsact or ingress qdisc before it became a member, which stays. */
  readonly hadQdisc: boolean;
}

/** A sub-interface on a kernel without 802.1Q: a pair like the trunk's, whose frames go through the trunk with a tag. */
export interface SubInterfaceState {
  readonly vlan: number;
  readonly outer: NamedInterface;
  readonly inner: NamedInterface;
}

/** A trunk as the data plane is to be. A plane keeps the object, which always holds the newest state. */
export interface TrunkState {
  readonly trunk: number;
  /** What users see: `eth-trunk1`. */
  readonly outer: NamedInterface;
  /** The trunk's inner end: `et1-ul`. */
  readonly inner: NamedInterface;
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
 * Moves the frames of one trunk. A plane is opened, given its members, started, and then kept in step. It replaces the hooks of
 * an earlier process only when it knows the whole state, so that no frame is lost. Methods throw an Error of one line when the
 * kernel refuses.
 */
export interface TrunkPlane {
  /** A member is new in the state. */
  attach(member: MemberState): void;
  /** Takes the trunk's own traffic; called once, after the members that exist then were attached. */
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
  /** Puts back what a member has in the kernel, whatever somebody made of it; counts go on. */
  repairMember(member: MemberState): void;
  /** The same of the trunk itself; after its members. */
  repair(): void;
  /** Whether the kernel takes no change of it any more (BPF_MAP_FREEZE): another plane has to take its place. */
  isFrozen(): boolean;
  /** What somebody changed, or put before ours, at the places that are looked at. */
  compare(looksAt: LooksAt): readonly PlaneFinding[];
  /**
   * Counts since the member was attached, by this process or, where the backend keeps them, an earlier one; those that
   * `readCounts` read last, where there is one.
   */
  counts(member: MemberState): Counts;
  /** Releases maps and descriptors. Programs and rules at the hooks go on. */
  close(): void;
  /** Removes the hooks of every member; the rest goes with the inner end. */
  remove(): void;
}

/** Whether the interface of a member or of a sub-interface is looked at, or, of undefined, the trunk itself. */
export type LooksAt = (place: InterfaceIndex | undefined) => boolean;

/** Something that is not as it was made: of a member, or of the trunk. */
export interface PlaneFinding {
  readonly member: InterfaceIndex | undefined;
  /** A setting of this interface, by Linux name, that only protects. */
  readonly protects?: string | undefined;
  /** One line. */
  readonly text: string;
}

export interface BackendProblem {
  readonly trunk: number;
  /** Undefined: of the trunk itself. */
  readonly member: InterfaceIndex | undefined;
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
  /** Reads the counters of all planes; undefined where each is read when it is asked for. */
  readCounts?(): Promise<void>;
  /** Throws an Error of one line when the kernel refuses. */
  open(state: TrunkState): TrunkPlane;
  /** Runs `action`, whose changes may take effect at its end only, all at once; within itself at the outer end. Returns the failures. */
  together(action: () => void): readonly BackendProblem[];
  /** Removes an earlier process's hook from an interface that is no member any more. */
  clean(member: InterfaceIndex, hadQdisc: boolean): void;
  /** Removes an earlier process's rules and hooks of a trunk, apart from its device and its members. */
  cleanTrunk(trunk: number): void;
}
