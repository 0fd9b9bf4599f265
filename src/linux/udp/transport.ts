import type { Datagrams, Pacer } from "../../core/contract/host.js";
import { type DatagramCounters, DatagramSockets, type SocketOptions } from "./datagrams.js";
import { BfdSockets, isBfdPort, type PacerCounters, type PacerOptions } from "./pacer.js";

/** UDP of this host: BFD by the pacer's sockets, all other ports by sockets of their own. */
export interface Transport {
  readonly datagrams: Datagrams;
  readonly pacer: Pacer;
  /** Delivers waiting datagrams and reports, in bounded parts; returns how many. */
  drain(): number;
  /** Tries again to open endpoints: an address or a link may have come. */
  retry(): void;
  readonly counters: { readonly datagrams: DatagramCounters; readonly bfd: PacerCounters };
  close(): void;
}

export type TransportOptions = PacerOptions & SocketOptions;

/** Throws where the pacer's thread cannot be started. */
export function openTransport(options: TransportOptions): Transport {
  const sockets = new DatagramSockets(options);
  const bfd = new BfdSockets(options);
  const of = (port: number): Datagrams => (isBfdPort(port) ? bfd : sockets);
  return {
    datagrams: {
      listen: (endpoint) => of(endpoint.port).listen(endpoint),
      close: (endpoint) => of(endpoint.port).close(endpoint),
      send: (out) => of(out.destinationPort).send(out),
    },
    pacer: bfd,
    // BFD packets first: hellos are judged by the state of their BFD session.
    drain: () => bfd.drain() + sockets.drain(),
    retry: () => {
      bfd.retry();
      sockets.retry();
    },
    get counters() {
      return { datagrams: sockets.counters, bfd: bfd.counters };
    },
    close: () => {
      bfd.end();
      sockets.end();
    },
  };
}
