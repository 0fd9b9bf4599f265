import type { HelloEcho, HelloView } from "../../wire/etrunk-hello.js";
import { HeardEpochs } from "./heard-epochs.js";
import type { HelloNumbers } from "./numbers.js";

/**
 * What is known of an authentic hello. `fresh`: it was sent after the moment in question. `unproven`: it may have been sent before,
 * an echo of ours lets its sender prove itself. `repeated`: a hello as new was believed before.
 */
export type Verdict = "fresh" | "unproven" | "repeated";

/**
 * Freshness by echo (formats/e-trunk-hello.md 6): a hello that names a number of ours was sent after we sent that number, whatever
 * its own epoch is.
 */
export class Freshness {
  readonly #numbers: HelloNumbers;
  readonly #heard = new HeardEpochs();
  /** Our number that a fresh hello must exceed. */
  #mark: HelloEcho;
  /** The last fresh hello, and our number that it named. */
  #last: (HelloEcho & { readonly named: number }) | undefined;
  /** Only a fresh hello is believed, also where the sequence check is off. */
  isProofDemanded = false;

  constructor(numbers: HelloNumbers) {
    this.#numbers = numbers;
    this.#mark = { epoch: numbers.epoch, sequence: numbers.sequence };
  }

  /** Epoch and sequence number of the last fresh hello. */
  get last(): HelloEcho | undefined {
    return this.#last;
  }
  /** Epoch of the last fresh hello; 0 before the first. */
  get peerEpoch(): number {
    return this.#last?.epoch ?? 0;
  }

  /** From now on a hello is fresh only when it names a number of ours that leaves later. `isDemanded`: nothing else is believed. */
  askProof(isDemanded = false): void {
    this.#mark = { epoch: this.#numbers.epoch, sequence: this.#numbers.sequence };
    this.isProofDemanded = isDemanded;
  }

  /** The peer is another one. */
  forget(): void {
    this.askProof();
    this.#last = undefined;
    this.#heard.clear();
  }

  judge(hello: HelloView): Verdict {
    const last = this.#last;
    if (last !== undefined && hello.epoch === last.epoch && hello.sequence <= last.sequence) return "repeated";
    if (hello.echoes === undefined) return this.#judgeEpochs(hello);
    const named = this.#namedBy(hello);
    const marked = this.#mark.epoch === this.#numbers.epoch ? this.#mark.sequence : 0;
    // A peer that begins anew must name what its last run cannot have named.
    const least = last === undefined || hello.epoch === last.epoch ? marked : Math.max(marked, last.named);
    return named > least ? "fresh" : "unproven";
  }

  /** Of a peer that does not echo only epochs can be compared. */
  #judgeEpochs(hello: HelloView): Verdict {
    if (hello.epoch < this.peerEpoch) return "repeated";
    return hello.peerEpoch === this.#numbers.epoch ? "fresh" : "unproven";
  }

  /** The greatest sequence number of ours that a hello names; 0 for none. A number that we did not send yet is none. */
  #namedBy({ echoes }: HelloView): number {
    const { epoch, sequence } = this.#numbers;
    let named = 0;
    for (const echo of echoes ?? [])
      if (echo.epoch === epoch && echo.sequence <= sequence) named = Math.max(named, echo.sequence);
    return named;
  }

  /** Takes note of an authentic hello, whose number will be echoed; true when its sender needs the echo to prove itself. */
  hear(hello: HelloView, verdict: Verdict): boolean {
    if (verdict === "repeated") return false;
    const { epoch, sequence } = hello;
    this.#heard.note({ epoch, sequence });
    if (verdict === "unproven") return this.#heard.owes(epoch);
    this.#last = { epoch, sequence, named: this.#namedBy(hello) };
    this.isProofDemanded = false;
    return false;
  }

  /** The echoes of the next hello, and the epoch that it answers; undefined when it answers none. */
  takeEchoes(): { readonly echoes: HelloEcho[]; readonly answered: number | undefined } {
    const echoes = this.#heard.take(this.peerEpoch);
    return { echoes, answered: echoes.find(({ epoch }) => epoch !== this.peerEpoch)?.epoch };
  }
}
