import { isEqual } from "../../base/equal.js";
import type { InterfaceIndex } from "../../base/protocol.js";
import type { Forwarding, TrafficCounters, TrunkDevice, TrunkShare } from "../../contract/host.js";
import type { Trunk } from "../../ethtrunk/trunk.js";

/** The last requests to the data plane for one trunk. */
interface Asked {
  /** Undefined: the device has to be made. */
  device: TrunkDevice | undefined;
  readonly attached: Set<InterfaceIndex>;
  readonly collecting: Set<InterfaceIndex>;
  shares: readonly TrunkShare[] | undefined;
  /** Undefined before the first request: an earlier process may have left any. */
  carrier: boolean | undefined;
}

/** Keeps the data plane in step with the trunks: asks for differences only, in an order that loses no frame. */
export class ForwardingPlane {
  readonly #forwarding: Forwarding;
  #committed = false;
  readonly #asked = new Map<number, Asked>();
  /** Trunks whose device loses its carrier when all PDUs have left. */
  readonly #losingCarrier = new Map<number, Asked>();

  constructor(forwarding: Forwarding) {
    this.#forwarding = forwarding;
  }

  /** What `action` asks for acts at its end at the latest. */
  together(action: () => void): void {
    this.#forwarding.together(action);
  }

  /** Brings the data plane in step with a trunk. */
  follow(trunk: Trunk): void {
    const asked = this.#create(trunk);
    const collecting = new Set<InterfaceIndex>();
    const present = new Set<InterfaceIndex>();
    const shares: TrunkShare[] = [];
    for (const member of trunk.allMembers()) {
      const { index } = member.link;
      if (index === undefined) continue;
      present.add(index);
      if (member.collecting) collecting.add(index);
      if (trunk.sendsBy(member)) shares.push({ index, weight: member.weight });
    }
    const fresh = [...present].filter((index) => this.#attach(trunk.id, asked, index));
    // Two open links of a 1:1 pair may be a loop, so the old one closes before the new one opens.
    if (trunk.desired.mode === "backup") {
      const staying = shares.filter(({ index }) => asked.collecting.has(index));
      this.#distribute(trunk.id, asked, staying);
      this.#stopCollecting(trunk.id, asked, collecting);
    }
    // A new member collects before the trunk sends by it; a member that leaves stops sending before it stops collecting.
    for (const index of collecting) this.#collect(trunk.id, asked, index, true);
    this.#distribute(trunk.id, asked, shares);
    if (asked.carrier === true && !trunk.carrier) this.#losingCarrier.set(trunk.id, asked);
    else this.#setCarrier(trunk.id, asked, trunk.carrier);
    // An earlier process may have left a fresh member collecting.
    for (const index of fresh) if (!collecting.has(index)) this.#forwarding.setCollecting(trunk.id, index, false);
    this.#stopCollecting(trunk.id, asked, collecting);
    for (const index of [...asked.attached]) if (!present.has(index)) this.#detach(trunk.id, asked, index);
  }

  /** Compares a trunk with what was asked. */
  compare(trunk: number): void {
    if (this.#committed && this.#asked.has(trunk)) this.#forwarding.compare(trunk);
  }

  /** Puts back what somebody changed of a trunk, and makes again what was refused. */
  repair(trunk: number): void {
    if (this.#committed && this.#asked.has(trunk)) this.#forwarding.repair(trunk);
  }

  /** Takes the carrier from devices that lose it: the kernel needs longest for that, and no partner waits for it. */
  takeCarriers(): void {
    for (const [trunk, asked] of this.#losingCarrier) this.#setCarrier(trunk, asked, false);
  }

  #setCarrier(trunk: number, asked: Asked, carrier: boolean): void {
    this.#losingCarrier.delete(trunk);
    if (carrier !== asked.carrier) this.#forwarding.setCarrier(trunk, carrier);
    asked.carrier = carrier;
  }

  forget(trunk: number): void {
    this.#losingCarrier.delete(trunk);
    if (this.#asked.delete(trunk)) this.#forwarding.destroy(trunk);
  }

  /** Every trunk of the first configuration has been asked for. */
  commit(): void {
    if (this.#committed) return;
    this.#committed = true;
    this.#forwarding.commit();
  }

  counters(trunk: number, member: InterfaceIndex | undefined): TrafficCounters | undefined {
    return member === undefined ? undefined : this.#forwarding.memberCounters(trunk, member);
  }

  trunks(): Iterable<number> {
    return this.#asked.keys();
  }

  #create(trunk: Trunk): Asked {
    const { hash, mac, mtu, description, subInterfaces = [] } = trunk.desired;
    const device = { trunk: trunk.id, hash, mac, mtu, alias: description, subInterfaces };
    let asked = this.#asked.get(trunk.id);
    if (asked === undefined) {
      asked = { device: undefined, attached: new Set(), collecting: new Set(), shares: undefined, carrier: undefined };
      this.#asked.set(trunk.id, asked);
    }
    if (!isEqual(device, asked.device)) this.#forwarding.create(device);
    asked.device = device;
    return asked;
  }

  /** Returns false when the member was attached already. */
  #attach(trunk: number, asked: Asked, index: InterfaceIndex): boolean {
    if (asked.attached.has(index)) return false;
    asked.attached.add(index);
    this.#forwarding.attach(trunk, index);
    return true;
  }

  #detach(trunk: number, asked: Asked, index: InterfaceIndex): void {
    asked.attached.delete(index);
    this.#forwarding.detach(trunk, index);
  }

  #collect(trunk: number, asked: Asked, index: InterfaceIndex, on: boolean): void {
    if (asked.collecting.has(index) === on) return;
    if (on) asked.collecting.add(index);
    else asked.collecting.delete(index);
    this.#forwarding.setCollecting(trunk, index, on);
  }

  /** Whoever is not among these stops. */
  #stopCollecting(trunk: number, asked: Asked, collecting: ReadonlySet<InterfaceIndex>): void {
    for (const index of [...asked.collecting]) if (!collecting.has(index)) this.#collect(trunk, asked, index, false);
  }

  #distribute(trunk: number, asked: Asked, shares: readonly TrunkShare[]): void {
    if (isEqual(shares, asked.shares)) return;
    asked.shares = shares;
    this.#forwarding.setDistribution(trunk, shares);
  }
}
