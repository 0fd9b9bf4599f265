import { NO_ROW } from "../../base/neighbours/change-list.js";
import { EntryRows } from "../../base/neighbours/entry-rows.js";
import { type Budget, MARKS } from "../../base/neighbours/table.js";
import type { KeptTable, NeighbourService } from "../../base/neighbours/tables.js";
import { type Incoming, type InterfaceIndex, NO_VLAN } from "../../base/protocol.js";
import { earliest, type Micros, seconds, secondsOf } from "../../base/time.js";
import type { Desired } from "../../contract/desired/desired.js";
import type { HostChange } from "../../contract/input.js";
import { TableAgeing } from "../../neighbours/ageing.js";
import { type Announced, Announcer } from "../../neighbours/announcer.js";
import { Learner } from "../../neighbours/learner.js";
import { writeProbe } from "../../neighbours/probe.js";
import { ETHERTYPE_ARP } from "../../wire/arp.js";
import { type EthernetView, ethernet } from "../../wire/ethernet.js";
import { ETHERTYPE_IPV6, isNeighbourMessage } from "../../wire/neighbour-discovery.js";
import type { Condition } from "../alarm.js";
import type { FrameFate, Part, PartContext } from "../part.js";
import { neighbourConditions } from "./alarms.js";
import { hostsBehind } from "./hosts-behind.js";
import { type EntryForm, entryRows, Installation } from "./installation.js";
import { KernelEntries } from "./kernel-entries.js";
import { type NeighbourSources, neighbourActing, neighbourAnswers } from "./questions.js";
import { type ProfiledSegment, segmentsOf, wantedTables } from "./segments.js";
import { NeighbourTaps } from "./taps.js";

export type NeighboursEvent =
  | Announced
  /** Other alarms may stand. */
  | { readonly kind: "neighbours-changed" }
  /** What the peer told was dropped here: it is to be asked again. */
  | { readonly kind: "copies-reset"; readonly profile: string; readonly service: NeighbourService };

/** All that goes on with one table. */
interface Tended {
  readonly kept: KeptTable;
  readonly ageing: TableAgeing;
  readonly installation: Installation;
  segments: readonly ProfiledSegment[];
  /** Copies aged in the turn before. */
  copiesAge: boolean;
}

/** Seconds that a copy lives at least once its owner cares for it no more. */
const LEAST_LIFE = 60;

/**
 * The hosts behind the trunks under a profile, and the announcements of this host's own addresses:
 *
 *   frames of taps --> Learner --> NeighbourTable (device.neighbours) --> Installation --> the kernel's entries
 *                                    '-- TableAgeing --> unicast probes
 *   event `announce` --> hosts-behind.ts: which interfaces --> Announcer --> gratuitous ARP, unsolicited NA
 *
 * The kernel's entries with our mark are read once, when an interface comes: the process before left them (`KernelEntries`).
 */
export class NeighboursPart implements Part<NeighboursEvent>, NeighbourSources {
  readonly #context: PartContext;
  readonly #announcer = new Announcer();
  readonly learner = new Learner();
  readonly #taps: NeighbourTaps;
  readonly #kernel: KernelEntries;
  readonly #rows: EntryRows = entryRows();
  readonly #tended = new Map<KeptTable, Tended>();
  #segments = new Map<InterfaceIndex, ProfiledSegment>();
  #isFull = false;
  /** Links or addresses changed since interfaces, taps and tables followed them. */
  #isStale = false;
  readonly #events: NeighboursEvent[] = [];

  constructor(context: PartContext) {
    this.#context = context;
    this.#taps = new NeighbourTaps(context.host.taps, context.device.links);
    this.#kernel = new KernelEntries(context.host.neighbours, context.device.links);
  }

  // What changes it.

  apply({ rbsProfiles = [] }: Desired, now: Micros): void {
    this.#context.device.neighbours.set(wantedTables(rbsProfiles));
    this.#follow(now);
    for (const { ageing } of this.#tended.values()) ageing.wake(now);
  }

  hostChanged(change: HostChange, now: Micros): void {
    if (change.kind === "link" || change.kind === "address") this.#isStale = true;
    else if (change.kind === "kernel-neighbours") this.#adopt(change, now);
    else if (change.kind === "refused" && change.what === "tap") this.#taps.answered(change.subject, change.text, now);
    else if (change.kind === "refused" && change.what === "neighbours")
      this.#kernel.answered(change.subject, change.text, now);
  }

  /** Brings interfaces, taps and tables into line with configuration, links and addresses. */
  #follow(now: Micros): void {
    this.#isStale = false;
    const { device, host } = this.#context;
    const { neighbours } = device;
    neighbours.sweep();
    const segments = segmentsOf(device);
    this.#segments = new Map(segments.map((segment) => [segment.index, segment]));
    const kept = new Set([...neighbours.all(), ...neighbours.ending]);
    for (const [table, { installation }] of this.#tended)
      if (!kept.has(table)) {
        installation.close();
        this.#tended.delete(table);
      }
    for (const table of kept)
      if (!this.#tended.has(table)) {
        const installation = new Installation(table, host.neighbours);
        this.#tended.set(table, {
          kept: table,
          ageing: new TableAgeing(table.table),
          installation,
          segments: [],
          copiesAge: true,
        });
      }
    for (const tended of this.#tended.values()) this.#place(tended, segments);
    this.#taps.listen(segments);
    this.#kernel.follow(segments, now);
    for (const tended of this.#tended.values()) this.#judgeRestored(tended);
  }

  /** Links come after the configuration: a table without an interface knows nothing yet. */
  #judgeRestored({ kept, segments }: Tended): void {
    kept.table.isRestored ||= segments.length > 0 && this.#kernel.isKnown(segments, kept.service);
  }

  /** Of a table whose entries end the interfaces stay as they were: the kernel's entries are to go from them. */
  #place(tended: Tended, segments: readonly ProfiledSegment[]): void {
    const { profile, service, trunk, table } = tended.kept;
    if (this.#context.device.neighbours.of(profile, service) !== table) return;
    tended.segments = segments.filter((segment) => segment.profile === profile);
    const byVlans = new Map(tended.segments.map((segment) => [segment.vlans, segment]));
    tended.installation.configure(byVlans, this.#formOf(trunk));
  }

  /** Where both PEs carry, the answer of a host may go to the other one: an entry must not end because nobody answers. */
  #formOf(trunk: number): EntryForm {
    const mode = this.#context.device.trunk(trunk)?.trunk.desired.etrunk?.mode;
    return mode === "force-master" ? "validated" : "stale";
  }

  #adopt(change: Extract<HostChange, { kind: "kernel-neighbours" }>, now: Micros): void {
    const { index, service, isLast } = change;
    const { bytes, start, length } = change.rows;
    const segment = this.#segments.get(index);
    const table = segment?.[service];
    const rows = new EntryRows(new Uint8Array(bytes.buffer, bytes.byteOffset + start, length));
    // As heard half an expire time ago: whatever is heard from now on is newer.
    if (segment !== undefined && table !== undefined)
      for (let n = 0; n < rows.count; n++) {
        const { octets, mac, isRouter } = rows.at(n);
        const known = table.find(segment.vlans, octets);
        if (octets.length !== table.width || known !== NO_ROW) continue;
        const heard = secondsOf(now) - Math.floor(segment.expireTime / 2);
        const row = table.hear(segment.vlans, octets, 0, { mac, isRouter }, heard);
        if (row === NO_ROW) continue;
        table.mark(row, MARKS.installed);
        table.adopted++;
      }
    if (isLast) this.#kernel.listed({ index, service });
    for (const tended of this.#tended.values()) {
      tended.ageing.wake(now);
      this.#judgeRestored(tended);
    }
  }

  /** Announces the addresses behind a trunk that carries from now on. */
  announce(trunk: number, reason: string, now: Micros): void {
    const { device } = this.#context;
    // A trunk that went down again in the same turn carries no more, so the peer announces.
    if (device.trunk(trunk)?.trunk.isUp !== true) return;
    for (const host of hostsBehind(device, trunk)) this.#announcer.announce({ trunk, reason, ...host }, now);
    this.#wake(trunk, now);
  }

  /** A trunk carries no more: the other PE announces the addresses. */
  trunkDown(trunk: number): void {
    this.#announcer.stop(trunk);
  }

  trunkUp(trunk: number, now: Micros): void {
    this.#wake(trunk, now);
  }

  #wake(trunk: number, now: Micros): void {
    for (const { kept, ageing } of this.#tended.values()) if (kept.trunk === trunk) ageing.wake(now);
  }

  /** A Flush: hosts behind these interfaces may be gone, so each is asked. */
  probeAll(interfaces: readonly InterfaceIndex[], now: Micros): void {
    const meant = new Set(interfaces);
    for (const { ageing, segments } of this.#tended.values()) {
      const vlans = new Set(segments.filter(({ index }) => meant.has(index)).map((segment) => segment.vlans));
      if (vlans.size > 0) ageing.probeAll(now, (of) => vlans.has(of));
    }
  }

  // Frames.

  frame(header: EthernetView, frame: Incoming, now: Micros): FrameFate {
    const { type } = header;
    if (type !== ETHERTYPE_ARP && type !== ETHERTYPE_IPV6) return "foreign";
    const [start, length] = [frame.start + ethernet.size, frame.length - ethernet.size];
    if (type === ETHERTYPE_IPV6 && !isNeighbourMessage(frame.bytes, start, length)) return "foreign";
    // An address may come in the turn of the first frame from its network.
    if (this.#isStale) this.#follow(now);
    const segment = this.#segments.get(frame.from);
    // A tagged frame is a sub-interface's.
    if (segment === undefined || frame.vlan !== NO_VLAN) return "stray";
    if (type === ETHERTYPE_ARP) this.learner.arp(frame.bytes, start, length, segment, secondsOf(now));
    else this.learner.nd(frame.bytes, start, length, segment, secondsOf(now));
    return "taken";
  }

  // Time.

  expire(now: Micros): void {
    this.#taps.expire(now);
    for (const { service, index } of this.#kernel.due(now)) this.#againOn(service, index);
    if (this.learner.conflicts.expire(secondsOf(now))) this.#events.push({ kind: "neighbours-changed" });
  }

  #againOn(service: NeighbourService, index: InterfaceIndex): void {
    for (const { kept, installation, segments } of this.#tended.values())
      if (kept.service === service && segments.some((segment) => segment.index === index)) installation.again();
  }

  nextDeadline(): Micros {
    let next = earliest(
      this.#announcer.nextDeadline(),
      earliest(this.#taps.nextDeadline(), this.#kernel.nextDeadline()),
    );
    const ended = this.learner.conflicts.nextEnd();
    if (ended !== undefined) next = earliest(next, seconds(ended));
    for (const { ageing, installation } of this.#tended.values())
      next = installation.isPending ? (0 as Micros) : earliest(next, ageing.nextDeadline());
    return next;
  }

  settle(now: Micros): void {
    if (this.#isStale) this.#follow(now);
    for (const tended of this.#tended.values()) this.#heedOwner(tended, now);
    const { neighbours } = this.#context.device;
    const isFull = ["arp" as const, "nd" as const].some((service) => isFullOf(neighbours.budget(service)));
    if (isFull === this.#isFull && this.learner.takeConflicts() === 0) return;
    this.#isFull = isFull;
    this.#events.push({ kind: "neighbours-changed" });
  }

  /** Copies that their owner cares for no more have a minute at least (formats/rbs.md 6). */
  #heedOwner(tended: Tended, now: Micros): void {
    const { copiesAge } = tended.kept.table;
    if (copiesAge && !tended.copiesAge) {
      tended.kept.table.ageFrom = secondsOf(now) + LEAST_LIFE;
      tended.ageing.wake(now);
    }
    tended.copiesAge = copiesAge;
    tended.ageing.begin(now);
  }

  nextEvent(): NeighboursEvent | undefined {
    return this.#events.shift() ?? this.#announcer.nextEvent();
  }

  send(now: Micros): boolean {
    const { host, out } = this.#context;
    let sent = false;
    while (this.#announcer.transmit(out, now)) {
      host.link.send(out);
      sent = true;
    }
    for (const tended of this.#tended.values()) if (this.#age(tended, now)) sent = true;
    return sent;
  }

  #age({ kept, ageing, installation }: Tended, now: Micros): boolean {
    const { host, out, device } = this.#context;
    const { table, trunk: id } = kept;
    return ageing.run(now, {
      carries: device.trunk(id)?.trunk.isUp === true,
      segmentOf: (vlans) => installation.segmentOf(vlans),
      probe: (segment, row) => {
        if (!writeProbe(out, segment, table, row)) return false;
        host.link.send(out);
        return true;
      },
    });
  }

  /** Gives the kernel a part of what changed; the next turn goes on. */
  rest(): void {
    for (const { installation } of this.#tended.values()) if (installation.run(this.#rows)) return;
    this.#context.device.neighbours.sweep();
  }

  // What displays and operators ask.

  alarms(now: Micros): Iterable<Condition> {
    return neighbourConditions({
      unheard: this.#taps.standing(),
      refused: this.#kernel.standing(),
      conflicts: this.learner.conflicts.standing(secondsOf(now)),
      budgets: this.#context.device.neighbours,
    });
  }

  segments(): Iterable<ProfiledSegment> {
    return this.#segments.values();
  }

  tables(): Iterable<KeptTable> {
    return this.#context.device.neighbours.all();
  }

  budgetOf(service: NeighbourService): Readonly<Budget> {
    return this.#context.device.neighbours.budget(service);
  }

  expired(service: NeighbourService): number {
    let all = 0;
    for (const { kept, ageing } of this.#tended.values()) if (kept.service === service) all += ageing.expired;
    return all;
  }

  copiesReset(profile: string, service: NeighbourService): void {
    this.#events.push({ kind: "copies-reset", profile, service });
  }

  answers() {
    return neighbourAnswers(this);
  }

  actions() {
    return neighbourActing(this);
  }
}

const isFullOf = ({ used, most }: { readonly used: number; readonly most: number }): boolean => used >= most;
