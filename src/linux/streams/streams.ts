import { createConnection, type Socket } from "node:net";
import type { IncomingStream } from "../../core/base/protocol.js";
import { type StreamEndpoint, streamName } from "../../core/base/protocol.js";
import type { Strangers, Streams } from "../../core/contract/host.js";
import { Refusals, type TellRefusal } from "../refusals.js";
import { Connection, type ConnectionNews } from "./connection.js";
import { Listener } from "./listener.js";
import { reasonOf } from "./reasons.js";

/** A change of a connection, or of an attempt to connect. */
type StreamChange =
  | { readonly kind: "stream-opened"; readonly endpoint: StreamEndpoint; readonly connection: number }
  | {
      readonly kind: "stream-closed";
      readonly endpoint: StreamEndpoint;
      readonly connection?: number;
      readonly text: string;
    }
  | { readonly kind: "stream-writable"; readonly connection: number };

export interface StreamsOptions {
  /** Called from `drain` only. */
  changed(change: StreamChange): void;
  /** Octets of a connection; called from `drain` only. */
  deliver(stream: IncomingStream): void;
  /** Something waits: call `drain`. */
  readable(): void;
  readonly refused: TellRefusal<StreamEndpoint>;
}

/** The TCP connections of this process. */
export interface TcpStreams extends Streams {
  /** Delivers what came, in order; returns how many. */
  drain(): number;
  /** The process ends. */
  end(): void;
}

type News = StreamChange | { readonly kind: "octets"; readonly connection: Connection; readonly octets: Uint8Array };

/** Pieces that one call of `drain` delivers; what is left gets another turn. */
const PIECES = 64;

/** TCP by node:net: what its callbacks say waits here for the next turn. */
class NodeStreams implements TcpStreams, ConnectionNews {
  readonly #options: StreamsOptions;
  readonly #listeners = new Map<string, Listener>();
  readonly #attempts = new Map<string, Socket>();
  readonly #connections = new Map<number, Connection>();
  readonly #news: News[] = [];
  readonly #incoming: IncomingStream = { connection: 0, bytes: new DataView(new ArrayBuffer(0)), start: 0, length: 0 };
  readonly #refusals: Refusals<StreamEndpoint>;
  #newest = 0;

  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options.refused, streamName);
  }

  // Listening.

  listen(endpoint: StreamEndpoint): void {
    const key = `${endpoint.source.text} ${endpoint.port}`;
    let listener = this.#listeners.get(key);
    if (listener === undefined) {
      const accepted = (socket: Socket, to: StreamEndpoint): void => this.#opened(socket, to);
      listener = new Listener(accepted, (subject, text) => this.#refusals.answered(subject, text));
      this.#listeners.set(key, listener);
    }
    listener.listen(endpoint);
  }

  ignore(endpoint: StreamEndpoint): void {
    const key = `${endpoint.source.text} ${endpoint.port}`;
    const listener = this.#listeners.get(key);
    this.#refusals.answered(endpoint, undefined);
    if (listener?.ignore(endpoint) === "unused") this.#listeners.delete(key);
  }

  strangers(endpoint: StreamEndpoint): Strangers {
    const listener = this.#listeners.get(`${endpoint.source.text} ${endpoint.port}`);
    return listener?.strangers ?? { count: 0, last: undefined };
  }

  // Connecting.

  connect(endpoint: StreamEndpoint): void {
    this.giveUp(endpoint);
    const name = streamName(endpoint);
    const { source, peer, port } = endpoint;
    const socket = createConnection({ host: peer.text, port, localAddress: source.text, family: peer.isIpv4 ? 4 : 6 });
    this.#attempts.set(name, socket);
    socket.once("connect", () => {
      this.#attempts.delete(name);
      socket.removeAllListeners("error");
      this.#opened(socket, endpoint);
    });
    socket.once("error", (error: NodeJS.ErrnoException) => {
      if (this.#attempts.get(name) !== socket) return;
      this.#attempts.delete(name);
      this.#tell({ kind: "stream-closed", endpoint, text: reasonOf(error, endpoint) });
    });
  }

  giveUp(endpoint: StreamEndpoint): void {
    const name = streamName(endpoint);
    const socket = this.#attempts.get(name);
    this.#attempts.delete(name);
    // An error that is underway must not find nobody.
    socket?.removeAllListeners().on("error", () => {});
    socket?.destroy();
  }

  // Connections.

  #opened(socket: Socket, endpoint: StreamEndpoint): void {
    const connection = new Connection(++this.#newest, socket, endpoint, this);
    this.#connections.set(connection.id, connection);
    this.#tell({ kind: "stream-opened", endpoint, connection: connection.id });
  }

  send(connection: number, octets: DataView): boolean {
    return this.#connections.get(connection)?.send(octets) ?? true;
  }

  close(connection: number): void {
    const closing = this.#connections.get(connection);
    this.#connections.delete(connection);
    closing?.close();
  }

  received(connection: Connection, octets: Uint8Array): void {
    this.#tell({ kind: "octets", connection, octets });
  }

  writable(connection: Connection): void {
    this.#tell({ kind: "stream-writable", connection: connection.id });
  }

  closed(connection: Connection, text: string): void {
    this.#tell({ kind: "stream-closed", endpoint: connection.endpoint, connection: connection.id, text });
  }

  #tell(news: News): void {
    if (this.#news.length === 0) this.#options.readable();
    this.#news.push(news);
  }

  drain(): number {
    const pieces = this.#news.splice(0, PIECES);
    for (const news of pieces) this.#deliver(news);
    if (this.#news.length > 0) setImmediate(() => this.#options.readable());
    return pieces.length;
  }

  #deliver(news: News): void {
    if (news.kind === "octets") {
      const { connection, octets } = news;
      connection.delivered(octets.length);
      if (!this.#connections.has(connection.id)) return;
      this.#incoming.connection = connection.id;
      this.#incoming.bytes = new DataView(octets.buffer, octets.byteOffset, octets.length);
      this.#incoming.length = octets.length;
      this.#options.deliver(this.#incoming);
      return;
    }
    // Nothing is told of a connection that was closed here.
    if (news.connection !== undefined && !this.#connections.has(news.connection)) return;
    if (news.kind === "stream-closed" && news.connection !== undefined) this.#connections.delete(news.connection);
    this.#options.changed(news);
  }

  end(): void {
    for (const listener of this.#listeners.values()) listener.end();
    for (const socket of this.#attempts.values()) socket.destroy();
    for (const connection of this.#connections.values()) connection.close();
    this.#attempts.clear();
    this.#connections.clear();
  }
}

export const openStreams = (options: StreamsOptions): TcpStreams => new NodeStreams(options);
