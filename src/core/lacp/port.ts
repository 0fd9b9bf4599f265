import { Running } from "../base/machine.js";
import type { Outgoing } from "../base/protocol.js";
import { type Micros, NEVER } from "../base/time.js";
import type { DesiredMember } from "../contract/desired/trunk.js";
import { ACTIVITY } from "../wire/lacpdu.js";
import { actorChurnMachine, monitorActorChurn, monitorPartnerChurn, partnerChurnMachine } from "./churn-machine.js";
import { detach, independentMuxMachine, type MuxState, muxMachine } from "./mux-machine.js";
import { periodicMachine } from "./periodic-machine.js";
import type { PortInformation } from "./port-information.js";
import type { PortStatistics } from "./port-statistics.js";
import { PortVariables, type Selected } from "./port-variables.js";
import { type ReceiveState, receiveMachine } from "./receive-machine.js";
import { Transmission } from "./transmission.js";

/** A port as the rest of the system may know it. */
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
  /** The partner is heard: the receive machine is in CURRENT. */
  readonly isCurrent: boolean;
  /** The partner is assumed, not heard. */
  readonly isDefaulted: boolean;
  /** The last PDU bore our own system ID. */
  readonly hearsOwnSystem: boolean;
  readonly collects: boolean;
  readonly distributes: boolean;
  readonly partnerAggregates: boolean;
  readonly partnerDistributes: boolean;
  readonly actorChurn: boolean;
  readonly partnerChurn: boolean;
  readonly statistics: Readonly<PortStatistics>;
}

/** One Aggregation Port: its variables, and the machines of 802.1AX-2014 6.4.12 to 6.4.17 that work on them. */
export class Port extends PortVariables implements LacpPort {
  readonly receive = new Running(receiveMachine, this as PortVariables);
  readonly periodicTransmission = new Running(periodicMachine, this as PortVariables);
  mux: { state: MuxState; step(): boolean } = new Running(muxMachine, this as PortVariables);
  readonly actorChurnDetection = new Running(actorChurnMachine, this as PortVariables);
  readonly partnerChurnDetection = new Running(partnerChurnMachine, this as PortVariables);
  readonly #transmission = new Transmission();

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
    return this.ownSystemUntil !== NEVER;
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
    this.mux = independent ? new Running(independentMuxMachine, this) : new Running(muxMachine, this);
    detach(this);
  }

  /** The link came or went. */
  enable(enabled: boolean): void {
    if (enabled === this.portEnabled) return;
    this.portEnabled = enabled;
    // While a port is disabled its churn monitors begin all the time (6.4.17).
    monitorActorChurn(this);
    monitorPartnerChurn(this);
  }

  /** The timeout grew by so much: the partner, told to slow down, does so at once, so the last PDU counts longer too. */
  allow(more: number): void {
    if (more > 0 && this.isCurrent) this.currentWhile = (this.currentWhile + more) as Micros;
  }

  /** Writes the port's LACPDU when one is due and the limit allows (6.4.16). */
  transmit(out: Outgoing, now: Micros): boolean {
    if (!this.ntt) return false;
    // In NO_PERIODIC nothing is sent and nothing is kept for later.
    if (this.#isSilent) {
      this.ntt = false;
      return false;
    }
    return this.#transmission.transmit(this, out, now);
  }

  get #isSilent(): boolean {
    return this.periodicTransmission.state === "NO_PERIODIC";
  }

  /** `silent`: no LACPDU may leave, whatever is due. */
  nextDeadline(silent: boolean): Micros {
    let next = silent || !this.ntt || this.#isSilent ? NEVER : this.#transmission.allowedAt(this);
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
