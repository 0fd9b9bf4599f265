import type { Mac } from "../core/base/address.js";
import type { IncomingDatagram } from "../core/base/datagram.js";
import type { Incoming, IncomingStream, InterfaceIndex } from "../core/base/protocol.js";
import type { Micros } from "../core/base/time.js";
import type { Host, KillProof, ListedNeighbours, Tables } from "../core/contract/host.js";
import type { HostChange, Refusable, Refused } from "../core/contract/input.js";
import type { AddressWatch } from "../linux/address-watch.js";
import { asked } from "../linux/answer.js";
import type { FrameLink } from "../linux/capture/frame-link.js";
import type { FrameTaps } from "../linux/capture/taps.js";
import { digests } from "../linux/digests.js";
import type { DataPlane } from "../linux/forwarding/open.js";
import type { LinkWatch } from "../linux/link-watch.js";
import type { LinuxNeighbours } from "../linux/neighbours.js";
import { Refusals } from "../linux/refusals.js";
import type { TcpStreams } from "../linux/streams/streams.js";
import type { TrafficTable } from "../linux/traffic-counters.js";
import type { Transport } from "../linux/udp/transport.js";
import type { Log } from "./log/log.js";
import type { Source } from "./loop.js";
import type { HostNetwork, Machine } from "./machine.js";
import type { Records } from "./state/records.js";

/** Where sources hand over what they have; each with the time of the turn, for what waits together happens together. */
interface Sink {
  take(change: HostChange, now: Micros): void;
  /** Frame and bytes are reused after the call. */
  frameReceived(frame: Incoming, now: Micros): void;
  /** Datagram and bytes are reused after the call. */
  datagramReceived(datagram: IncomingDatagram, now: Micros): void;
  /** Stream and bytes are reused after the call. */
  streamReceived(stream: IncomingStream, now: Micros): void;
}

interface SourceOptions {
  readonly machine: Machine;
  readonly sink: Sink;
  /** Something waits: a turn is due. */
  readonly readable: () => void;
  readonly deviceMac: Mac;
  readonly records: Records;
  readonly log: Log;
}

/**
 * Frames of one interface that are taken in a second: ten times what all slow protocols may send (802.3 Annex 57A.2). LACP
 * itself looks at fewer, and counts the rest.
 */
const MOST_OF_ONE = 250;

/** Log line of what was changed on the host and stays so. */
const NOT_RESTORED = "host not left as it was found";

type Answer = Refused | Extract<HostChange, { kind: "drift" | "excess" | "network" | "route-gone" }>;

/** What the machine refused or found in the middle of a turn waits here for the next one. */
class WaitingAnswers {
  readonly #readable: () => void;
  readonly #take: (answer: Answer) => void;
  readonly #waiting: Answer[] = [];

  constructor(take: (answer: Answer) => void, readable: () => void) {
    this.#take = take;
    this.#readable = readable;
  }

  add(answer: Answer): void {
    if (this.#waiting.length === 0) setImmediate(this.#readable);
    this.#waiting.push(answer);
  }

  drain(): number {
    const answers = this.rest();
    for (const answer of answers) this.#take(answer);
    return answers.length;
  }

  /** What waits, and waits no more. */
  rest(): readonly Answer[] {
    return this.#waiting.splice(0);
  }
}

/** Everything of the machine that has news, opened against one sink. Throws StartFailure where one cannot be opened. */
export class Sources {
  readonly watch: LinkWatch;
  readonly frameLink: FrameLink;
  readonly taps: FrameTaps;
  readonly transport: Transport;
  readonly plane: DataPlane;
  readonly network: HostNetwork;
  readonly #addresses: AddressWatch;
  readonly #interfaces: Host["interfaces"];
  readonly #tables: Tables;
  readonly #neighbours: LinuxNeighbours;
  readonly #answers: WaitingAnswers;
  readonly #streams: TcpStreams;
  readonly #machine: Machine;
  readonly #log: Log;
  /** Counters that cannot be read, by what they are of. */
  readonly #uncounted: Refusals<string>;
  #now = 0 as Micros;

  constructor({ machine, sink, readable, deviceMac, records, log }: SourceOptions) {
    const take = (change: HostChange): void => sink.take(change, this.#now);
    const refused =
      <What extends keyof Refusable>(what: What) =>
      (subject: Refusable[What], text: string | undefined): void =>
        this.#answers.add({ kind: "refused", what, subject, text } as Refused);
    const frames = { deliver: (frame: Incoming) => sink.frameReceived(frame, this.#now), readable };
    this.#machine = machine;
    this.#log = log;
    this.#answers = new WaitingAnswers(take, readable);
    this.#uncounted = new Refusals(
      (of, reason) => reason !== undefined && log.warn("counters not read", { of, reason }),
      (of) => of,
    );
    this.watch = machine.openWatch({
      changed: (link) => take({ kind: "link", link }),
      touched: (index) => this.plane.forwarding.noticed(index),
      readable,
      ownMac: (index, mac) => this.plane.forwarding.ownMac(index, mac),
    });
    const excess = (port: InterfaceIndex, left: number): void => this.#leftOut(port, left);
    this.frameLink = machine.openLink({ ...frames, refused: refused("link"), mostOfOne: MOST_OF_ONE, excess });
    this.taps = machine.openTaps({ ...frames, refused: refused("tap") });
    this.#addresses = machine.openAddressWatch({
      changed: (address) => {
        if (address.present) this.transport.retry();
        take({ kind: "address", address });
      },
      // With IPv6 an interface that shall have none gets an address.
      touched: (index) => this.plane.forwarding.noticed(index),
      readable,
    });
    this.transport = machine.openTransport({
      deliver: (datagram) => sink.datagramReceived(datagram, this.#now),
      expired: (report) => take({ kind: "pacer", report }),
      readable,
      refused: refused("socket"),
      unpaced: refused("pacer"),
      flooded: ({ source, port }) =>
        log.warn("flood of datagrams that are not a peer's", { address: source.text, port }),
    });
    this.plane = machine.openDataPlane({
      deviceMac,
      record: records.forwarding,
      refused: refused("forwarding"),
      unprotected: refused("protection"),
      changed: (subject, text) => this.#answers.add({ kind: "drift", subject, text }),
      readable,
      notRestored: (reason) => log.warn(NOT_RESTORED, { reason }),
      uncounted: (index, text) => this.#uncounted.answered(`interface ${index}`, text),
    });
    if (this.plane.why !== undefined) log.warn("data plane", { uses: this.plane.kind, reason: this.plane.why });
    this.network = machine.openNetwork({
      deviceMac,
      record: records.network,
      refused: refused("network"),
      changed: (changed) => this.#answers.add({ kind: "network", changed }),
      routeGone: () => this.#answers.add({ kind: "route-gone" }),
    });
    this.#interfaces = machine.openInterfaces({ refused: refused("interface") });
    this.#tables = machine.openTables({ refused: refused("table") });
    const listed = (entries: ListedNeighbours): void => take({ kind: "kernel-neighbours", ...entries });
    this.#neighbours = machine.openNeighbours({ listed, readable, refused: refused("neighbours") });
    this.#streams = machine.openStreams({
      changed: take,
      deliver: (stream) => sink.streamReceived(stream, this.#now),
      readable,
      refused: refused("listener"),
    });
  }

  #leftOut(port: InterfaceIndex, frames: number): void {
    this.#answers.add({ kind: "excess", port, frames });
  }

  /** The Host made of what is open here. */
  host(store: KillProof): Host {
    const { frameLink: link, taps, plane, network, transport } = this;
    return {
      link: {
        listen: (members) => {
          link.setPorts(members);
          const reason = this.watch.setPolled(members.map(({ index }) => index));
          if (reason !== undefined)
            this.#log.warn("carriers not polled, the kernel's events are waited for", { reason });
        },
        send: (out) => link.send(out),
      },
      forwarding: plane.forwarding,
      network,
      taps,
      tables: this.#tables,
      neighbours: this.#neighbours,
      datagrams: transport.datagrams,
      streams: this.#streams,
      pacer: transport.pacer,
      digests,
      interfaces: this.#interfaces,
      store,
    };
  }

  /** What interfaces counted, by Linux name; undefined while it cannot be read. */
  readTraffic(): TrafficTable | undefined {
    const { value, refusal } = asked(() => this.#machine.readTraffic());
    this.#uncounted.answered("interfaces", refusal);
    return value;
  }

  /** In the order of a turn: what was refused in the turn before, then what links and addresses say, then what they carry. */
  get drained(): readonly Source[] {
    const { frameLink, taps, transport, watch } = this;
    const { forwarding } = this.plane;
    return [
      this.#answers,
      watch,
      this.#addresses,
      frameLink,
      taps,
      transport,
      this.#streams,
      this.#neighbours,
      forwarding,
    ].map((source) => ({
      drain: (now) => {
        this.#now = now;
        return source.drain();
      },
    }));
  }

  /** A file of the state directory cannot be written, for a reason; without one it can again. */
  stateSaved(name: string, reason: string | undefined): void {
    this.#answers.add({ kind: "refused", what: "state", subject: name, text: reason });
  }

  /** Links and addresses there are, and nothing that waits on them. */
  begin(now: Micros): void {
    this.#now = now;
    this.watch.drain();
    this.#addresses.drain();
  }

  /** After the last turn: leaves for good, and tells what could not be put back. */
  leave(): void {
    const refusals = this.#answers.rest().flatMap((answer) => (answer.kind === "refused" ? (answer.text ?? []) : []));
    for (const reason of [...refusals, ...this.network.leave()]) this.#log.warn(NOT_RESTORED, { reason });
    this.plane.forwarding.leave();
  }

  close(): void {
    for (const source of [this.watch, this.#addresses, this.frameLink, this.taps, this.transport]) source.close();
    this.#neighbours.close();
    this.#streams.end();
  }
}
