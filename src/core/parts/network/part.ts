import type { Desired } from "../../contract/desired/desired.js";
import type { NetworkWish } from "../../contract/desired/network.js";
import type { Part, PartContext } from "../part.js";

const NO_NETWORK: NetworkWish = { interfaces: [], bridge: undefined, routes: [] };

/** The network of this host beside the trunks: other interfaces, addresses, the bridge, routes. */
export class NetworkPart implements Part {
  readonly #context: PartContext;
  /** The Host has still to be asked for what the configuration says. */
  #isChanged = false;
  #isLeaving = false;

  constructor(context: PartContext) {
    this.#context = context;
  }

  prepare(desired: Desired): void {
    this.#context.host.network.prepare(desired.network ?? NO_NETWORK);
  }

  apply(): void {
    this.#isChanged = true;
  }

  leave(): void {
    this.#isLeaving = true;
  }

  /** After the data plane: addresses stand on the trunks' devices. */
  rest(): void {
    if (!this.#isChanged || this.#isLeaving) return;
    this.#isChanged = false;
    this.#context.host.network.apply(this.#context.device.desired?.network ?? NO_NETWORK);
  }
}
