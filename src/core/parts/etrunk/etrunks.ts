import type { IncomingDatagram, OutgoingDatagram } from "../../base/datagram.js";
import type { Digests } from "../../base/digests.js";
import { isEqual } from "../../base/equal.js";
import { parseIpAddress } from "../../base/ip-address.js";
import { automaticKey } from "../../base/lacp.js";
import { memberName, trunkMember, trunkOf } from "../../base/member-key.js";
import { earliest, later, type Micros, NEVER, seconds } from "../../base/time.js";
import type { Desired } from "../../contract/desired/desired.js";
import type { DesiredEtrunk } from "../../contract/desired/etrunk.js";
import type { AddressState, DatagramEndpoint, Datagrams } from "../../contract/host.js";
import type { EtrunkCheckpoint } from "../../device/checkpoint.js";
import type { Device } from "../../device/device.js";
import type { TrunkEntry } from "../../device/trunk-entry.js";
import type { Trunk } from "../../ethtrunk/trunk.js";
import { Etrunk } from "../../etrunk/etrunk.js";
import type { EtrunkEvent } from "../../etrunk/etrunk-event.js";
import type { EtrunkMember, MemberFacts } from "../../etrunk/member.js";
import { type CarRates, SessionCar } from "../../etrunk/session-car.js";
import { type BfdState, trackedSession } from "../../etrunk/state.js";
import { etrunkHello } from "../../wire/etrunk-hello.js";
import { type SessionCarView, sessionCarView } from "./display.js";
import { HeldLinks } from "./held-links.js";

/** How long a trunk counts as ready while its LACP looks for a partner (formats/e-trunk-hello.md 3.1). */
const LOOKING_TIME = seconds(5);

/** What an E-Trunk needs of the machine and of the run it is in. */
export interface EtrunkSurroundings {
  readonly datagrams: Datagrams;
  readonly digests: Digests;
  /** Microseconds since 1970 when this run began, or above the last one used. */
  readonly epoch: number;
  /** What hellos say of us. */
  readonly software: string;
}

const NOWHERE = parseIpAddress("0.0.0.0") as NonNullable<ReturnType<typeof parseIpAddress>>;

const tracks = ({ variables: { settings } }: Etrunk, session: string): boolean =>
  trackedSession(settings)?.toLowerCase() === session.toLowerCase();

/** Every E-Trunk of this device: finds whose hello it is, and tells each what its members can do. */
export class Etrunks {
  readonly #device: Device;
  readonly #surroundings: EtrunkSurroundings;
  readonly #etrunks = new Map<number, Etrunk>();
  readonly #cars = new Map<number, SessionCar>();
  readonly #listening = new Map<string, DatagramEndpoint>();
  /** Sockets that cannot be opened, and why. */
  readonly #refused = new Map<string, string>();
  /** Trunks whose links came up a moment ago. */
  readonly #lookingUntil = new Map<number, Micros>();
  readonly #heldLinks = new HeldLinks(LOOKING_TIME);
  readonly #keys = new Map<number, number>();
  readonly #restored: Map<number, EtrunkCheckpoint>;
  #desired: Desired | undefined;
  readonly out: OutgoingDatagram;
  /** Of E-Trunks that are no more. */
  readonly #lastEvents: EtrunkEvent[] = [];
  /** Hellos of no E-Trunk of ours. */
  readonly strays = { etrunkId: 0, length: 0 };

  constructor(device: Device, surroundings: EtrunkSurroundings, out: DataView, restored: readonly EtrunkCheckpoint[]) {
    this.#device = device;
    this.#surroundings = surroundings;
    this.#restored = new Map(restored.map((each) => [each.etrunk, each]));
    this.out = {
      bytes: out,
      start: 0,
      length: 0,
      source: NOWHERE,
      destination: NOWHERE,
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
    return (
      desired.etrunk && this.#etrunks.get(desired.etrunk.etrunk)?.variables.members.get(memberName(trunkMember(id)))
    );
  }
  car(id: number): SessionCar | undefined {
    return this.#cars.get(id);
  }

  apply(desired: Desired, now: Micros): void {
    this.#desired = desired;
    const wanted = new Map((desired.etrunks ?? []).map((etrunk) => [etrunk.id, etrunk]));
    for (const [id, etrunk] of this.#etrunks) if (!wanted.has(id)) this.#remove(etrunk);
    for (const settings of wanted.values()) this.#set(settings);
    for (const etrunk of this.#etrunks.values()) this.#setMembers(etrunk, desired, now);
    this.#listen();
  }

  #set(settings: DesiredEtrunk): void {
    let etrunk = this.#etrunks.get(settings.id);
    const { digests, epoch, software } = this.#surroundings;
    if (etrunk === undefined) {
      const deviceMac = (this.#desired as Desired).deviceMac;
      etrunk = new Etrunk(settings, deviceMac, epoch, digests, software, this.#restored.get(settings.id));
      this.#etrunks.set(settings.id, etrunk);
    } else etrunk.configure(settings);
    const source = settings.addresses?.source.text;
    etrunk.sourceChanged(source !== undefined && this.#device.addresses.has(source));
    const rates = this.#ratesFor(settings);
    const car = this.#cars.get(settings.id);
    if (rates === undefined) this.#cars.delete(settings.id);
    else if (car === undefined || !isEqual(car.rates, rates)) this.#cars.set(settings.id, new SessionCar(rates));
  }

  #ratesFor(settings: DesiredEtrunk): CarRates | undefined {
    const rates = this.#desired?.sessionCar;
    if (rates === undefined || settings.addresses === undefined) return undefined;
    return settings.addresses.peer.isIpv4 ? rates.etrunkIpv4 : rates.etrunkIpv6;
  }

  #remove(etrunk: Etrunk): void {
    this.#etrunks.delete(etrunk.id);
    this.#cars.delete(etrunk.id);
    this.#lastEvents.push(...etrunk.retire());
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
      if (entry !== undefined) etrunk.setMember(trunkMember(trunk), member, this.#factsOf(entry, now));
    }
  }

  /** One socket per source address, port and VRF, whichever E-Trunks share it. */
  #listen(): void {
    const wanted = new Map<string, DatagramEndpoint>();
    for (const { variables } of this.#etrunks.values()) {
      const { settings } = variables;
      if (settings.addresses === undefined) continue;
      const { source, peer, vrf } = settings.addresses;
      const name = endpointName({ source, port: settings.udpPort, vrf });
      const peers = [...(wanted.get(name)?.peers ?? []), peer];
      wanted.set(name, { source, port: settings.udpPort, vrf, peers });
    }
    const { datagrams } = this.#surroundings;
    for (const [name, endpoint] of this.#listening) {
      if (wanted.has(name)) continue;
      datagrams.close(endpoint);
      this.#refused.delete(name);
    }
    for (const [name, endpoint] of wanted)
      if (peersOf(endpoint) !== peersOf(this.#listening.get(name))) datagrams.listen(endpoint);
    this.#listening.clear();
    for (const [name, endpoint] of wanted) this.#listening.set(name, endpoint);
    this.#tellOfSockets();
  }

  /** A socket cannot be opened for this reason; undefined: now it is open. */
  socketChanged(endpoint: DatagramEndpoint, reason: string | undefined): void {
    const name = endpointName(endpoint);
    // Closed meanwhile, or BFD's.
    if (!this.#listening.has(name)) return;
    if (reason === undefined) this.#refused.delete(name);
    else this.#refused.set(name, reason);
    this.#tellOfSockets();
  }

  #tellOfSockets(): void {
    for (const etrunk of this.#etrunks.values()) {
      const { addresses, udpPort } = etrunk.variables.settings;
      const name = addresses && endpointName({ ...addresses, port: udpPort });
      etrunk.socketChanged(name === undefined ? undefined : this.#refused.get(name));
    }
  }

  /** The device knows it already: one that goes from an interface may still be on another. */
  addressChanged({ address: { text } }: AddressState): void {
    for (const etrunk of this.#etrunks.values())
      if (etrunk.variables.settings.addresses?.source.text === text)
        etrunk.sourceChanged(this.#device.addresses.has(text));
  }

  /** A datagram for one of our E-Trunk ports; the ID in it says whose, the policer whether it is read. */
  receive(datagram: IncomingDatagram, now: Micros): boolean {
    if (!this.#isOurs(datagram)) return false;
    if (datagram.length < etrunkHello.size) {
      this.strays.length++;
      return true;
    }
    const etrunk = this.#etrunks.get(datagram.bytes.getUint16(datagram.start + etrunkHello.at.etrunk));
    if (etrunk === undefined) {
      this.strays.etrunkId++;
      return true;
    }
    // Only what bears the peer's address belongs to the session; the rest is refused without spending its rate.
    const isPeer = etrunk.variables.settings.addresses?.peer.text === datagram.source.text;
    if (isPeer && this.#cars.get(etrunk.id)?.police(datagram.length, now) === "red") etrunk.policed(now);
    else etrunk.receive(datagram, now);
    return true;
  }

  #isOurs({ destination, destinationPort }: IncomingDatagram): boolean {
    for (const { source, port } of this.#listening.values())
      if (port === destinationPort && source.text === destination.text) return true;
    return false;
  }

  /** A trunk or its LACP changed: tells its E-Trunk what the member can do. */
  refresh(trunk: number, now: Micros): void {
    const entry = this.#device.trunk(trunk);
    const id = entry?.trunk.desired.etrunk?.etrunk;
    if (entry === undefined || id === undefined) return;
    this.#etrunks.get(id)?.memberChanged(trunkMember(trunk), this.#factsOf(entry, now));
  }

  #factsOf(entry: TrunkEntry, now: Micros): MemberFacts {
    const { trunk, aggregator } = entry;
    const { leastLinks, leastBandwidth, lacp } = trunk.desired;
    const least = Math.max(1, leastLinks ?? 1);
    const comes = this.#heldLinks.follow(trunk, now);
    const isThere = (name: string) => comes && !(trunk.holdsDown && this.#device.adminStates.isLost(name));
    const linked = [...trunk.members()].filter(
      ({ name, link }) => link.up || (link.index !== undefined && isThere(name)),
    );
    const ports = linked.map(({ name }) => aggregator?.port(name)).filter((port) => port !== undefined);
    const heard = ports.filter(({ isCurrent }) => isCurrent);
    const enough = linked.length >= least && !trunk.desired.shutdown;
    const looks = this.#looks(trunk.id, aggregator !== undefined && enough && heard.length < least, now);
    const available =
      aggregator === undefined || looks ? linked.map(({ link }) => link.speed) : heard.map(({ speed }) => speed);
    const counted = available.slice(0, aggregator === undefined ? undefined : lacp.maxLinks);
    const bandwidth = counted.reduce((sum, speed) => sum + speed, 0);
    const ready = enough && counted.length >= least && bandwidth >= (leastBandwidth ?? 0);
    return { ready, up: trunk.isUp, links: counted.length, bandwidth, key: this.#keyOf(entry) };
  }

  /** Stays what it was while no member is there: a key that changes makes the CE aggregate anew. */
  #keyOf({ trunk, aggregator }: TrunkEntry): number {
    const { portKey, mixedRate } = trunk.desired.lacp;
    const [port] = aggregator?.members() ?? [];
    const known = this.#keys.get(trunk.id);
    const key = portKey ?? (port === undefined || port.speed === 0 ? known : undefined);
    const current = key ?? automaticKey(trunk.id, port?.speed ?? 0, mixedRate);
    this.#keys.set(trunk.id, current);
    return current;
  }

  /** Whether a trunk with links and without partner is still in its first seconds of looking for one. */
  #looks(trunk: number, searching: boolean, now: Micros): boolean {
    if (!searching) {
      this.#lookingUntil.delete(trunk);
      return false;
    }
    let until = this.#lookingUntil.get(trunk);
    if (until === undefined) {
      until = later(now, LOOKING_TIME);
      this.#lookingUntil.set(trunk, until);
    }
    return now < until;
  }

  /** A BFD session changed: tells those E-Trunks that track it. */
  bfdChanged(name: string, state: BfdState, now: Micros): void {
    for (const etrunk of this.#etrunks.values()) {
      if (tracks(etrunk, name)) etrunk.bfdChanged(state, now);
    }
  }

  /** Whether any E-Trunk follows a BFD session. */
  isTracked(name: string): boolean {
    return [...this.#etrunks.values()].some((etrunk) => tracks(etrunk, name));
  }

  /** The sessions that are policed. */
  sessionCars(): SessionCarView[] {
    return [...this.#cars].flatMap(([id, car]) => {
      const etrunk = this.#etrunks.get(id);
      return (etrunk && sessionCarView(etrunk, car)) ?? [];
    });
  }

  resetSessionCars(protocol: SessionCarView["protocol"]): void {
    for (const [id, car] of this.#cars) {
      const etrunk = this.#etrunks.get(id);
      if (etrunk !== undefined && sessionCarView(etrunk, car)?.protocol === protocol) car.resetStatistics();
    }
  }

  /** Zeroes the counters of one E-Trunk, or of all and of what belongs to none. False: no such E-Trunk. */
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

  /** A planned stop: every peer is asked to take over. */
  leave(now: Micros): void {
    for (const etrunk of this.#etrunks.values()) etrunk.leave(now);
  }

  /** Each E-Trunk decides once for all that changed since it did. */
  settle(now: Micros): void {
    for (const etrunk of this.#etrunks.values()) etrunk.settle(now);
  }

  expire(now: Micros): void {
    for (const [trunk, until] of [...this.#waits()])
      if (now >= until && until > this.#lastLook) this.refresh(trunk, now);
    this.#lastLook = now;
    for (const etrunk of this.#etrunks.values()) if (etrunk.nextDeadline() <= now) etrunk.expire(now);
  }
  #lastLook = 0 as Micros;

  nextDeadline(): Micros {
    let next = NEVER;
    for (const [, until] of this.#waits()) if (until > this.#lastLook) next = earliest(next, until);
    for (const etrunk of this.#etrunks.values()) next = earliest(next, etrunk.nextDeadline());
    return next;
  }

  /** Until when a trunk counts as ready though it is not up. */
  *#waits(): Generator<readonly [trunk: number, until: Micros]> {
    yield* this.#lookingUntil;
    yield* this.#heldLinks.deadlines();
  }

  transmit(now: Micros): boolean {
    for (const etrunk of this.#etrunks.values()) {
      if (!etrunk.transmit(this.out, now)) continue;
      etrunk.transmitted(this.#surroundings.datagrams.send(this.out));
      return true;
    }
    return false;
  }

  nextEvent(): EtrunkEvent | undefined {
    for (const etrunk of this.#etrunks.values()) {
      const event = etrunk.nextEvent();
      if (event !== undefined) return event;
    }
    return this.#lastEvents.shift();
  }

  checkpoint(): EtrunkCheckpoint[] {
    return [...this.#etrunks.values()].map((etrunk) => etrunk.checkpoint());
  }
}

const endpointName = ({ source, port, vrf }: Pick<DatagramEndpoint, "source" | "port" | "vrf">): string =>
  `${source.text} ${port} ${vrf ?? ""}`;

const peersOf = (endpoint: DatagramEndpoint | undefined): string | undefined =>
  endpoint?.peers?.map(({ text }) => text).join(" ");
