import type { Micros } from "../../src/core/base/time.js";
import type { NetworkWish } from "../../src/core/contract/desired/network.js";
import type { Network } from "../../src/core/contract/host.js";
import { Refusals } from "../../src/linux/refusals.js";

/** The network of a simulated host, of which only the addresses are there: each is added unless the test refuses it. */
export class ModelNetwork implements Network {
  /** As `eth1: address 10.0.0.1/24`. */
  addresses: ReadonlySet<string> = new Set();
  /** Why what is refused is refused, by address. */
  readonly refuses = new Map<string, string>();
  /** When the network was asked for, in world time. */
  readonly asked: Micros[] = [];
  readonly #now: () => Micros;
  readonly #refusals: Refusals<string>;
  readonly #changed: (subjects: readonly string[]) => void;
  /** What stood after the last request. */
  #stood: ReadonlySet<string> = new Set();

  constructor(
    now: () => Micros,
    refused: (subject: string, text: string | undefined) => void,
    changed: (subjects: readonly string[]) => void,
  ) {
    this.#now = now;
    this.#changed = changed;
    this.#refusals = new Refusals(refused, (subject) => subject);
  }

  prepare(): void {}

  apply({ interfaces }: NetworkWish): void {
    this.asked.push(this.#now());
    const wanted = interfaces.flatMap(({ device, addresses }) =>
      addresses.map(({ address, length }) => `${device}: address ${address.text}/${length}`),
    );
    const gone = wanted.filter((each) => this.#stood.has(each) && !this.addresses.has(each));
    this.addresses = new Set(wanted.filter((each) => !this.refuses.has(each)));
    this.#stood = this.addresses;
    if (gone.length > 0) this.#changed(gone);
    this.#refusals.answeredAll(
      wanted.flatMap((each) => {
        const text = this.refuses.get(each);
        return text === undefined ? [] : [[each, text] as const];
      }),
    );
  }
}
