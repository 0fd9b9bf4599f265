import { type Mac, NO_MAC } from "../base/address.js";
import type { InterfaceIndex } from "../base/protocol.js";
import { type Micros, NEVER } from "../base/time.js";
import type { DesiredLacp } from "../contract/desired/trunk.js";
import {
  ACTIVITY,
  AGGREGATION,
  COLLECTING,
  DEFAULTED,
  DISTRIBUTING,
  type LacpduView,
  SHORT_TIMEOUT,
  SYNCHRONIZATION,
} from "../wire/lacpdu.js";
import type { OwnSystem } from "./lacp-event.js";
import { nobody, type PortInformation } from "./port-information.js";
import { newStatistics } from "./port-statistics.js";
import { Rates } from "./rates.js";
import { SLOW_PERIODIC_TIME } from "./timers.js";

export type Selected = "SELECTED" | "STANDBY" | "UNSELECTED";

/** The index of a port whose interface does not exist at the moment. */
export const NO_INTERFACE: InterfaceIndex = -1;

/** The variables of an Aggregator that its ports read. */
export interface AggregatorVariables {
  /** Time of the input under way. */
  readonly now: Micros;
  readonly settings: DesiredLacp;
  /** Enough ports are in sync at both ends for the trunk to carry. */
  readonly hasEnough: boolean;
  /** Another port than this carries, with a partner that collects. */
  carriesBeside(port: PortVariables): boolean;
}

/**
 * The variables of one Aggregation Port (802.1AX-2014 6.4.8, under the standard's names), and the conditions that the
 * diagrams test. The actions of the machines write them, and the Selection Logic and the Aggregator write the rest.
 */
export class PortVariables {
  readonly aggregator: AggregatorVariables;
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
  /** False on half-duplex links, which are left out. */
  readonly lacpEnabled: boolean = true;
  lacpduReceived = false;
  selected: Selected = "UNSELECTED";
  /** Ready_N: this port has waited long enough to attach. */
  readyN = false;
  /** Ready: every selected port that waits has waited long enough to attach. */
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

  // Variables that the standard does not have.

  /** The data plane takes and sends the frames of the port's interface. */
  served = false;
  /** Source address of the last LACPDU that was accepted; NO_MAC when a process before heard it. */
  source: Mac = NO_MAC;
  /** Time of the last LACPDU that was accepted. */
  heardAt: Micros = -NEVER as Micros;
  /** Time between the last two of them. */
  heardGap: Micros = NEVER;
  /** Time since which the partner on this port has been the same one. */
  partnerSince: Micros = -NEVER as Micros;
  /** The port is removed, and its partner must still be told. */
  leaving = false;
  leaveUntil: Micros = NEVER;
  /** How our own system ID comes into LACPDUs that arrive, and the source of the first; undefined: none arrives. */
  ownSystem: { readonly form: OwnSystem; readonly source: Mac } | undefined;
  /** When no such LACPDU arrived for the timeout of received PDUs. */
  ownSystemUntil: Micros = NEVER;
  /** Time since which the port could carry traffic; the preemption delay begins here. */
  candidateSince: Micros = NEVER;
  /** Time at which the port last came into sync. */
  attachedAt = -NEVER as Micros;
  /** Time until which the port waits for its partner to collect. */
  joinUntil: Micros = NEVER;
  /** The port went into reserve with its partner, so it need not wait before it attaches again. */
  hasWaited = false;
  /** How often the partner fell out of sync on a port that collected, the last time, and how long the port waits for it. */
  flaps = 0;
  flappedAt = -NEVER as Micros;
  dampedUntil = -NEVER as Micros;
  /** The PDU that set lacpduReceived. */
  readonly pdu: LacpduView;
  readonly statistics = newStatistics();
  rates = new Rates();

  constructor(aggregator: AggregatorVariables, name: string, number: number, pdu: LacpduView) {
    this.aggregator = aggregator;
    this.name = name;
    this.actor.port = number;
    this.actor.state = AGGREGATION;
    this.pdu = pdu;
  }

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
  // A port in reserve is out of sync on purpose, so it counts no churn.
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
  /** The last two LACPDUs were a slow period apart, though fast ones are asked for: each expires before the next one comes. */
  get isAnsweredSlowly(): boolean {
    const { timeout } = this.aggregator.settings;
    return (
      this.hasActor(SHORT_TIMEOUT) && this.heardGap > timeout && Math.abs(this.heardGap - SLOW_PERIODIC_TIME) < timeout
    );
  }
  /** State flapping suppression holds the port back. */
  get isDamped(): boolean {
    return this.now < this.dampedUntil;
  }
  /** The port does not collect although both ends are in sync. */
  get isHeldBack(): boolean {
    return this.isDamped || !this.aggregator.hasEnough;
  }
  /** The partner does not collect yet, so what is sent here is lost, and other ports carry meanwhile. */
  get joins(): boolean {
    return !this.partnerCollects && this.aggregator.carriesBeside(this);
  }
  get joinExpired(): boolean {
    return this.now >= this.joinUntil;
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
}
