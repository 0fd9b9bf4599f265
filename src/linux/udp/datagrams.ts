import { constants } from "node:os";
import type { IncomingDatagram, OutgoingDatagram } from "../../core/base/datagram.js";
import type { IpAddress } from "../../core/base/ip-address.js";
import type { DatagramEndpoint, Datagrams } from "../../core/contract/host.js";
import { ORIGIN, ORIGIN_ROW, type Udp, udpAddon } from "../native/udp.js";
import { Refusals, type TellRefusal } from "../refusals.js";
import { systemError } from "../system-error.js";
import { AddressBook } from "./address-book.js";
import { blankDatagram, outgoingNumbers, readOrigin, writeOutgoing } from "./datagram-rows.js";
import { FloodGuard } from "./flood-guard.js";

/** The longest datagram taken, in octets: a hello of 64 members has 2,196. */
const SLOT = 4_096;
/** Datagrams read from one socket before the next gets its turn. */
const BATCH = 32;
/** Milliseconds between attempts to open a socket; a change of an address is an attempt too. */
export const RETRY_PERIOD = 1_000;

export interface DatagramOptions {
  /** One datagram; the object and its bytes are reused after the call. Called from `drain` only. */
  deliver(datagram: IncomingDatagram): void;
  /** A datagram waits: call `drain`. */
  readable(): void;
  /** An endpoint cannot be opened, for another reason than that its address is not there yet. */
  readonly refused: TellRefusal<DatagramEndpoint>;
}

export interface SocketOptions extends DatagramOptions {
  /** Datagrams that are no peer's flood an endpoint, and the kernel drops them until that is over; called once for each flood. */
  flooded(endpoint: DatagramEndpoint): void;
}

export interface DatagramCounters {
  readonly received: number;
  /** Datagrams longer than any PDU of etrunkd. */
  readonly tooLong: number;
  /** Datagrams the kernel dropped, for want of room or in a flood, on the sockets open now. */
  readonly dropped: number;
  readonly sendErrors: number;
}

/** Floods of one socket closer together than this are one flood; milliseconds. */
const ONE_FLOOD = 60_000;

interface Socket {
  readonly endpoint: DatagramEndpoint;
  readonly guard: FloodGuard;
  floodedAt: number;
  /** Undefined while its address or device is missing. */
  udp: Udp | undefined;
}

const nameOf = (source: IpAddress, port: number, vrf: string | undefined): string =>
  `${source.text} ${port} ${vrf ?? ""}`;

/** UDP sockets, each bound to an address, a port and perhaps a VRF. One whose address is missing is opened later. */
export class DatagramSockets implements Datagrams {
  readonly #addon = udpAddon();
  readonly #options: SocketOptions;
  readonly #sockets = new Map<string, Socket>();
  readonly #addresses = new AddressBook();
  readonly #bytes = new Uint8Array(BATCH * SLOT);
  readonly #rows = new Uint32Array(BATCH * ORIGIN_ROW);
  readonly #numbers = outgoingNumbers();
  readonly #datagram = blankDatagram(this.#bytes, this.#addresses);
  readonly #refusals: Refusals<DatagramEndpoint>;
  #retry: NodeJS.Timeout | undefined;
  #received = 0;
  #tooLong = 0;
  #sendErrors = 0;

  constructor(options: SocketOptions) {
    this.#options = options;
    this.#refusals = new Refusals(options.refused, ({ source, port, vrf }) => nameOf(source, port, vrf));
  }

  get counters(): DatagramCounters {
    let dropped = 0;
    for (const { udp } of this.#sockets.values()) if (udp !== undefined) dropped += this.#addon.udpDropped(udp);
    return { received: this.#received, tooLong: this.#tooLong, dropped, sendErrors: this.#sendErrors };
  }

  listen(endpoint: DatagramEndpoint): void {
    const name = nameOf(endpoint.source, endpoint.port, endpoint.vrf);
    const known = this.#sockets.get(name);
    const socket = known ?? this.#newSocket(endpoint);
    socket.guard.setPeers(endpoint.peers ?? []);
    if (known !== undefined) return;
    this.#sockets.set(name, socket);
    this.#open(socket);
  }

  #newSocket(endpoint: DatagramEndpoint): Socket {
    const guard = new FloodGuard({
      filter: (program) => this.#filter(socket, program),
      dropped: () => (socket.udp === undefined ? 0 : this.#addon.udpDropped(socket.udp)),
      waiting: () => (socket.udp === undefined ? 0 : this.#addon.udpWaiting(socket.udp)),
      flooded: () => this.#flooded(socket),
    });
    const socket: Socket = { endpoint, guard, floodedAt: Number.NEGATIVE_INFINITY, udp: undefined };
    return socket;
  }

  #filter({ udp, endpoint }: Socket, program: Uint32Array | undefined): void {
    const error = udp === undefined ? 0 : this.#addon.udpFilter(udp, program);
    this.#refusals.answered(endpoint, error < 0 ? systemError("filter of a UDP socket", -error).message : undefined);
  }

  #flooded(socket: Socket): void {
    const now = performance.now();
    if (now - socket.floodedAt >= ONE_FLOOD) this.#options.flooded(socket.endpoint);
    socket.floodedAt = now;
  }

  close(endpoint: DatagramEndpoint): void {
    const name = nameOf(endpoint.source, endpoint.port, endpoint.vrf);
    const { udp, guard } = this.#sockets.get(name) ?? {};
    this.#sockets.delete(name);
    guard?.end();
    this.#refusals.answered(endpoint, undefined);
    if (udp !== undefined) this.#addon.udpClose(udp);
  }

  /** Tries again to open sockets: an address or a link may have come. */
  retry(): void {
    for (const socket of this.#sockets.values()) if (socket.udp === undefined) this.#open(socket);
  }

  #open(socket: Socket): void {
    const { source, port, vrf } = socket.endpoint;
    const udp = this.#addon.udpOpen(source.octets, port, vrf ?? "", this.#options.readable);
    if (typeof udp !== "number") {
      socket.udp = udp;
      this.#refusals.answered(socket.endpoint, undefined);
      return;
    }
    this.#retry ??= setTimeout(() => {
      this.#retry = undefined;
      this.retry();
    }, RETRY_PERIOD).unref();
    // An address that is not on this host yet is no failure.
    const isAwaited = udp === -constants.errno.EADDRNOTAVAIL;
    const hint = udp === -constants.errno.EADDRINUSE ? ", another program has it" : "";
    const reason = `${systemError(`UDP ${source.text} port ${port}`, -udp).message}${hint}`;
    this.#refusals.answered(socket.endpoint, isAwaited ? undefined : reason);
  }

  /** Delivers waiting datagrams, a bounded number of each socket; returns how many. */
  drain(): number {
    let taken = 0;
    for (const { udp, endpoint, guard } of this.#sockets.values())
      if (udp !== undefined) taken += this.#read(udp, endpoint, guard);
    return taken;
  }

  #read(udp: Udp, { port, vrf }: DatagramEndpoint, guard: FloodGuard): number {
    const rows = this.#rows;
    const datagram = this.#datagram;
    const count = this.#addon.udpNext(udp, this.#bytes, SLOT, rows);
    for (let at = 0; at < count * ORIGIN_ROW; at += ORIGIN_ROW) {
      if (rows[at + ORIGIN.length]! > SLOT) {
        this.#tooLong++;
        continue;
      }
      readOrigin(datagram, rows, at, this.#addresses);
      datagram.destinationPort = port;
      datagram.vrf = vrf;
      this.#received++;
      guard.heard(datagram);
      this.#options.deliver(datagram);
    }
    return Math.max(0, count);
  }

  send(out: OutgoingDatagram): boolean {
    const { bytes, source, destination, sourcePort, vrf } = out;
    const udp = this.#sockets.get(nameOf(source, sourcePort, vrf))?.udp;
    if (udp !== undefined) {
      const numbers = this.#numbers;
      writeOutgoing(numbers, out, 0);
      if (this.#addon.udpSend(udp, bytes, numbers, source.octets, destination.octets) >= 0) return true;
    }
    this.#sendErrors++;
    return false;
  }

  /** Closes every socket. */
  end(): void {
    clearTimeout(this.#retry);
    for (const { endpoint } of [...this.#sockets.values()]) this.close(endpoint);
  }
}
