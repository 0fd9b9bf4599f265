import type { Socket } from "node:net";
import type { StreamEndpoint } from "../../core/base/protocol.js";
import { reasonOf } from "./reasons.js";

/** What a connection tells. */
export interface ConnectionNews {
  received(connection: Connection, octets: Uint8Array): void;
  writable(connection: Connection): void;
  closed(connection: Connection, text: string): void;
}

/** Octets that may wait to be delivered; beyond, the peer waits. */
const MOST_WAITING = 1024 * 1024;
/** Milliseconds that what was sent has to leave after a close. */
const FAREWELL = 1_000;

/** A TCP connection that stands. */
export class Connection {
  readonly id: number;
  readonly endpoint: StreamEndpoint;
  readonly #socket: Socket;
  #waiting = 0;
  #isTold = false;

  constructor(id: number, socket: Socket, endpoint: StreamEndpoint, news: ConnectionNews) {
    this.id = id;
    this.endpoint = endpoint;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on("data", (octets: Buffer) => {
      this.#waiting += octets.length;
      if (this.#waiting > MOST_WAITING) socket.pause();
      news.received(this, octets);
    });
    socket.on("drain", () => news.writable(this));
    const closed = (text: string): void => {
      if (!this.#isTold) news.closed(this, text);
      this.#isTold = true;
    };
    socket.on("error", (error: NodeJS.ErrnoException) => closed(reasonOf(error, endpoint)));
    socket.on("end", () => closed("the peer closed the connection"));
    socket.on("close", () => closed("the connection is gone"));
  }

  /** Octets that waited have been delivered. */
  delivered(octets: number): void {
    this.#waiting -= octets;
    if (this.#waiting <= MOST_WAITING && this.#socket.isPaused()) this.#socket.resume();
  }

  /** False: enough waits. */
  send(octets: DataView): boolean {
    if (this.#socket.destroyed || !this.#socket.writable) return true;
    return this.#socket.write(Buffer.from(new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength)));
  }

  close(): void {
    this.#isTold = true;
    this.#socket.end();
    setTimeout(() => this.#socket.destroy(), FAREWELL).unref();
    // What still comes is not wanted, and must not keep the socket open.
    this.#socket.resume();
  }
}
