import { type Mac, NO_MAC } from "../../src/core/base/address.js";
import type { IncomingDatagram } from "../../src/core/base/datagram.js";
import { type Incoming, NO_VLAN, type Outgoing } from "../../src/core/base/protocol.js";
import { type Micros, micros } from "../../src/core/base/time.js";
import type { NetworkWish } from "../../src/core/contract/desired/network.js";
import type {
  AddressState,
  DatagramEndpoint,
  Host,
  InterfaceWish,
  LinkState,
  Tables,
} from "../../src/core/contract/host.js";
import type { HostNetwork, Machine } from "../../src/daemon/machine.js";
import { quietHost } from "../../src/daemon/recording/quiet-host.js";
import type { AddressWatch, AddressWatchOptions } from "../../src/linux/address-watch.js";
import type { FrameLink, FrameLinkOptions } from "../../src/linux/capture/frame-link.js";
import type { FrameTaps } from "../../src/linux/capture/taps.js";
import type { DataPlane } from "../../src/linux/forwarding/open.js";
import type { LinkWatch, LinkWatchOptions } from "../../src/linux/link-watch.js";
import type { LinuxNeighbours } from "../../src/linux/neighbours.js";
import type { TcpStreams } from "../../src/linux/streams/streams.js";
import type { TrafficTable } from "../../src/linux/traffic-counters.js";
import type { Transport, TransportOptions } from "../../src/linux/udp/transport.js";

/** Microseconds of this process's monotonic clock. */
const monotonic = (): Micros => micros(Math.floor(Number(process.hrtime.bigint() / 1_000n)));

/** A machine without a kernel: a test sets its links, and its frames go to another such machine or nowhere. */
export class SimulatedMachine implements Machine {
  readonly now = monotonic;
  /** Frames sent, in order. */
  readonly sent: { readonly to: number; readonly frame: Buffer }[] = [];
  readonly wishes: InterfaceWish[] = [];
  readonly networkWishes: NetworkWish[] = [];
  ports: readonly number[] = [];
  polled: readonly number[] = [];
  /** Machine that gets the frames, at its link of the same index. */
  far: SimulatedMachine | undefined;
  bootId = "5ad7c2f4-0000-4000-8000-000000000001";
  #links: LinkState[] = [];
  #frames: { readonly port: number; readonly frame: Buffer }[] = [];
  #watch: LinkWatchOptions | undefined;
  #link: FrameLinkOptions | undefined;
  readonly #addresses: AddressState[] = [];
  #addressWatch: AddressWatchOptions | undefined;
  readonly #datagrams: IncomingDatagram[] = [];
  #transport: TransportOptions | undefined;

  boot(): string {
    return this.bootId;
  }

  /** A link appears or changes. */
  setLink(link: Partial<LinkState> & { readonly index: number; readonly name: string }): void {
    const mac = (0x02_00_00_00_00_00 + link.index) as Mac;
    this.#links.push({ present: true, up: true, carrier: true, mac, mtu: 1500, speed: 0, ...link });
    setImmediate(() => this.#watch?.readable());
  }

  /** A frame arrives. */
  receive(port: number, frame: Buffer): void {
    this.#frames.push({ port, frame });
    setImmediate(() => this.#link?.readable());
  }

  openWatch(options: LinkWatchOptions): LinkWatch {
    this.#watch = options;
    return {
      drain: () => {
        const links = this.#links.splice(0);
        for (const link of links) options.changed(link);
        return links.length;
      },
      setPolled: (indexes) => {
        this.polled = [...indexes];
        return undefined;
      },
      all: () => [],
      close: () => {
        this.#watch = undefined;
      },
    };
  }

  openDataPlane(): DataPlane {
    const { forwarding } = quietHost();
    return {
      forwarding: {
        ...forwarding,
        release: () => {},
        leave: () => {},
        settled: async () => {},
        ownMac: (_, mac) => mac,
        readCounters: async () => {},
        noticed: () => {},
        drain: () => 0,
      },
      kind: "none",
      why: undefined,
    };
  }

  openLink(options: FrameLinkOptions): FrameLink {
    this.#link = options;
    return {
      drain: () => this.#drain(options),
      send: (out) => this.#send(out),
      setPorts: (ports) => {
        this.ports = ports.map(({ index }) => index);
      },
      counters: { received: 0, dropped: 0, sendErrors: 0, restarts: 0 },
      close: () => {
        this.#link = undefined;
      },
    };
  }

  #drain(options: FrameLinkOptions): number {
    const frames = this.#frames.splice(0).filter(({ port }) => this.ports.includes(port));
    for (const { port, frame } of frames) {
      const bytes = new DataView(frame.buffer, frame.byteOffset, frame.length);
      const source = frame.length >= 12 ? (frame.readUIntBE(6, 6) as Mac) : NO_MAC;
      options.deliver({ bytes, start: 0, length: frame.length, from: port, vlan: NO_VLAN, source } satisfies Incoming);
    }
    return frames.length;
  }

  #send({ bytes, start, length, to }: Outgoing): void {
    const frame = Buffer.from(Buffer.from(bytes.buffer, bytes.byteOffset + start, length));
    this.sent.push({ to, frame });
    this.far?.receive(to, frame);
  }

  openTaps(): FrameTaps {
    return { listen: () => {}, drain: () => 0, dropped: 0, close: () => {} };
  }

  openAddressWatch(options: AddressWatchOptions): AddressWatch {
    this.#addressWatch = options;
    return {
      drain: () => {
        const addresses = this.#addresses.splice(0);
        for (const address of addresses) options.changed(address);
        return addresses.length;
      },
      close: () => {
        this.#addressWatch = undefined;
      },
    };
  }

  /** An address comes or goes. */
  setAddress(address: AddressState): void {
    this.#addresses.push(address);
    setImmediate(() => this.#addressWatch?.readable());
  }

  readTraffic(): TrafficTable {
    return new Map();
  }

  openNetwork(): HostNetwork {
    return {
      prepare: () => {},
      apply: (wish) => this.networkWishes.push(wish),
      settled: async () => {},
      leave: () => [],
      release: () => {},
    };
  }

  openTransport(options: TransportOptions): Transport {
    this.#transport = options;
    const nothing = { received: 0, tooLong: 0, lost: 0, dropped: 0, sendErrors: 0, worstLateness: 0, sessions: 0 };
    return {
      datagrams: { listen: () => {}, close: () => {}, send: () => true },
      pacer: quietHost().pacer,
      drain: () => {
        const datagrams = this.#datagrams.splice(0);
        for (const datagram of datagrams) options.deliver(datagram);
        return datagrams.length;
      },
      retry: () => {},
      counters: { datagrams: nothing, bfd: nothing },
      close: () => {
        this.#transport = undefined;
      },
    };
  }

  /** A socket cannot be opened; undefined: now it is. */
  refuseSocket(endpoint: DatagramEndpoint, reason: string | undefined): void {
    this.#transport?.refused(endpoint, reason);
  }

  /** A datagram arrives. */
  receiveDatagram(datagram: IncomingDatagram): void {
    this.#datagrams.push(datagram);
    setImmediate(() => this.#transport?.readable());
  }

  openInterfaces(): Host["interfaces"] {
    return { set: (wish) => void this.wishes.push(wish) };
  }

  openStreams(): TcpStreams {
    return { ...quietHost().streams, drain: () => 0, end: () => {} };
  }

  openNeighbours(): LinuxNeighbours {
    return { ...quietHost().neighbours, drain: () => 0, close: () => {} };
  }

  openTables(): Tables {
    return quietHost().tables;
  }
}
