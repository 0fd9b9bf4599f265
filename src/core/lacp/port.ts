import { type Mac, NO_MAC } from "../base/address.js";
import { automaticKey } from "../base/lacp.js";
import { Running } from "../base/machine.js";
import type { Outgoing } from "../base/protocol.js";
import { type Micros, NEVER } from "../base/time.js";
import type { DesiredMember } from "../contract/desired/trunk.js";
import { ACTIVITY, type LacpduView, SHORT_TIMEOUT } from "../wire/lacpdu.js";
import { actorChurnMachine, monitorActorChurn, monitorPartnerChurn, partnerChurnMachine } from "./churn-machine.js";
import { detach, independentMuxMachine, type MuxState, muxMachine } from "./mux-machine.js";
import { periodicMachine } from "./periodic-machine.js";
import type { PortInformation } from "./port-information.js";
import type { PortStatistics } from "./port-statistics.js";
import { PortVariables, type Selected } from "./port-variables.js";
import { type ReceiveState, receiveMachine } from "./receive-machine.js";
import { lacpduAllowedAt, transmitLacpdu } from "./transmission.js";

/** A port as the rest of the core sees it. */
export interface LacpPort {
  /** Configured interface name. */
  readonly name: string;
  /** Mbit/s. */
  readonly speed: number;
  readonly portEnabled: boolean;
  readonly selected: Selected;
  readonly receiveState: ReceiveState;
  readonly muxState: MuxState;
  readonly actor: Readonly<PortInformation>;
  readonly partner: Readonly<PortInformation>;
  /** The receive machine is in CURRENT: the partner is heard. */
  readonly isCurrent: boolean;
  /** The partner's values are defaults, since no partner is heard. */
  readonly isDefaulted: boolean;
  /** LACPDUs with our own system ID arrive. */
  readonly hearsOwnSystem: boolean;
  readonly ownSystem: PortVariables["ownSystem"];
  readonly collects: boolean;
  readonly distributes: boolean;
  readonly partnerAggregates: boolean;
  readonly partnerDistributes: boolean;
  readonly actorChurn: boolean;
  readonly partnerChurn: boolean;
  readonly statistics: Readonly<PortStatistics>;
}

/** One Aggregation Port: its variables and the machines of 802.1AX-2014 6.4.12 to 6.4.17. */
export class Port extends PortVariables implements LacpPort {
  readonly receive = new Running(receiveMachine, this as PortVariables);
  readonly periodicTransmission = new Running(periodicMachine, this as PortVariables);
  mux: { state: MuxState; step(): boolean } = new Running(muxMachine, this as PortVariables);
  readonly actorChurnDetection = new Running(actorChurnMachine, this as PortVariables);
  readonly partnerChurnDetection = new Running(partnerChurnMachine, this as PortVariables);

  get receiveState(): ReceiveState {
    return this.receive.state;
  }
  get muxState(): MuxState {
    return this.mux.state;
  }
  get isCurrent(): boolean {
    return this.receive.state === "CURRENT";
  }

  get hearsOwnSystem(): boolean {
    return this.ownSystem !== undefined;
  }

  /** Whether another system speaks where a partner is heard and has agreed with us: it would end what works. */
  isStranger({ actorSystem }: LacpduView, source: Mac): boolean {
    if (!this.aggregator.settings.refusesStrangers || !this.isCurrent || !this.collects) return false;
    return this.source !== NO_MAC && source !== this.source && actorSystem !== this.partner.system;
  }

  /** Takes over the configuration of the member; true when the partner must be told (6.4.9). */
  configure(member: DesiredMember): boolean {
    const { actor } = this;
    const changed = actor.portPriority !== member.priority || this.isPassive === member.active;
    actor.portPriority = member.priority;
    this.setActor(ACTIVITY, member.active);
    return changed;
  }

  /** Takes over the trunk's identity; a port whose identity changed is selected anew. */
  identify(trunk: number): void {
    const { actor } = this;
    const { systemPriority, systemId, portKey, mixedRate, fast } = this.aggregator.settings;
    const key = portKey ?? automaticKey(trunk, this.speed, mixedRate);
    if (actor.systemPriority !== systemPriority || actor.system !== systemId || actor.key !== key) {
      actor.systemPriority = systemPriority;
      actor.system = systemId;
      actor.key = key;
      this.selected = "UNSELECTED";
      this.ntt = true;
    }
    if (this.hasActor(SHORT_TIMEOUT) !== fast) {
      this.setActor(SHORT_TIMEOUT, fast);
      this.ntt = true;
    }
  }

  /** Sets coupled or independent control, and starts the mux machine again. */
  control(independent: boolean): void {
    this.mux = independent ? new Running(independentMuxMachine, this) : new Running(muxMachine, this);
    detach(this);
  }

  /** Sets whether the link is usable. */
  enable(enabled: boolean): void {
    if (enabled === this.portEnabled) return;
    this.portEnabled = enabled;
    // The churn timers of a disabled port start again all the time (6.4.17).
    monitorActorChurn(this);
    monitorPartnerChurn(this);
  }

  /**
   * Extends the timeout of the last PDU, since the configured timeout grew by `more`: the partner sends more slowly at
   * once.
   */
  allow(more: number): void {
    if (more > 0 && this.isCurrent) this.currentWhile = (this.currentWhile + more) as Micros;
  }

  /** Writes the port's LACPDU when one is due and the limit allows (6.4.16). */
  transmit(out: Outgoing, now: Micros): boolean {
    if (!this.ntt) return false;
    // In NO_PERIODIC no LACPDU is sent or kept for later.
    if (this.#isSilent) {
      this.ntt = false;
      return false;
    }
    return transmitLacpdu(this, out, now);
  }

  get #isSilent(): boolean {
    return this.periodicTransmission.state === "NO_PERIODIC";
  }

  /** The next deadline of the port. `silent`: no LACPDU may leave. */
  nextDeadline(silent: boolean): Micros {
    let next = silent || !this.ntt || this.#isSilent ? NEVER : lacpduAllowedAt(this);
    if (this.currentWhile < next) next = this.currentWhile;
    if (this.periodic < next) next = this.periodic;
    if (this.leaveUntil < next) next = this.leaveUntil;
    if (this.ownSystemUntil < next) next = this.ownSystemUntil;
    if (this.waitWhile < next) next = this.waitWhile;
    if (this.joinUntil < next) next = this.joinUntil;
    if (this.isDamped && this.dampedUntil < next) next = this.dampedUntil;
    if (this.portEnabled && this.selected !== "STANDBY") {
      if (this.actorChurnTimer < next) next = this.actorChurnTimer;
      if (this.partnerChurnTimer < next) next = this.partnerChurnTimer;
    }
    return next;
  }
}

/** What a trunk and others are told of a port, as one number that differs with each change of it. */
export const toldOf = (port: Port): number =>
  (port.collects ? 1 : 0) |
  (port.distributes ? 2 : 0) |
  (port.isDefaulted ? 4 : 0) |
  (port.partnerAggregates ? 8 : 0) |
  (port.portEnabled ? 16 : 0) |
  (port.partnerDistributes ? 32 : 0) |
  (port.isCurrent ? 64 : 0) |
  (port.selected === "SELECTED" ? 128 : port.selected === "STANDBY" ? 256 : 0) |
  (port.receiveState === "DEFAULTED" ? 512 : 0) |
  (port.hearsOwnSystem ? 1_024 : 0);
