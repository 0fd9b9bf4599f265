import { createHash } from "node:crypto";
import { constants, endianness } from "node:os";
import type { Mac } from "../../core/base/address.js";
import type { InterfaceIndex } from "../../core/base/protocol.js";
import { innerName, trunkDevice } from "../../core/base/trunk-names.js";
import { asked } from "../answer.js";
import { hasCapability } from "../capabilities.js";
import { findLink } from "../find-link.js";
import type { Netlink } from "../native/netlink.js";
import { type Plane, type PlaneHook, PROGRAM, planeAddon } from "../native/plane.js";
import { errorCode, systemError } from "../system-error.js";
import { NOTHING_COUNTED, sum } from "./counts.js";
import { type Hooked, hookedProgram, hookFinding } from "./hook-findings.js";
import type {
  Backend,
  BackendProblem,
  Counts,
  HashProfile,
  LooksAt,
  MemberState,
  NamedInterface,
  PlaneFinding,
  SubInterfaceState,
  TrunkPlane,
  TrunkState,
} from "./plane.js";

/** Numbers of trunk_hash in native/bpf/trunk.h. */
const HASHES: { readonly [Profile in HashProfile]: number } = {
  flow: 0,
  "src-dst-ip": 1,
  "src-dst-mac": 2,
  "packet-all": 3,
  symmetric: 4,
  "symmetric-complement": 5,
};

/** Room for what the verifier says, in octets. */
const VERIFIER_LOG = 1 << 18;

/** Slots of a trunk; slot 0 is that of no member. */
const SLOTS = 65;

const check = (result: number, what: string): void => {
  if (result < 0) throw systemError(what, -result);
};

/** What the kernel says of a hook that is not there: its interface or its qdisc is gone, and it went along. */
const UNHOOKED: readonly number[] = [constants.errno.ENODEV, constants.errno.ENOENT, constants.errno.EINVAL];

/** `qdisc`: also the clsact qdisc, if nobody else uses it. */
function unhook(netlink: Netlink, index: InterfaceIndex, qdisc: boolean): void {
  const result = planeAddon().hookRemove(netlink, index, qdisc);
  if (!UNHOOKED.includes(-result)) check(result, `removal of the hook of interface ${index}`);
}

/**
 * The seed of the hash. Each device has another one: flows that a trunk split would else meet again on the next trunk. A device
 * keeps its own.
 */
function seedOf(device: Mac): Uint32Array {
  const digest = createHash("sha256").update(`seed ${device}`).digest();
  return Uint32Array.of(digest.readUInt32LE(0), digest.readUInt32LE(4));
}

/** Loads maps and programs. Throws the verifier's last words when the kernel refuses. */
function openPlane(): Plane {
  const log = new Uint8Array(VERIFIER_LOG);
  const plane = planeAddon().planeOpen(log);
  if (typeof plane !== "number") return plane;
  const said = Buffer.from(log).toString("latin1", 0, log.indexOf(0)).trim().split("\n").slice(-2).join("; ");
  const { message } = systemError("bpf", -plane);
  throw new Error(said === "" ? message : `${message}: ${said}`);
}

/** Why eBPF programs cannot run here, in one line; undefined when they can. */
export function whyNoEbpf(): string | undefined {
  if (endianness() !== "LE") return "the eBPF programs are for little-endian machines";
  const plane = planeAddon().planeOpen(new Uint8Array(VERIFIER_LOG));
  if (typeof plane !== "number") {
    planeAddon().planeClose(plane);
    return undefined;
  }
  const { code } = systemError("bpf", -plane);
  if (code === "ENOSYS") return "this kernel has no bpf()";
  if (code !== "EPERM") return `the eBPF programs do not load: ${code}`;
  if (!hasCapability("CAP_BPF")) return "bpf() is refused: CAP_BPF is missing (before Linux 5.8 CAP_SYS_ADMIN)";
  return "bpf() is refused in spite of CAP_BPF: a user namespace, seccomp or lockdown forbids it";
}

/** eBPF at the clsact hooks, by native/bpf/trunk.bpf.c: a change is one write to a map. */
export class EbpfBackend implements Backend {
  readonly name = "ebpf";
  readonly noTags = undefined;
  readonly keepsCounts = false;
  readonly #netlink: Netlink;
  readonly #seed: Uint32Array;

  constructor(netlink: Netlink, device: Mac) {
    this.#netlink = netlink;
    this.#seed = seedOf(device);
  }

  together(action: () => void): readonly BackendProblem[] {
    action();
    return [];
  }

  open(state: TrunkState): TrunkPlane {
    return new EbpfPlane(state, this.#netlink, this.#seed);
  }

  clean(member: InterfaceIndex, hadQdisc: boolean): void {
    unhook(this.#netlink, member, !hadQdisc);
  }

  cleanTrunk(trunk: number): void {
    for (const name of [innerName(trunk), trunkDevice(trunk)]) {
      const end = findLink(this.#netlink, name);
      if (end) unhook(this.#netlink, end.index, true);
    }
  }
}

class EbpfPlane implements TrunkPlane {
  readonly #native = planeAddon();
  readonly #state: TrunkState;
  readonly #netlink: Netlink;
  readonly #seed: Uint32Array;
  readonly #plane = openPlane();
  readonly #ports = new Uint32Array(SLOTS);
  readonly #counts = new Float64Array(5);
  /** Our programs by interface and direction. */
  readonly #hooked = new Map<string, Hooked>();
  /** Counters by slot as they were read last, and what was counted before somebody set them back. */
  readonly #read = new Map<number, { readonly now: Counts; readonly before: Counts }>();
  /** Sub-interfaces added so far. */
  #vlans = 0;

  /** The maps hold all of the state before the first program runs. */
  constructor(state: TrunkState, netlink: Netlink, seed: Uint32Array) {
    this.#state = state;
    this.#netlink = netlink;
    this.#seed = seed;
    this.spread();
    for (const member of state.members.values()) this.collect(member);
    for (const { vlan, inner } of state.subInterfaces.values()) this.#setVlan(vlan, inner.index);
  }

  attach(member: MemberState): void {
    check(this.#native.planeClear(this.#plane, member.slot), "counters");
    this.#read.delete(member.slot);
    this.spread();
    this.collect(member);
    this.#hook(member, PROGRAM.receive);
  }

  start(): void {
    const { outer, inner, subInterfaces } = this.#state;
    this.#hook(inner, PROGRAM.send);
    this.#hook(outer, PROGRAM.keep);
    for (const subInterface of subInterfaces.values()) this.addVlan(subInterface);
  }

  repairMember(member: MemberState): void {
    this.collect(member);
    this.#hook(member, PROGRAM.receive);
  }

  repair(): void {
    this.spread();
    this.#vlans = 0;
    this.start();
  }

  compare(looksAt: LooksAt): readonly PlaneFinding[] {
    const { outer, inner, subInterfaces, members } = this.#state;
    const subs = new Set([...subInterfaces.values()].flatMap(({ outer, inner }) => [outer.index, inner.index]));
    const hooks = [...this.#hooked.values()].flatMap((hooked): PlaneFinding[] => {
      const { index } = hooked.where;
      const isOwn = index === outer.index || index === inner.index;
      if (!(isOwn || subs.has(index) || members.has(index)) || !looksAt(isOwn ? undefined : index)) return [];
      const text = hookFinding(this.#netlink, hooked);
      return text === undefined ? [] : [{ member: members.has(index) ? index : undefined, text }];
    });
    return [...hooks, ...this.#mapFindings(looksAt)];
  }

  /** The kernel tells nobody of changes of maps, so they are found in a round. */
  #mapFindings(looksAt: LooksAt): PlaneFinding[] {
    const finding = (member: InterfaceIndex | undefined, what: string, stands: number): PlaneFinding[] => {
      if (stands === 1) return [];
      return [
        { member, text: stands === 0 ? `${what} were changed` : `${what} cannot be read: ${errorCode(-stands)}` },
      ];
    };
    const { outer, members } = this.#state;
    const looked = [...members.values()].filter(({ index }) => looksAt(index));
    return [
      ...(looksAt(undefined)
        ? finding(undefined, `eBPF maps of ${outer.name}`, this.#native.planeStands(this.#plane))
        : []),
      ...looked.flatMap(({ index, name }) =>
        finding(index, `eBPF map entries of ${name}`, this.#native.planeMemberStands(this.#plane, index)),
      ),
    ];
  }

  isFrozen(): boolean {
    const { members, subInterfaces } = this.#state;
    const { refusal } = asked(() => {
      this.spread();
      for (const member of members.values()) this.collect(member);
      for (const { vlan, inner } of subInterfaces.values()) this.#setVlan(vlan, inner.index);
    });
    return refusal !== undefined;
  }

  addVlan({ vlan, outer, inner }: SubInterfaceState): void {
    this.#setVlan(vlan, inner.index);
    if (this.#vlans++ === 0) this.#hook(this.#state.outer, PROGRAM.receiveTagged);
    this.#hook(outer, PROGRAM.keep);
    this.#hook(inner, PROGRAM.sendTagged, vlan);
  }

  removeVlan(vlan: number): void {
    this.#setVlan(vlan, 0);
  }

  #setVlan(vlan: number, inner: InterfaceIndex): void {
    check(this.#native.planeVlan(this.#plane, vlan, inner), "map of the VLANs");
  }

  #hook({ index, name }: NamedInterface, program: PlaneHook["program"], vlan = 0): void {
    const hook = { ifindex: index, program, vlan, name: `etrunkd eth-trunk${this.#state.trunk}` };
    const hooked = this.#native.planeHook(this.#plane, this.#netlink, hook);
    check(hooked, `${name} takes no eBPF program`);
    const ingress = program !== PROGRAM.keep;
    const first = ingress && program !== PROGRAM.receiveTagged;
    const id = hookedProgram(this.#netlink, { index, name }, ingress);
    this.#hooked.set(`${index} ${ingress}`, { where: { index, name }, ingress, first, program: id });
  }

  detach({ index, hadQdisc }: MemberState): void {
    try {
      unhook(this.#netlink, index, !hadQdisc);
    } finally {
      this.#native.planeForget(this.#plane, index);
      this.#hooked.delete(`${index} true`);
    }
  }

  spread(): void {
    const { outer, hash, members, buckets } = this.#state;
    this.#ports.fill(0);
    for (const { slot, index } of members.values()) this.#ports[slot] = index;
    const spread = { outer: outer.index, hash: HASHES[hash], seed: this.#seed, ports: this.#ports, buckets };
    check(this.#native.planeSpread(this.#plane, spread), "map of the trunk");
  }

  collect({ index, slot, collecting }: MemberState): void {
    const { inner } = this.#state;
    check(this.#native.planeMember(this.#plane, index, slot, collecting, inner.index), "map of the members");
  }

  /** Counters that somebody set back go on from where they were read last. */
  counts({ slot }: MemberState): Counts {
    check(this.#native.planeCounters(this.#plane, slot, this.#counts), "counters");
    const { now, before } = this.#read.get(slot) ?? { now: NOTHING_COUNTED, before: NOTHING_COUNTED };
    const isSetBack = [...this.#counts].some((count, at) => count < (now[at] ?? 0));
    const read = { now: [...this.#counts], before: isSetBack ? sum(before, now) : before };
    this.#read.set(slot, read);
    return sum(read.before, read.now);
  }

  close(): void {
    this.#native.planeClose(this.#plane);
  }

  remove(): void {
    this.close();
    const members = [...this.#state.members.values()];
    const answers = members.map(({ index, hadQdisc }) => asked(() => unhook(this.#netlink, index, !hadQdisc)));
    const refusals = answers.flatMap(({ refusal = [] }) => refusal);
    if (refusals.length > 0) throw new Error(refusals.join("; "));
  }
}
