import { readFileSync } from "node:fs";
import type { Micros } from "../core/base/time.js";
import type { Host, KillProof, LinkState, Network } from "../core/contract/host.js";
import { type AddressWatch, type AddressWatchOptions, openAddressWatch } from "../linux/address-watch.js";
import { type Capability, missingCapabilities } from "../linux/capabilities.js";
import type { FrameLink, FrameLinkOptions } from "../linux/capture/frame-link.js";
import { type FrameTaps, type FrameTapsOptions, openTaps } from "../linux/capture/taps.js";
import { now } from "../linux/clock.js";
import { type DataPlane, type DataPlaneOptions, openDataPlane } from "../linux/forwarding/open.js";
import { createHost } from "../linux/host.js";
import { openInterfaces } from "../linux/interfaces.js";
import { type LinkWatch, type LinkWatchOptions, openLinkWatch } from "../linux/link-watch.js";
import { type NetworkOptions, openNetwork } from "../linux/network/network.js";
import { openTables } from "../linux/tables.js";
import { readTrafficCounters, type TrafficTable } from "../linux/traffic-counters.js";
import { openTransport, type Transport, type TransportOptions } from "../linux/udp/transport.js";
import { StartFailure } from "./start-failure.js";

/** What the daemon needs of the machine it runs on. Tests bring their own. */
export interface Machine {
  now(): Micros;
  /** Names one run of the kernel, and with it of its monotonic clock. */
  boot(): string;
  openWatch(options: LinkWatchOptions): LinkWatch;
  openLink(options: FrameLinkOptions): FrameLink;
  openTaps(options: FrameTapsOptions): FrameTaps;
  openDataPlane(options: DataPlaneOptions): DataPlane;
  openAddressWatch(options: AddressWatchOptions): AddressWatch;
  openTransport(options: TransportOptions): Transport;
  openNetwork(options: NetworkOptions): HostNetwork;
  /** By Linux name. */
  readTraffic(): TrafficTable;
  host(parts: MachineParts): Host;
}

/** The network of the host, and what the daemon tells it besides the engine's wish. */
export interface HostNetwork extends Network {
  linkChanged(link: LinkState): void;
  addressChanged(): void;
  /** Brings everything to what was wished, at once. */
  refresh(): void;
  leave(): void;
  release(): void;
}

/** What is open already of what the Host is made of. @internal */
export interface MachineParts {
  readonly link: FrameLink;
  readonly taps: FrameTaps;
  readonly plane: DataPlane;
  readonly network: HostNetwork;
  readonly transport: Transport;
  readonly store: KillProof;
  /** The kernel refused a change of its tables, in one line. */
  tablesFailed(text: string): void;
}

/** What the capabilities are for. Without CAP_BPF the data plane has a second way, and says so. */
const PURPOSES = {
  CAP_NET_RAW: "frames",
  CAP_NET_ADMIN: "interfaces, addresses and the data plane",
  CAP_BPF: "eBPF programs",
} as const satisfies { readonly [capability in Capability]: string };

/** This Linux machine. Throws StartFailure when the process may not do what it must. */
export async function linuxMachine(backend: "ring" | "pcap"): Promise<Machine> {
  const missing = orFail(() => missingCapabilities(["CAP_NET_RAW", "CAP_NET_ADMIN"]));
  if (missing.length > 0)
    throw new StartFailure(
      `${missing.map((name) => `${name} (${PURPOSES[name]})`).join(" and ")} ${missing.length > 1 ? "are" : "is"} missing: start it as root, or with AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW CAP_BPF in its systemd unit`,
    );
  // The backend that is not chosen is not loaded.
  const openLink =
    backend === "ring"
      ? (await import("../linux/capture/ring.js")).openRingLink
      : (await import("../linux/capture/pcap.js")).openPcapLink;
  return {
    now,
    boot: () => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
    openWatch: (options) => orFail(() => openLinkWatch(options)),
    openLink: (options) => orFail(() => openLink(options)),
    openDataPlane: (options) => orFail(() => openDataPlane(options)),
    openTaps,
    openAddressWatch: (options) => orFail(() => openAddressWatch(options)),
    openTransport: (options) => orFail(() => openTransport(options)),
    openNetwork: (options) => orFail(() => openNetwork(options)),
    readTraffic: readTrafficCounters,
    host: ({ link, taps, plane: { forwarding }, network, transport, store, tablesFailed: failed }) => {
      const [interfaces, tables] = [orFail(openInterfaces), orFail(() => openTables({ failed }))];
      return createHost({ link, network, taps, tables, forwarding, transport, store, interfaces });
    },
  };
}

/** What cannot be opened is a reason not to start; its message says what to do. */
function orFail<T>(open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw new StartFailure((error as Error).message);
  }
}
