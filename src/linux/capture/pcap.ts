/**
 * Frames received by libpcap (`cap`) in one supervised child process for all interfaces: `cap` takes its process along
 * when an interface goes down. A child that dies is started anew; only frames of the meantime are lost.
 *
 * Sending is the addon's: a child that is just being restarted would lose what we owe our partners, and `cap` crashes on
 * a handle that is not open. Then libpcap shows us what we sent; it is known by the source address we last sent from.
 */
import { type ChildProcess, fork } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Mac } from "../../core/base/address.js";
import type { Incoming, InterfaceIndex, Outgoing } from "../../core/base/protocol.js";
import { EthernetView } from "../../core/wire/ethernet.js";
import { channelAddon } from "../native/channel.js";
import { Refusals } from "../refusals.js";
import { systemError } from "../system-error.js";
import {
  blankFrame,
  type FrameLink,
  type FramePort,
  FrameSender,
  MOST_FRAMES,
  requirePacketSockets,
  type SharedLinkOptions,
} from "./frame-link.js";
import {
  type ExcessMessage,
  LONGEST_FRAME,
  MESSAGE_DROPPED,
  MESSAGE_HEADER,
  MESSAGE_PORT,
  MESSAGE_VLAN,
  type PortsMessage,
  type RefusedMessage,
} from "./pcap-message.js";

/** Waits before a restart; the first after a calm time comes at once. */
const FIRST_BACKOFF_MILLISECONDS = 25;
const LONGEST_BACKOFF_MILLISECONDS = 1_000;

/** A child that lived so long was well. */
const CALM_MILLISECONDS = 5_000;

export interface PcapLinkOptions extends SharedLinkOptions {
  /** The compiled pcap-child, where it does not lie beside this file. */
  readonly child?: URL;
}

/** Throws where `cap` is not built or a packet socket is refused. */
export function openPcapLink(options: PcapLinkOptions): FrameLink {
  requirePacketSockets();
  try {
    createRequire(import.meta.url).resolve("cap/build/Release/cap.node");
  } catch {
    throw new Error("the package cap is not built: run `npm rebuild cap`, or use --link ring");
  }
  return new PcapLink(options);
}

class PcapLink implements FrameLink {
  readonly #addon = channelAddon();
  readonly #sender = new FrameSender();
  readonly #mostOfOne: number | undefined;
  readonly #deliver: (frame: Incoming) => void;
  readonly #channel;
  readonly #supervisor: Supervisor;
  readonly #message = new Uint8Array(MESSAGE_HEADER + LONGEST_FRAME);
  readonly #bytes = new DataView(this.#message.buffer);
  readonly #frame = blankFrame(this.#bytes);
  readonly #header = new EthernetView();
  #ports: ReadonlySet<InterfaceIndex> = new Set();
  /** The source address each port last sent from. */
  readonly #own = new Map<InterfaceIndex, Mac>();
  #received = 0;
  #draining = false;
  /** What the child says it dropped, and its predecessors did. */
  #dropped = 0;
  #droppedBefore = 0;

  readonly counters;

  constructor({ deliver, readable, refused, child, mostOfOne, excess }: PcapLinkOptions) {
    this.#deliver = deliver;
    this.#mostOfOne = mostOfOne;
    const channel = this.#addon.channelOpen(readable);
    if (typeof channel === "number") {
      this.#sender.close();
      throw systemError("channel to the pcap child", -channel);
    }
    this.#channel = channel;
    const path = fileURLToPath(child ?? new URL("./pcap-child.js", import.meta.url));
    this.#supervisor = new Supervisor(path, channel.far, new Refusals(refused, String), excess);
    const link = this;
    this.counters = {
      get received() {
        return link.#received;
      },
      get dropped() {
        return link.#droppedBefore + link.#dropped;
      },
      get sendErrors() {
        return link.#sender.errors;
      },
      get restarts() {
        return link.#supervisor.restarts;
      },
    };
  }

  drain(): number {
    // The frame under way is not overwritten from within.
    if (this.#draining) return 0;
    this.#draining = true;
    let taken = 0;
    try {
      for (; taken < MOST_FRAMES; taken++) {
        const length = this.#addon.channelRead(this.#channel, this.#message);
        if (length < 0) break;
        if (length >= MESSAGE_HEADER) this.#take(length - MESSAGE_HEADER);
      }
    } finally {
      this.#draining = false;
    }
    return taken;
  }

  #take(length: number): void {
    const frame = this.#frame;
    this.#countDrops(this.#bytes.getUint32(MESSAGE_DROPPED));
    const port = this.#bytes.getUint32(MESSAGE_PORT);
    if (!this.#ports.has(port)) return;
    const header = this.#header.wrap(this.#bytes, MESSAGE_HEADER, length);
    const own = this.#own.get(port);
    if (header.fault() === undefined) {
      if (header.source === own) return;
      // Promiscuous mode brings in what is for others.
      const isGroup = this.#bytes.getUint8(MESSAGE_HEADER) % 2 === 1;
      if (!isGroup && header.destination !== own) return;
    }
    frame.start = MESSAGE_HEADER;
    frame.length = length;
    frame.from = port;
    frame.vlan = this.#bytes.getInt32(MESSAGE_VLAN);
    this.#received++;
    this.#deliver(frame);
  }

  /** A new child counts from 0 again. */
  #countDrops(dropped: number): void {
    if (dropped < this.#dropped) this.#droppedBefore += this.#dropped;
    this.#dropped = dropped;
  }

  send(out: Outgoing): void {
    const header = this.#header.wrap(out.bytes, out.start, out.length);
    if (header.fault() === undefined) this.#own.set(out.to, header.source);
    this.#sender.send(out);
  }

  setPorts(ports: readonly FramePort[]): void {
    const next = new Set(ports.map((port) => port.index));
    for (const index of this.#own.keys()) if (!next.has(index)) this.#own.delete(index);
    this.#ports = next;
    this.#supervisor.tell({ ports: [...next], mostOfOne: this.#mostOfOne });
  }

  close(): void {
    this.#supervisor.stop();
    this.#addon.channelClose(this.#channel);
    this.#sender.close();
  }
}

/** Keeps one child running and tells each new one what the last was told. */
class Supervisor {
  restarts = 0;
  readonly #path: string;
  readonly #channel: number;
  readonly #refusals: Refusals<InterfaceIndex>;
  readonly #excess: SharedLinkOptions["excess"];
  #child: ChildProcess;
  #ports: PortsMessage = { ports: [] };
  #backoff = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(path: string, channel: number, refusals: Refusals<InterfaceIndex>, excess: SharedLinkOptions["excess"]) {
    this.#excess = excess;
    this.#path = path;
    this.#channel = channel;
    this.#refusals = refusals;
    this.#child = this.#start();
  }

  tell(ports: PortsMessage): void {
    this.#ports = ports;
    this.#send();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    this.#child.kill("SIGKILL");
  }

  #start(): ChildProcess {
    const started = performance.now();
    // Nobody reads what it prints: cap's assertion when it dies, libpcap's warnings about interfaces without addresses.
    const child = fork(this.#path, [], { execArgv: [], stdio: ["ignore", "ignore", "ignore", "ipc", this.#channel] });
    let ended = false;
    const end = (): void => {
      if (ended) return;
      ended = true;
      this.#restart(performance.now() - started);
    };
    child.on("message", (message: RefusedMessage | ExcessMessage) => {
      if ("excess" in message) this.#excess?.(message.index, message.excess);
      else this.#refusals.answered(message.index, message.text);
    });
    child.on("exit", end);
    // Either it could not be started, or a message to it failed because it just ended.
    child.on("error", () => child.pid === undefined && end());
    return child;
  }

  #restart(lived: number): void {
    if (this.#stopped) return;
    if (lived >= CALM_MILLISECONDS) this.#backoff = 0;
    this.#timer = setTimeout(() => {
      this.restarts++;
      // The new child asks for all of them anew.
      this.#refusals.answeredAll([]);
      this.#child = this.#start();
      this.#send();
    }, this.#backoff);
    this.#backoff = Math.min(Math.max(2 * this.#backoff, FIRST_BACKOFF_MILLISECONDS), LONGEST_BACKOFF_MILLISECONDS);
  }

  #send(): void {
    if (this.#child.connected) this.#child.send(this.#ports, () => {});
  }
}
