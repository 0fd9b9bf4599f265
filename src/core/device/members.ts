import type { InterfaceIndex } from "../base/protocol.js";
import type { Micros } from "../base/time.js";
import type { DesiredInterface, DesiredMember } from "../contract/desired/trunk.js";
import type { LinkState } from "../contract/host.js";
import type { Refusable } from "../contract/input.js";
import type { Aggregator } from "../lacp/aggregator.js";
import type { PortCheckpoint } from "./checkpoint.js";
import { speedOf } from "./link-speed.js";
import type { Links } from "./links.js";
import type { Names } from "./names.js";
import { Obstacles } from "./obstacles.js";
import type { PortNumbers } from "./port-numbers.js";
import type { TrunkEntry } from "./trunk-entry.js";

/** `lacp port-id-extension enable`. */
const PORT_ID_EXTENSION = 0x8000;

/** A port of the checkpoint that begins anew, at least in part, and why. */
export interface Unresumed {
  readonly trunk: number;
  readonly port: string;
  readonly reason: string;
}

/** The interfaces that are members of trunks: each joins its trunk and the trunk's LACP, follows its link, and leaves. */
export class Members {
  readonly #links: Links;
  readonly #names: Names;
  readonly #trunks: ReadonlyMap<number, TrunkEntry>;
  readonly #portNumbers: PortNumbers;
  readonly #obstacles = new Obstacles();
  readonly #aggregators = new Map<InterfaceIndex, Aggregator>();
  /** LACP ports of the process before, until the first configuration has been applied. */
  readonly #restored: Map<string, PortCheckpoint>;
  #unresumed: Unresumed[] = [];
  #isLeaving = false;

  constructor(
    links: Links,
    names: Names,
    trunks: ReadonlyMap<number, TrunkEntry>,
    portNumbers: PortNumbers,
    restored: readonly PortCheckpoint[],
  ) {
    this.#links = links;
    this.#names = names;
    this.#trunks = trunks;
    this.#portNumbers = portNumbers;
    this.#restored = new Map(restored.filter(({ saved }) => saved !== undefined).map((port) => [port.name, port]));
  }

  /** The LACP of the trunk that an interface is a member of. */
  aggregatorOf(index: InterfaceIndex): Aggregator | undefined {
    return this.#aggregators.get(index);
  }

  // The configuration.

  /** The interface is a member of a trunk, with these settings. */
  set(name: string, member: DesiredMember, now: Micros): void {
    const entry = this.#trunks.get(member.trunk);
    if (entry === undefined) return;
    const { trunk, aggregator } = entry;
    const { weight, forceUp, isMaster = false } = member;
    trunk.setMember(name, { weight, forceUp, isMaster }, now);
    if (aggregator === undefined) return;
    const extended = trunk.desired.lacp.portIdExtension || entry.role?.identity?.side === "second";
    const number = this.#portNumbers.of(name) + (extended ? PORT_ID_EXTENSION : 0);
    if (aggregator.port(name) === undefined) aggregator.addMember(name, number, member, now);
    else aggregator.configureMember(name, number, member, now);
  }

  /** Takes members out of their trunks, but for those that are wanted there. */
  removeUnwanted(isWanted: (name: string, trunk: number) => boolean, now: Micros): void {
    for (const { trunk, aggregator } of this.#trunks.values())
      for (const { name } of [...trunk.members()]) {
        if (isWanted(name, trunk.id)) continue;
        trunk.removeMember(name, now);
        aggregator?.removeMember(name, now);
      }
  }

  /** No configured interface is bound to this Linux name any more. */
  unbound(device: string): void {
    this.#obstacles.forget(device);
  }

  /** The first configuration has been applied: a restored port that no member took up is forgotten. */
  configured(): void {
    for (const { trunk, name } of this.#restored.values()) {
      const isMember = this.#trunks.get(trunk)?.aggregator?.port(name) !== undefined;
      const reason = isMember ? "it has no interface" : "it is no longer a member with LACP";
      this.#unresumed.push({ trunk, port: name, reason });
    }
    this.#restored.clear();
  }

  /** What of the checkpoint was dropped, since the last call. */
  takeUnresumed(): readonly Unresumed[] {
    const unresumed = this.#unresumed;
    this.#unresumed = [];
    return unresumed;
  }

  /** The device leaves: no member joins again. */
  leave(): void {
    this.#isLeaving = true;
  }

  /**
   * LACP has ended on a port that left its trunk. The interface joins again where the configuration has it in the trunk.
   */
  left(trunk: number, name: string, now: Micros): void {
    this.#trunks.get(trunk)?.trunk.memberLeft(name, now);
    const desired = this.#names.interface(name);
    if (desired?.member?.trunk === trunk) this.#rejoin(desired, now);
  }

  #rejoin(desired: DesiredInterface, now: Micros): void {
    if (desired.member === undefined || this.#isLeaving) return;
    this.set(desired.name, desired.member, now);
    this.follow(desired, now);
  }

  // The links under members.

  linkChanged(before: LinkState | undefined, link: LinkState, now: Micros): void {
    this.#obstacles.linkChanged(before, link, (device) => this.#names.boundTo(device) !== undefined);
    if (!link.present) this.#aggregators.delete(link.index);
    if (before !== undefined && before.name !== link.name) this.#renamed(before.name, now);
    const desired = this.#names.boundTo(link.name);
    if (desired !== undefined) this.follow(desired, now);
  }

  /** An interface with another name is no member: its partner is told, and the port waits for a link with its name. */
  #renamed(name: string, now: Micros): void {
    const desired = this.#names.boundTo(name);
    const entry = desired?.member && this.#trunks.get(desired.member.trunk);
    if (desired === undefined || entry === undefined) return;
    entry.trunk.removeMember(desired.name, now);
    entry.aggregator?.removeMember(desired.name, now);
    if (entry.aggregator === undefined) this.#rejoin(desired, now);
  }

  /** Hands the state of an interface's link to its trunk and the trunk's LACP. */
  follow(desired: DesiredInterface, now: Micros): void {
    const entry = desired.member && this.#trunks.get(desired.member.trunk);
    if (entry === undefined) return;
    const link = desired.device === undefined ? undefined : this.#links.named(desired.device);
    const { trunk, aggregator } = entry;
    const reason = this.#obstacles.of(desired, link);
    if (link === undefined) {
      trunk.linkChanged(desired.name, { index: undefined, up: false, speed: 0, reason }, now);
      aggregator?.linkChanged(desired.name, undefined, now);
      return;
    }
    const speed = speedOf(desired.speed, link);
    const up = reason === undefined;
    const enabled = link.up && link.carrier;
    if (aggregator !== undefined) {
      const rates = this.#aggregators.get(link.index)?.release(link.index, now);
      this.#aggregators.set(link.index, aggregator);
      aggregator.linkChanged(
        desired.name,
        { index: link.index, mac: link.mac, speed, enabled, served: up, rates },
        now,
      );
      this.#restore(desired.name, trunk.id, aggregator, now);
    }
    trunk.linkChanged(desired.name, { index: link.index, up, speed, reason }, now);
  }

  #restore(name: string, trunk: number, aggregator: Aggregator, now: Micros): void {
    const restored = this.#restored.get(name);
    if (restored?.saved === undefined || restored.trunk !== trunk) return;
    this.#restored.delete(name);
    const reason = aggregator.restore(name, restored.saved, now);
    if (reason !== undefined) this.#unresumed.push({ trunk, port: name, reason });
  }

  // What the trunks stand on.

  /** The data plane does not serve a member, or any member of a trunk, so that no partner may send to it; without a text it does. */
  serve(unserved: Refusable["forwarding"], text: string | undefined, now: Micros): void {
    this.#obstacles.serve(unserved, text);
    this.#followAll(unserved.trunk, now);
  }

  /** Whether a member may carry once its link is up. */
  isServed(name: string): boolean {
    const trunk = this.#names.interface(name)?.member?.trunk;
    const link = this.#names.linkOf(name);
    return trunk === undefined || link === undefined || this.#obstacles.ofTrunk(trunk, link.index) === undefined;
  }

  /** Somebody set a trunk's device down: its members count as down. */
  trunkSetDown(trunk: number, isDown: boolean, now: Micros): void {
    this.#obstacles.setDown(trunk, isDown);
    this.#followAll(trunk, now);
  }

  #followAll(trunk: number, now: Micros): void {
    for (const desired of this.#names.interfaces()) if (desired.member?.trunk === trunk) this.follow(desired, now);
  }
}
