import { vi } from "vitest";
import { type IpAddress, parseIpAddress } from "../../../src/core/base/ip-address.js";
import { micros } from "../../../src/core/base/time.js";
import type { PacedNumbers, PacerReport, SteadySession } from "../../../src/core/contract/pacing.js";
import { BfdSockets } from "../../../src/linux/udp/pacer.js";
import { type BfdParts, bfdPacket, readBfd } from "../../support/bfd-packets.js";
import { inside } from "../../support/namespace.js";

export const ip = (text: string): IpAddress => parseIpAddress(text) as IpAddress;
export const until = (condition: () => void): Promise<void> => vi.waitFor(condition, { timeout: 5_000, interval: 5 });
/** JavaScript of this process stands still. */
export const block = (milliseconds: number): void => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
};

interface Heard {
  readonly at: number;
  readonly packet: BfdParts;
  readonly length: number;
  readonly source: string;
  readonly destination: string;
  readonly sourcePort: number;
  readonly destinationPort: number;
  readonly ttl: number;
  readonly from: number;
}

/** One end: the BFD sockets of a namespace and what they hand to JavaScript. */
export class End {
  readonly heard: Heard[] = [];
  readonly expired: PacerReport[] = [];
  readonly failures: string[] = [];
  readonly namespace: string;
  readonly address: string;
  readonly sockets: BfdSockets;

  constructor(namespace: string, address: string) {
    this.namespace = namespace;
    this.address = address;
    this.sockets = inside(namespace, () => {
      const sockets = new BfdSockets({
        deliver: ({ bytes, start, length, source, destination, vrf: _, ...rest }) => {
          const packet = readBfd(new Uint8Array(bytes.buffer, bytes.byteOffset + start, Math.max(24, length)).slice());
          const addresses = { source: source.text, destination: destination.text };
          this.heard.push({ at: performance.now(), packet, length, ...addresses, ...rest });
        },
        expired: (report) => this.expired.push(report),
        readable: () => sockets.drain(),
        refused: ({ source }, reason) => this.failures.push(reason ?? `${source.text} works`),
        unpaced: ({ session }, reason) => this.failures.push(`${session}: ${reason}`),
      });
      return sockets;
    });
  }

  listen(port = 4784, source = this.address, group?: number): void {
    inside(this.namespace, () => this.sockets.listen({ source: ip(source), port, vrf: undefined, group }));
  }

  send(
    to: string,
    parts: Partial<BfdParts>,
    more: { readonly ttl?: number; readonly port?: number; readonly source?: string; readonly to?: number } = {},
  ): void {
    this.sendOctets(to, bfdPacket(parts), more);
  }

  sendOctets(
    to: string,
    packet: Uint8Array,
    more: { readonly ttl?: number; readonly port?: number; readonly source?: string; readonly to?: number } = {},
  ): void {
    this.sockets.send({
      bytes: new DataView(packet.buffer, packet.byteOffset),
      start: 0,
      length: packet.length,
      source: ip(more.source ?? this.address),
      destination: ip(to),
      sourcePort: 50_001,
      destinationPort: more.port ?? 4784,
      ttl: more.ttl ?? 255,
      trafficClass: 0xe0,
      to: more.to,
      vrf: undefined,
    });
  }

  pace(
    to: string,
    steady: Partial<SteadySession> = {},
    parts: Partial<BfdParts> = {},
    numbers: PacedNumbers = { sent: 0, taken: 0 },
  ): void {
    const whole: SteadySession = {
      session: 1,
      handover: 7,
      packet: bfdPacket({ state: "Up", myDiscriminator: 1, yourDiscriminator: 2, ...parts }),
      interval: micros(10_000),
      jitter: [750, 1000],
      detection: micros(30_000),
      receiveInterval: micros(10_000),
      remoteDiscriminator: 2,
      key: undefined,
      sequenceWindow: 9,
      leastTtl: 0,
      source: ip(this.address),
      destination: ip(to),
      sourcePort: 50_001,
      destinationPort: 4784,
      ttl: 255,
      trafficClass: 0xe0,
      interface: undefined,
      vrf: undefined,
      ...steady,
    };
    this.sockets.pace(whole, numbers);
  }
}

/** What the far end's session is to the near end's. */
export const MIRROR = {
  steady: { session: 2, remoteDiscriminator: 1 },
  parts: { myDiscriminator: 2, yourDiscriminator: 1 },
} as const;
/** So long that no machine is so slow. */
export const PATIENT = { detection: micros(5_000_000) };
