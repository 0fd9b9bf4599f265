import { BFD_PORTS, dynamicSessionName } from "../../base/bfd.js";
import type { IncomingDatagram, OutgoingDatagram } from "../../base/datagram.js";
import type { Digests } from "../../base/digests.js";
import { type IpAddress, parseIpAddress } from "../../base/ip-address.js";
import type { Random } from "../../base/random.js";
import { type Micros, micros } from "../../base/time.js";
import type { BfdSession, SessionPath } from "../../bfd/session.js";
import { type BfdEvent, SessionTable, type WantedSession } from "../../bfd/session-table.js";
import type { DesiredBfdSession } from "../../contract/desired/bfd.js";
import type { Desired } from "../../contract/desired/desired.js";
import type { DesiredEtrunk } from "../../contract/desired/etrunk.js";
import type { DatagramEndpoint, Datagrams, Pacer } from "../../contract/host.js";
import type { PacerReport } from "../../contract/pacing.js";
import type { Device } from "../../device/device.js";
import { type BfdSessionView, bfdSessionView, idleSessionView, idleState } from "./display.js";

const ANY_IPV4 = parseIpAddress("0.0.0.0") as IpAddress;
const ANY_IPV6 = parseIpAddress("::") as IpAddress;
const NO_GROUP = ANY_IPV4;
/** More than any packet has: 24 octets, and an authentication section of 28. */
const TRANSMIT_BUFFER = 64;

/** `e-trunk bfd enable`: a multi-hop session between the E-Trunk's own addresses. */
function dynamicSession(etrunk: DesiredEtrunk): DesiredBfdSession | undefined {
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
    authentication: undefined,
    tosExp: 7,
  };
}

/** The device's BFD sessions: which there are, where each lives, who sends for it. */
export class BfdSessions {
  readonly #device: Device;
  readonly #datagrams: Datagrams;
  readonly #pacer: Pacer;
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

  constructor(device: Device, datagrams: Datagrams, pacer: Pacer, random: Random, digests: Digests) {
    this.#device = device;
    this.#datagrams = datagrams;
    this.#pacer = pacer;
    this.table = new SessionTable(random, digests, pacer.works);
  }

  apply(desired: Desired, now: Micros): void {
    const statics = desired.bfdSessions ?? [];
    const dynamics = (desired.etrunks ?? []).map(dynamicSession).filter((each) => each !== undefined);
    const wanted: WantedSession[] = [
      ...statics.map((each) => ({ desired: each, isDynamic: false })),
      ...dynamics.map((each) => ({ desired: each, isDynamic: true })),
    ];
    this.#idle = statics.filter(({ localDiscriminator }) => localDiscriminator === undefined);
    this.table.apply(wanted, now);
    this.refresh(now);
  }

  /** Interfaces or addresses changed: finds each session's place anew. */
  refresh(now: Micros): void {
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

  /** Where a session lives; a text says why nowhere. */
  #pathOf({ desired, path }: BfdSession): SessionPath | string {
    const { trackInterface } = desired;
    if (trackInterface !== undefined && !this.#isUp(trackInterface)) return `${trackInterface} is not up`;
    if (desired.source !== undefined && !this.#device.addresses.has(desired.source.text))
      return `${desired.source.text} is not on this host`;
    const destination = desired.peer ?? desired.group;
    const any = destination.isIpv4 ? ANY_IPV4 : ANY_IPV6;
    if (desired.interface === undefined) return { source: desired.source ?? any, destination, to: undefined };
    const link = this.#device.names.linkOfAny(desired.interface);
    if (link === undefined || !link.up || !link.carrier) return `${desired.interface} is not up`;
    const to = link.index;
    // Only a group can be spoken to from an interface that has no address.
    const last = desired.peer === undefined ? any : undefined;
    // What serves is kept: another address would be another session to the peer.
    const { addresses } = this.#device;
    const serves = path?.to === to && (path.source === last || addresses.isOn(to, path.source.text));
    const source = desired.source ?? (serves ? path.source : addresses.towards(to, destination)) ?? last;
    return source === undefined ? `${desired.interface} has no address` : { source, destination, to };
  }

  #isUp(name: string): boolean {
    const link = this.#device.names.linkOfAny(name);
    return link?.up === true && link.carrier;
  }

  receive(datagram: IncomingDatagram, now: Micros): boolean {
    if (!BFD_PORTS.includes(datagram.destinationPort)) return false;
    this.table.receive(datagram, now);
    return true;
  }

  pacerReported(report: PacerReport, now: Micros): void {
    this.table.pacerReported(report, now);
  }

  transmit(now: Micros): boolean {
    for (let request = this.table.nextRequest(); request !== undefined; request = this.table.nextRequest()) {
      if (request.kind === "pace") this.#pacer.pace(request.steady);
      else request.session.count(this.#pacer.release(request.session.localDiscriminator));
    }
    if (!this.table.transmit(this.#out, now)) return false;
    this.#datagrams.send(this.#out);
    return true;
  }

  nextEvent(): BfdEvent | undefined {
    return this.table.nextEvent();
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

/** Where a session hears its peer: at its own address and, without a peer's, in the group. */
function endpointsOf(session: BfdSession, { source, destination, to }: SessionPath): DatagramEndpoint[] {
  const { peer, vrf } = session.desired;
  const port = session.destinationPort;
  const own = { source, port, vrf };
  return peer === undefined ? [own, { source: destination, port, vrf, group: to }] : [own];
}
