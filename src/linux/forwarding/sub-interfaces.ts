import { isEqual } from "../../core/base/equal.js";
import { subInterfaceInnerName } from "../../core/base/trunk-names.js";
import type { TrunkSubInterface } from "../../core/contract/host.js";
import { asked } from "../answer.js";
import { findLink } from "../find-link.js";
import type { KernelLink } from "../native/link.js";
import type { Attempts } from "./attempts.js";
import type { ForwardingContext } from "./context.js";
import type { LooksAt, SubInterfaceState, TrunkPlane } from "./plane.js";
import {
  ensureSubInterface,
  type PairNames,
  removeDevices,
  setCarrier,
  setPairSysctls,
  setUp,
  subInterfaceNames,
  trunkNames,
} from "./trunk-device.js";

/** Pairs that are removed in one step: the kernel needs about as long for them as for one, and twice as long for 64. */
const REMOVED_AT_ONCE = 8;

const named = ({ index, name }: KernelLink) => ({ index, name });

/** The sub-interfaces of a trunk that the data plane makes, where the kernel has no 802.1Q devices. */
export class TrunkSubInterfaces {
  /** Those that stand, by VLAN ID. */
  readonly states = new Map<number, SubInterfaceState>();
  readonly #trunk: number;
  readonly #context: ForwardingContext;
  readonly #attempts: Attempts;
  #wanted: readonly TrunkSubInterface[] = [];
  /** Why they could not be made or removed when that was asked for last, by VLAN ID; a round may be over before they are asked for. */
  readonly #refused = new Map<number, string>();

  constructor(trunk: number, context: ForwardingContext, attempts: Attempts) {
    this.#trunk = trunk;
    this.#context = context;
    this.#attempts = attempts;
  }

  /** VLAN IDs of those that are wanted, and of those that are still there. */
  get vlans(): number[] {
    return [...new Set([...this.#wanted.map(({ vlan }) => vlan), ...this.states.keys()])];
  }

  /** Names of their inner ends. */
  inners(): string[] {
    return this.vlans.map((vlan) => subInterfaceInnerName(this.#trunk, vlan));
  }

  /** Names of those that are looked at; none while carriers are under way, for what they have then is no finding. */
  looked(looksAt: LooksAt): PairNames[] {
    if (this.#context.slices.has(this.states)) return [];
    return [...this.states.values()].flatMap(({ outer, inner }) =>
      looksAt(outer.index) || looksAt(inner.index) ? [{ outer: outer.name, inner: inner.name }] : [],
    );
  }

  /** Sets the whole list. True when the list is another one. */
  want(wanted: readonly TrunkSubInterface[]): boolean {
    const changed = !isEqual(wanted, this.#wanted);
    this.#wanted = wanted;
    const vlans = new Set(wanted.map(({ vlan }) => vlan));
    for (const vlan of [...this.#refused.keys()]) if (!vlans.has(vlan)) this.#refused.delete(vlan);
    return changed;
  }

  /** Frames of those that an earlier process left go on without a gap. */
  prepare(plane: TrunkPlane | undefined, carrier: boolean): void {
    for (const text of this.#refused.values()) this.#attempts.refuse(undefined, text);
    if (plane === undefined)
      for (const each of this.#wanted) if (this.#isThere(each)) this.#attempt(each, plane, carrier);
  }

  /**
   * Brings devices and plane to the list in steps, for the kernel takes milliseconds to make a pair: first what is not wanted any more
   * goes, for another may want its name.
   */
  begin(trunk: () => { readonly plane: TrunkPlane | undefined; readonly carrier: boolean }): void {
    this.#context.slices.beginSoon(this, this.#steps(trunk));
  }

  /** Gives all that stand carrier, or takes it, in steps: the kernel waits for readers of each device that it closes. */
  setCarrier(on: boolean): void {
    if (this.states.size > 0) this.#context.slices.begin(this.states, this.#carriers(on));
  }

  *#carriers(on: boolean): Generator<void> {
    for (const { vlan, inner } of [...this.states.values()]) {
      if (this.states.has(vlan)) this.#attempted(vlan, () => setCarrier(this.#context.netlink, inner.name, on));
      yield;
    }
  }

  /** Those that are not made yet are not made. */
  end(): void {
    this.#context.slices.end(this);
    this.#context.slices.end(this.states);
  }

  *#steps(trunk: Parameters<TrunkSubInterfaces["begin"]>[0]): Generator<void> {
    const wanted = new Set(this.#wanted.map(({ vlan }) => vlan));
    const gone = [...this.states.values()].filter(({ vlan }) => !wanted.has(vlan));
    while (gone.length > 0) {
      this.#remove(gone.splice(0, REMOVED_AT_ONCE), trunk().plane);
      yield;
    }
    for (const each of this.#wanted) {
      const { plane, carrier } = trunk();
      this.#attempt(each, plane, carrier);
      yield;
    }
  }

  /** One whose frames the plane does not let go stands, and goes in a later round. */
  #remove(gone: readonly SubInterfaceState[], plane: TrunkPlane | undefined): void {
    const released = gone.filter(({ vlan }) => this.#attempted(vlan, () => plane?.removeVlan(vlan)));
    for (const { vlan } of released) this.states.delete(vlan);
    const names = released.map(({ inner }) => inner.name);
    const { refusal } = asked(() => removeDevices(this.#context.netlink, names));
    if (refusal !== undefined) this.#context.notRestored(refusal);
  }

  #isThere({ vlan }: TrunkSubInterface): boolean {
    const name = subInterfaceInnerName(this.#trunk, vlan);
    return asked(() => findLink(this.#context.netlink, name)).value !== undefined;
  }

  #attempt(each: TrunkSubInterface, plane: TrunkPlane | undefined, carrier: boolean): void {
    this.#attempted(each.vlan, () => this.#bring(each, plane, carrier));
  }

  /** False: refused, which is told. */
  #attempted(vlan: number, action: () => void): boolean {
    const { refusal } = asked(action);
    if (refusal === undefined) this.#refused.delete(vlan);
    else {
      this.#refused.set(vlan, refusal);
      this.#attempts.refuse(undefined, refusal);
    }
    return refusal === undefined;
  }

  #bring(subInterface: TrunkSubInterface, plane: TrunkPlane | undefined, carrier: boolean): void {
    const { netlink, backend, unprotected } = this.#context;
    if (backend.noTags !== undefined) throw new Error(`${subInterface.device}: ${backend.noTags}`);
    const trunk = trunkNames(this.#trunk).outer;
    const main = findLink(netlink, trunk);
    if (!main) throw new Error(`interface ${trunk} is gone`);
    const pair = ensureSubInterface(netlink, main, subInterfaceNames(this.#trunk, subInterface));
    setPairSysctls(pair, unprotected);
    const { outer, inner, made } = pair;
    const { vlan } = subInterface;
    if (this.states.get(vlan)?.inner.index !== inner.index) {
      const state = { vlan, outer: named(outer), inner: named(inner) };
      this.states.set(vlan, state);
      plane?.addVlan(state);
    }
    if (made) setUp(netlink, outer);
    if (plane) setCarrier(netlink, inner.name, carrier);
  }
}
