import { randomBytes } from "node:crypto";
import { type Cipher, NO_CIPHER } from "../config/language/secrets.js";
import type { Model } from "../config/model.js";
import { differencesBetween } from "../config/reading/differences.js";
import { toDesired } from "../config/to-desired.js";
import { type Mac, macToColons } from "../core/base/address.js";
import { assert } from "../core/base/assert.js";
import type { Micros } from "../core/base/time.js";
import type { Desired } from "../core/contract/desired/desired.js";
import type { EngineEvent } from "../core/contract/events.js";
import type { Refused } from "../core/contract/input.js";
import type { Moment } from "../core/contract/questions.js";
import type { Checkpoint } from "../core/device/checkpoint.js";
import { Engine } from "../core/engine/engine.js";
import type { AddressWatch } from "../linux/address-watch.js";
import type { FrameLink } from "../linux/capture/frame-link.js";
import type { FrameTaps } from "../linux/capture/taps.js";
import type { DataPlane } from "../linux/forwarding/open.js";
import type { LinkWatch } from "../linux/link-watch.js";
import type { Store } from "../linux/store.js";
import type { Transport } from "../linux/udp/transport.js";
import { type AnyAnswers, answersOf } from "./answering.js";
import type { Act, AnswerSources } from "./answers.js";
import { Calendar } from "./calendar.js";
import { CHECKPOINT, CheckpointKeeper } from "./checkpoint-keeper.js";
import { ControlServer } from "./control.js";
import { deviceMac, type Texts } from "./device-mac.js";
import { nextEpoch } from "./epoch.js";
import { EventFeed } from "./event-feed.js";
import { Inputs } from "./inputs.js";
import { InterfaceStates } from "./interface-states.js";
import type { Log } from "./log.js";
import { Loop } from "./loop.js";
import type { HostNetwork, Machine } from "./machine.js";
import { MemberLinks } from "./member-links.js";
import { QUESTIONS, type QuestionRows } from "./questions.js";
import type { Recorder } from "./recorder.js";
import type { Run } from "./recording.js";
import { StartFailure, systemReason } from "./start-failure.js";
import { readCheckpoint } from "./stored-checkpoint.js";
import { programVersion } from "./version.js";

export interface DaemonOptions {
  readonly machine: Machine;
  readonly model: Model;
  readonly bindings: ReadonlyMap<string, string>;
  readonly systemMac: Mac | undefined;
  /** Opens the keys of the configuration; without it none can be opened. */
  readonly cipher?: Cipher;
  readonly link: "ring" | "pcap";
  readonly socket: string;
  readonly store: Store;
  readonly log: Log;
  readonly recorder: Recorder | undefined;
  /** How each question is asked; each is answered by the engine, by the daemon or by `answers`. */
  readonly questions?: QuestionRows;
  /** Answering functions beside those of engine and daemon. */
  readonly answers?: AnyAnswers;
  /** An invariant is broken: the process must end. */
  broken(error: unknown): void;
}

/** Names of what is recorded in the store: of the data plane, and of the network of the host. */
const FORWARDING = "forwarding";
const NETWORK = "network";

/** The engine's farewell takes a second where a partner is slow. Milliseconds. */
const LONGEST_FAREWELL = 1_300;

/** The engine between the links of a machine, its clock, its state directory and those who ask and listen. */
export class Daemon {
  readonly engine: Engine;
  readonly loop: Loop;
  readonly control: ControlServer;
  readonly frameLink: FrameLink;
  readonly taps: FrameTaps;
  readonly transport: Transport;
  readonly run: Run;
  readonly #options: DaemonOptions;
  readonly #mac: Mac;
  readonly #feed = new EventFeed();
  /** Events of the turn under way: told when what follows from them has left, for writing them takes longer. */
  readonly #untold: (readonly [EngineEvent, Micros])[] = [];
  readonly #inputs: Inputs;
  readonly #watch: LinkWatch;
  readonly #addresses: AddressWatch;
  readonly #members: MemberLinks;
  readonly #keeper: CheckpointKeeper;
  readonly #plane: DataPlane;
  readonly #network: HostNetwork;
  readonly #interfaces: InterfaceStates;
  #model: Model;
  /** The time of the turn under way: what waits together happened, for us, together. */
  #turnTime = 0 as Micros;
  #onLeft: () => void = () => {};

  /** Opens links and clock, continues from the checkpoint where there is one; does nothing yet. */
  constructor(options: DaemonOptions) {
    const { machine, store, log, recorder } = options;
    this.#options = options;
    this.#model = options.model;
    const texts: Texts = { load: (name) => load(store, name), save: (name, text) => store.save(name, text) };
    this.#mac = this.#deviceMac(texts);
    this.run = {
      epoch: nextEpoch(texts, Date.now() * 1_000),
      software: `etrunkd ${programVersion()}`,
      seed: randomBytes(4).readUInt32BE(),
    };
    // Peers will know us by the epoch, so it is on disk before they do.
    store.flush();
    this.#interfaces = new InterfaceStates(() => machine.readTraffic());
    this.#watch = machine.openWatch({
      changed: (link) => {
        this.#members.linkChanged(link);
        this.#network.linkChanged(link);
        this.#interfaces.linkChanged(link, this.#turnTime);
        this.#inputs.take({ kind: "link", link }, this.#turnTime);
      },
      readable: () => this.loop.turn(),
    });
    this.frameLink = machine.openLink({
      deliver: (frame) => this.#inputs.frameReceived(frame, this.#turnTime),
      readable: () => this.loop.turn(),
    });
    this.taps = machine.openTaps({
      deliver: (frame) => this.#inputs.frameReceived(frame, this.#turnTime),
      readable: () => this.loop.turn(),
      failed: (index, errno) => log.warn("interface not tapped", { index, errno }),
    });
    this.#addresses = machine.openAddressWatch({
      changed: (address) => {
        if (address.present) this.transport.retry();
        this.#network.addressChanged();
        this.#inputs.take({ kind: "address", address }, this.#turnTime);
      },
      readable: () => this.loop.turn(),
    });
    this.transport = machine.openTransport({
      deliver: (datagram) => this.#inputs.datagramReceived(datagram, this.#turnTime),
      expired: (report) => this.#inputs.take({ kind: "pacer", report }, this.#turnTime),
      readable: () => this.loop.turn(),
      failed: (endpoint, reason) => {
        log.warn("socket not opened, tried again", { reason });
        if (endpoint !== undefined) this.#refused({ kind: "refused", what: "socket", subject: endpoint, text: reason });
      },
      opened: (endpoint) => this.#refused({ kind: "refused", what: "socket", subject: endpoint }),
      flooded: ({ source, port }) => log.warn("strangers flood a socket", { address: source.text, port }),
    });
    this.#members = new MemberLinks((members) => {
      this.frameLink.setPorts(members);
      this.#watch.setPolled(members.map(({ index }) => index));
    });
    const restored = this.#restored();
    recorder?.begin(this.run, restored);
    this.#plane = machine.openDataPlane({
      deviceMac: this.#mac,
      record: recordIn(store, FORWARDING),
      failed: ({ trunk, member, text }) =>
        this.#refused({ kind: "refused", what: "forwarding", subject: { trunk, member }, text }),
    });
    if (this.#plane.why !== undefined) log.warn("data plane", { uses: this.#plane.kind, reason: this.#plane.why });
    this.#network = machine.openNetwork({
      deviceMac: this.#mac,
      record: recordIn(store, NETWORK),
      failed: (reason) => log.warn("network not as configured", { reason }),
    });
    this.engine = new Engine(
      machine.host({
        link: this.frameLink,
        taps: this.taps,
        plane: this.#plane,
        network: this.#network,
        transport: this.transport,
        store: {
          keep: (name, text) => store.keep(name, text),
          keepCheckpoint: () => this.#keeper.keep(machine.now()),
        },
        tablesFailed: (reason) => log.warn("kernel table not changed", { reason }),
      }),
      (event, now) => {
        recorder?.event(event, now);
        this.#untold.push([event, now]);
      },
      restored,
      this.run,
    );
    this.#inputs = new Inputs(this.engine, recorder);
    this.#feed.listen((event, now) => log.event(event, now));
    this.#keeper = new CheckpointKeeper(() => this.engine.checkpoint(), store, machine.boot(), machine.now());
    this.loop = this.#makeLoop();
    this.control = this.#makeControl();
  }

  #deviceMac(texts: Texts): Mac {
    const { systemMac, store, log } = this.#options;
    const { mac, made, told } = deviceMac(systemMac, texts);
    // Partners will know us by it, so it is on disk before they do.
    if (made) store.flush();
    if (told !== undefined) log.warn("stored device MAC replaced by a new one", { reason: told });
    return mac;
  }

  /** Told in the middle of a turn: the engine hears of it in the next. */
  #refused(refused: Refused): void {
    setImmediate(() => this.loop.apply((now) => this.#inputs.take(refused, now)));
  }

  #restored(): Checkpoint | undefined {
    const { store, machine, log } = this.#options;
    const text = load(store, CHECKPOINT);
    if (text === undefined || text === "") return undefined;
    const { checkpoint, told } = readCheckpoint(text, machine.boot(), machine.now());
    if (told !== undefined) log.warn("checkpoint ignored, in part or whole", { reason: told });
    if (checkpoint !== undefined) log.info("continuing from the checkpoint", { ports: checkpoint.ports.length });
    return checkpoint;
  }

  #makeLoop(): Loop {
    const drain = (source: { drain(): number }) => (now: Micros) => {
      this.#turnTime = now;
      return source.drain();
    };
    return new Loop({
      now: this.#options.machine.now,
      sources: [this.#watch, this.#addresses, this.frameLink, this.taps, this.transport].map((source) => ({
        drain: drain(source),
      })),
      timed: [
        { nextDeadline: () => this.engine.nextDeadline(), expire: (now) => this.#inputs.expire(now) },
        this.#keeper,
      ],
      settle: (now) => {
        try {
          if (this.#inputs.settle(now)) this.#keeper.touched();
        } finally {
          for (const [event, at] of this.#untold.splice(0)) this.#feed.tell(event, at);
        }
        if (this.engine.hasLeft) this.#onLeft();
      },
      broken: this.#options.broken,
    });
  }

  #makeControl(): ControlServer {
    const { socket, machine, questions = QUESTIONS, answers = {} } = this.#options;
    const calendar = new Calendar(machine.now);
    const date = (at: number): string => calendar.date(at);
    const answering: AnyAnswers = { ...answersOf(this.engine, this.#answerSources()), ...answers };
    for (const name of Object.keys(questions)) assert(name in answering, `nothing answers "${name}"`);
    return new ControlServer({
      path: socket,
      feed: this.#feed,
      questions,
      now: machine.now,
      date,
      answer: ({ ask, ...asks }) => answering[ask]?.(asks as never, { now: machine.now(), date }),
    });
  }

  #answerSources(): AnswerSources {
    const known = (moment: Moment) => {
      const links = new Map(this.#watch.all().map((link) => [link.name, link]));
      return { engine: this.engine, links, ...moment };
    };
    const act: Act = (name, asks) =>
      this.loop.apply((now) => this.#inputs.take({ kind: "act", action: { name, asks } }, now)) as ReturnType<Act>;
    return {
      act,
      loop: this.loop,
      feed: this.#feed,
      link: this.#options.link,
      plane: this.#plane,
      systemMac: this.systemMac,
      model: () => this.#model,
      interfaces: (moment) => this.#interfaces.views(known(moment)),
      vlans: (moment) => this.#interfaces.vlans(known(moment)),
    };
  }

  /** As `00:e0:fc:12:34:55`. */
  get systemMac(): string {
    return macToColons(this.#mac);
  }

  /** Links first, then what is wanted of them, then the first PDUs; the socket answers when it resolves. */
  async start(): Promise<void> {
    this.loop.apply((now) => {
      this.#turnTime = now;
      // The engine restores a port at the first configuration, so the links under the ports are known by then.
      this.#watch.drain();
      this.#addresses.drain();
      this.#configure(now);
    });
    // The data plane has made devices meanwhile.
    this.#network.refresh();
    this.#interfaces.start(this.#options.machine.now);
    this.#tellUnusedBindings();
    await this.control.open();
  }

  #tellUnusedBindings(): void {
    const used = new Set(this.#desired().interfaces.map(({ name }) => name));
    for (const [name, device] of this.#options.bindings)
      if (!used.has(name)) this.#options.log.warn("binding of an interface that is not configured", { name, device });
  }

  /** The configuration is now this; only what differs is touched. Returns the attributes that do, `a.b.c`. */
  apply(model: Model): string[] {
    const changed = differencesBetween(this.#model, model).map(({ path }) => path.join("."));
    if (changed.length === 0) return changed;
    this.#model = model;
    this.loop.apply((now) => this.#configure(now));
    this.#network.refresh();
    this.#feed.tell({ event: "configuration", commit: null }, this.#options.machine.now());
    return changed;
  }

  #configure(now: Micros): void {
    const desired = this.#desired();
    this.#interfaces.configure(this.#model, this.#options.bindings);
    this.#members.configure(desired);
    this.#inputs.take({ kind: "configure", desired }, now);
  }

  #desired(): Desired {
    const { bindings, cipher = NO_CIPHER } = this.#options;
    return toDesired(this.#model, { deviceMac: this.#mac, bindings, cipher });
  }

  /** Stops for a restart: partners are told nothing, and the next process continues from the last checkpoint. */
  stopForRestart(): void {
    this.loop.apply((now) => this.#inputs.take({ kind: "pause" }, now));
    this.loop.stop();
    this.#network.release();
    this.#plane.forwarding?.release();
    this.#keeper.save(this.#options.machine.now());
    this.#close();
  }

  /** Leaves for good: partners are told and have a moment to follow; no next process continues. */
  async leave(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#onLeft = resolve;
      setTimeout(resolve, LONGEST_FAREWELL);
      this.loop.apply((now) => this.#inputs.take({ kind: "leave" }, now));
    });
    this.loop.stop();
    this.#network.leave();
    this.#plane.forwarding?.leave();
    this.#options.store.save(CHECKPOINT, "");
    this.#close();
  }

  #close(): void {
    this.control.close();
    this.#interfaces.stop();
    this.#watch.close();
    this.#addresses.close();
    this.frameLink.close();
    this.taps.close();
    this.transport.close();
    this.#options.store.flush();
  }
}

const recordIn = (store: Store, name: string) => ({
  load: () => load(store, name),
  saveNow: (text: string) => store.saveNow(name, text),
  save: (text: string) => store.save(name, text),
});

function load(store: Store, name: string): string | undefined {
  try {
    return store.load(name);
  } catch (error) {
    throw new StartFailure(
      `state directory: ${name}: ${systemReason(error)}; remove it, or choose another with --state-dir`,
    );
  }
}
