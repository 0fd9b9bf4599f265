import { type IncomingStream, type StreamEndpoint, streamName } from "../../base/protocol.js";
import { Random } from "../../base/random.js";
import { RBS_SERVICES, type RbsService as RbsServiceName } from "../../base/rbs.js";
import { earliest, type Micros } from "../../base/time.js";
import type { Desired } from "../../contract/desired/desired.js";
import type { DesiredRbs, DesiredRbsProfile } from "../../contract/desired/rbs.js";
import type { Strangers, Streams } from "../../contract/host.js";
import type { HostChange } from "../../contract/input.js";
import type { Device } from "../../device/device.js";
import { type Mismatch, mismatches } from "../../rbs/mismatch.js";
import { OwnSide } from "../../rbs/own-side.js";
import type { RbsEvent } from "../../rbs/rbs-event.js";
import { type RbsRequest, RbsService } from "../../rbs/service.js";
import { numberOf, WORK_MODES } from "../../wire/etrunk-names.js";
import type { RbsProfile } from "../../wire/rbs/bodies.js";
import type { HostService } from "../../wire/rbs/host-records.js";
import { LONGEST_RBS_MESSAGE } from "../../wire/rbs/message.js";
import { PROFILE_STATES, type ProfileState } from "../../wire/rbs/names.js";
import { RbsWriter } from "../../wire/rbs/writer.js";
import type { Condition } from "../alarm.js";
import type { Part, PartContext } from "../part.js";
import { rbsConditions } from "./alarms.js";
import { Indexes } from "./indexes.js";
import { Listeners } from "./listeners.js";
import { type ProfileShown, type RbsSources, type RbsTableView, rbsActing, rbsAnswers } from "./questions.js";
import { ProfileTables } from "./tables.js";

const HOT = 1;
const FIRST_PROFILE_INDEX = 0x1000;

interface States {
  readonly local: ProfileState;
  /** Null while the peer's is not known. */
  readonly peer: ProfileState | null;
}

/**
 * The remote backup services and profiles of this device:
 *
 *   role of the member trunk --> profile --> service <-- BFD session, source address
 *                                              '--> connections (Host.streams)
 */
export class RbsPart implements Part<RbsEvent>, RbsSources {
  readonly #device: Device;
  readonly #streams: Streams;
  readonly #epoch: number;
  readonly #random: Random;
  readonly #octets = new DataView(new ArrayBuffer(LONGEST_RBS_MESSAGE));
  readonly #writer = new RbsWriter(this.#octets);
  readonly #services = new Map<string, RbsService>();
  /** Services that are configured no more and still tell their peers so. */
  #retiring: RbsService[] = [];
  readonly #serviceIndexes = new Indexes(1);
  readonly #profileIndexes = new Indexes(FIRST_PROFILE_INDEX);
  readonly #listeners: Listeners;
  readonly #tables: ProfileTables;
  #desired: Desired | undefined;
  #profiles: readonly DesiredRbsProfile[] = [];
  readonly #told = new Map<string, States>();
  /** Roles, or what peers told, changed since states were told. */
  #statesMayDiffer = false;
  readonly #events: RbsEvent[] = [];

  constructor({ device, host, run }: PartContext) {
    this.#device = device;
    this.#streams = host.streams;
    this.#epoch = run.epoch;
    this.#random = new Random(run.seed);
    this.#listeners = new Listeners(host.streams);
    this.#tables = new ProfileTables(device);
  }

  // The configuration.

  apply(desired: Desired, now: Micros): void {
    this.#desired = desired;
    const wanted = desired.rbs ?? [];
    this.#profiles = desired.rbsProfiles ?? [];
    this.#tables.apply(this.#profiles, now);
    this.#serviceIndexes.set(wanted.map(({ name }) => name));
    this.#profileIndexes.set(this.#profiles.map(({ name }) => name));
    const names = new Set(wanted.map(({ name }) => name));
    for (const service of [...this.#services.values()]) if (!names.has(service.name)) this.#remove(service);
    for (const each of wanted) this.#set(each, now);
    this.#tellProfiles();
  }

  #set(desired: DesiredRbs, now: Micros): void {
    let service = this.#services.get(desired.name);
    if (service === undefined) {
      const index = this.#serviceIndexes.of(desired.name);
      const own = new OwnSide(this.#epoch, this.#tables.ofService(desired.name));
      service = new RbsService(index, desired, own, this.#random);
      this.#services.set(desired.name, service);
    } else service.configure(desired, now);
    service.own.blocked = desired.blocked;
    this.#findSource(service, now);
  }

  #remove(service: RbsService): void {
    this.#services.delete(service.name);
    service.leave("the service is not configured any more");
    this.#retiring.push(service);
  }

  #findSource(service: RbsService, now: Micros): void {
    const source = service.desired.endpoint?.source.text;
    service.sourceChanged(source !== undefined && this.#device.addresses.has(source), now);
  }

  /** Gives each service its profiles with the roles of their members. */
  #tellProfiles(): void {
    const members = new Map(this.#desired?.trunks.map(({ id, etrunk }) => [id, etrunk]));
    const byService = new Map<string, RbsProfile[]>();
    for (const profile of this.#profiles) {
      if (profile.backup === undefined) continue;
      const { id: backupId, service } = profile.backup;
      const trunk = profile.member?.trunk ?? 0;
      const list = byService.get(service) ?? [];
      byService.set(service, list);
      list.push({
        backupId,
        state: PROFILE_STATES.indexOf(this.#localState(profile)),
        mode: HOT,
        etrunk: profile.member?.etrunk ?? 0,
        trunk,
        remoteTrunk: members.get(trunk)?.remoteTrunk ?? 0,
        workMode: numberOf(WORK_MODES, members.get(trunk)?.mode ?? "auto", 0),
        services: profile.services.map((name) => RBS_SERVICES[name]).sort((a, b) => a - b),
      });
    }
    for (const [name, service] of this.#services)
      service.own.set((byService.get(name) ?? []).sort((one, other) => one.backupId - other.backupId));
    this.#statesMayDiffer = true;
  }

  /** The role of a profile is the state of its member. */
  #localState({ member }: DesiredRbsProfile): ProfileState {
    const state = member && this.#device.trunk(member.trunk)?.role?.state;
    return state === "Master" ? "master" : state === "Backup" ? "slave" : "init";
  }

  // Reports of the host and of other parts.

  hostChanged(change: HostChange, now: Micros): void {
    if (change.kind === "address") for (const service of this.#services.values()) this.#findSource(service, now);
    else if (change.kind === "stream-opened") this.#opened(change.endpoint, change.connection, now);
    else if (change.kind === "stream-closed") this.#closed(change, now);
    else if (change.kind === "stream-writable") for (const service of this.#all) service.writable(change.connection);
    else if (change.kind === "refused" && change.what === "listener")
      this.#listeners.answered(change.subject, change.text, now);
  }

  #opened(endpoint: StreamEndpoint, connection: number, now: Micros): void {
    const service = this.#serviceOf(endpoint);
    if (service === undefined) this.#streams.close(connection);
    else service.opened(connection, now);
  }

  #closed({ endpoint, connection, text }: Extract<HostChange, { kind: "stream-closed" }>, now: Micros): void {
    const service =
      connection === undefined ? this.#serviceOf(endpoint) : this.#all.find((each) => each.has(connection));
    service?.closed(connection, text, now);
  }

  #serviceOf(endpoint: StreamEndpoint): RbsService | undefined {
    const name = streamName(endpoint);
    return [...this.#services.values()].find(
      ({ desired }) => desired.endpoint !== undefined && streamName(desired.endpoint) === name,
    );
  }

  get #all(): RbsService[] {
    return [...this.#services.values(), ...this.#retiring];
  }

  stream({ connection, bytes, start, length }: IncomingStream, now: Micros): boolean {
    const service = this.#all.find((each) => each.has(connection));
    service?.received(connection, bytes, start, length, now);
    return service !== undefined;
  }

  /** A trunk has another role in its E-Trunk. */
  roleChanged(trunk: number): void {
    if (this.#profiles.some(({ member }) => member?.trunk === trunk)) this.#tellProfiles();
  }

  /** Copies of a profile were dropped: the peer is asked for all of them. */
  askAgain(profile: string, service: HostService): void {
    const backup = this.#profiles.find(({ name }) => name === profile)?.backup;
    if (backup !== undefined) this.#services.get(backup.service)?.exchange?.ask(backup.id, service, "cleared");
  }

  /** A BFD session came up or went down for those that track it. */
  bfdChanged(session: string, state: string, now: Micros): void {
    const told = state === "up" ? "up" : state === "down" || state === "signalled" ? "down" : "other";
    for (const service of this.#services.values()) if (tracks(service, session)) service.bfdChanged(told, now);
  }

  isTracked(session: string): boolean {
    return [...this.#services.values()].some((service) => tracks(service, session));
  }

  pause(): void {
    for (const service of this.#services.values()) service.leave("the process restarts");
  }

  leave(): void {
    for (const service of this.#services.values()) service.leave("the device leaves");
  }

  expire(now: Micros): void {
    for (const service of this.#all) if (service.nextDeadline() <= now) service.expire(now);
    this.#listeners.expire(now);
  }

  nextDeadline(): Micros {
    let next = this.#listeners.nextDeadline();
    for (const service of this.#all) next = earliest(next, service.nextDeadline());
    return next;
  }

  // Deciding.

  settle(now: Micros): void {
    for (const service of this.#all) {
      service.settle(now);
      for (let request = service.nextRequest(); request !== undefined; request = service.nextRequest())
        this.#ask(request);
      for (let event = service.nextEvent(); event !== undefined; event = service.nextEvent()) {
        this.#statesMayDiffer = true;
        this.#events.push(event);
      }
    }
    this.#retiring = this.#retiring.filter((service) => !service.isRemovable);
    if (this.#statesMayDiffer || this.#tables.hasRestored) this.#tellStates();
  }

  #ask(request: RbsRequest): void {
    if (request.kind === "close") this.#streams.close(request.connection);
    else if (request.kind === "listen") this.#listeners.listen(request.endpoint);
    else if (request.kind === "stop-listening") this.#listeners.ignore(request.endpoint);
    else if (request.kind === "connect") this.#streams.connect(request.endpoint);
    else this.#streams.giveUp(request.endpoint);
  }

  /** Tells which profiles have other states than were told; claims to entries follow the states. */
  #tellStates(): void {
    this.#statesMayDiffer = false;
    const names = new Set<string>();
    const modes = new Map(this.#desired?.trunks.map(({ id, etrunk }) => [id, etrunk?.mode]));
    for (const { profile, local, peer } of this.profiles()) {
      const { name, member } = profile;
      names.add(name);
      const isActiveActive = member !== undefined && modes.get(member.trunk) === "force-master";
      const peerEpoch = (profile.backup && this.#services.get(profile.backup.service)?.peer?.epoch) ?? null;
      this.#tables.follow(name, { local, peer, peerEpoch, isActiveActive, unheard: this.#unheard(profile) });
      const before = this.#told.get(name) ?? { local: "init", peer: null };
      this.#told.set(name, { local, peer });
      if (before.local !== local || before.peer !== peer)
        this.#events.push({ kind: "profile-state", profile: name, local, peer });
    }
    for (const name of [...this.#told.keys()]) if (!names.has(name)) this.#told.delete(name);
  }

  /** What the peer tells of these is not heeded. */
  #unheard({ backup }: DesiredRbsProfile): readonly RbsServiceName[] {
    return (backup && this.#services.get(backup.service)?.desired.blocked.receive) ?? [];
  }

  #peerState({ backup }: DesiredRbsProfile): ProfileState | null {
    const peer = backup && this.#services.get(backup.service)?.peer?.profiles.get(backup.id);
    return peer === undefined ? null : (PROFILE_STATES[peer.state] ?? null);
  }

  nextEvent(): RbsEvent | undefined {
    return this.#events.shift();
  }

  send(now: Micros): boolean {
    const { buffer } = this.#octets;
    const send = (connection: number, length: number): boolean =>
      this.#streams.send(connection, new DataView(buffer, 0, length));
    let any = false;
    for (const service of this.#all) if (service.write(this.#writer, send, now)) any = true;
    return any;
  }

  // What displays ask.

  alarms(): Iterable<Condition> {
    return rbsConditions(this);
  }

  answers() {
    return rbsAnswers(this);
  }

  actions() {
    return rbsActing(this);
  }

  services(): Iterable<RbsService> {
    return this.#services.values();
  }

  *profiles(): Generator<ProfileShown> {
    for (const profile of this.#profiles) {
      const index = this.#profileIndexes.of(profile.name);
      const states = { local: this.#localState(profile), peer: this.#peerState(profile) };
      yield { index, profile, ...states, tables: () => this.#tableViews(profile) };
    }
  }

  #tableViews({ name, backup }: DesiredRbsProfile): RbsTableView[] {
    const rbs = backup && this.#services.get(backup.service);
    if (rbs === undefined || backup === undefined) return [];
    return [...this.#tables.tablesOf(name)].map(([service, { owns, copies }]) => {
      const trouble = rbs.exchange?.troubleOf(backup.id, service) ?? null;
      return { service, local: owns, remoteBackup: copies, ...rbs.own.countersOf(backup.id, service), trouble };
    });
  }

  mismatchesOf({ own, peer }: RbsService): Iterable<Mismatch> {
    return peer === undefined ? [] : mismatches(own.profiles, peer.profiles);
  }

  strangersOf({ desired: { endpoint } }: RbsService): Strangers {
    return endpoint === undefined ? { count: 0, last: undefined } : this.#streams.strangers(endpoint);
  }

  refusedListeners(): Iterable<readonly [endpoint: string, text: string]> {
    return this.#listeners.refused();
  }
}

const tracks = ({ desired: { track } }: RbsService, session: string): boolean =>
  track?.session?.toLowerCase() === session.toLowerCase();
