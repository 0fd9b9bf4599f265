import type { InterfaceIndex } from "../../src/core/base/protocol.js";
import type { Forwarding, TrafficCounters, TrunkDevice, TrunkShare } from "../../src/core/contract/host.js";
import type { Refusable } from "../../src/core/contract/input.js";
import { Refusals } from "../../src/linux/refusals.js";

type Subject = Refusable["forwarding"];

/** Whom the data plane answers: the node, which hears it in its next turn. */
export interface PlaneListener {
  refused(subject: Subject, text: string | undefined): void;
  changed(subject: Subject, text: string | undefined): void;
}

const keyOf = ({ trunk, member }: Subject): string => `${trunk} ${member ?? ""}`;

/** What one trunk's device does now. */
export interface Plane {
  readonly attached: Set<InterfaceIndex>;
  readonly collecting: Set<InterfaceIndex>;
  distributing: readonly TrunkShare[];
  carrier: boolean;
}

/** A data plane that forwards nothing but knows what it was told, and refuses what would lose frames. It outlives the engine. */
export class ModelDataPlane implements Forwarding {
  /** What forwards now. */
  planes = new Map<number, Plane>();
  /** What a new process has said so far; it takes the place of what an earlier one left when it commits. */
  #noted = this.planes;
  readonly #listener: PlaneListener;
  #refusals: Refusals<Subject>;
  /** What somebody else took away and nobody put back. */
  readonly #broken = new Map<string, Subject>();
  /** What the kernel does not let be. */
  readonly #refusing = new Set<string>();
  /** What the daemon cannot know of: it was not told. */
  readonly #untold = new Set<string>();
  /** What the daemon hears of in its next turn. */
  readonly #underWay = new Set<string>();
  /** How often each trunk was to be repaired. */
  readonly repairs = new Map<number, number>();

  constructor(listener: PlaneListener) {
    this.#listener = listener;
    this.#refusals = new Refusals(listener.refused, keyOf);
  }

  // What somebody else, or the kernel, does to it.

  /** Somebody takes away what serves a member or a trunk; `isTold`: the kernel says so. */
  takeAway(subject: Subject, isTold = true): void {
    const key = keyOf(subject);
    this.#broken.set(key, subject);
    if (isTold) this.#tell(subject);
    else this.#untold.add(key);
  }

  #tell(subject: Subject): void {
    this.#untold.delete(keyOf(subject));
    this.#underWay.add(keyOf(subject));
    this.#listener.changed(subject, "filter removed");
  }

  /** The daemon has heard all that was told. */
  heard(): void {
    this.#underWay.clear();
  }

  /** The kernel lets nothing of a member or a trunk be made; `false`: it does again. */
  refuse(subject: Subject, isRefusing = true): void {
    if (isRefusing) this.#refusing.add(keyOf(subject));
    else this.#refusing.delete(keyOf(subject));
  }

  /** The kernel tells that what it refuses for is gone, or another. */
  unhinder(subject: Subject): void {
    this.#listener.changed(subject, undefined);
  }

  /** Whether nobody took away what serves it. */
  servesAll(subject: Subject): boolean {
    return !this.#broken.has(keyOf(subject));
  }

  /** Whether frames of a member are taken and sent. */
  serves(trunk: number, member: InterfaceIndex): boolean {
    return this.servesAll({ trunk, member }) && this.servesAll({ trunk });
  }

  /** Whether the daemon was told that frames of a member are not taken and sent. */
  isToldUnserved(trunk: number, member: InterfaceIndex): boolean {
    const keys = [{ trunk, member }, { trunk }].map(keyOf);
    return keys.some((key) => this.#broken.has(key) && !this.#untold.has(key) && !this.#underWay.has(key));
  }

  /** The kernel's answer to a request for a member or a trunk. */
  #ask(subject: Subject): void {
    const key = keyOf(subject);
    this.#untold.delete(key);
    if (!this.#refusing.has(key)) this.#broken.delete(key);
    else {
      this.#broken.set(key, subject);
      if (!this.#refusals.isRefused(subject)) this.#underWay.add(key);
    }
    this.#refusals.answered(subject, this.#refusing.has(key) ? "EPERM" : undefined);
  }

  compare(trunk: number): void {
    for (const [key, subject] of this.#broken) {
      if (subject.trunk !== trunk || this.#refusals.isRefused(subject)) continue;
      if (this.#untold.has(key)) this.#tell(subject);
    }
  }

  repair(trunk: number): void {
    this.repairs.set(trunk, (this.repairs.get(trunk) ?? 0) + 1);
    this.#askAll(trunk);
  }

  /** The process is another one. */
  begin(): void {
    this.#noted = new Map();
    this.#refusals = new Refusals(this.#listener.refused, keyOf);
  }

  commit(): void {
    if (this.#isCommitted) return;
    this.planes = this.#noted;
    for (const trunk of this.planes.keys()) this.#askAll(trunk);
  }

  #askAll(trunk: number): void {
    this.#ask({ trunk });
    for (const member of this.#of(trunk).attached) this.#ask({ trunk, member });
  }

  create({ trunk }: TrunkDevice): void {
    if (this.#noted.has(trunk)) return;
    this.#noted.set(trunk, { attached: new Set(), collecting: new Set(), distributing: [], carrier: false });
    if (this.#isCommitted) this.#ask({ trunk });
  }

  get #isCommitted(): boolean {
    return this.planes === this.#noted;
  }

  #of(trunk: number): Plane {
    const plane = this.#noted.get(trunk);
    if (!plane) throw new Error(`Eth-Trunk${trunk} has no device yet`);
    return plane;
  }

  together(action: () => void): void {
    action();
  }

  attach(trunk: number, member: InterfaceIndex): void {
    this.#of(trunk).attached.add(member);
    if (this.#isCommitted) this.#ask({ trunk, member });
  }

  detach(trunk: number, member: InterfaceIndex): void {
    const plane = this.#of(trunk);
    if (!plane.attached.delete(member)) throw new Error(`interface ${member} leaves a trunk it is not part of`);
    plane.collecting.delete(member);
    plane.distributing = plane.distributing.filter(({ index }) => index !== member);
    this.#broken.delete(keyOf({ trunk, member }));
    this.#refusals.answered({ trunk, member }, undefined);
  }

  setDistribution(trunk: number, shares: readonly TrunkShare[]): void {
    const plane = this.#of(trunk);
    for (const { index } of shares)
      if (!plane.collecting.has(index)) throw new Error(`interface ${index} is to send before it collects`);
    plane.distributing = shares;
  }

  setCollecting(trunk: number, member: InterfaceIndex, on: boolean): void {
    const plane = this.#of(trunk);
    if (!plane.attached.has(member)) throw new Error(`interface ${member} is to collect before it is attached`);
    if (on) plane.collecting.add(member);
    else if (plane.distributing.some(({ index }) => index === member))
      throw new Error(`interface ${member} is to stop collecting while it still sends`);
    else plane.collecting.delete(member);
  }

  setCarrier(trunk: number, on: boolean): void {
    this.#of(trunk).carrier = on;
  }

  counters(): TrafficCounters | undefined {
    return undefined;
  }

  memberCounters(): TrafficCounters | undefined {
    return undefined;
  }

  destroy(trunk: number): void {
    this.#noted.delete(trunk);
  }

  /** The interface is gone, and everything on it with it. */
  forget(member: InterfaceIndex): void {
    for (const plane of this.planes.values()) {
      plane.attached.delete(member);
      plane.collecting.delete(member);
      plane.distributing = plane.distributing.filter(({ index }) => index !== member);
    }
  }
}
