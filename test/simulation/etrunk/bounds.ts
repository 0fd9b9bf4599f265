import { later, type Micros, micros, millis, seconds } from "../../../src/core/base/time.js";
import { Violation } from "../invariants.js";
import type { SimulatedNode } from "../node.js";
import type { Checker } from "../world.js";
import { distributes, type EtrunkPair } from "./etrunk-pair.js";
import type { Fault } from "./faults.js";
import { LATEST } from "./meddler.js";

/** What the bounds of formats/e-trunk-hello.md 10 depend on. */
export interface BoundSettings {
  readonly helloInterval: Micros;
  readonly failTime: Micros;
  readonly sequenceCheck: boolean;
  /** Detection time of the tracked session; undefined without one. */
  readonly detection: Micros | undefined;
  /** What the CE needs until frames flow. */
  readonly ceTime: Micros;
  /** The session is signed, so that nobody can forge its packets. */
  readonly authenticated: boolean;
}

/** How long a member waits for the peer's, which is about to come up (8.7). */
const PEER_START = seconds(5);
/** What a CE that is told to stop needs: the limit of three LACPDUs may hold the PDU back for a second. */
const STOP_TIME = seconds(1);
/** How long a Master that does not hear us has time (8.3). */
const DEAF_TIME = seconds(1);
const ANSWER_TIME = millis(100);
/** The longest way on a slow path. */
const SLOWEST = millis(400);
/** A path that loses 40 of 100 hellos passes one of so many in each direction, but once in 10,000 times. */
const LOSSY_HELLOS = 10;
/** A data plane that fails is asked again, or looked at, after a minute at most. */
const PLANE_TIME = seconds(61);
/** Faults under which a takeover is as fast as without them. */
export const HARMLESS: ReadonlySet<Fault["kind"]> = new Set([
  "hello-late",
  "hello-replayed",
  "hello-slow",
  "forged",
  "disk-hangs",
]);
/** So long after a change the survivor's LACP and BFD are steady. */
const RESTED = seconds(20);
/** Timers fire late, and PDUs are on their way. */
const SLACK = millis(50);

const keyOf = (pe: SimulatedNode): string | undefined =>
  pe.desired.etrunks?.[0]?.keys.map(({ octets }) => octets?.join()).join();
const sameKeys = ([one, two]: readonly [SimulatedNode, SimulatedNode]): boolean => keyOf(one) === keyOf(two);

/** Devices that a node's data plane sends by. */
const sendsBy = (node: SimulatedNode): readonly (string | undefined)[] =>
  (node.dataPlane.planes.get(1)?.distributing ?? []).map(({ index }) => node.deviceOf(index));

/**
 * The bounds that formats/e-trunk-hello.md 10 states, counted from the last moment at which circumstances changed: how long the CE
 * has nobody though a PE could carry, and how long two carry though hellos pass.
 */
export class Bounds implements Checker {
  readonly #pair: EtrunkPair;
  readonly #settings: BoundSettings;
  readonly #active = new Map<Fault["kind"], number>();
  /** Until when what is late may still come. */
  readonly #over = new Map<Fault["kind"], Micros>();
  readonly #served = new Map<SimulatedNode, Micros>();
  #changedAt: Micros = micros(0);
  #nobodySince: Micros | undefined;
  #twoSince: Micros | undefined;
  /** Both heard each other at the last change of circumstances, or since. */
  #metSince = false;
  /** How long nobody carries at most, where a PE that lost its power is all that changed last. */
  #takeover: Micros | undefined;

  constructor(pair: EtrunkPair, settings: BoundSettings) {
    this.#pair = pair;
    this.#settings = settings;
  }

  /** To be called before the fault strikes. */
  begins(fault: Fault): void {
    const takeover = this.#takeoverBound(fault);
    this.#active.set(fault.kind, (this.#active.get(fault.kind) ?? 0) + 1);
    this.#changed();
    this.#takeover = takeover;
  }
  /** To be called before the fault is over. */
  ends({ kind }: Fault): void {
    this.#active.set(kind, (this.#active.get(kind) ?? 0) - 1);
    this.#over.set(kind, this.#pair.world.now);
    this.#changed();
  }
  #changed(): void {
    this.#changedAt = this.#pair.world.now;
    this.#takeover = undefined;
    this.#metSince = this.#pair.pes.every((pe) => pe.isRunning && this.#pair.etrunk(pe).hearing);
  }
  #is(...kinds: readonly Fault["kind"][]): boolean {
    return kinds.some((kind) => (this.#active.get(kind) ?? 0) > 0);
  }
  /** It is, or what it held up may still come. */
  #lasts(kind: Fault["kind"], rest: Micros): boolean {
    const over = this.#over.get(kind);
    return this.#is(kind) || (over !== undefined && this.#pair.world.now <= later(over, rest));
  }

  turned(): void {
    const { now } = this.#pair.world;
    for (const pe of this.#pair.pes) this.#followPlane(pe);
    const nobody = this.#isAble() && !this.#carries();
    this.#nobodySince = nobody ? (this.#nobodySince ?? now) : undefined;
    // What the data plane does is asked first, since a view of a trunk takes long.
    const two = this.#pair.pes.every((pe) => !pe.frozen && sendsBy(pe).length > 0 && distributes(pe));
    this.#twoSince = two ? (this.#twoSince ?? now) : undefined;
    this.#check("nobody", this.#nobodySince, this.#nobodyBound);
    this.#check("two", this.#twoSince, this.#twoBound);
  }

  #check(what: "nobody" | "two", since: Micros | undefined, bound: Micros | undefined): void {
    if (since === undefined || bound === undefined) return;
    const { now } = this.#pair.world;
    const lasts = now - Math.max(since, this.#changedAt);
    if (lasts <= bound) return;
    const active = [...this.#active].flatMap(([kind, count]) => (count > 0 ? [kind] : []));
    const text = what === "two" ? "two PEs distribute" : "nobody carries";
    throw new Violation(
      `${text} since ${Math.max(since, this.#changedAt) / 1e6} s, now ${now / 1e6} s, at most ${bound / 1e6} s; ${active}`,
    );
  }

  #followPlane(pe: SimulatedNode): void {
    const isServed = [...pe.links.values()].every(({ index }) => pe.dataPlane.serves(1, index));
    if (!isServed) this.#served.set(pe, later(this.#pair.world.now, PLANE_TIME));
  }

  /** A PE could carry all the time. */
  #isAble(): boolean {
    return this.#pair.pes.some((pe) => {
      const hasLink = this.#pair
        .cables(pe)
        .some((cable) => cable.isSound && pe.links.get(cable.plugs[0].device)?.present);
      const isOpen = pe.isRunning && !pe.frozen && pe.desired.trunks[0]?.shutdown !== true;
      return isOpen && hasLink && this.#pair.world.now > (this.#served.get(pe) ?? 0);
    });
  }

  /** A link that both its ends use. */
  #carries(): boolean {
    const { ce, pes } = this.#pair;
    const carrying = sendsBy(ce);
    return pes.some((pe) => {
      const sending = pe.isRunning ? sendsBy(pe) : [];
      return this.#pair
        .cables(pe)
        .some(
          ({ plugs: [own, far], isSound }) => isSound && sending.includes(own.device) && carrying.includes(far.device),
        );
    });
  }

  /** The bound of a takeover by a rested survivor; undefined where the fault is another, or something else disturbs. */
  #takeoverBound({ kind, where }: Fault): Micros | undefined {
    const { failTime, sequenceCheck, detection, authenticated } = this.#settings;
    const { pes, world } = this.#pair;
    const survivor = pes[(where + 1) % 2];
    const disturbs = [...this.#active].some(([each, count]) => count > 0 && !HARMLESS.has(each));
    if (kind !== "power-off" || world.now - this.#changedAt < RESTED || disturbs) return undefined;
    if (survivor?.isRunning !== true || world.now <= (this.#served.get(survivor) ?? 0)) return undefined;
    const { bfdState, attention } = this.#pair.etrunk(survivor);
    const hasVote = bfdState === "Up" && !attention.some((text) => /it has no say/.test(text));
    const bfd = hasVote && (authenticated || !this.#is("forged")) ? detection : undefined;
    if (bfd === undefined && !sequenceCheck && this.#is("hello-replayed")) return undefined;
    const silence = bfd === undefined ? failTime + this.#way : bfd + (this.#is("hello-slow") ? SLOWEST : 0);
    return micros(silence + STOP_TIME + SLACK);
  }

  /** The longest way of a hello at this moment. */
  get #way(): Micros {
    const late = this.#lasts("hello-late", LATEST) ? LATEST : 0;
    return micros(late + (this.#lasts("hello-slow", SLOWEST) ? SLOWEST : 0));
  }

  /** Undefined: without bound. */
  get #nobodyBound(): Micros | undefined {
    const { failTime, sequenceCheck, ceTime } = this.#settings;
    if (this.#takeover !== undefined) return this.#takeover;
    if (this.#is("hello-replayed") && !sequenceCheck) return undefined;
    return micros(failTime + this.#way + PEER_START + ceTime + SLACK);
  }

  get #twoBound(): Micros | undefined {
    const { helloInterval, failTime } = this.#settings;
    const { pes, world } = this.#pair;
    const isCut = ["pe1>pe2", "pe2>pe1"].map((way) => world.network.cuts.has(way));
    if (!pes.every((pe) => pe.isRunning && !pe.frozen) || !sameKeys(pes) || isCut.every((each) => each))
      return undefined;
    const found = DEAF_TIME + 2 * this.#way + ANSWER_TIME + STOP_TIME + SLACK;
    // Hellos that may come later than the fail time are a silence, after which one way is not enough (6.4).
    const isSilent = helloInterval + this.#way >= failTime;
    if (isCut.some((each) => each)) return this.#metSince && !isSilent ? micros(failTime + found) : undefined;
    const hellos = this.#lasts("hello-lossy", micros(0)) ? LOSSY_HELLOS : 1;
    return micros(hellos * helloInterval + found);
  }
}
