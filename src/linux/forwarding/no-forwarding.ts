import type { Mac } from "../../core/base/address.js";
import type { InterfaceIndex } from "../../core/base/protocol.js";
import type { Forwarding, TrunkDevice } from "../../core/contract/host.js";
import type { TellRefusal } from "../refusals.js";
import type { ForwardingSubject } from "./context.js";

/** The data plane where no backend can run: each trunk is refused with the reason, so that no partner sends to a trunk that carries nothing. */
export class NoForwarding implements Forwarding {
  readonly #reason: string;
  readonly #refused: TellRefusal<ForwardingSubject>;

  constructor(reason: string, refused: TellRefusal<ForwardingSubject>) {
    this.#reason = reason;
    this.#refused = refused;
  }

  create({ trunk }: TrunkDevice): void {
    this.#refused({ trunk, member: undefined }, `nothing here can forward: ${this.#reason}`);
  }

  ownMac(_: InterfaceIndex, mac: Mac): Mac {
    return mac;
  }

  noticed(): void {}
  drain(): number {
    return 0;
  }
  attach(): void {}
  together(action: () => void): void {
    action();
  }

  compare(): void {}
  repair(): void {}
  detach(): void {}
  setDistribution(): void {}
  setCollecting(): void {}
  setCarrier(): void {}
  counters(): undefined {}
  memberCounters(): undefined {}
  destroy(): void {}
  commit(): void {}
  async settled(): Promise<void> {}
  async readCounters(): Promise<void> {}
  release(): void {}
  leave(): void {}
}
