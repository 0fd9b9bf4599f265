import { isGroupMac } from "../../base/address.js";
import type { IncomingDatagram } from "../../base/datagram.js";
import type { IpAddress } from "../../base/ip-address.js";
import type { Micros } from "../../base/time.js";
import { HelloView, SEQUENCE_CHECK } from "../../wire/etrunk-hello.js";
import type { EtrunkVariables, Writable } from "../state.js";
import { Admission } from "./admission.js";
import type { Authenticator } from "./authenticator.js";
import { DROP_OF, type DropClass, newDrops } from "./drops.js";
import type { Freshness, Verdict } from "./freshness.js";
import { noteMismatch } from "./mismatch.js";
import type { HelloSchedule } from "./sending.js";

/** A hello that passed all checks. */
export interface BelievedHello {
  readonly hello: HelloView;
  /** It is no replay. */
  readonly isFresh: boolean;
}

/** What an E-Trunk's path adds to the checks. */
export interface PathChecks {
  /** 255 where the peer is one hop away, since each router counts it down (RFC 5082). */
  readonly leastTtl: number;
  /** Polices a hello of so many octets that would be believed; false when the rate is used up. */
  readonly passes: (octets: number, now: Micros) => boolean;
}

/** Octets of the headers of IP and UDP, which a rate counts too. */
const headersOf = ({ isIpv4 }: IpAddress): number => (isIpv4 ? 28 : 48);

/**
 * Checks received hellos: addresses, TTL, form, admission, digest, system ID, freshness and rate, in this order
 * (formats/e-trunk-hello.md 5). The work for a hello that is refused does not depend on the configuration.
 */
export class HelloReception {
  readonly #authenticator: Authenticator;
  readonly #freshness: Freshness;
  readonly #admission: Admission;
  readonly #schedule: HelloSchedule;
  readonly #view = new HelloView();
  readonly counters = { received: 0, receivedDropped: 0, wentBackwards: 0, halfwayMembers: 0 };
  readonly drops = newDrops();

  constructor(authenticator: Authenticator, freshness: Freshness, schedule: HelloSchedule) {
    this.#authenticator = authenticator;
    this.#freshness = freshness;
    this.#admission = new Admission(freshness);
    this.#schedule = schedule;
  }

  /** Why a datagram is refused, and whether that may change what is told; else the hello. */
  read(
    etrunk: Writable<EtrunkVariables>,
    datagram: IncomingDatagram,
    path: PathChecks,
    now: Micros,
  ): BelievedHello | RefusedHello {
    const hello = this.#view.wrap(datagram.bytes, datagram.start, datagram.length);
    const why = this.#reject(etrunk, hello, datagram, path, now);
    if (why !== undefined) return this.#refuse(why);
    const verdict = this.#freshness.judge(hello);
    const doubt = this.#doubtOf(etrunk, hello, verdict);
    // A recording is authentic too, and must not use up the rate of the peer.
    if (doubt === undefined && !path.passes(datagram.length + headersOf(datagram.source), now))
      return this.#refuse({ drop: "sessionCar", isNews: false });
    if (this.#freshness.hear(hello, verdict)) this.#schedule.answer();
    if (doubt !== undefined)
      return this.#refuse({ drop: "sequence", isNews: noteMismatch(etrunk, doubt, undefined, now) });
    if (verdict === "repeated") this.counters.wentBackwards++;
    this.counters.received++;
    etrunk.mismatch = undefined;
    return { hello, isFresh: verdict === "fresh" };
  }

  #refuse(refused: RefusedHello): RefusedHello {
    this.drops[refused.drop]++;
    this.counters.receivedDropped++;
    return refused;
  }

  #reject(
    etrunk: Writable<EtrunkVariables>,
    hello: HelloView,
    { bytes, start, length, source, destination, vrf, ttl }: IncomingDatagram,
    { leastTtl }: PathChecks,
    now: Micros,
  ): RefusedHello | undefined {
    const refused = (drop: DropClass): RefusedHello => ({ drop, isNews: false });
    const { addresses } = etrunk.settings;
    if (addresses?.peer.text !== source.text || addresses.source.text !== destination.text || addresses.vrf !== vrf)
      return refused("peerAddress");
    if (ttl < leastTtl) return refused("ttl");
    const fault = hello.fault();
    if (fault !== undefined) return refused(DROP_OF[fault]);
    if (!this.#admission.admits(hello, now)) return refused("flood");
    const failure = this.#authenticator.check(bytes, start, length, hello.authentication, source, destination);
    if (failure !== undefined) {
      const isNews = noteMismatch(etrunk, failure, hello.authentication?.keyId, now);
      return { drop: "authentication", isNews };
    }
    return hello.system === 0 || isGroupMac(hello.system) ? refused("systemId") : undefined;
  }

  /** With the sequence check on only fresh hellos are believed, with it off only after BFD told silence. */
  #doubtOf({ settings }: EtrunkVariables, hello: HelloView, verdict: Verdict): "sequence" | "unproven" | undefined {
    if (settings.sequenceCheck && (hello.flags & SEQUENCE_CHECK) === 0) return "sequence";
    if (verdict === "fresh") return undefined;
    return settings.sequenceCheck || this.#freshness.isProofDemanded ? "unproven" : undefined;
  }
}

/** A hello that was dropped. */
export interface RefusedHello {
  readonly drop: DropClass;
  /** What is told of the peer may change. */
  readonly isNews: boolean;
}
