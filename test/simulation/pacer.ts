import { createHash } from "node:crypto";
import type { IncomingDatagram } from "../../src/core/base/datagram.js";
import { Random } from "../../src/core/base/random.js";
import { later, type Micros, micros, millis, NEVER, seconds } from "../../src/core/base/time.js";
import type { Pacer } from "../../src/core/contract/host.js";
import type { PacedCounts, PacedNumbers, PacerReport, SteadySession } from "../../src/core/contract/pacing.js";

/** Octets of a packet, and of one that is signed with Meticulous Keyed SHA1 (RFC 5880 4.1, 4.4). */
const PACKET = 24;
const SIGNED = 52;
const DIGEST_AT = 32;
/** A turn so late means that the thread did not run. */
const STALL = millis(5);

type Datagram = Omit<IncomingDatagram, "from">;

interface Paced {
  steady: SteadySession;
  numbers: { sent: number; taken: number };
  counts: { received: number; sent: number; longestSilence: number };
  sendAt: Micros;
  heardAt: Micros;
  heard: string;
  forgiven: boolean;
  expired: boolean;
}

const octetsOf = ({ bytes, start, length }: Datagram) => Buffer.from(bytes.buffer, bytes.byteOffset + start, length);

/** The 20 octets that prove the key. */
function digestOf(packet: Buffer, key: Uint8Array): Buffer {
  const keyed = Buffer.from(packet);
  keyed.set(key, DIGEST_AT);
  return createHash("sha1").update(keyed).digest();
}

/** The pacer of one process (`native/bfd/pacer.c`) under virtual time: it sends, judges silence and reports as the thread does. */
export class ModelPacer implements Pacer {
  readonly works = true;
  readonly #now: () => Micros;
  readonly #send: (datagram: Datagram) => void;
  readonly #sessions = new Map<number, Paced>();
  readonly #random = new Random(5);
  /** When the thread meant to wake. */
  #planned: Micros = NEVER;

  constructor(now: () => Micros, send: (datagram: Datagram) => void) {
    this.#now = now;
    this.#send = send;
  }

  pace(steady: SteadySession, numbers: PacedNumbers): void {
    const before = this.#sessions.get(steady.session);
    const goesOn = before !== undefined && !before.expired;
    const keeps = goesOn && String(before.steady.key?.octets) === String(steady.key?.octets);
    const paced: Paced = {
      steady,
      numbers: keeps ? before.numbers : { ...numbers },
      counts: before?.counts ?? { received: 0, sent: 0, longestSilence: 0 },
      sendAt: this.#now(),
      heardAt: goesOn ? before.heardAt : this.#now(),
      heard: goesOn ? before.heard : "",
      forgiven: false,
      expired: false,
    };
    this.#sessions.set(steady.session, paced);
  }

  release(session: number): PacedCounts | undefined {
    const counts = this.counts(session);
    this.#sessions.delete(session);
    return counts;
  }

  counts(session: number): PacedCounts | undefined {
    const paced = this.#sessions.get(session);
    return paced && { ...paced.counts, numbers: { ...paced.numbers } };
  }

  nextNumber(session: number): number | undefined {
    const paced = this.#sessions.get(session);
    return paced && ++paced.numbers.sent;
  }

  /** The process is gone, and the thread with it. */
  ends(): void {
    this.#sessions.clear();
  }

  nextDeadline(): Micros {
    let next: Micros = NEVER;
    for (const { steady, expired, sendAt, heardAt } of this.#sessions.values())
      if (!expired) next = micros(Math.min(next, later(heardAt, steady.detection), sendAt));
    this.#planned = next;
    return next;
  }

  /** Whether the packet ends here: a peer that is Up and says nothing new. */
  takes(datagram: IncomingDatagram): boolean {
    const packet = octetsOf(datagram);
    if (packet.length < PACKET) return false;
    const paced = this.#sessions.get(packet.readUInt32BE(8));
    if (paced === undefined || !fits(paced, packet, datagram) || !isAuthentic(paced, packet)) return false;
    const { counts } = paced;
    counts.longestSilence = Math.max(counts.longestSilence, this.#now() - paced.heardAt);
    paced.heardAt = this.#now();
    paced.forgiven = false;
    const said = packet.toString("latin1", 0, PACKET);
    const isNew = said !== paced.heard || ((packet[1] as number) & 0x30) !== 0;
    paced.heard = said;
    if (!isNew) counts.received++;
    return !isNew;
  }

  /** Sends what is due; returns the sessions whose peer is silent. */
  turn(): PacerReport[] {
    const now = this.#now();
    const stalled = this.#planned !== NEVER && now >= this.#planned + STALL;
    const reports: PacerReport[] = [];
    for (const paced of this.#sessions.values()) {
      const { steady } = paced;
      if (paced.expired) continue;
      if (stalled) forgive(paced, now);
      if (now >= paced.heardAt + steady.detection) {
        paced.expired = true;
        if (steady.interval !== NEVER) this.#sayDown(paced);
        reports.push({ session: steady.session, handover: steady.handover });
      } else if (now >= paced.sendAt) this.#say(paced, steady.packet);
    }
    return reports;
  }

  /** RFC 5880 6.8.1, 6.8.3, 6.8.4: Down with diagnostic 1, no remote discriminator, slow. */
  #sayDown(paced: Paced): void {
    const packet = Buffer.from(paced.steady.packet);
    packet[0] = 0x21;
    packet[1] = 0x40 | ((packet[1] as number) & 0x0d);
    packet.writeUInt32BE(0, 8);
    packet.writeUInt32BE(Math.max(seconds(1), packet.readUInt32BE(12)), 12);
    this.#say(paced, packet);
  }

  #say(paced: Paced, content: Uint8Array): void {
    const { steady, numbers, counts } = paced;
    const [least, most] = steady.jitter;
    const part = least + this.#random.below(most - least + 1);
    paced.sendAt = steady.interval === NEVER ? NEVER : later(this.#now(), micros((steady.interval * part) / 1000));
    if (steady.interval === NEVER) return;
    counts.sent++;
    const packet = Buffer.alloc(steady.key === undefined ? PACKET : SIGNED);
    packet.set(content);
    if (steady.key !== undefined) {
      numbers.sent = (numbers.sent + 1) >>> 0;
      packet.set([5, SIGNED - PACKET, steady.key.id, 0], PACKET);
      packet.writeUInt32BE(numbers.sent, PACKET + 4);
      packet.set(digestOf(packet, steady.key.octets), DIGEST_AT);
    }
    const { source, destination, sourcePort, destinationPort, ttl, vrf } = steady;
    const bytes = new DataView(new Uint8Array(packet).buffer);
    this.#send({ bytes, start: 0, length: packet.length, source, destination, sourcePort, destinationPort, ttl, vrf });
  }
}

/** Whether the peer of an Up session says, over the path of the session, that it is Up. */
function fits({ steady, expired }: Paced, packet: Buffer, { source, ttl }: IncomingDatagram): boolean {
  const flags = packet[1] as number;
  return (
    !expired &&
    packet.readUInt32BE(4) === steady.remoteDiscriminator &&
    (flags & 0xc1) === 0xc0 &&
    packet[2] !== 0 &&
    ttl >= steady.leastTtl &&
    source.text === steady.destination.text
  );
}

function isAuthentic({ steady, numbers }: Paced, packet: Buffer): boolean {
  const { key } = steady;
  if (((packet[1] as number) & 0x04) !== (key === undefined ? 0 : 0x04)) return false;
  if (key === undefined) return packet.length === PACKET;
  if (packet.length !== SIGNED || packet[PACKET] !== 5 || packet[PACKET + 2] !== key.id) return false;
  const sequence = packet.readUInt32BE(PACKET + 4);
  const ahead = (sequence - numbers.taken) >>> 0;
  if (ahead === 0 || ahead > steady.sequenceWindow) return false;
  if (!digestOf(packet, key.octets).equals(packet.subarray(DIGEST_AT))) return false;
  numbers.taken = sequence;
  return true;
}

/** After a stall of the thread a peer gets one more interval, once in a silence. */
function forgive(paced: Paced, now: Micros): void {
  const until = now + paced.steady.receiveInterval;
  if (paced.forgiven || paced.heardAt + paced.steady.detection >= until) return;
  paced.forgiven = true;
  paced.heardAt = micros(until - paced.steady.detection);
}
