import type { IncomingDatagram, OutgoingDatagram } from "../base/datagram.js";
import type { Digests } from "../base/digests.js";
import { type IpAddress, parseIpAddress } from "../base/ip-address.js";
import type { InterfaceIndex } from "../base/protocol.js";
import type { Random } from "../base/random.js";
import { type Micros, micros } from "../base/time.js";
import { MULTI_HOP_PORT, SINGLE_HOP_PORT } from "../bfd/session.js";
import { type BfdEvent, type PacerReport, SessionTable } from "../bfd/session-table.js";
import type { Desired, DesiredBfdSession, DesiredEtrunk } from "../desired.js";
import type { DatagramEndpoint, Datagrams, Pacer } from "../host.js";
import type { Device } from "./device.js";

const ANY_IPV4 = parseIpAddress("0.0.0.0") as IpAddress;
const ANY_IPV6 = parseIpAddress("::") as IpAddress;
const NO_GROUP = ANY_IPV4;

/** The name under which the session of `e-trunk bfd enable` runs. */
export const dynamicName = (etrunk: number): string => `dyn_etrunk_${etrunk}`;

/** `e-trunk bfd enable`: a multi-hop session between the E-Trunk's own addresses. */
function dynamicSession(etrunk: DesiredEtrunk): DesiredBfdSession | undefined {
  const { bfd, addresses, id } = etrunk;
  if (bfd?.kind !== "dynamic" || addresses === undefined) return undefined;
  return {
    name: dynamicName(id),
    peer: addresses.peer,
    source: addresses.source,
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
  readonly #pacer: Pacer | undefined;
  readonly table: SessionTable;
  #names = new Set<string>();
  readonly #listening = new Map<string, DatagramEndpoint>();

  constructor(device: Device, datagrams: Datagrams, pacer: Pacer | undefined, random: Random, digests: Digests) {
    this.#device = device;
    this.#datagrams = datagrams;
    this.#pacer = pacer;
    this.table = new SessionTable(random, digests);
  }

  apply(desired: Desired, now: Micros): void {
    const names = new Set<string>();
    for (const session of desired.bfdSessions ?? []) {
      names.add(session.name.toLowerCase());
      this.table.set(session, false, now);
    }
    for (const etrunk of desired.etrunks ?? []) {
      const session = dynamicSession(etrunk);
      if (session === undefined) continue;
      names.add(session.name);
      this.table.set(session, true, now);
    }
    for (const name of this.#names) if (!names.has(name)) this.table.remove(name, now);
    this.#names = names;
    this.refresh(now);
  }

  /** Interfaces or addresses changed: finds each session's place anew. */
  refresh(now: Micros): void {
    const wanted = new Map<string, DatagramEndpoint>();
    for (const session of this.table.all()) {
      const path = this.#pathOf(session.desired);
      this.table.setPath(session, path, now);
      if (path === undefined) continue;
      const port = session.isMultihop ? MULTI_HOP_PORT : SINGLE_HOP_PORT;
      wanted.set(`${path.source.text} ${port}`, { source: path.source, port, vrf: undefined });
      if (session.desired.peer === undefined)
        wanted.set(`${path.destination.text} ${port}`, { source: path.destination, port, vrf: undefined });
    }
    for (const [name, endpoint] of this.#listening) if (!wanted.has(name)) this.#datagrams.close(endpoint);
    for (const [name, endpoint] of wanted) if (!this.#listening.has(name)) this.#datagrams.listen(endpoint);
    this.#listening.clear();
    for (const [name, endpoint] of wanted) this.#listening.set(name, endpoint);
  }

  #pathOf(desired: DesiredBfdSession) {
    if (desired.trackInterface !== undefined && !this.#isUp(desired.trackInterface)) return undefined;
    const destination = desired.peer ?? desired.group;
    let to: InterfaceIndex | undefined;
    let source = desired.source;
    if (desired.interface !== undefined) {
      const link = this.#device.linkOfAny(desired.interface);
      if (link === undefined || !link.up || !link.carrier) return undefined;
      to = link.index;
      source ??= this.#device.addressOn(link.index, destination.isIpv4);
    }
    source ??= destination.isIpv4 ? ANY_IPV4 : ANY_IPV6;
    return { source, destination, to };
  }

  #isUp(name: string): boolean {
    const link = this.#device.linkOfAny(name);
    return link?.up === true && link.carrier;
  }

  receive(datagram: IncomingDatagram, now: Micros): boolean {
    if (datagram.destinationPort !== MULTI_HOP_PORT && datagram.destinationPort !== SINGLE_HOP_PORT) return false;
    this.table.receive(datagram, now);
    return true;
  }

  pacerReported(report: PacerReport, now: Micros): void {
    this.table.pacerReported(report, now);
  }

  transmit(out: OutgoingDatagram, now: Micros): boolean {
    for (let request = this.table.nextRequest(); request !== undefined; request = this.table.nextRequest()) {
      if (request.kind === "pace") this.#pacer?.pace(request.steady);
      else this.#pacer?.release(request.session);
    }
    if (!this.table.transmit(out, now)) return false;
    this.#datagrams.send(out);
    return true;
  }

  nextEvent(): BfdEvent | undefined {
    return this.table.nextEvent();
  }
}
