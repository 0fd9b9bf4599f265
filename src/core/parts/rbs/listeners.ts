import { type StreamEndpoint, streamName } from "../../base/protocol.js";
import { Retries } from "../../base/retries.js";
import type { Micros } from "../../base/time.js";
import type { Streams } from "../../contract/host.js";

/** The listening sockets, and those that the machine refuses: each is asked for again. */
export class Listeners {
  readonly #streams: Streams;
  readonly #wanted = new Map<string, StreamEndpoint>();
  readonly #refused = new Retries<string>();

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  listen(endpoint: StreamEndpoint): void {
    this.#wanted.set(streamName(endpoint), endpoint);
    this.#streams.listen(endpoint);
  }

  ignore(endpoint: StreamEndpoint): void {
    this.#wanted.delete(streamName(endpoint));
    this.#refused.over(streamName(endpoint));
    this.#streams.ignore(endpoint);
  }

  answered(endpoint: StreamEndpoint, text: string | undefined, now: Micros): void {
    const name = streamName(endpoint);
    if (text === undefined || !this.#wanted.has(name)) this.#refused.over(name);
    else this.#refused.refused(name, text, now);
  }

  expire(now: Micros): void {
    for (const name of this.#refused.due(now)) {
      const endpoint = this.#wanted.get(name);
      if (endpoint !== undefined) this.#streams.listen(endpoint);
    }
  }

  nextDeadline(): Micros {
    return this.#refused.nextDeadline();
  }

  /** Address and port of each that is refused, and why. */
  *refused(): Generator<readonly [endpoint: string, text: string]> {
    for (const [name, text] of this.#refused.standing()) {
      const endpoint = this.#wanted.get(name);
      if (endpoint !== undefined) yield [`${endpoint.source.text} port ${endpoint.port}`, text];
    }
  }
}
