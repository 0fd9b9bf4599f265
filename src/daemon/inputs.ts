import type { IncomingDatagram } from "../core/base/datagram.js";
import type { PacerReport } from "../core/base/pacing.js";
import type { Incoming, InterfaceIndex } from "../core/base/protocol.js";
import type { Micros } from "../core/base/time.js";
import type { Desired } from "../core/contract/desired/desired.js";
import type { AddressState, DatagramEndpoint, LinkState } from "../core/contract/host.js";
import type { Engine } from "../core/engine/engine.js";
import type { Recorder } from "./recorder.js";

/** The one door to the engine for whatever may change it: each input is recorded before the engine sees it. */
export class Inputs {
  readonly #engine: Engine;
  readonly #recorder: Recorder | undefined;
  /** Something came in since the last settle. */
  #unsettled = false;

  constructor(engine: Engine, recorder: Recorder | undefined) {
    this.#engine = engine;
    this.#recorder = recorder;
  }

  command(desired: Desired, now: Micros): void {
    this.#recorder?.write({ kind: "command", at: now, desired });
    this.#unsettled = true;
    this.#engine.command(desired, now);
  }

  linkChanged(link: LinkState, now: Micros): void {
    this.#recorder?.write({ kind: "link", at: now, link });
    this.#unsettled = true;
    this.#engine.linkChanged(link, now);
  }

  frameReceived(frame: Incoming, now: Micros): void {
    this.#recorder?.frame(frame, now);
    this.#unsettled = true;
    this.#engine.frameReceived(frame, now);
  }

  addressChanged(address: AddressState, now: Micros): void {
    this.#recorder?.write({ kind: "address", at: now, address });
    this.#unsettled = true;
    this.#engine.addressChanged(address, now);
  }

  socketChanged(endpoint: DatagramEndpoint, reason: string | undefined, now: Micros): void {
    const { source, port, vrf } = endpoint;
    this.#recorder?.write({ kind: "socket", at: now, source: source.text, port, vrf, reason });
    this.#unsettled = true;
    this.#engine.socketChanged(endpoint, reason, now);
  }

  datagramReceived(datagram: IncomingDatagram, now: Micros): void {
    this.#recorder?.datagram(datagram, now);
    this.#unsettled = true;
    this.#engine.datagramReceived(datagram, now);
  }

  pacerReported(report: PacerReport, now: Micros): void {
    this.#recorder?.write({ kind: "pacer", at: now, report });
    this.#unsettled = true;
    this.#engine.pacerReported(report, now);
  }

  expire(now: Micros): void {
    this.#recorder?.write({ kind: "expire", at: now });
    this.#unsettled = true;
    this.#engine.expire(now);
  }

  resetLacpStatistics(trunk: number | undefined, member: string | undefined, now: Micros): boolean {
    this.#recorder?.write({ kind: "reset", at: now, trunk, member });
    this.#unsettled = true;
    return this.#engine.resetLacpStatistics(trunk, member);
  }

  sendMarkers(trunk: number, now: Micros): ReturnType<Engine["sendMarkers"]> {
    this.#recorder?.write({ kind: "markers", at: now, trunk });
    this.#unsettled = true;
    return this.#engine.sendMarkers(trunk, now);
  }

  forwardingFailed(trunk: number, member: InterfaceIndex | undefined, text: string, now: Micros): void {
    this.#recorder?.write({ kind: "forwarding-failed", at: now, trunk, member, text });
    this.#unsettled = true;
    this.#engine.forwardingFailed(trunk, member, text, now);
  }

  /** Why the other member of a 1:1 trunk cannot work; undefined when it does from now on. */
  protectSwitch(trunk: number, now: Micros): string | undefined {
    this.#recorder?.write({ kind: "swap", at: now, trunk });
    this.#unsettled = true;
    return this.#engine.protectSwitch(trunk, now);
  }

  resetFlushStatistics(now: Micros): void {
    this.#recorder?.write({ kind: "reset-flush", at: now });
    this.#engine.resetFlushStatistics();
  }

  /** Stopping for a restart: who would miss us is told by the next settle that this is no failure. */
  pause(now: Micros): void {
    this.#recorder?.write({ kind: "pause", at: now });
    this.#unsettled = true;
    this.#engine.pause(now);
  }

  /** Leaving for good: partners are told; it has happened when the engine says so. */
  leave(now: Micros): void {
    this.#recorder?.write({ kind: "leave", at: now });
    this.#unsettled = true;
    this.#engine.leave(now);
  }

  /** True when anything came in since the last call; the engine is at rest afterwards. */
  settle(now: Micros): boolean {
    if (!this.#unsettled) return false;
    this.#unsettled = false;
    this.#recorder?.write({ kind: "settle", at: now });
    this.#engine.settle(now);
    return true;
  }
}
