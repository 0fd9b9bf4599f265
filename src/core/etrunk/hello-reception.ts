import { isGroupMac } from "../base/address.js";
import type { IncomingDatagram } from "../base/datagram.js";
import type { Micros } from "../base/time.js";
import { HelloView, SEQUENCE_CHECK } from "../wire/etrunk-hello.js";
import type { Authenticator } from "./authenticator.js";
import { DROP_OF, type DropClass, newDrops } from "./drops.js";
import type { HelloSchedule } from "./hello-sending.js";
import type { Freshness } from "./peer.js";
import type { EtrunkVariables, Writable } from "./state.js";

/** Checks received hellos: addresses, form, digest, system ID and freshness, in this order. */
export class HelloReception {
  readonly #authenticator: Authenticator;
  readonly #freshness: Freshness;
  readonly #schedule: HelloSchedule;
  readonly #view = new HelloView();
  readonly counters = { received: 0, receivedDropped: 0, wentBackwards: 0, halfwayMembers: 0 };
  readonly drops = newDrops();

  constructor(authenticator: Authenticator, freshness: Freshness, schedule: HelloSchedule) {
    this.#authenticator = authenticator;
    this.#freshness = freshness;
    this.#schedule = schedule;
  }

  /** Counts a refused hello. */
  drop(why: DropClass): void {
    this.drops[why]++;
    this.counters.receivedDropped++;
  }

  /**
   * Reads the hello of a datagram; undefined when it is refused. A refused hello is counted, and may set the mismatch.
   */
  read(etrunk: Writable<EtrunkVariables>, datagram: IncomingDatagram, now: Micros): HelloView | undefined {
    const { addresses } = etrunk.settings;
    const { source, destination, bytes, start, length } = datagram;
    const isPeers = addresses?.peer.text === source.text && addresses.source.text === destination.text;
    const hello = this.#view.wrap(bytes, start, length);
    const why = isPeers ? this.#reject(etrunk, hello, datagram, now) : "peerAddress";
    if (why !== undefined) {
      this.drop(why);
      return undefined;
    }
    if (!this.#freshness.isNewer(hello)) this.counters.wentBackwards++;
    this.counters.received++;
    etrunk.mismatch = undefined;
    return hello;
  }

  #reject(
    etrunk: Writable<EtrunkVariables>,
    hello: HelloView,
    { bytes, start, length, source, destination }: IncomingDatagram,
    now: Micros,
  ): DropClass | undefined {
    const fault = hello.fault();
    if (fault !== undefined) return DROP_OF[fault];
    const failure = this.#authenticator.check(bytes, start, length, hello.authentication, source, destination);
    if (failure !== undefined) {
      etrunk.mismatch = { failure, at: now, keyId: hello.authentication?.keyId };
      return "authentication";
    }
    if (hello.system === 0 || isGroupMac(hello.system)) return "systemId";
    return this.#isFresh(etrunk, hello, now) ? undefined : "sequence";
  }

  /** Freshness: with the sequence check on, replays are refused, and hellos of a run that does not know ours. */
  #isFresh(etrunk: Writable<EtrunkVariables>, hello: HelloView, now: Micros): boolean {
    const isNewer = this.#freshness.isNewer(hello);
    const answersUs = this.#freshness.answersUs(hello);
    if (isNewer && !answersUs) this.#schedule.answer(hello.epoch, now);
    if (!etrunk.settings.sequenceCheck) return true;
    if ((hello.flags & SEQUENCE_CHECK) !== 0) return isNewer && answersUs;
    etrunk.mismatch = { failure: "sequence", at: now };
    return false;
  }
}
