import { NO_VLAN } from "../../../src/core/base/protocol.js";
import { later, type Micros, seconds } from "../../../src/core/base/time.js";
import type { DesiredFlushKey } from "../../../src/core/contract/desired/flush.js";
import { type FlushEvent, type FlushPort, FlushReceiver } from "../../../src/core/smartlink/flush-receiver.js";
import { digests } from "../../../src/linux/digests.js";
import { macOf } from "../../support/desired.js";
import { type FlushParts, flushFrame } from "../../support/flush-frames.js";

const LENGTH_AT = 12;
export const BRIDGE = 50;

export const keyOf = (mode: DesiredFlushKey["mode"], password = ""): DesiredFlushKey => ({
  mode,
  octets: new TextEncoder().encode(password),
});

/** `eth1` has index 1, and so on. */
export const portOf = (name: string, parts: Partial<FlushPort> = {}): FlushPort => {
  const index = Number(/\d+$/.exec(name)?.[0]);
  return {
    name,
    heardOn: new Map([[index, name]]),
    device: index,
    bridge: BRIDGE,
    controlVlans: [5],
    pvid: undefined,
    key: keyOf("none"),
    ...parts,
  };
};

/** A receiver of one device and its clock. */
export class Bench {
  receiver = new FlushReceiver(digests);
  now: Micros = seconds(1_000);

  constructor(...ports: FlushPort[]) {
    this.#configure(ports);
  }

  /** The next process, which goes on with what this one saved. */
  next(...ports: FlushPort[]): Bench {
    const bench = new Bench();
    bench.now = this.now;
    bench.receiver = new FlushReceiver(digests, this.receiver.savedSenders());
    bench.#configure(ports);
    return bench;
  }

  #configure(ports: FlushPort[]): void {
    this.receiver.device = macOf("02:00:00:00:0b:00");
    this.receiver.configure(ports);
  }

  /** One frame of one batch; `tag` is what the kernel took off. */
  hear(index: number, parts: Partial<FlushParts> = {}, tag: number | null = parts.controlVlan ?? 5): void {
    this.hearOctets(index, flushFrame({ ...parts, tag: null }), tag);
  }

  hearOctets(index: number, frame: Uint8Array, tag: number | null = 5): void {
    const ring = new Uint8Array(frame.length + 40);
    ring.set(frame, 17);
    const source = macOf("02:00:00:00:0a:01");
    this.receiver.receive(
      {
        bytes: new DataView(ring.buffer),
        start: 17 + LENGTH_AT,
        length: frame.length - LENGTH_AT,
        from: index,
        vlan: tag ?? NO_VLAN,
        source,
      },
      this.now,
    );
    // The ring is used again at once.
    ring.fill(0xee);
  }

  /** What the batch led to. */
  events(): FlushEvent[] {
    this.receiver.settle(this.now);
    const events: FlushEvent[] = [];
    for (let event = this.receiver.nextEvent(); event !== undefined; event = this.receiver.nextEvent())
      events.push(event);
    if (this.receiver.nextDeadline() <= this.now) throw new Error("the receiver does not rest");
    return events;
  }

  flushes() {
    return this.events().flatMap((event) =>
      event.kind === "flush" ? [{ ports: event.ports, vlans: event.vlans }] : [],
    );
  }

  pass(duration: Micros): FlushEvent[] {
    const end = later(this.now, duration);
    const events = this.events();
    for (let next = this.receiver.nextDeadline(); next <= end; next = this.receiver.nextDeadline()) {
      this.now = next;
      this.receiver.expire(next);
      events.push(...this.events());
    }
    this.now = end;
    return events;
  }

  counters(name: string) {
    return new Map(this.receiver.counters()).get(name);
  }
}
