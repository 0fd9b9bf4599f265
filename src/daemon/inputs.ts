import type { IncomingDatagram } from "../core/base/datagram.js";
import type { Incoming, IncomingStream } from "../core/base/protocol.js";
import type { Micros } from "../core/base/time.js";
import type { Driven, Input } from "../core/contract/input.js";
import type { Engine } from "../core/engine/engine.js";
import type { Recorder } from "./recording/recorder.js";

/** The one door to the engine for whatever may change it: each input is recorded before the engine sees it. */
export class Inputs implements Driven {
  readonly #engine: Engine;
  readonly #recorder: Recorder | undefined;
  readonly #now: () => Micros;
  /** Something came in since the last settle. */
  #unsettled = false;

  constructor(engine: Engine, recorder: Recorder | undefined, now: () => Micros) {
    this.#engine = engine;
    this.#now = now;
    this.#recorder = recorder;
  }

  take(input: Input, now: Micros): unknown {
    this.#recorder?.call(input, now);
    this.#unsettled = true;
    return this.#engine.take(input, now);
  }

  frameReceived(frame: Incoming, now: Micros): void {
    this.#recorder?.call({ kind: "frame", frame }, now);
    this.#unsettled = true;
    this.#engine.frameReceived(frame, now);
  }

  datagramReceived(datagram: IncomingDatagram, now: Micros): void {
    this.#recorder?.call({ kind: "datagram", datagram }, now);
    this.#unsettled = true;
    this.#engine.datagramReceived(datagram, now);
  }

  streamReceived(stream: IncomingStream, now: Micros): void {
    this.#recorder?.call({ kind: "stream", stream }, now);
    this.#unsettled = true;
    this.#engine.streamReceived(stream, now);
  }

  expire(now: Micros): void {
    this.#recorder?.call({ kind: "expire" }, now);
    this.#unsettled = true;
    this.#engine.expire(now);
  }

  /** True when anything came in since the last call; the engine is at rest afterwards. */
  settle(now: Micros): boolean {
    if (!this.#unsettled) return false;
    this.#unsettled = false;
    this.#recorder?.call({ kind: "settle" }, now);
    this.#engine.settle(now);
    if (this.#engine.hasSent) this.left(this.#now());
    return true;
  }

  left(now: Micros): void {
    this.#recorder?.call({ kind: "left" }, now);
    this.#engine.left(now);
  }
}
