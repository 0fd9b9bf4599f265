import { rmSync } from "node:fs";
import { join } from "node:path";
import type { MonitorLine } from "../daemon/questions.js";
import { Daemon } from "./daemon.js";
import type { Lab } from "./namespaces.js";
import { type MemberMode, type PeSettings, peConfiguration } from "./pe-configuration.js";
import { run } from "./programs.js";
import { Wire } from "./wire.js";

export const PES = ["PE1", "PE2"] as const;
export type PeName = (typeof PES)[number];

/** A PE of the story. */
export interface PeParts extends PeSettings {
  readonly name: PeName;
}

export const REVERT_DELAY = 5;

/** Milliseconds: a dead peer is detected after 0.9 s. */
const BFD_INTERVAL = 300;

/**
 * `headless`: the daemon was killed and the host forwards as the daemon left it. `stopped`: the daemon has left for
 * good.
 */
export type PeState = "off" | "stopped" | "running" | "headless";

/** A PE: a host that can lose its power, with an etrunkd that can be killed. */
export class Pe {
  readonly parts: PeParts;
  readonly ceWire: Wire;
  readonly coreWire: Wire;
  readonly #lab: Lab;
  readonly #namespace: string;
  readonly #heard: (line: MonitorLine) => void;
  #daemon: Daemon | undefined;
  #starting: Promise<Daemon> | undefined;
  #closed = false;
  #state: PeState = "stopped";
  #mode: MemberMode = "auto";

  private constructor(
    lab: Lab,
    parts: PeParts,
    wires: { readonly ce: Wire; readonly core: Wire },
    heard: (line: MonitorLine) => void,
  ) {
    this.#lab = lab;
    this.parts = parts;
    this.ceWire = wires.ce;
    this.coreWire = wires.core;
    this.#namespace = wires.ce.namespaces[0];
    this.#heard = heard;
  }

  /**
   * Makes the host with its links plugged in, without a daemon. `heard` gets the events of every daemon that runs
   * there.
   */
  static async create(
    lab: Lab,
    parts: PeParts,
    far: { readonly ce: string; readonly core: string },
    heard: (line: MonitorLine) => void,
  ): Promise<Pe> {
    const { name, links } = parts;
    const namespace = await lab.namespace(name.toLowerCase());
    const ce = await Wire.create(lab, [namespace, far.ce], [links.ce], `${name.toLowerCase()}x`);
    const core = await Wire.create(lab, [namespace, far.core], [links.service, links.path], `${name.toLowerCase()}y`);
    const pe = new Pe(lab, parts, { ce, core }, heard);
    await ce.connect(...ce.links);
    await core.connect(...core.links);
    return pe;
  }

  get name(): PeName {
    return this.parts.name;
  }

  get state(): PeState {
    if (this.#state === "running" && !this.#daemon?.isRunning)
      throw new Error(`etrunkd of ${this.name} has ended\n${this.#daemon?.lastWords}`);
    return this.#state;
  }

  /** The running daemon; throws when there is none. */
  get daemon(): Daemon {
    if (!this.#daemon) throw new Error(`etrunkd of ${this.name} does not run`);
    return this.#daemon;
  }

  async start(): Promise<void> {
    if (this.#closed) throw new Error("the lab is closed");
    const options = { namespace: this.#namespace, folder: this.#folder, configuration: this.#configuration };
    this.#starting = Daemon.start(options);
    this.#daemon = await this.#starting;
    await this.#daemon.monitor(["e-trunk-state", "member-state", "bfd-state"], this.#heard);
    this.#state = "running";
  }

  /** Changes the member's work mode, now and for daemons that start later. */
  setMode(mode: MemberMode): void {
    this.#mode = mode;
    this.daemon.configure(this.#configuration);
  }

  /** Asks the daemon to leave for good. */
  async stop(): Promise<void> {
    if (this.#state === "running") this.#state = "stopped";
    await this.#daemon?.stop();
  }

  /** Ends the daemon, also one that is just starting, and lets none start again. */
  async close(): Promise<void> {
    this.#closed = true;
    const [started] = await Promise.allSettled([this.#starting]);
    if (started.status === "fulfilled") await started.value?.stop();
  }

  /** Kills the daemon; the host goes on forwarding. */
  kill(): void {
    this.#state = "headless";
    this.#daemon?.kill();
  }

  /** Whether the link to the CE is cut. */
  get isCut(): boolean {
    return this.ceWire.links.some((link) => this.ceWire.stateOf(link) !== "whole");
  }

  cutCe(): Promise<void> {
    return this.ceWire.disconnect(...this.ceWire.links);
  }

  healCe(): Promise<void> {
    return this.ceWire.connect(...this.ceWire.links);
  }

  /** Takes the power: links and everything in memory are gone. */
  async powerOff(): Promise<void> {
    this.#state = "off";
    this.#daemon?.kill();
    await Promise.all([this.ceWire, this.coreWire].map((wire) => wire.disconnect(...wire.links)));
    await this.#daemon?.stop();
    for (const wire of [this.ceWire, this.coreWire]) for (const link of wire.links) await wire.unplug(link, 0);
    await run("ip", ["netns", "del", this.#namespace]);
    // A real boot would make the checkpoint void; here the kernel's boot_id stays the same, so it is removed.
    rmSync(join(this.#folder, "state/checkpoint"), { force: true });
  }

  async powerOn(): Promise<void> {
    await this.#lab.namespace(this.name.toLowerCase());
    for (const wire of [this.ceWire, this.coreWire]) {
      for (const link of wire.links) await wire.replug(link, 0);
      await wire.connect(...wire.links);
    }
    await this.start();
  }

  get #configuration(): string {
    return peConfiguration(this.parts, BFD_INTERVAL, this.#mode);
  }

  get #folder(): string {
    return join(this.#lab.folder, this.name);
  }
}
