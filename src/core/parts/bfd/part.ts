import { BFD_PORTS, dynamicSessionName } from "../../base/bfd.js";
import type { IncomingDatagram, OutgoingDatagram } from "../../base/datagram.js";
import type { Digests } from "../../base/digests.js";
import { ANY_IPV4, ANY_IPV6, isUnspecified } from "../../base/ip-address.js";
import { Random } from "../../base/random.js";
import { type Micros, micros } from "../../base/time.js";
import type { BfdSession } from "../../bfd/session.js";
import type { SessionPath } from "../../bfd/session-needs.js";
import { type BfdEvent, SessionTable, type WantedSession } from "../../bfd/session-table.js";
import type { DesiredBfdSession } from "../../contract/desired/bfd.js";
import type { Desired } from "../../contract/desired/desired.js";
import type { DesiredEtrunk } from "../../contract/desired/etrunk.js";
import type { DatagramEndpoint, Datagrams, Pacer } from "../../contract/host.js";
import type { HostChange, Refused } from "../../contract/input.js";
import type { Device } from "../../device/device.js";
import { bfdKey } from "../../wire/hello-digest.js";
import type { Condition } from "../alarm.js";
import type { Part, PartContext } from "../part.js";
import { bfdConditions } from "./alarms.js";
import { type BfdSessionView, bfdSessionView, idleSessionView, idleState } from "./display.js";
import { type BfdSources, bfdActing, bfdAnswers } from "./questions.js";

const NO_GROUP = ANY_IPV4;
/** More than any packet has: 24 octets, and an authentication section of 28. */
const TRANSMIT_BUFFER = 64;

/**
 * The key of a session that an E-Trunk makes itself, made of the key that signs its hellos (formats/e-trunk-hello.md 4.1): both ends
 * have it, and BFD's digest tells nothing of it.
 */
function dynamicKey(etrunk: DesiredEtrunk, { hkdf }: Digests): DesiredBfdSession["authentication"] {
  const { bfd, keys, sendKeyId, id, addresses } = etrunk;
  const octets = keys.find((key) => key.id === sendKeyId)?.octets;
  if (bfd?.kind !== "dynamic" || !bfd.authenticated || octets === undefined || addresses === undefined)
    return undefined;
  const path = { source: addresses.source, destination: addresses.peer };
  return { type: "met-sha1", id: sendKeyId, octets: bfdKey({ hkdf }, octets, id, path) };
}

/** `e-trunk bfd enable`: a multi-hop session between the E-Trunk's own addresses. */
function dynamicSession(etrunk: DesiredEtrunk, digests: Digests): DesiredBfdSession | undefined {
  const { bfd, addresses, id } = etrunk;
  if (bfd?.kind !== "dynamic" || addresses === undefined) return undefined;
  return {
    name: dynamicSessionName(id),
    peer: addresses.peer,
    source: addresses.source,
    vrf: addresses.vrf,
    interface: undefined,
    trackInterface: bfd.trackInterface,
    group: NO_GROUP,
    localDiscriminator: undefined,
    remoteDiscriminator: undefined,
    minTx: bfd.minTx,
    minRx: bfd.minRx,
    multiplier: bfd.multiplier,
    wtr: micros(0),
    shutdown: false,
    description: undefined,
    authentication: dynamicKey(etrunk, digests),
    tosExp: 7,
  };
}

/** A part that follows BFD sessions. */
interface Tracker {
  isTracked(session: string): boolean;
}

/** Sockets of BFD are bound to no address, and their endpoints name a group or none. */
const isBfd = ({ source, port, group }: DatagramEndpoint): boolean =>
  BFD_PORTS.includes(port) && (isUnspecified(source) || group !== undefined);

/**
 * BFD of this device: which sessions there are, the path of each over the host's interfaces and addresses, and which of them the
 * pacer keeps (decision 0014).
 */
export class BfdPart implements Part<BfdEvent>, BfdSources {
  readonly #device: Device;
  readonly #datagrams: Datagrams;
  readonly #pacer: Pacer;
  readonly #digests: Digests;
  readonly table: SessionTable;
  readonly #out: OutgoingDatagram = {
    bytes: new DataView(new ArrayBuffer(TRANSMIT_BUFFER)),
    start: 0,
    length: 0,
    source: ANY_IPV4,
    destination: ANY_IPV4,
    sourcePort: 0,
    destinationPort: 0,
    ttl: 0,
    trafficClass: 0,
    to: undefined,
    vrf: undefined,
  };
  /** Sessions without a local discriminator: they stay down. */
  #idle: readonly DesiredBfdSession[] = [];
  #listening = new Map<string, DatagramEndpoint>();
  /** Sockets that cannot be opened and groups that cannot be joined, and why. */
  readonly #refusedSockets = new Map<string, string>();

  constructor({ device, host, run }: PartContext) {
    this.#device = device;
    this.#datagrams = host.datagrams;
    this.#pacer = host.pacer;
    const needs = { random: new Random(run.seed), digests: host.digests, pacer: host.pacer };
    this.#digests = host.digests;
    this.table = new SessionTable(needs, host.pacer.works);
  }

  apply(desired: Desired, now: Micros): void {
    const statics = desired.bfdSessions ?? [];
    const dynamics = (desired.etrunks ?? [])
      .map((each) => dynamicSession(each, this.#digests))
      .filter((each) => each !== undefined);
    const wanted: WantedSession[] = [
      ...statics.map((each) => ({ desired: each, isDynamic: false })),
      ...dynamics.map((each) => ({ desired: each, isDynamic: true })),
    ];
    this.#idle = statics.filter(({ localDiscriminator }) => localDiscriminator === undefined);
    this.table.apply(wanted, now);
    this.#findPaths(now);
  }

  hostChanged(change: HostChange, now: Micros): void {
    if (change.kind === "link" || change.kind === "address") this.#findPaths(now);
    else if (change.kind === "pacer") this.table.pacerReported(change.report, now);
    else if (change.kind === "refused") this.#refused(change, now);
  }

  #refused(refused: Refused, now: Micros): void {
    if (refused.what === "pacer") this.table.pacerRefused(refused.subject, refused.text, now);
    else if (refused.what === "socket" && isBfd(refused.subject)) {
      const socket = nameOf(refused.subject);
      if (refused.text === undefined) this.#refusedSockets.delete(socket);
      else this.#refusedSockets.set(socket, refused.text);
    }
  }

  /** Finds the path of each session, and opens the sockets that the paths need. */
  #findPaths(now: Micros): void {
    const wanted = new Map<string, DatagramEndpoint>();
    for (const session of this.table.all()) {
      const found = this.#pathOf(session);
      const path = typeof found === "string" ? undefined : found;
      this.table.setPath(session, path, now);
      if (path === undefined) continue;
      for (const endpoint of endpointsOf(session, path)) wanted.set(nameOf(endpoint), endpoint);
    }
    for (const [name, endpoint] of this.#listening) if (!wanted.has(name)) this.#datagrams.close(endpoint);
    for (const [name, endpoint] of wanted) if (!this.#listening.has(name)) this.#datagrams.listen(endpoint);
    this.#listening = wanted;
  }

  /** The path of a session, or in words why there is none. */
  #pathOf({ desired, path }: BfdSession): SessionPath | string {
    const { trackInterface } = desired;
    if (trackInterface !== undefined && !this.#isUp(trackInterface)) return `${trackInterface} is not up`;
    if (desired.source !== undefined && !this.#device.addresses.has(desired.source.text))
      return `${desired.source.text} is not on this host`;
    const destination = desired.peer ?? desired.group;
    const any = destination.isIpv4 ? ANY_IPV4 : ANY_IPV6;
    if (desired.interface === undefined) {
      const source = desired.source ?? any;
      return { source, destination, to: undefined, isNear: this.#device.addresses.isNear(source, destination) };
    }
    const link = this.#device.names.linkOfAny(desired.interface);
    if (link === undefined || !link.up || !link.carrier) return `${desired.interface} is not up`;
    const to = link.index;
    // Only a group can be spoken to from an interface that has no address.
    const last = desired.peer === undefined ? any : undefined;
    // An address that still serves is kept: with another one this would be another session to the peer.
    const { addresses } = this.#device;
    const serves = path?.to === to && (path.source === last || addresses.isOn(to, path.source.text));
    const source = desired.source ?? (serves ? path.source : addresses.towards(to, destination)) ?? last;
    return source === undefined ? `${desired.interface} has no address` : { source, destination, to, isNear: true };
  }

  #isUp(name: string): boolean {
    const link = this.#device.names.linkOfAny(name);
    return link?.up === true && link.carrier;
  }

  datagram(datagram: IncomingDatagram, now: Micros): boolean {
    if (!BFD_PORTS.includes(datagram.destinationPort)) return false;
    this.table.receive(datagram, now);
    return true;
  }

  /** The process stops, or the device leaves: every peer is told that this is no failure. */
  pause(now: Micros): void {
    this.table.leave(now);
  }

  expire(now: Micros): void {
    this.table.expire(now);
  }

  nextDeadline(): Micros {
    return this.table.nextDeadline();
  }

  /** Hands sessions that became steady to the pacer, and takes back those that are not. */
  settle(): void {
    for (let request = this.table.nextRequest(); request !== undefined; request = this.table.nextRequest()) {
      if (request.kind === "pace") this.#pacer.pace(request.steady, request.session.numbers);
      else request.session.count(this.#pacer.release(request.session.localDiscriminator));
    }
  }

  send(now: Micros): boolean {
    let sent = false;
    while (this.table.transmit(this.#out, now)) {
      this.#datagrams.send(this.#out);
      sent = true;
    }
    return sent;
  }

  nextEvent(): BfdEvent | undefined {
    return this.table.nextEvent();
  }

  // What displays ask.

  answers({ etrunk, rbs }: { readonly etrunk: Tracker; readonly rbs: Tracker }) {
    return bfdAnswers(this, (session) => [
      ...(etrunk.isTracked(session) ? ["E-TRUNK"] : []),
      ...(rbs.isTracked(session) ? ["RBS"] : []),
    ]);
  }

  actions() {
    return bfdActing(this);
  }

  /** Zeroes the counters of the session with a local discriminator, or of all. False: no such session. */
  resetStatistics(discriminator: number | undefined): boolean {
    let found = discriminator === undefined;
    for (const session of this.table.all()) {
      if (discriminator !== undefined && session.localDiscriminator !== discriminator) continue;
      found = true;
      // What the pacer has counted so far comes back when it lets go of the session.
      const paced = session.paced && this.#pacer.counts(session.localDiscriminator);
      session.resetStatistics(paced);
    }
    return found;
  }

  #obstacleOf(session: BfdSession): string | null {
    if (session.state === "Up" || session.state === "AdminDown") return null;
    const path = this.#pathOf(session);
    if (typeof path === "string") return path;
    if (session.remote.state === "AdminDown") return "The peer is administratively down";
    if (session.refused !== undefined) return `The peer's packets are refused: ${session.refused}`;
    return session.state === "Init" ? "The peer does not hear us" : "The peer is not heard";
  }

  /** `applicationsOf`: who follows a session. */
  *views(applicationsOf: (session: string) => readonly string[]): Generator<BfdSessionView> {
    for (const session of [...this.table.all()]) {
      const paced = session.paced && this.#pacer.counts(session.localDiscriminator);
      const restoring = this.table.isRestoring(session);
      const applications = applicationsOf(session.desired.name);
      yield bfdSessionView(session, { restoring, paced, notUpReason: this.#obstacleOf(session), applications });
    }
    for (const idle of this.#idle) yield idleSessionView(idle, applicationsOf(idle.name));
  }

  alarms(): Iterable<Condition> {
    return bfdConditions(this.#refusedSockets, this.table.unpaced(), this.table.isFlooded);
  }

  *states(): Generator<string> {
    for (const { state } of this.table.all()) yield state;
    for (const idle of this.#idle) yield idleState(idle);
  }

  /** `AdminDown`, `Down`, `Init` or `Up`; undefined without such a session. Names are alike in any case. */
  stateOf(name: string): string | undefined {
    const isCalled = (desired: DesiredBfdSession): boolean => desired.name.toLowerCase() === name.toLowerCase();
    for (const { desired, state } of this.table.all()) if (isCalled(desired)) return state;
    const idle = this.#idle.find(isCalled);
    return idle && idleState(idle);
  }
}

const nameOf = ({ source, port, vrf, group }: DatagramEndpoint): string =>
  [source.text, port, vrf ?? "", group ?? ""].join(" ");

/** The sockets of a session: at its own address and, where it has no peer's address, in the group. */
function endpointsOf(session: BfdSession, { source, destination, to }: SessionPath): DatagramEndpoint[] {
  const { peer, vrf } = session.desired;
  const port = session.destinationPort;
  const own = { source, port, vrf };
  return peer === undefined ? [own, { source: destination, port, vrf, group: to }] : [own];
}
