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
import { nobody, type PortInformation } from "./port-information.js";
import { newStatistics } from "./port-statistics.js";

export type Selected = "SELECTED" | "STANDBY" | "UNSELECTED";

/** No interface of that name exists at the moment. */
export const NO_INTERFACE: InterfaceIndex = -1;

/** What all ports of a trunk read of their Aggregator. */
export interface AggregatorVariables {
  /** The moment of the input under way. */
  readonly now: Micros;
  readonly settings: DesiredLacp;
}

/**
 * The variables of one Aggregation Port, those of 802.1AX-2014 6.4.8 under their own names, and the questions that the
 * diagrams ask of them. The machines write them in their actions; Selection Logic and the Aggregator write the rest.
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
  /** Half-duplex links would make it false; there are none left. */
  readonly lacpEnabled: boolean = true;
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

  // Ours.

  /** The port left the trunk: its partner is told, then it is gone. */
  leaving = false;
  leaveUntil: Micros = NEVER;
  /** Until when the alarm of a partner that bears our own system ID stands. */
  ownSystemUntil: Micros = NEVER;
  /** Since when the port could carry traffic: the preemption delay counts from here. */
  candidateSince: Micros = NEVER;
  /** When the port last came into sync. */
  attachedAt = -NEVER as Micros;
  /** The port was held in reserve with the partner it has: it need not wait again. */
  hasWaited = false;
  /** The PDU that set lacpduReceived. */
  readonly pdu: LacpduView;
  readonly statistics = newStatistics();

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
}
