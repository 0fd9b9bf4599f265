import { isEqual } from "../../base/equal.js";
import type { InterfaceIndex } from "../../base/protocol.js";
import { Retries } from "../../base/retries.js";
import { earliest, type Micros } from "../../base/time.js";
import type { DesiredInterface } from "../../contract/desired/trunk.js";
import type { LinkState, MemberLink } from "../../contract/host.js";
import type { HostChange, Refused } from "../../contract/input.js";
import type { Device } from "../../device/device.js";
import { RefusedLinks } from "../../device/refused-links.js";
import type { Condition } from "../alarm.js";
import type { Part, PartContext } from "../part.js";
import { interfacesConditions } from "./alarms.js";

/**
 * The Linux interfaces under this device: on which of them frames of members are heard, and that each has the administrative
 * state and the alias of the configuration (device/admin-states.ts). What the kernel refuses is asked again.
 */
export class InterfacesPart implements Part<never> {
  readonly #context: PartContext;
  readonly #device: Device;
  #heard: readonly MemberLink[] = [];
  #heardOn: ReadonlySet<InterfaceIndex> = new Set();
  /** By Linux name. */
  readonly #unset = new Retries<string>();
  readonly #unheard: RefusedLinks;
  #isLeaving = false;

  constructor(context: PartContext) {
    this.#context = context;
    this.#device = context.device;
    this.#unheard = new RefusedLinks(context.device.links);
  }

  apply(): void {
    this.#listen();
    for (const [device] of this.#unset.standing())
      if (this.#device.names.boundTo(device) === undefined) this.#unset.over(device);
  }

  hostChanged(change: HostChange, now: Micros): void {
    if (change.kind === "link") this.#linkChanged(change.link);
    else if (change.kind === "refused") this.#answered(change, now);
  }

  /** Follows each report by itself: an interface that was made anew with the same index has lost its memberships. */
  #linkChanged({ index, name, present }: LinkState): void {
    const isMember = this.#device.names.boundTo(name)?.member !== undefined;
    // It may have had another name. All members are compared only where one is concerned, for reports come by the thousand.
    if (isMember || this.#heardOn.has(index)) this.#listen();
    if (!present) this.#unset.over(name);
  }

  #listen(): void {
    const members: MemberLink[] = [];
    for (const { index, name } of this.#device.links.all())
      if (this.#device.names.boundTo(name)?.member !== undefined) members.push({ index, name });
    if (isEqual(members, this.#heard)) return;
    this.#heard = members;
    this.#heardOn = new Set(members.map(({ index }) => index));
    this.#context.host.link.listen(members);
  }

  #answered(refused: Refused, now: Micros): void {
    const { text } = refused;
    if (refused.what === "interface") {
      if (text === undefined) this.#unset.over(refused.subject);
      else this.#isUnset(refused.subject, text, now);
    } else if (refused.what === "link") this.#unheard.answered(refused.subject, text, now);
  }

  #isUnset(device: string, text: string, now: Micros): void {
    this.#device.links.refused(device);
    this.#unset.refused(device, text, now);
  }

  leave(): void {
    this.#isLeaving = true;
  }

  expire(now: Micros): void {
    for (const device of this.#unset.due(now)) {
      const bound = this.#device.names.boundTo(device);
      if (bound !== undefined && !this.#isLeaving) this.#device.adminStates.apply(bound);
    }
    if (this.#unheard.due(now).length > 0) this.#context.host.link.listen(this.#heard);
  }

  nextDeadline(): Micros {
    return earliest(this.#unset.nextDeadline(), this.#unheard.nextDeadline());
  }

  alarms(): Iterable<Condition> {
    const { names } = this.#device;
    const isMissing = ({ name, shutdown, member }: DesiredInterface): boolean =>
      member === undefined && !shutdown && names.linkOf(name) === undefined;
    return interfacesConditions({
      unset: this.#unset.standing(),
      unheard: this.#unheard.standing(),
      missing: [...names.interfaces()].filter(isMissing),
    });
  }
}
