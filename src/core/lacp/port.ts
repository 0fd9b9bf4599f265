import { type Mac, NO_MAC } from "../base/address.js";
import { Running } from "../base/machine.js";
import type { InterfaceIndex } from "../base/protocol.js";
import { later, type Micros, NEVER } from "../base/time.js";
import type { DesiredMember } from "../contract/desired/trunk.js";
import {
  ACTIVITY,
  AGGREGATION,
  COLLECTING,
  DEFAULTED,
  DISTRIBUTING,
  EXPIRED,
  type LacpduView,
  SHORT_TIMEOUT,
  SYNCHRONIZATION,
} from "../wire/lacpdu.js";
import type { Aggregator } from "./aggregator.js";
import { actorChurnMachine, partnerChurnMachine } from "./churn-machine.js";
import { independentMuxMachine, type MuxState, muxMachine } from "./mux-machine.js";
import { periodicMachine } from "./periodic-machine.js";
import { copyInformation, nobody, type PortInformation, samePort } from "./port-information.js";
import { newStatistics } from "./port-statistics.js";
import { receiveMachine } from "./receive-machine.js";
import {
  AGGREGATE_WAIT_TIME,
  CHURN_DETECTION_TIME,
  FAST_PERIODIC_TIME,
  SHORT_TIMEOUT_TIME,
  SLOW_PERIODIC_TIME,
} from "./timers.js";
import { Transmission } from "./transmission.js";

export type Selected = "SELECTED" | "STANDBY" | "UNSELECTED";

/** No interface of that name exists at the moment. */
export const NO_INTERFACE: InterfaceIndex = -1;

/**
 * What a port assumes of a partner it does not hear: passive, so that a passive port falls silent, individual, and
 * asking for fast PDUs, so that a link that comes back silently is found within a second.
 */
const partnerAdmin: PortInformation = { ...nobody(), state: SHORT_TIMEOUT };

/** One Aggregation Port: the variables of 6.4.8 under their own names, and the actions of the diagrams. */
export class Port {
  readonly aggregator: Aggregator;
  /** Configured interface name. */
  readonly name: string;

  index: InterfaceIndex = NO_INTERFACE;
  mac: Mac = NO_MAC;
  /** Mbit/s. */
  speed = 0;

  // Variables of 6.4.8.
  begin = true;
  portEnabled = false;
  portMoved = false;
  /** Half-duplex links would make it false; there are none left. */
  lacpEnabled = true;
  lacpduReceived = false;
  selected: Selected = "UNSELECTED";
  /** Ready_N: the port waits to attach and has waited long enough. */
  readyN = false;
  /** Ready: every selected port that waits to attach has waited long enough. */
  ready = false;
  ntt = false;
  readonly actor: PortInformation = nobody();
  readonly partner: PortInformation = nobody();
  actorChurn = false;
  partnerChurn = false;

  // Deadlines of 6.4.7's timers.
  currentWhile: Micros = NEVER;
  periodic: Micros = NEVER;
  waitWhile: Micros = NEVER;
  actorChurnTimer: Micros = NEVER;
  partnerChurnTimer: Micros = NEVER;

  /** No longer a member: says so, then it is gone. */
  leaving = false;
  leaveUntil: Micros = NEVER;
  /** Until when the alarm of a partner that bears our own system ID stands. */
  ownSystemUntil: Micros = NEVER;
  /** Since when the port could carry traffic: the preemption delay counts from here. */
  candidateSince: Micros = NEVER;
  /** When the port last came into sync. */
  attachedAt = -NEVER as Micros;

  readonly receive = new Running(receiveMachine, this as Port);
  readonly periodicTransmission = new Running(periodicMachine, this as Port);
  mux: { state: MuxState; step(): boolean } = new Running(muxMachine, this as Port);
  readonly actorChurnDetection = new Running(actorChurnMachine, this as Port);
  readonly partnerChurnDetection = new Running(partnerChurnMachine, this as Port);

  #hasWaited = false;
  readonly statistics = newStatistics();
  readonly transmission = new Transmission();
  /** The PDU that set lacpduReceived. */
  #pdu: LacpduView;

  constructor(aggregator: Aggregator, name: string, number: number, pdu: LacpduView) {
    this.aggregator = aggregator;
    this.name = name;
    this.actor.port = number;
    this.actor.state = AGGREGATION;
    this.#pdu = pdu;
  }

  /** Takes over what the configuration says of this member; true when the partner must agree anew (6.4.9). */
  configure(member: DesiredMember): boolean {
    const { actor } = this;
    const changed = actor.portPriority !== member.priority || this.isPassive === member.active;
    actor.portPriority = member.priority;
    this.setActor(ACTIVITY, member.active);
    return changed;
  }

  /** Coupled or independent control; the machine starts again where it has to. */
  control(independent: boolean): void {
    this.mux = independent ? new Running(independentMuxMachine, this as Port) : new Running(muxMachine, this as Port);
    this.detach();
  }

  // What the diagrams ask.

  get now(): Micros {
    return this.aggregator.now;
  }
  get currentWhileExpired(): boolean {
    return this.now >= this.currentWhile;
  }
  get periodicExpired(): boolean {
    return this.now >= this.periodic;
  }
  get waitWhileExpired(): boolean {
    return this.now >= this.waitWhile;
  }
  // A port we hold in reserve is out of sync because we want it so: no churn is counted there.
  get actorChurnExpired(): boolean {
    return this.selected !== "STANDBY" && this.now >= this.actorChurnTimer;
  }
  get partnerChurnExpired(): boolean {
    return this.selected !== "STANDBY" && this.now >= this.partnerChurnTimer;
  }
  get isPassive(): boolean {
    return !this.hasActor(ACTIVITY);
  }
  get partnerIsPassive(): boolean {
    return (this.partner.state & ACTIVITY) === 0;
  }
  get partnerWantsFast(): boolean {
    return (this.partner.state & SHORT_TIMEOUT) !== 0;
  }
  get partnerInSync(): boolean {
    return (this.partner.state & SYNCHRONIZATION) !== 0;
  }
  get partnerCollects(): boolean {
    return (this.partner.state & COLLECTING) !== 0;
  }
  get partnerDistributes(): boolean {
    return (this.partner.state & DISTRIBUTING) !== 0;
  }
  get partnerAggregates(): boolean {
    return (this.partner.state & AGGREGATION) !== 0;
  }
  get actorInSync(): boolean {
    return this.hasActor(SYNCHRONIZATION);
  }
  get isDefaulted(): boolean {
    return this.hasActor(DEFAULTED);
  }
  get collects(): boolean {
    return this.hasActor(COLLECTING);
  }
  get distributes(): boolean {
    return this.hasActor(DISTRIBUTING);
  }

  hasActor(bit: number): boolean {
    return (this.actor.state & bit) !== 0;
  }
  setActor(bit: number, on: boolean): void {
    if (on) this.actor.state |= bit;
    else this.actor.state &= ~bit;
  }
  needToTransmit(): void {
    this.ntt = true;
  }

  /** The link came or went. */
  enable(enabled: boolean): void {
    if (enabled === this.portEnabled) return;
    this.portEnabled = enabled;
    // While a port is disabled its churn monitors begin all the time (6.4.17).
    this.monitorActorChurn();
    this.monitorPartnerChurn();
  }

  /** The timeout grew by so much: the partner, told to slow down, does so at once, so the last PDU counts longer too. */
  allow(more: number): void {
    if (more > 0 && this.receive.state === "CURRENT") this.currentWhile = (this.currentWhile + more) as Micros;
  }

  // Actions of the receive machine (6.4.9, 6.4.12).

  forgetPartner(): void {
    this.selected = "UNSELECTED";
    this.recordDefault();
    this.setActor(EXPIRED, false);
    this.portMoved = false;
    this.currentWhile = NEVER;
  }

  disable(): void {
    this.partner.state &= ~SYNCHRONIZATION;
    this.currentWhile = NEVER;
  }

  waitShort(): void {
    this.partner.state &= ~SYNCHRONIZATION;
    this.partner.state |= SHORT_TIMEOUT;
    this.currentWhile = later(this.now, SHORT_TIMEOUT_TIME);
    this.setActor(EXPIRED, true);
  }

  useDefaultsAsIndividual(): void {
    this.selected = "UNSELECTED";
    this.recordDefault();
    this.partner.state &= ~AGGREGATION;
    this.setActor(EXPIRED, false);
    this.currentWhile = NEVER;
  }

  useDefaults(): void {
    if (!samePort(partnerAdmin, this.partner)) this.selected = "UNSELECTED";
    this.recordDefault();
    this.setActor(EXPIRED, false);
    this.currentWhile = NEVER;
  }

  acceptPdu(): void {
    this.lacpduReceived = false;
    this.#updateSelected();
    this.#updateNtt();
    this.#recordPdu();
    this.currentWhile = later(this.now, this.aggregator.settings.timeout);
    this.setActor(EXPIRED, false);
  }

  recordDefault(): void {
    copyInformation(partnerAdmin, this.partner);
    this.setActor(DEFAULTED, true);
  }

  /** 6.4.9 update_Selected: a partner that is not who it was is selected anew. */
  #updateSelected(): void {
    const { partner } = this;
    const pdu = this.#pdu;
    if (
      pdu.actorPort === partner.port &&
      pdu.actorPortPriority === partner.portPriority &&
      pdu.actorSystem === partner.system &&
      pdu.actorSystemPriority === partner.systemPriority &&
      pdu.actorKey === partner.key &&
      (pdu.actorState & AGGREGATION) === (partner.state & AGGREGATION)
    )
      return;
    this.selected = "UNSELECTED";
    this.statistics.partnerChanges++;
  }

  /** True when the PDU's partner half is what we are, in the fields update_NTT and recordPDU both compare. */
  #partnerKnowsUs(): boolean {
    const { actor } = this;
    const pdu = this.#pdu;
    return (
      pdu.partnerPort === actor.port &&
      pdu.partnerPortPriority === actor.portPriority &&
      pdu.partnerSystem === actor.system &&
      pdu.partnerSystemPriority === actor.systemPriority &&
      pdu.partnerKey === actor.key &&
      (pdu.partnerState & AGGREGATION) === (actor.state & AGGREGATION)
    );
  }

  /** 6.4.9 update_NTT: the partner's picture of us is out of date. */
  #updateNtt(): void {
    const told = ACTIVITY | SHORT_TIMEOUT | SYNCHRONIZATION;
    if (!this.#partnerKnowsUs() || (this.#pdu.partnerState & told) !== (this.actor.state & told)) this.ntt = true;
  }

  /** 6.4.9 recordPDU. */
  #recordPdu(): void {
    const { partner, actor } = this;
    const pdu = this.#pdu;
    const wasInSync = this.partnerInSync;
    // The link is kept alive by somebody: the partner is active, or we are and it knows.
    const maintained =
      (pdu.actorState & ACTIVITY) !== 0 || ((actor.state & ACTIVITY) !== 0 && (pdu.partnerState & ACTIVITY) !== 0);
    const individual = (pdu.actorState & AGGREGATION) === 0;
    const inSync = (pdu.actorState & SYNCHRONIZATION) !== 0 && maintained && (individual || this.#partnerKnowsUs());
    partner.systemPriority = pdu.actorSystemPriority;
    partner.system = pdu.actorSystem;
    partner.key = pdu.actorKey;
    partner.portPriority = pdu.actorPortPriority;
    partner.port = pdu.actorPort;
    partner.state = inSync ? pdu.actorState : pdu.actorState & ~SYNCHRONIZATION;
    this.setActor(DEFAULTED, false);
    if (inSync !== wasInSync) this.statistics.partnerSyncTransitions++;
  }

  // Actions of the periodic machine (6.4.13).

  stopPeriodic(): void {
    this.periodic = NEVER;
  }
  startPeriodic(rate: "fast" | "slow"): void {
    this.periodic = later(this.now, rate === "fast" ? FAST_PERIODIC_TIME : SLOW_PERIODIC_TIME);
  }

  // Actions of the mux machine (6.4.15).

  detach(): void {
    // Held back by us, with the partner it had: it has waited before, and waits no more when it is wanted again.
    this.#hasWaited = this.selected === "STANDBY" && this.actorInSync;
    this.#synchronize(false);
    this.setActor(COLLECTING | DISTRIBUTING, false);
    this.waitWhile = NEVER;
    this.ntt = true;
  }
  startWaiting(): void {
    this.readyN = this.#hasWaited;
    this.waitWhile = this.#hasWaited ? NEVER : later(this.now, AGGREGATE_WAIT_TIME);
  }
  attach(): void {
    if (!this.actorInSync) this.attachedAt = this.now;
    this.#synchronize(true);
    this.setActor(COLLECTING | DISTRIBUTING, false);
    this.waitWhile = NEVER;
    this.ntt = true;
  }
  collectOnly(): void {
    this.setActor(COLLECTING, true);
    this.setActor(DISTRIBUTING, false);
    this.ntt = true;
  }
  collectAndDistribute(): void {
    this.setActor(COLLECTING | DISTRIBUTING, true);
    this.ntt = true;
  }
  #synchronize(on: boolean): void {
    if (on !== this.actorInSync) this.statistics.actorSyncTransitions++;
    this.setActor(SYNCHRONIZATION, on);
  }

  // Actions of churn detection (6.4.17).

  monitorActorChurn(): void {
    this.actorChurn = false;
    this.actorChurnTimer = later(this.now, CHURN_DETECTION_TIME);
  }
  endActorChurn(): void {
    this.actorChurn = false;
    this.actorChurnTimer = NEVER;
  }
  declareActorChurn(): void {
    this.actorChurn = true;
    this.actorChurnTimer = NEVER;
    this.statistics.actorChurnCount++;
  }
  monitorPartnerChurn(): void {
    this.partnerChurn = false;
    this.partnerChurnTimer = later(this.now, CHURN_DETECTION_TIME);
  }
  endPartnerChurn(): void {
    this.partnerChurn = false;
    this.partnerChurnTimer = NEVER;
  }
  declarePartnerChurn(): void {
    this.partnerChurn = true;
    this.partnerChurnTimer = NEVER;
    this.statistics.partnerChurnCount++;
  }

  nextDeadline(silent: boolean): Micros {
    let next = silent ? NEVER : this.transmission.deadline(this);
    if (this.currentWhile < next) next = this.currentWhile;
    if (this.periodic < next) next = this.periodic;
    if (this.leaveUntil < next) next = this.leaveUntil;
    if (this.ownSystemUntil < next) next = this.ownSystemUntil;
    if (this.waitWhile < next) next = this.waitWhile;
    if (this.portEnabled && this.selected !== "STANDBY") {
      if (this.actorChurnTimer < next) next = this.actorChurnTimer;
      if (this.partnerChurnTimer < next) next = this.partnerChurnTimer;
    }
    return next;
  }
}
