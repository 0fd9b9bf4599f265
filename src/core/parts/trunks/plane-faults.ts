import type { InterfaceIndex } from "../../base/protocol.js";
import { Repairs } from "../../base/repairs.js";
import { Retries } from "../../base/retries.js";
import { earliest, type Micros } from "../../base/time.js";
import type { LinkState } from "../../contract/host.js";
import type { Refusable } from "../../contract/input.js";
import type { Device } from "../../device/device.js";
import type { TrunksEvent } from "./events.js";
import type { ForwardingPlane } from "./forwarding-plane.js";

type Subject = Refusable["forwarding"];

/** What is wrong with a member in the data plane, or with the trunk as a whole. */
interface Fault {
  readonly subject: Subject;
  /** The member's Linux name when it began. */
  readonly name: string | undefined;
  /** Why the kernel refuses it. */
  refusal?: string | undefined;
  /** What somebody else changed last. */
  drift?: string | undefined;
  /** Why the data plane does not serve it, as it was told last. */
  told?: string | undefined;
}

const keyOf = ({ trunk, member }: Subject): string => `${trunk} ${member ?? ""}`;

/**
 * What the data plane does not serve: what the kernel refused, and what somebody else changed. Either is an obstacle of the members
 * it concerns and an alarm.
 *
 *   refused   asked again after 1, 2, 4 ... 60 s, with each configuration, when a link comes up, and, at most once a second, when
 *             what it is refused for is gone
 *   changed   put back before the next PDU leaves, or, while somebody keeps changing it, with pauses (base/repairs.ts)
 */
export class PlaneFaults {
  readonly #device: Device;
  readonly #plane: ForwardingPlane;
  readonly #faults = new Map<string, Fault>();
  /** Trunks of which something is refused. */
  readonly #retries = new Retries<number>();
  readonly #repairs = new Repairs<string>();
  /** Trunks of which something was changed that they carry without: sub-interfaces, settings that only protect. */
  readonly #besides = new Repairs<number>();
  /** Trunks that are repaired before the next PDU leaves. */
  readonly #due = new Set<number>();
  /** Settings that only protect and are refused. */
  readonly #unprotected = new Map<string, Refusable["protection"] & { readonly text: string }>();
  readonly #linksUp = new Map<InterfaceIndex, boolean>();
  readonly #events: TrunksEvent[] = [];

  constructor(device: Device, plane: ForwardingPlane) {
    this.#device = device;
    this.#plane = plane;
  }

  /** The answer of the kernel; without a text it does what it was asked. */
  refused(subject: Subject, text: string | undefined, now: Micros): void {
    if (text === undefined && !this.#faults.has(keyOf(subject))) return;
    if (!this.#isWanted(subject)) return;
    const fault = this.#faultOf(subject);
    fault.refusal = text;
    if (text !== undefined) this.#retries.refused(subject.trunk, text, now);
    else if (!this.#isRefused(subject.trunk)) this.#retries.over(subject.trunk);
    this.#tell(fault, now);
  }

  /** A setting that only protects: an alarm, and nothing else follows. */
  protectionRefused({ trunk, device }: Refusable["protection"], text: string | undefined, now: Micros): void {
    if (text === undefined) this.#unprotected.delete(`${trunk} ${device}`);
    else this.#unprotected.set(`${trunk} ${device}`, { trunk, device, text });
    if (text !== undefined) this.#retries.refused(trunk, text, now);
    else if (!this.#isRefused(trunk)) this.#retries.over(trunk);
  }

  #isRefused(trunk: number): boolean {
    for (const unprotected of this.#unprotected.values()) if (unprotected.trunk === trunk) return true;
    for (const { subject, refusal } of this.#faults.values())
      if (subject.trunk === trunk && refusal !== undefined) return true;
    return false;
  }

  /** Somebody else changed what the data plane made. */
  changed(subject: Subject, text: string, now: Micros): void {
    if (!this.#isWanted(subject)) return;
    const fault = this.#faultOf(subject);
    const key = keyOf(subject);
    fault.drift = text;
    this.#repairs.changed(key, now);
    const isOut = this.#repairs.isOut(key);
    const action = isOut ? "held back" : "put back";
    this.#events.push({
      kind: "forwarding-changed",
      trunk: subject.trunk,
      port: fault.name ?? null,
      found: text,
      action,
    });
    this.#tell(fault, now);
  }

  /** Somebody else changed what the trunk carries without, so nothing is held back but its repair. */
  changedBesides(trunk: number, text: string, now: Micros): void {
    if (!this.#isWanted({ trunk, member: undefined })) return;
    this.#besides.changed(trunk, now);
    const action = this.#besides.isOut(trunk) ? "put back later" : "put back";
    this.#events.push({ kind: "forwarding-changed", trunk, port: null, found: text, action });
  }

  /** What kept the data plane of a trunk from its repair is gone, or another. */
  unhindered(trunk: number): void {
    this.#retries.hasten(trunk);
  }

  #isWanted({ trunk, member }: Subject): boolean {
    if (member === undefined) return this.#device.trunk(trunk) !== undefined;
    return this.#device.names.boundTo(this.#device.links.at(member)?.name ?? "")?.member?.trunk === trunk;
  }

  #faultOf(subject: Subject): Fault {
    const key = keyOf(subject);
    const { member } = subject;
    const name = member === undefined ? undefined : (this.#device.links.at(member)?.name ?? `interface ${member}`);
    const fault = this.#faults.get(key) ?? { subject, name };
    this.#faults.set(key, fault);
    return fault;
  }

  /** Brings the obstacle and the alarm to what is wrong now. */
  #tell(fault: Fault, now: Micros): void {
    const { subject } = fault;
    const isOut = this.#repairs.isOut(keyOf(subject));
    const text = fault.refusal ?? (isOut ? `${fault.drift}, somebody keeps changing it` : undefined);
    if (text === undefined && !this.#repairs.keys().includes(keyOf(subject))) this.#faults.delete(keyOf(subject));
    if (text === fault.told) return;
    fault.told = text;
    this.#device.members.serve(subject, text, now);
    this.servedAnew(subject.trunk);
  }

  // What makes it over, or worth another attempt.

  /** A configuration was applied: what is not configured any more is over, everything else is asked again. */
  configured(now: Micros): void {
    for (const fault of [...this.#faults.values()])
      if (this.#isWanted(fault.subject)) this.#retrySoon(fault);
      else this.#over(fault, now);
  }

  #retrySoon({ subject, refusal }: Fault): void {
    if (refusal !== undefined) this.#due.add(subject.trunk);
  }

  #over(fault: Fault, now: Micros): void {
    const { trunk } = fault.subject;
    fault.refusal = undefined;
    this.#repairs.forget(keyOf(fault.subject));
    this.#tell(fault, now);
    if (!this.#isRefused(trunk)) this.#retries.over(trunk);
  }

  /** A link that is gone takes its faults along; one that comes up is tried again. */
  linkChanged({ index, present, up, carrier }: LinkState, now: Micros): void {
    const wasUp = this.#linksUp.get(index) === true;
    if (present) this.#linksUp.set(index, up && carrier);
    else this.#linksUp.delete(index);
    const comesUp = present && up && carrier && !wasUp;
    for (const fault of [...this.#faults.values()]) {
      if (fault.subject.member !== index) continue;
      if (!present) this.#over(fault, now);
      else if (comesUp) this.#retrySoon(fault);
    }
  }

  expire(now: Micros): void {
    for (const trunk of this.#retries.due(now)) this.#due.add(trunk);
    for (const key of this.#repairs.restored(now)) {
      const fault = this.#faults.get(key);
      if (fault !== undefined) this.#tell(fault, now);
    }
    for (const fault of [...this.#faults.values()]) this.#tell(fault, now);
    this.#besides.restored(now);
  }

  #takeDue(now: Micros): void {
    for (const key of this.#repairs.due(now)) {
      const trunk = this.#faults.get(key)?.subject.trunk;
      if (trunk !== undefined) this.#due.add(trunk);
    }
    for (const trunk of this.#besides.due(now)) this.#due.add(trunk);
  }

  nextDeadline(): Micros {
    const repairs = earliest(this.#repairs.nextDeadline(), this.#besides.nextDeadline());
    return earliest(this.#retries.nextDeadline(), repairs);
  }

  /** Asks the data plane for the repairs that are due; before a PDU leaves that may rest on them. */
  repair(now: Micros): void {
    this.#takeDue(now);
    for (const trunk of this.#due) this.#plane.repair(trunk);
    this.#due.clear();
  }

  /** Others decide by what is served of a trunk. */
  servedAnew(trunk: number): void {
    this.#events.push({ kind: "forwarding-served", trunk });
  }

  /** What is not served now, and why. */
  *unserved(): Generator<{ readonly trunk: number; readonly member: string | undefined; readonly text: string }> {
    for (const { subject, name, told } of this.#faults.values())
      if (told !== undefined) yield { trunk: subject.trunk, member: name, text: told };
  }

  unprotected() {
    return this.#unprotected.values();
  }

  nextEvent(): TrunksEvent | undefined {
    return this.#events.shift();
  }
}
