import type { Forwarding, Host, KillProof, Network, Tables, Taps } from "../core/contract/host.js";
import type { FrameLink } from "./capture/frame-link.js";
import { digests } from "./digests.js";
import type { Interfaces } from "./interfaces.js";
import type { Transport } from "./udp/transport.js";

export interface HostParts {
  readonly forwarding: Forwarding;
  readonly link: FrameLink;
  readonly network: Network;
  readonly taps: Taps;
  readonly tables: Tables;
  readonly transport: Transport;
  readonly interfaces: Interfaces;
  readonly store: KillProof;
}

/** The Host on Linux, made of open parts. */
export const createHost = (parts: HostParts): Host => {
  const { link, network, taps, tables, forwarding, transport, interfaces, store } = parts;
  return {
    link: { send: (out) => link.send(out) },
    forwarding,
    network,
    taps,
    tables,
    datagrams: transport.datagrams,
    pacer: transport.pacer,
    digests,
    interfaces: { set: (wish) => interfaces.set(wish) },
    store,
  };
};
