import { isEqual } from "../../base/equal.js";
import type { InterfaceIndex } from "../../base/protocol.js";
import type { Forwarding, TrafficCounters, TrunkDevice, TrunkShare } from "../../contract/host.js";
import type { Trunk } from "../../ethtrunk/trunk.js";

/** What the data plane was told of one trunk. */
interface Told {
  /** Undefined: it has to be told again, as `shares`. */
  device: TrunkDevice | undefined;
  readonly attached: Set<InterfaceIndex>;
  readonly collecting: Set<InterfaceIndex>;
  shares: readonly TrunkShare[] | undefined;
  /** Undefined until the first word: an earlier process may have left any. */
  carrier: boolean | undefined;
}

/** Keeps the data plane in step with the trunks: asks for differences only, in an order that loses no frame. */
export class ForwardingPlane {
  readonly #forwarding: Forwarding;
  #committed = false;
  readonly #told = new Map<number, Told>();
  /** Devices whose carrier goes once everybody has been told. */
  readonly #fading = new Map<number, Told>();

  constructor(forwarding: Forwarding) {
    this.#forwarding = forwarding;
  }

  /** Brings the data plane to what a trunk says now. */
  follow(trunk: Trunk): void {
    const told = this.#create(trunk);
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
    // Who is new collects before anybody sends to it; who is out is no longer sent to before it stops collecting.
    const fresh = [...present].filter((index) => this.#attach(trunk.id, told, index));
    for (const index of collecting) this.#collect(trunk.id, told, index, true);
    this.#distribute(trunk.id, told, shares);
    if (told.carrier === true && !trunk.carrier) this.#fading.set(trunk.id, told);
    else this.#setCarrier(trunk.id, told, trunk.carrier);
    // An earlier process may have left it collecting.
    for (const index of fresh) if (!collecting.has(index)) this.#forwarding.setCollecting(trunk.id, index, false);
    for (const index of [...told.collecting]) if (!collecting.has(index)) this.#collect(trunk.id, told, index, false);
    for (const index of [...told.attached]) if (!present.has(index)) this.#detach(trunk.id, told, index);
  }

  /** A device of the trunk is gone: the whole is told again when it is followed. */
  retell(trunk: number): void {
    const told = this.#told.get(trunk);
    if (told !== undefined) told.device = undefined;
  }

  /** A member is to be attached anew when its trunk is followed. Returns the trunks it was a member of. */
  retry(index: InterfaceIndex): number[] {
    const trunks = [...this.#told].filter(([, { attached }]) => attached.has(index));
    for (const [trunk, told] of trunks) {
      told.collecting.delete(index);
      told.shares = undefined;
      this.#detach(trunk, told, index);
    }
    return trunks.map(([trunk]) => trunk);
  }

  /** Takes the carrier from devices that lost it: that takes the kernel longest, and nobody waits for it. */
  fade(): void {
    for (const [trunk, told] of this.#fading) this.#setCarrier(trunk, told, false);
  }

  #setCarrier(trunk: number, told: Told, carrier: boolean): void {
    this.#fading.delete(trunk);
    if (carrier !== told.carrier) this.#forwarding.setCarrier(trunk, carrier);
    told.carrier = carrier;
  }

  forget(trunk: number): void {
    this.#fading.delete(trunk);
    if (this.#told.delete(trunk)) this.#forwarding.destroy(trunk);
  }

  /** Everything known at the start has been told. */
  commit(): void {
    if (this.#committed) return;
    this.#committed = true;
    this.#forwarding.commit();
  }

  counters(trunk: number, member: InterfaceIndex | undefined): TrafficCounters | undefined {
    return member === undefined ? undefined : this.#forwarding.memberCounters(trunk, member);
  }

  trunks(): Iterable<number> {
    return this.#told.keys();
  }

  #create(trunk: Trunk): Told {
    const { hash, mac, mtu, description, subInterfaces = [] } = trunk.desired;
    const device = { trunk: trunk.id, hash, mac, mtu, alias: description, subInterfaces };
    let told = this.#told.get(trunk.id);
    if (told === undefined) {
      told = { device: undefined, attached: new Set(), collecting: new Set(), shares: undefined, carrier: undefined };
      this.#told.set(trunk.id, told);
    }
    if (!isEqual(device, told.device)) this.#forwarding.create(device);
    told.device = device;
    return told;
  }

  /** True when it was not attached yet. */
  #attach(trunk: number, told: Told, index: InterfaceIndex): boolean {
    if (told.attached.has(index)) return false;
    told.attached.add(index);
    this.#forwarding.attach(trunk, index);
    return true;
  }

  #detach(trunk: number, told: Told, index: InterfaceIndex): void {
    told.attached.delete(index);
    this.#forwarding.detach(trunk, index);
  }

  #collect(trunk: number, told: Told, index: InterfaceIndex, on: boolean): void {
    if (told.collecting.has(index) === on) return;
    if (on) told.collecting.add(index);
    else told.collecting.delete(index);
    this.#forwarding.setCollecting(trunk, index, on);
  }

  #distribute(trunk: number, told: Told, shares: readonly TrunkShare[]): void {
    if (isEqual(shares, told.shares)) return;
    told.shares = shares;
    this.#forwarding.setDistribution(trunk, shares);
  }
}
