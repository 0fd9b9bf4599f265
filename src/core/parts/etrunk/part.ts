import type { IncomingDatagram, OutgoingDatagram } from "../../base/datagram.js";
import { parseIpAddress } from "../../base/ip-address.js";
import { type MemberKey, memberName, trunkMember, trunkOf } from "../../base/member-key.js";
import { earliest, type Micros, NEVER } from "../../base/time.js";
import type { Desired } from "../../contract/desired/desired.js";
import type { DesiredEtrunk } from "../../contract/desired/etrunk.js";
import type { AddressState } from "../../contract/host.js";
import type { HostChange } from "../../contract/input.js";
import type { Checkpoint, EtrunkCheckpoint } from "../../device/checkpoint.js";
import type { Device } from "../../device/device.js";
import type { EtrunkRole } from "../../device/trunk-entry.js";
import type { Trunk } from "../../ethtrunk/trunk.js";
import { Etrunk } from "../../etrunk/etrunk.js";
import type { EtrunkEvent } from "../../etrunk/etrunk-event.js";
import { HelloNumbers } from "../../etrunk/hello/numbers.js";
import type { EtrunkMember } from "../../etrunk/member.js";
import { type BfdState, trackedSession } from "../../etrunk/state.js";
import { etrunkHello } from "../../wire/etrunk-hello.js";
import type { Condition } from "../alarm.js";
import type { Part, PartContext } from "../part.js";
import { etrunkConditions } from "./alarms.js";
import type { SessionCarView } from "./display.js";
import { HelloSockets } from "./hello-sockets.js";
import { type Etrunks, etrunkActing, etrunkAnswers } from "./questions.js";
import { Readiness } from "./readiness.js";
import { SessionCars } from "./session-cars.js";

type MemberRole = Extract<EtrunkEvent, { kind: "member-role" }>;
type Announce = Extract<EtrunkEvent, { kind: "announce" }>;

export type EtrunkPartEvent =
  | Exclude<EtrunkEvent, { kind: "member-role" | "announce" | "epoch" | "handed-over" }>
  /** The network behind a trunk must learn, perhaps again, that the trunk carries here. */
  | { readonly kind: "announce"; readonly trunk: number; readonly reason: string }
  /** A member trunk has another role, which the trunk and its LACP must follow. */
  | { readonly kind: "member-role"; readonly trunk: number; readonly role: EtrunkRole }
  /** After `leave`: every peer has taken over, or had its second. */
  | { readonly kind: "handed-over" };

const MOST_TTL = 255;
const UNSPECIFIED = parseIpAddress("0.0.0.0") as NonNullable<ReturnType<typeof parseIpAddress>>;

const tracks = ({ variables: { settings } }: Etrunk, session: string): boolean =>
  trackedSession(settings)?.toLowerCase() === session.toLowerCase();

/**
 * The E-Trunks of this device:
 *
 *   hello (hello-sockets.ts), policed (session-cars.ts) --> E-Trunk <-- BFD session, source address
 *   trunk, its LACP (readiness.ts, held-links.ts) --------> E-Trunk --> member-role, announce, alarms
 *
 * Peer, data plane and checkpoint learn of a decision in an order that loses no frame, and that a kill at any moment does
 * not break (decision 0016):
 *
 *   roles are only given up   hello, data plane, checkpoint    the peer takes over when it hears the hello
 *   a role is taken           data plane, checkpoint, hello    the peer and the CE rely on the hello
 */
export class EtrunkPart implements Part<EtrunkPartEvent>, Etrunks {
  readonly #context: PartContext;
  readonly #device: Device;
  readonly #etrunks = new Map<number, Etrunk>();
  /** Of each E-Trunk that there was in this run. */
  readonly #numbers = new Map<number, HelloNumbers>();
  readonly #cars = new SessionCars();
  readonly #sockets: HelloSockets;
  readonly #readiness: Readiness;
  readonly #restored: ReadonlyMap<number, EtrunkCheckpoint>;
  readonly #out: OutgoingDatagram;
  readonly #events: (EtrunkPartEvent | MemberRole)[] = [];
  #desired: Desired | undefined;
  /** Changes of roles that the checkpoint does not hold yet; `taken`: a role or an identity is among them. */
  #unsavedRoles: "none" | "given up" | "taken" = "none";
  /** Time of the last `expire`: earlier deadlines of readiness have been dealt with. */
  #expiredAt = 0 as Micros;
  /** The last epoch that any E-Trunk used. */
  #epoch = 0;
  #leaving: "no" | "asking" | "handed over" = "no";
  /** E-Trunks whose peer has taken over, after `leave`. */
  readonly #handedOver = new Set<number>();
  /** Hellos whose E-Trunk does not exist here, and datagrams too short for an ID. */
  readonly strays = { etrunkId: 0, length: 0 };

  constructor(context: PartContext) {
    this.#context = context;
    this.#device = context.device;
    this.#sockets = new HelloSockets(context.host.datagrams);
    this.#readiness = new Readiness(context.device);
    this.#restored = new Map(context.restored?.etrunks?.map((each) => [each.etrunk, each]));
    this.#out = {
      bytes: context.out.bytes,
      start: 0,
      length: 0,
      source: UNSPECIFIED,
      destination: UNSPECIFIED,
      sourcePort: 0,
      destinationPort: 0,
      ttl: 0,
      // CS6, network control (RFC 4594).
      trafficClass: 0xc0,
      to: undefined,
      vrf: undefined,
    };
  }

  get(id: number): Etrunk | undefined {
    return this.#etrunks.get(id);
  }
  all(): Iterable<Etrunk> {
    return this.#etrunks.values();
  }
  /** A trunk as a member of its E-Trunk; undefined where it is none. */
  memberOf({ id, desired }: Trunk): Readonly<EtrunkMember> | undefined {
    return desired.etrunk && this.#member(desired.etrunk.etrunk, trunkMember(id));
  }
  #member(etrunk: number, key: MemberKey): Readonly<EtrunkMember> | undefined {
    return this.#etrunks.get(etrunk)?.variables.members.get(memberName(key));
  }

  // The configuration.

  apply(desired: Desired, now: Micros): void {
    this.#desired = desired;
    const wanted = new Map((desired.etrunks ?? []).map((etrunk) => [etrunk.id, etrunk]));
    for (const [id, etrunk] of this.#etrunks) if (!wanted.has(id)) this.#remove(etrunk);
    for (const settings of wanted.values()) this.#set(settings);
    for (const etrunk of this.#etrunks.values()) this.#setMembers(etrunk, desired, now);
    this.#openSockets();
    this.#reportSockets();
  }

  /** Also tells the sockets what is known of the peers' hellos. */
  #openSockets(): void {
    this.#sockets.apply(
      [...this.#etrunks.values()].map((etrunk) => ({
        settings: etrunk.variables.settings,
        leastTtl: this.#leastTtl(etrunk),
        peerEpoch: etrunk.peerEpoch,
      })),
    );
  }

  #set(settings: DesiredEtrunk): void {
    let etrunk = this.#etrunks.get(settings.id);
    const { host, run } = this.#context;
    if (etrunk === undefined) {
      const deviceMac = (this.#desired as Desired).deviceMac;
      const restored = this.#restored.get(settings.id);
      const numbers = this.#numbers.get(settings.id) ?? new HelloNumbers(run.epoch);
      this.#numbers.set(settings.id, numbers);
      etrunk = new Etrunk(settings, deviceMac, numbers, host.digests, run.software, restored);
      this.#etrunks.set(settings.id, etrunk);
    } else etrunk.configure(settings);
    const source = settings.addresses?.source.text;
    etrunk.sourceChanged(source !== undefined && this.#device.addresses.has(source));
    this.#cars.apply(settings, this.#desired?.sessionCar);
  }

  #remove(etrunk: Etrunk): void {
    this.#etrunks.delete(etrunk.id);
    this.#cars.forget(etrunk.id);
  }

  #setMembers(etrunk: Etrunk, desired: Desired, now: Micros): void {
    const members = new Map(
      desired.trunks.flatMap((trunk) =>
        trunk.etrunk?.etrunk === etrunk.id ? [[trunk.id, trunk.etrunk] as const] : [],
      ),
    );
    for (const { key } of [...etrunk.variables.members.values()]) {
      const trunk = trunkOf(key);
      if (trunk === undefined || !members.has(trunk)) etrunk.removeMember(key);
    }
    for (const [trunk, member] of members) {
      const entry = this.#device.trunk(trunk);
      if (entry !== undefined) etrunk.setMember(trunkMember(trunk), member, this.#readiness.factsOf(entry, now));
    }
  }

  // Reports of the host and of other parts.

  hostChanged(change: HostChange): void {
    if (change.kind === "address") this.#addressChanged(change.address);
    else if (change.kind === "refused" && change.what === "socket") {
      this.#sockets.refused(change.subject, change.text);
      this.#reportSockets();
    }
  }

  /** An address that goes from one interface may still be on another. */
  #addressChanged({ address: { text } }: AddressState): void {
    for (const etrunk of this.#etrunks.values())
      if (etrunk.variables.settings.addresses?.source.text === text)
        etrunk.sourceChanged(this.#device.addresses.has(text));
    this.#openSockets();
  }

  #reportSockets(): void {
    for (const etrunk of this.#etrunks.values())
      etrunk.socketChanged(this.#sockets.troubleOf(etrunk.variables.settings));
  }

  /** A trunk or its LACP changed: hands the capacity of the member to its E-Trunk. */
  trunkChanged(trunk: number, now: Micros): void {
    const entry = this.#device.trunk(trunk);
    const id = entry?.trunk.desired.etrunk?.etrunk;
    if (entry === undefined || id === undefined) return;
    this.#etrunks.get(id)?.memberChanged(trunkMember(trunk), this.#readiness.factsOf(entry, now));
  }

  /** Hands the state of a BFD session to the E-Trunks that track it. */
  bfdChanged(name: string, state: BfdState, now: Micros): void {
    for (const etrunk of this.#etrunks.values()) if (tracks(etrunk, name)) etrunk.bfdChanged(state, now);
  }

  /** Whether any E-Trunk tracks a BFD session. */
  isTracked(name: string): boolean {
    return [...this.#etrunks.values()].some((etrunk) => tracks(etrunk, name));
  }

  /** Hands a hello to the E-Trunk whose ID it bears. */
  datagram(datagram: IncomingDatagram, now: Micros): boolean {
    if (!this.#sockets.isOurs(datagram)) return false;
    if (datagram.length < etrunkHello.size) {
      this.strays.length++;
      return true;
    }
    const etrunk = this.#etrunks.get(datagram.bytes.getUint16(datagram.start + etrunkHello.at.etrunk));
    if (etrunk === undefined) {
      this.strays.etrunkId++;
      return true;
    }
    const passes = (octets: number): boolean => this.#cars.passes(etrunk.id, octets, now);
    const { peerEpoch } = etrunk;
    etrunk.receive(datagram, { leastTtl: this.#leastTtl(etrunk), passes }, now);
    if (etrunk.peerEpoch !== peerEpoch) this.#openSockets();
    return true;
  }

  /** A router on the path counts the TTL down; of a peer in one of our networks no router may be on it (RFC 5082). */
  #leastTtl({ variables: { settings } }: Etrunk): number {
    const { addresses } = settings;
    return addresses !== undefined && this.#device.addresses.isNear(addresses.source, addresses.peer) ? MOST_TTL : 0;
  }

  /** A planned stop: every peer is asked to take over. */
  leave(now: Micros): void {
    this.#leaving = "asking";
    for (const etrunk of this.#etrunks.values()) etrunk.leave(now);
  }

  expire(now: Micros): void {
    for (const [trunk, until] of [...this.#readiness.deadlines()])
      if (now >= until && until > this.#expiredAt) this.trunkChanged(trunk, now);
    this.#expiredAt = now;
    for (const etrunk of this.#etrunks.values()) if (etrunk.nextDeadline() <= now) etrunk.expire(now);
  }

  nextDeadline(): Micros {
    let next = NEVER;
    for (const [, until] of this.#readiness.deadlines()) if (until > this.#expiredAt) next = earliest(next, until);
    for (const etrunk of this.#etrunks.values()) next = earliest(next, etrunk.nextDeadline());
    return next;
  }

  // Deciding.

  /** Each E-Trunk decides once for all that changed. */
  settle(now: Micros): void {
    for (const etrunk of this.#etrunks.values()) {
      etrunk.settle(now);
      for (let event = etrunk.nextEvent(); event !== undefined; event = etrunk.nextEvent()) this.#take(event);
    }
    if (this.#leaving !== "asking") return;
    for (const id of this.#etrunks.keys()) if (!this.#handedOver.has(id)) return;
    this.#leaving = "handed over";
    this.#events.push({ kind: "handed-over" });
  }

  #take(event: EtrunkEvent): void {
    if (event.kind === "handed-over") this.#handedOver.add(event.etrunk);
    else if (event.kind === "epoch") this.#keepEpoch(event.epoch);
    else if (event.kind === "announce") this.#announce(event);
    else {
      if (event.kind === "etrunk-state") this.#noteRole(event.to === "Master");
      if (event.kind === "member-role") this.#noteMemberRole(event);
      this.#events.push(event);
    }
  }

  /** Members of other kinds than Eth-Trunks have no network behind them here. */
  #announce({ member, reason }: Announce): void {
    const trunk = trunkOf(member);
    if (trunk !== undefined) this.#events.push({ kind: "announce", trunk, reason });
  }

  #noteMemberRole(event: MemberRole): void {
    const role = this.#roleOf(event);
    if (role !== undefined) this.#noteRole(event.isNewIdentity || role.carries);
  }

  #noteRole(isTaken: boolean): void {
    if (isTaken) this.#unsavedRoles = "taken";
    else if (this.#unsavedRoles === "none") this.#unsavedRoles = "given up";
  }

  #keepEpoch(epoch: number): void {
    this.#epoch = Math.max(this.#epoch, epoch);
    this.#context.host.store.keep("epoch", String(this.#epoch));
  }

  nextEvent(): EtrunkPartEvent | undefined {
    for (let event = this.#events.shift(); event !== undefined; event = this.#events.shift()) {
      if (event.kind !== "member-role" || "role" in event) return event;
      const trunk = trunkOf(event.member);
      const role = this.#roleOf(event);
      if (trunk !== undefined && role !== undefined) return { kind: "member-role", trunk, role };
    }
    return undefined;
  }

  /** The role of a member now, which may have changed since the event was raised. */
  #roleOf({ etrunk, member: key }: MemberRole): EtrunkRole | undefined {
    const member = this.#member(etrunk, key);
    if (member === undefined) return undefined;
    const { carries, state, cause, identity } = member;
    return { carries, state, cause, identity };
  }

  // Sending.

  /** Sends hellos where roles are only given up, and the data plane opens nothing in the same turn. */
  yield(now: Micros): void {
    if (this.#unsavedRoles !== "given up") return;
    for (const { trunk } of this.#device.trunks) if (trunk.forwarding === "opens") return;
    this.send(now);
  }

  /** Keeps the roles before hellos tell them: the process after a kill must go on from what the peer knows. */
  commit(): void {
    if (this.#unsavedRoles === "none") return;
    this.#unsavedRoles = "none";
    this.#context.host.store.keepCheckpoint();
  }

  send(now: Micros): boolean {
    let sent = false;
    for (const etrunk of this.#etrunks.values())
      while (etrunk.transmit(this.#out, now)) {
        etrunk.transmitted(this.#context.host.datagrams.send(this.#out));
        sent = true;
      }
    return sent;
  }

  alarms(): Iterable<Condition> {
    return etrunkConditions(this.#etrunks.values());
  }

  save(): Partial<Checkpoint> {
    return { etrunks: [...this.#etrunks.values()].map((etrunk) => etrunk.checkpoint()) };
  }

  // Questions.

  answers({ bfd }: { readonly bfd: { stateOf(session: string): string | undefined } }) {
    return etrunkAnswers(this, { device: this.#device, stateOf: (session) => bfd.stateOf(session) });
  }

  actions() {
    return etrunkActing(this);
  }

  sessionCars(): SessionCarView[] {
    return this.#cars.views((id) => this.#etrunks.get(id));
  }

  resetSessionCars(protocol: SessionCarView["protocol"]): void {
    this.#cars.resetStatistics(protocol, (id) => this.#etrunks.get(id));
  }

  /** Zeroes the counters of one E-Trunk, or of all and of strays. Returns false when there is no such E-Trunk. */
  resetStatistics(id: number | undefined): boolean {
    if (id !== undefined) {
      this.#etrunks.get(id)?.resetStatistics();
      return this.#etrunks.has(id);
    }
    this.strays.etrunkId = 0;
    this.strays.length = 0;
    for (const etrunk of this.#etrunks.values()) etrunk.resetStatistics();
    return true;
  }
}
