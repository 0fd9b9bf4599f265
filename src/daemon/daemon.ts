import { randomBytes } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import type { Facts, Kernel } from "../config/facts.js";
import type { Grammar } from "../config/grammar.js";
import { type Cipher, NO_CIPHER } from "../config/language/secrets.js";
import type { Model } from "../config/model.js";
import { differencesBetween } from "../config/reading/differences.js";
import { desiring } from "../config/to-desired.js";
import { type Mac, macToColons } from "../core/base/address.js";
import { assert } from "../core/base/assert.js";
import { atOnce, type Steps } from "../core/base/steps.js";
import type { Micros } from "../core/base/time.js";
import type { Desired } from "../core/contract/desired/desired.js";
import type { Host } from "../core/contract/host.js";
import type { Moment } from "../core/contract/questions.js";
import type { Checkpoint } from "../core/device/checkpoint.js";
import { Engine } from "../core/engine/engine.js";
import type { EngineEvent } from "../core/engine/news.js";
import type { Protocols } from "../core/engine/protocols.js";
import type { Run } from "../core/parts/part.js";
import { type AnyAnswers, answersOf } from "./answering.js";
import type { Act, AnswerSources } from "./answers.js";
import { Calendar } from "./calendar.js";
import type { Reloads } from "./configuration/reloads.js";
import { ControlServer } from "./control/control.js";
import { eventNames } from "./daemon-events.js";
import { Editing } from "./editing/editing.js";
import { editorHere, type PreparedCommit, type StartEditor } from "./editing/port.js";
import { EventFeed } from "./event-feed.js";
import { inSlices } from "./in-slices.js";
import { Inputs } from "./inputs.js";
import { InterfaceStates } from "./interfaces/interface-states.js";
import type { Log } from "./log/log.js";
import { Loop } from "./loop.js";
import type { Machine } from "./machine.js";
import { QUESTIONS, type QuestionRows } from "./questions.js";
import type { Recorder } from "./recording/recorder.js";
import { Sources } from "./sources.js";
import { readCheckpoint } from "./state/checkpoint.js";
import { CHECKPOINT, CheckpointKeeper } from "./state/checkpoint-keeper.js";
import { nextCommit } from "./state/commit-id.js";
import { CommitPoints } from "./state/commit-points.js";
import { deviceMac, type Texts } from "./state/device-mac.js";
import { nextEpoch } from "./state/epoch.js";
import { recordsIn } from "./state/records.js";
import type { Store } from "./state/store.js";
import { loadText } from "./state/stored-texts.js";
import { programVersion } from "./version.js";

export interface DaemonOptions {
  readonly machine: Machine;
  readonly model: Model;
  readonly bindings: ReadonlyMap<string, string>;
  /** Abilities of the kernel, where they were asked. */
  readonly kernel?: Kernel | undefined;
  readonly systemMac: Mac | undefined;
  /** Opens the keys of the configuration; without it none can be opened. */
  readonly cipher?: Cipher;
  /** The language that the model is of; the product's unless another is given. */
  readonly grammar?: Grammar;
  readonly link: "ring" | "pcap";
  readonly socket: string;
  readonly store: Store;
  readonly log: Log;
  readonly recorder: Recorder | undefined;
  /** What the engine is made of, and what its events are called. */
  readonly protocols?: Protocols;
  /** How each question is asked; each is answered by the engine, by the daemon or by `answers`. */
  readonly questions?: QuestionRows;
  /** Answering functions beside those of engine and daemon. */
  readonly answers?: AnyAnswers;
  /** Reads of the configuration file; without them there is no file to read again. */
  readonly reloads?: Pick<Reloads, "again" | "last">;
  /** Starts the editor of the configuration; on this thread unless another is given. */
  readonly editor?: StartEditor;
  /** An invariant is broken: the process must end. */
  broken(error: unknown): void;
}

/** The engine's farewell takes a second where a partner is slow. Milliseconds. */
const LONGEST_FAREWELL = 1_300;

/** The engine between the links of a machine, its clock, its state directory and those who ask and listen. */
export class Daemon {
  readonly engine: Engine;
  readonly loop: Loop;
  readonly control: ControlServer;
  readonly sources: Sources;
  readonly run: Run;
  readonly editing: Editing;
  readonly #options: DaemonOptions;
  readonly #mac: Mac;
  readonly #texts: Texts;
  readonly #feed = new EventFeed();
  /** Events of the turn under way: told when what follows from them has left, for writing them takes longer. */
  readonly #untold: (readonly [EngineEvent, Micros])[] = [];
  readonly #inputs: Inputs;
  readonly #keeper: CheckpointKeeper;
  readonly #interfaces: InterfaceStates;
  #model: Model;
  #isStopping = false;
  /** The first turn has been taken. */
  #hasBegun = false;
  #onLeft: () => void = () => {};

  /** Opens links and clock, continues from the checkpoint where there is one; does nothing yet. */
  constructor(options: DaemonOptions) {
    const { machine, store, log, recorder } = options;
    this.#options = options;
    this.#model = options.model;
    const texts: Texts = { load: (name) => loadText(store, name), save: (name, text) => store.save(name, text) };
    this.#texts = texts;
    this.#mac = this.#deviceMac(texts);
    this.run = newRun(texts);
    // Peers will know us by the epoch, so it is on disk before they do.
    store.flush();
    this.#interfaces = new InterfaceStates(() => this.sources.readTraffic());
    this.sources = this.#openSources();
    const restored = this.#restored();
    recorder?.begin(this.run, restored);
    const observe = (event: EngineEvent, now: Micros): void => {
      recorder?.event(event, now);
      this.#untold.push([event, now]);
    };
    store.follow((name, reason) => this.sources.stateSaved(name, reason));
    this.engine = new Engine(this.#host(), observe, restored, this.run, options.protocols);
    this.#inputs = new Inputs(this.engine, recorder, machine.now);
    this.#feed.listen((event, now) => log.event(event, now));
    this.#keeper = new CheckpointKeeper(() => this.engine.checkpoint(), store, machine.boot(), machine.now());
    this.loop = this.#makeLoop();
    this.editing = this.#makeEditing();
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

  #openSources(): Sources {
    const { machine, store, log } = this.#options;
    return new Sources({
      machine,
      sink: {
        take: (change, now) => {
          if (change.kind === "link") this.#interfaces.linkChanged(change.link, now);
          this.#inputs.take(change, now);
        },
        frameReceived: (frame, now) => this.#inputs.frameReceived(frame, now),
        datagramReceived: (datagram, now) => this.#inputs.datagramReceived(datagram, now),
        streamReceived: (stream, now) => this.#inputs.streamReceived(stream, now),
      },
      readable: () => this.loop.turn(),
      deviceMac: this.#mac,
      records: recordsIn(store, machine.boot()),
      log,
    });
  }

  #host(): Host {
    const { machine, store } = this.#options;
    const keep = (name: string, text: string): void => store.keep(name, text);
    const keepCheckpoint = (): void => this.#keeper.keep(machine.now());
    return this.sources.host({ keep, keepCheckpoint });
  }

  #restored(): Checkpoint | undefined {
    const { store, machine, log } = this.#options;
    const text = loadText(store, CHECKPOINT);
    if (text === undefined || text === "") return undefined;
    const { checkpoint, told } = readCheckpoint(text, machine.boot(), machine.now());
    if (told !== undefined) log.warn("checkpoint ignored, in part or whole", { reason: told });
    if (checkpoint !== undefined) log.info("continuing from the checkpoint", { ports: checkpoint.ports.length });
    return checkpoint;
  }

  #makeLoop(): Loop {
    return new Loop({
      now: this.#options.machine.now,
      sources: this.sources.drained,
      timed: [
        { nextDeadline: () => this.engine.nextDeadline(), expire: (now) => this.#inputs.expire(now) },
        this.#keeper,
      ],
      late: (by, now) => void this.#inputs.take({ kind: "late", by }, now),
      settle: (now) => {
        try {
          if (this.#inputs.settle(now)) this.#keeper.touched();
        } finally {
          for (const [event, at] of this.#untold.splice(0)) this.#feed.tell(event, at);
        }
        if (this.engine.hasLeft) this.#onLeft();
      },
      broken: (error) => {
        if (!this.#hasBegun) this.#forgetCheckpoint();
        this.#options.broken(error);
      },
    });
  }

  /** A process that cannot go on from its checkpoint leaves none to the next, which would fail as well. */
  #forgetCheckpoint(): void {
    const { store } = this.#options;
    store.save(CHECKPOINT, "");
    store.flush();
  }

  #makeControl(): ControlServer {
    const { socket, machine, log, protocols, questions = QUESTIONS, answers = {} } = this.#options;
    const calendar = new Calendar(machine.now);
    const date = (at: number): string => calendar.date(at);
    const answering: AnyAnswers = { ...answersOf(this.engine, this.#answerSources()), ...answers };
    for (const name of Object.keys(questions)) assert(name in answering, `nothing answers "${name}"`);
    return new ControlServer({
      path: socket,
      feed: this.#feed,
      questions,
      events: eventNames(protocols),
      now: machine.now,
      date,
      answer: ({ ask, ...asks }, session) => answering[ask]?.(asks as never, { now: machine.now(), date }, session),
      hungUp: (session) => this.editing.closed(session),
      failed: (error) => {
        const { message, stack } = error as Error;
        log.error("question not answered", { reason: message, stack });
      },
    });
  }

  #makeEditing(): Editing {
    const { bindings, kernel, cipher = NO_CIPHER, grammar, log, store, editor } = this.#options;
    return new Editing({
      start: editor ?? editorHere({ bindings, kernel, cipher, grammar }, new CommitPoints(store.folder)),
      facts: this.#facts(),
      log,
      running: () => this.#model,
      apply: (commit, id) => this.#run(commit, id),
      nextCommit: () => nextCommit(this.#texts),
    });
  }

  #answerSources(): AnswerSources {
    const known = (moment: Moment) => {
      const links = new Map(this.sources.watch.all().map((link) => [link.name, link]));
      return { engine: this.engine, links, ...moment };
    };
    const act: Act = (name, asks) =>
      this.loop.apply((now) => this.#inputs.take({ kind: "act", action: { name, asks } }, now)) as ReturnType<Act>;
    return {
      act,
      loop: this.loop,
      feed: this.#feed,
      link: this.#options.link,
      plane: this.sources.plane,
      systemMac: this.systemMac,
      grammar: this.#options.grammar,
      reloads: this.#options.reloads,
      editing: this.editing,
      readCounters: () => this.sources.plane.forwarding.readCounters(),
      model: () => this.#model,
      interfaces: (moment) => this.#interfaces.views(known(moment)),
      vlans: (moment) => this.#interfaces.vlans(known(moment)),
      interfaceNames: () => this.#interfaces.names(),
    };
  }

  /** As `00:e0:fc:12:34:55`. */
  get systemMac(): string {
    return macToColons(this.#mac);
  }

  /** Links first, then what is wanted of them, then the first PDUs; the socket answers when it resolves. */
  async start(): Promise<void> {
    const desired = atOnce(this.#desiring(this.#model));
    this.loop.apply((now) => {
      // The engine restores a port at the first configuration, so the links under the ports are known by then.
      this.sources.begin(now);
      this.#interfaces.configure(this.#model, this.#options.bindings);
      this.#inputs.take({ kind: "configure", desired }, now);
    });
    this.#hasBegun = true;
    this.#interfaces.start(this.#options.machine.now);
    this.#tellUnusedBindings(desired);
    await this.#settled();
    // It may have been told to stop meanwhile, and its end took the socket away.
    if (!this.#isStopping) await this.control.open();
  }

  #tellUnusedBindings({ interfaces }: Desired): void {
    const used = new Set(interfaces.map(({ name }) => name));
    for (const [name, device] of this.#options.bindings)
      if (!used.has(name)) this.#options.log.warn("binding of an interface that is not configured", { name, device });
  }

  /**
   * The configuration is now this; only what differs is touched, and what somebody changed on the host is put back. Resolves when
   * the host has been asked for all of it, to the attributes that differ, `a.b.c`; to undefined when the daemon is stopping.
   * Protocols get their turns meanwhile.
   */
  apply(model: Model): Promise<string[] | undefined> {
    return this.editing.inTurn(async () => {
      const changed = differencesBetween(this.#model, model).map(({ path }) => path.join("."));
      const desired = await inSlices(this.#desiring(model));
      if (!(await this.#run({ model, changed, desired }, null))) return undefined;
      this.editing.runs(model);
      return changed;
    });
  }

  /** False when the daemon is stopping. */
  async #run({ model, changed, desired }: Omit<PreparedCommit, "lines">, commit: string | null): Promise<boolean> {
    if (this.#isStopping) return false;
    this.#model = model;
    this.#interfaces.configure(model, this.#options.bindings);
    // The answer to a configuration is a turn of its own.
    await setImmediate();
    if (this.#isStopping) return false;
    this.loop.apply((now) => this.#inputs.take({ kind: "configure", desired }, now));
    if (changed.length > 0) this.#feed.tell({ event: "configuration", commit }, this.#options.machine.now());
    await this.#settled();
    return true;
  }

  /** Resolves when the host has been asked for all of the configuration. */
  async #settled(): Promise<void> {
    const { plane, network } = this.sources;
    await plane.forwarding.settled();
    await network.settled();
  }

  /** What runs is not what stands in the configuration file; without a problem it is. */
  configurationRefused(problem: string | undefined): void {
    const refused = { kind: "refused", what: "configuration", subject: "file", text: problem } as const;
    this.loop.apply((now) => this.#inputs.take(refused, now));
  }

  #desiring(model: Model): Steps<Desired> {
    return desiring(model, this.#facts(), this.#options.grammar);
  }

  #facts(): Required<Facts> {
    const { bindings, cipher = NO_CIPHER } = this.#options;
    return { deviceMac: this.#mac, bindings, cipher };
  }

  /** Stops for a restart: partners are told nothing, and the next process continues from the last checkpoint. */
  stopForRestart(): void {
    this.#isStopping = true;
    this.loop.apply((now) => this.#inputs.take({ kind: "pause" }, now));
    this.loop.stop();
    this.sources.network.release();
    this.sources.plane.forwarding.release();
    this.#keeper.save(this.#options.machine.now());
    this.#close();
  }

  /** Leaves for good: partners are told and have a moment to follow; no next process continues. */
  async leave(): Promise<void> {
    this.#isStopping = true;
    await new Promise<void>((resolve) => {
      this.#onLeft = resolve;
      setTimeout(resolve, LONGEST_FAREWELL);
      this.loop.apply((now) => this.#inputs.take({ kind: "leave" }, now));
    });
    this.loop.stop();
    this.sources.leave();
    this.#options.store.save(CHECKPOINT, "");
    this.#close();
  }

  #close(): void {
    this.control.close();
    this.editing.stop();
    this.#interfaces.stop();
    this.sources.close();
    this.#options.store.flush();
  }
}

/** The epoch is greater than that of every run before. */
const newRun = (texts: Texts): Run => ({
  epoch: nextEpoch(texts, Date.now() * 1_000),
  software: `etrunkd ${programVersion()}`,
  seed: randomBytes(4).readUInt32BE(),
});
