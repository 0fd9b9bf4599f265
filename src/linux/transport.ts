import type { Datagrams } from "../core/host.js";
import { type DatagramCounters, type DatagramOptions, DatagramSockets } from "./datagrams.js";

/** UDP of this host. */
export interface Transport {
  readonly datagrams: Datagrams;
  /** Delivers what waits, in bounded parts; returns how much it was. */
  drain(): number;
  /** An address or a link came: endpoints that wait for one are tried again. */
  retry(): void;
  readonly counters: DatagramCounters;
  close(): void;
}

export type TransportOptions = DatagramOptions;

export function openTransport(options: TransportOptions): Transport {
  const sockets = new DatagramSockets(options);
  return {
    datagrams: sockets,
    drain: () => sockets.drain(),
    retry: () => sockets.retry(),
    get counters() {
      return sockets.counters;
    },
    close: () => sockets.end(),
  };
}
