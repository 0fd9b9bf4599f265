import { readFileSync } from "node:fs";
import type { Micros } from "../core/base/time.js";
import type { Host, Network, Tables } from "../core/contract/host.js";
import { type AddressWatch, type AddressWatchOptions, openAddressWatch } from "../linux/address-watch.js";
import { type Capability, missingCapabilities } from "../linux/capabilities.js";
import type { FrameLink, FrameLinkOptions, SharedLinkOptions } from "../linux/capture/frame-link.js";
import { type FrameTaps, openTaps } from "../linux/capture/taps.js";
import { now } from "../linux/clock.js";
import { type DataPlane, type DataPlaneOptions, openDataPlane } from "../linux/forwarding/open.js";
import { type InterfacesOptions, openInterfaces } from "../linux/interfaces.js";
import { type LinkWatch, type LinkWatchOptions, openLinkWatch } from "../linux/link-watch.js";
import { type LinuxNeighbours, type LinuxNeighboursOptions, openNeighbours } from "../linux/neighbours.js";
import { type NetworkOptions, openNetwork } from "../linux/network/network.js";
import { openStreams, type StreamsOptions, type TcpStreams } from "../linux/streams/streams.js";
import { type LinuxTablesOptions, openTables } from "../linux/tables.js";
import { readTrafficCounters, type TrafficTable } from "../linux/traffic-counters.js";
import { openTransport, type Transport, type TransportOptions } from "../linux/udp/transport.js";
import { StartFailure } from "./start-failure.js";

/** What the daemon needs of the machine it runs on. Tests bring their own. */
export interface Machine {
  now(): Micros;
  /** Names one run of the kernel, and with it of its monotonic clock. */
  boot(): string;
  openWatch(options: LinkWatchOptions): LinkWatch;
  openLink(options: SharedLinkOptions): FrameLink;
  openTaps(options: FrameLinkOptions): FrameTaps;
  openDataPlane(options: DataPlaneOptions): DataPlane;
  openAddressWatch(options: AddressWatchOptions): AddressWatch;
  openTransport(options: TransportOptions): Transport;
  openNetwork(options: NetworkOptions): HostNetwork;
  /** By Linux name. */
  readTraffic(): TrafficTable;
  openInterfaces(options: InterfacesOptions): Host["interfaces"];
  openTables(options: LinuxTablesOptions): Tables;
  openNeighbours(options: LinuxNeighboursOptions): LinuxNeighbours;
  openStreams(options: StreamsOptions): TcpStreams;
}

/** The network of the host, and what the daemon tells it besides the engine's wish. */
export interface HostNetwork extends Network {
  /** Resolves when everything that is wished has been asked for. */
  settled(): Promise<void>;
  /** Leaves for good. Returns what could not be undone, each in one line. */
  leave(): readonly string[];
  /** Stops for a restart. */
  release(): void;
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
    boot: () => orFail(() => readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim()),
    openWatch: (options) => orFail(() => openLinkWatch(options)),
    openLink: (options) => orFail(() => openLink(options)),
    openDataPlane: (options) => orFail(() => openDataPlane(options)),
    openTaps,
    openAddressWatch: (options) => orFail(() => openAddressWatch(options)),
    openTransport: (options) => orFail(() => openTransport(options)),
    openNetwork: (options) => orFail(() => openNetwork(options)),
    readTraffic: readTrafficCounters,
    openInterfaces: (options) => orFail(() => openInterfaces(options)),
    openTables: (options) => orFail(() => openTables(options)),
    openNeighbours: (options) => orFail(() => openNeighbours(options)),
    openStreams,
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
