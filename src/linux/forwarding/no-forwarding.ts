import type { InterfaceIndex } from "../../core/base/protocol.js";
import type { Forwarding } from "../../core/contract/host.js";
import type { ForwardingProblem } from "./forwarding.js";

/** The data plane where no backend can run: each member is refused with the reason, so that no partner sends to a trunk that carries nothing. */
export class NoForwarding implements Forwarding {
  readonly #reason: string;
  readonly #failed: (problem: ForwardingProblem) => void;

  constructor(reason: string, failed: (problem: ForwardingProblem) => void) {
    this.#reason = reason;
    this.#failed = failed;
  }

  attach(trunk: number, member: InterfaceIndex): void {
    this.#failed({ trunk, member, text: `nothing here can forward: ${this.#reason}` });
  }

  create(): void {}
  detach(): void {}
  setDistribution(): void {}
  setCollecting(): void {}
  setCarrier(): void {}
  counters(): undefined {}
  memberCounters(): undefined {}
  destroy(): void {}
  commit(): void {}
  release(): void {}
  leave(): void {}
}
