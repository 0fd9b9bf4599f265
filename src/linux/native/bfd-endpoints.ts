import { addon } from "./addon.js";
import type { BfdPacer } from "./bfd-pacer.js";

interface BfdEndpointFunctions {
  /** The number of an endpoint, which receives at this port whatever the address and sends from any port. */
  pacerListen(pacer: BfdPacer, port: number, ipv4: boolean, device: string): number;
  pacerUnlisten(pacer: BfdPacer, endpoint: number): void;
  pacerJoin(pacer: BfdPacer, endpoint: number, group: Uint8Array, ifindex: number, join: boolean): number;
  /** `numbers` by OUTGOING of udp.ts. */
  pacerSend(
    pacer: BfdPacer,
    bytes: DataView | Uint8Array,
    numbers: Uint32Array,
    source: Uint8Array,
    destination: Uint8Array,
  ): number;
}

export const bfdEndpointAddon = (): BfdEndpointFunctions => addon();
