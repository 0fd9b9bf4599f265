import { createServer, type Server, type Socket } from "node:net";
import { parseIpAddress } from "../../core/base/ip-address.js";
import type { StreamEndpoint } from "../../core/base/protocol.js";
import type { Strangers } from "../../core/contract/host.js";
import type { TellRefusal } from "../refusals.js";
import { reasonOf } from "./reasons.js";

/** Connections that wait to be accepted. */
const BACKLOG = 16;

/** One listening socket, on an address and a port, for one peer or more. */
export class Listener {
  readonly #accepted: (socket: Socket, endpoint: StreamEndpoint) => void;
  readonly #refused: TellRefusal<StreamEndpoint>;
  readonly #peers = new Map<string, StreamEndpoint>();
  #server: Server | undefined;
  #isListening = false;
  #count = 0;
  #last: string | undefined;

  constructor(accepted: (socket: Socket, endpoint: StreamEndpoint) => void, refused: TellRefusal<StreamEndpoint>) {
    this.#accepted = accepted;
    this.#refused = refused;
  }

  /** Connections of others than the peers. */
  get strangers(): Strangers {
    return { count: this.#count, last: this.#last };
  }

  /** Again for an endpoint that is refused: it is tried again. */
  listen(endpoint: StreamEndpoint): void {
    this.#peers.set(endpoint.peer.text, endpoint);
    if (this.#server === undefined) this.#open(endpoint);
    else if (this.#isListening) this.#refused(endpoint, undefined);
  }

  #open({ source, port }: StreamEndpoint): void {
    const server = createServer((socket) => this.#accept(socket));
    this.#server = server;
    server.on("error", (error) => {
      if (this.#server === server) this.end();
      for (const endpoint of this.#peers.values()) this.#refused(endpoint, reasonOf(error, endpoint));
    });
    server.on("listening", () => {
      this.#isListening = true;
      for (const endpoint of this.#peers.values()) this.#refused(endpoint, undefined);
    });
    server.listen({ host: source.text, port, backlog: BACKLOG, ipv6Only: !source.isIpv4 });
  }

  #accept(socket: Socket): void {
    const address = parseIpAddress(socket.remoteAddress ?? "")?.text;
    const endpoint = this.#peers.get(address ?? "");
    if (endpoint !== undefined) {
      this.#accepted(socket, endpoint);
      return;
    }
    this.#count++;
    this.#last = address;
    // A reset costs nothing afterwards, where many strangers would leave as many sockets in TIME_WAIT.
    socket.on("error", () => {});
    socket.resetAndDestroy();
  }

  /** `unused`: no peer is left, and the socket is closed. */
  ignore(endpoint: StreamEndpoint): "used" | "unused" {
    this.#peers.delete(endpoint.peer.text);
    if (this.#peers.size > 0) return "used";
    this.end();
    return "unused";
  }

  end(): void {
    this.#server?.close();
    this.#server = undefined;
    this.#isListening = false;
  }
}
