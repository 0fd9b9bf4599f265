import type { BfdView } from "../wire/bfd-control.js";
import { DEMAND } from "../wire/bfd-control.js";
import { SESSION_STATES, type SessionState } from "../wire/bfd-names.js";
import { NO_DIAGNOSTIC } from "./state-table.js";

/** The remote end of a session by its packets: the variables of RFC 5880 6.8.1 about the peer. */
export class RemoteEnd {
  /** Configured discriminator; undefined where it is learnt. */
  #configured: number | undefined;
  state: SessionState = "Down";
  /** Discriminator of the peer; 0 while it is not known. */
  discriminator: number;
  diagnostic = NO_DIAGNOSTIC;
  minRx = 1;
  minTx = 0;
  /** Detection multiplier; 0 while the peer is not heard. */
  multiplier = 0;
  demand = false;

  constructor(discriminator: number | undefined) {
    this.#configured = discriminator;
    this.discriminator = discriminator ?? 0;
  }

  learn(packet: BfdView): void {
    this.discriminator = packet.myDiscriminator;
    this.state = SESSION_STATES[packet.state] as SessionState;
    this.diagnostic = packet.diagnostic;
    this.demand = packet.has(DEMAND);
    this.minRx = packet.requiredMinRx;
    this.minTx = packet.desiredMinTx;
    this.multiplier = packet.multiplier;
  }

  /** Forgets a silent peer, which may come back with another discriminator and other intervals (6.8.1, 6.8.18). */
  forget(): void {
    this.discriminator = this.#configured ?? 0;
    this.minRx = 1;
    this.minTx = 0;
    this.multiplier = 0;
    this.demand = false;
    // AdminDown stays, since it is the peer's last known state.
    if (this.state !== "AdminDown") this.state = "Down";
  }
}
