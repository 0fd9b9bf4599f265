import { later, type Micros, NEVER } from "../base/time.js";
import type { DesiredLacp } from "../contract/desired/trunk.js";
import type { LacpPort, Port } from "./port.js";
import { isBetterSystem } from "./port-information.js";
import { AGGREGATE_WAIT_TIME } from "./timers.js";

/** The reason why a port is not selected, in the words of the vendor's log. */
export type SelectionReason =
  | "trunk shut down"
  | "E-Trunk member is not Master"
  | "link down"
  | "no partner heard"
  | "partner system ID or key differs from the reference port's"
  | "rate differs from the reference port's"
  | "above upper link threshold"
  | "below lower link threshold"
  | "below bandwidth threshold"
  | "preemption delay is running";

/** The limits of a trunk for its Selection Logic. */
export interface SelectionLimits {
  readonly shutdown: boolean;
  readonly leastLinks: number | undefined;
  /** Mbit/s. */
  readonly leastBandwidth: number | undefined;
  /** The peer of the E-Trunk carries: all ports stay in reserve, out of sync, so that a takeover takes one LACPDU. */
  readonly standby: boolean;
  /** The side in the E-Trunk is not known yet: ports receive and send nothing. */
  readonly silent: boolean;
}

/** The reference port, whose partner and rate the others must have, and the port with the best priority. */
export interface Leaders {
  readonly reference: Port | undefined;
  readonly best: Port | undefined;
}

/** The port hears its partner, or did until its receive timer expired. */
const hasPartner = (p: Port): boolean =>
  p.portEnabled && !p.leaving && !p.isDefaulted && (p.isCurrent || p.receiveState === "EXPIRED");
const isAttached = (p: Port): boolean => p.muxState !== "DETACHED" && p.muxState !== "WAITING";
/** Both ends are in sync, so the port carries as soon as enough ports do. */
const isAgreed = (p: Port): boolean => p.selected === "SELECTED" && isAttached(p) && p.partnerInSync && !p.isDamped;

/** Why these ports are too few for the trunk to carry (behaviour.md 1.3); undefined when they are enough. */
function shortfallOf(ports: readonly Port[], { leastLinks = 1, leastBandwidth }: SelectionLimits) {
  if (leastLinks > 1 && ports.length < leastLinks) return "below lower link threshold";
  if (leastBandwidth === undefined) return undefined;
  let bandwidth = 0;
  for (const port of ports) bandwidth += port.speed;
  return bandwidth < leastBandwidth ? "below bandwidth threshold" : undefined;
}

/** 6.4.14: same partner system and key; an individual port matches nobody but itself. */
const sameAggregation = (a: Port, b: Port): boolean =>
  a === b ||
  (a.partnerAggregates &&
    b.partnerAggregates &&
    a.partner.system === b.partner.system &&
    a.partner.systemPriority === b.partner.systemPriority &&
    a.partner.key === b.partner.key);

/**
 * The candidates that the better system agrees to, best first. The better system shows its choice by Synchronization,
 * and the other end follows; otherwise each end could keep ports that the other does not select. All candidates, while
 * the better system has shown none or where we are the better system.
 */
function agreed(candidates: readonly Port[]): readonly Port[] {
  const offered = candidates.filter((p) => p.partnerInSync && isBetterSystem(p.partner, p.actor));
  return offered.length === 0 ? candidates : offered;
}

/** The best of these ports; but one that waits to attach is not sent back for one whose partner has changed since it could have attached. */
function inTurn(steady: readonly Port[]): Port | undefined {
  const [best] = steady;
  const waiting = steady.find((p) => p.selected === "SELECTED");
  if (best === undefined || waiting === undefined) return best;
  return best.partnerSince >= later(waiting.partnerSince, AGGREGATE_WAIT_TIME) ? waiting : best;
}

/** The Selection Logic, 802.1AX-2014 6.4.14, with the vendor's thresholds, order and preemption (behaviour.md 1.5). */
export class Selection {
  readonly #ports: ReadonlySet<Port>;
  readonly #reasons = new Map<LacpPort, SelectionReason>();
  /** Time at which the selection must be decided again; NEVER without one. */
  deadline: Micros = NEVER;
  leaders: Leaders = { reference: undefined, best: undefined };
  /**
   * Why too few ports are in sync at both ends for the trunk to carry; undefined when they are enough. Until then no port
   * collects, for Collecting says that frames are taken in (6.4.2.3).
   */
  shortfall: ReturnType<typeof shortfallOf>;

  constructor(ports: ReadonlySet<Port>) {
    this.#ports = ports;
  }

  reasonOf(port: LacpPort): SelectionReason | undefined {
    return this.#reasons.get(port);
  }

  /** Decides the selection of every port; true when a `selected` or `ready` changed. */
  step(settings: DesiredLacp, limits: SelectionLimits, now: Micros): boolean {
    this.deadline = NEVER;
    this.#reasons.clear();
    const ranked = this.#ranked(settings);
    const reference = this.#reference(ranked, now);
    this.leaders = { reference, best: ranked[0] };
    const candidates = ranked.filter((p) => this.#fits(p, reference, settings));
    for (const port of this.#ports) {
      if (!port.isCurrent || !candidates.includes(port)) port.candidateSince = NEVER;
      else if (port.candidateSince === NEVER) port.candidateSince = now;
    }
    const chosen = this.#choose(candidates, settings, limits, now);
    let moved = false;
    for (const port of this.#ports) moved = this.#select(port, candidates, chosen) || moved;
    const { shortfall } = this;
    this.shortfall = shortfallOf([...this.#ports].filter(isAgreed), limits);
    return this.#makeReady() || moved || shortfall !== this.shortfall;
  }

  /**
   * The best port that is attached, else the best that could be by now: one whose partner keeps changing never attaches, and must
   * not keep the others out.
   */
  #reference(ranked: readonly Port[], now: Micros): Port | undefined {
    const attached = ranked.find((p) => p.selected === "SELECTED" && p.isCurrent && isAttached(p));
    if (attached !== undefined) return attached;
    const heard = ranked.filter((p) => p.isCurrent);
    const steady = heard.filter(({ partnerSince }) => now >= later(partnerSince, AGGREGATE_WAIT_TIME));
    for (const { partnerSince } of heard) {
      const due = later(partnerSince, AGGREGATE_WAIT_TIME);
      if (now < due && due < this.deadline) this.deadline = due;
    }
    return inTurn(steady) ?? heard[0] ?? ranked[0];
  }

  /**
   * The ports with a partner that the data plane serves, best first: current ports before expired ones, then by the better system's priorities
   * (6.3.2).
   */
  #ranked(settings: DesiredLacp): Port[] {
    const ranked: Port[] = [];
    for (const port of this.#ports) if (port.served && hasPartner(port)) ranked.push(port);
    if (ranked.length < 2) return ranked;
    return ranked.sort((a, b) => {
      if (a.isCurrent !== b.isCurrent) return a.isCurrent ? -1 : 1;
      if (settings.selectBy === "speed" && a.speed !== b.speed) return b.speed - a.speed;
      const [ours, theirs] = isBetterSystem(a.partner, a.actor) ? [a.partner, b.partner] : [a.actor, b.actor];
      return ours.portPriority - theirs.portPriority || ours.port - theirs.port || a.actor.port - b.actor.port;
    });
  }

  #fits(port: Port, reference: Port | undefined, settings: DesiredLacp): boolean {
    if (reference === undefined) return false;
    if (!sameAggregation(port, reference)) {
      this.#reasons.set(port, "partner system ID or key differs from the reference port's");
      return false;
    }
    if (!settings.mixedRate && port.speed !== reference.speed) {
      this.#reasons.set(port, "rate differs from the reference port's");
      return false;
    }
    return true;
  }

  /** The ports that carry traffic from now on, and those that still do until a better port carries. */
  #choose(candidates: readonly Port[], settings: DesiredLacp, limits: SelectionLimits, now: Micros): ReadonlySet<Port> {
    const refuse = (reason: SelectionReason): ReadonlySet<Port> => {
      for (const port of candidates) this.#reasons.set(port, reason);
      return new Set();
    };
    if (limits.shutdown) return refuse("trunk shut down");
    if (limits.standby) return refuse("E-Trunk member is not Master");
    const chosen = this.#seat(candidates, settings, now);
    // An expired port stays selected (6.4.12), but not below a threshold: the partner must see that the trunk is down.
    const shortfall = shortfallOf(
      [...chosen].filter((p) => p.isCurrent),
      limits,
    );
    return shortfall === undefined ? chosen : refuse(shortfall);
  }

  #seat(candidates: readonly Port[], settings: DesiredLacp, now: Micros): ReadonlySet<Port> {
    const { maxLinks } = settings;
    if (candidates.length <= maxLinks) return new Set(candidates);
    const attached = candidates.filter((p) => p.selected === "SELECTED" && p.isCurrent && isAttached(p));
    const offered = agreed(candidates);
    const seated = attached.filter((p) => offered.includes(p) || this.#awaitsAnswer(p, now));
    // While no port carries, the best ports are chosen, whichever was heard first.
    const first = seated.length === 0 ? [] : this.#entitled(candidates, seated, offered, settings, now);
    const rest = [...offered, ...candidates.filter((p) => !offered.includes(p))].filter((p) => !first.includes(p));
    const wanted = new Set([...first, ...rest].slice(0, maxLinks));
    // Make before break: a port that must go stays until the better port distributes.
    let free = maxLinks;
    for (const port of wanted) if (port.distributes) free--;
    const chosen = new Set(wanted);
    for (const port of seated) if (!wanted.has(port) && port.distributes && free-- > 0) chosen.add(port);
    for (const port of candidates)
      if (!chosen.has(port) && !this.#reasons.has(port)) this.#reasons.set(port, "above upper link threshold");
    return chosen;
  }

  /** The port attached a moment ago, so its partner had no time to agree. */
  #awaitsAnswer(port: Port, now: Micros): boolean {
    const due = later(port.attachedAt, AGGREGATE_WAIT_TIME);
    if (now >= due) return false;
    if (due < this.deadline) this.deadline = due;
    return true;
  }

  /** The ports that may carry, best first: those that carry, and with preemption a better port whose delay is over. */
  #entitled(
    candidates: readonly Port[],
    seated: readonly Port[],
    offered: readonly Port[],
    settings: DesiredLacp,
    now: Micros,
  ): readonly Port[] {
    const delay = settings.preemptDelay;
    const worstSeat = candidates.indexOf(seated[seated.length - 1] as Port);
    const may = (port: Port): boolean => {
      if (delay === undefined || !port.isCurrent || candidates.indexOf(port) > worstSeat) return false;
      if (!offered.includes(port)) return false;
      const due = later(port.candidateSince, delay);
      if (now >= due) return true;
      if (due < this.deadline) this.deadline = due;
      this.#reasons.set(port, "preemption delay is running");
      return false;
    };
    return candidates.filter((p) => seated.includes(p) || may(p));
  }

  #select(port: Port, candidates: readonly Port[], chosen: ReadonlySet<Port>): boolean {
    const wish = chosen.has(port) ? "SELECTED" : candidates.includes(port) ? "STANDBY" : "UNSELECTED";
    if (wish === "UNSELECTED" && !this.#reasons.has(port))
      this.#reasons.set(port, port.portEnabled ? "no partner heard" : "link down");
    if (port.selected === wish) return false;
    // 6.4.14.1: an unselected port must detach before it is selected again.
    if (port.selected === "UNSELECTED" && port.muxState !== "DETACHED") return false;
    port.selected = wish;
    return true;
  }

  /** Ready (6.4.15): every selected port that waits has waited long enough to attach. */
  #makeReady(): boolean {
    let ready = true;
    for (const port of this.#ports) {
      if (port.waitWhileExpired) {
        port.readyN = true;
        port.waitWhile = NEVER;
      }
      if (port.muxState === "WAITING" && port.selected === "SELECTED" && !port.readyN) ready = false;
    }
    let moved = false;
    for (const port of this.#ports) {
      const isReady = ready && port.muxState === "WAITING" && port.readyN;
      moved = moved || isReady !== port.ready;
      port.ready = isReady;
    }
    return moved;
  }
}
