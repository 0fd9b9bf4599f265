import type { InterfaceIndex } from "../../src/core/base/protocol.js";
import type { Forwarding, TrafficCounters, TrunkDevice, TrunkShare } from "../../src/core/contract/host.js";

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

  /** The process is another one. */
  begin(): void {
    this.#noted = new Map();
  }

  commit(): void {
    this.planes = this.#noted;
  }

  create({ trunk }: TrunkDevice): void {
    if (this.#noted.has(trunk)) return;
    this.#noted.set(trunk, { attached: new Set(), collecting: new Set(), distributing: [], carrier: false });
  }

  #of(trunk: number): Plane {
    const plane = this.#noted.get(trunk);
    if (!plane) throw new Error(`Eth-Trunk${trunk} has no device yet`);
    return plane;
  }

  attach(trunk: number, member: InterfaceIndex): void {
    this.#of(trunk).attached.add(member);
  }

  detach(trunk: number, member: InterfaceIndex): void {
    const plane = this.#of(trunk);
    if (!plane.attached.delete(member)) throw new Error(`interface ${member} leaves a trunk it is not part of`);
    plane.collecting.delete(member);
    plane.distributing = plane.distributing.filter(({ index }) => index !== member);
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
