import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { TrunkView } from "../../src/daemon/questions.js";
import { collect, ended, ipIn, isRunning, type Lab, makeVeth, run, spawnIn, stop } from "../lab.js";
import { OpenVswitch } from "../open-vswitch.js";
import { first, type Seen, Teller } from "./teller.js";

/** What forwards the frames: etrunkd with either data plane, etrunkd in mode 1:1 (eBPF), or Open vSwitch's bond. */
export type RivalKind = "etrunkd, ebpf" | "etrunkd, 1:1" | "etrunkd, nftables" | "open vswitch";

/** MAC address of a station beyond the far end. */
const STATION = "02:bb:00:00:00:09";
const MEMBERS = ["m1", "m2"];

/**
 * Real-time priority as in examples/etrunkd.service. Open vSwitch gets it here too; its own start script gives it nice
 * -10.
 */
const PRIORITY = ["chrt", "-r", "1"];

const onCpu = (cpu: number, words: readonly string[]): string[] => ["taskset", "-c", `${cpu}`, ...words];

const built = (name: string): string => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));

/** Milliseconds between two looks at the rival's state, which cost little beside the measurement. */
const LOOK_MS = 5;
const PATIENCE_MS = 15_000;

/** The compiled programs. */
export interface Programs {
  readonly generate: string;
  readonly sink: string;
  readonly stalls: string;
}

/** A running sender. */
export interface Sending {
  /** Number of frames sent. */
  readonly sent: Promise<number>;
  stop(): void;
}

/** A rival in three namespaces: a0 - pa [rival] m1, m2 - c1, c2; one flow from a0 by the member that carries it. */
export class Rival {
  readonly kind: RivalKind;
  readonly equalIndexes: boolean;
  readonly #programs: Programs;
  readonly #near: string;
  readonly #middle: string;
  readonly #far: string;
  readonly #folder: string;
  #daemon: ChildProcess | undefined;
  #switch: OpenVswitch | undefined;
  #sink: Teller<Seen> | undefined;

  private constructor(
    kind: RivalKind,
    equalIndexes: boolean,
    programs: Programs,
    names: readonly string[],
    folder: string,
  ) {
    this.kind = kind;
    this.equalIndexes = equalIndexes;
    this.#programs = programs;
    [this.#near, this.#middle, this.#far] = names as [string, string, string];
    this.#folder = folder;
  }

  get name(): string {
    return `${this.kind}, ${this.equalIndexes ? "equal" : "distinct"} indexes`;
  }

  static async start(
    lab: Lab,
    kind: RivalKind,
    equalIndexes: boolean,
    programs: Programs,
    number: number,
  ): Promise<Rival> {
    const names = [
      await lab.namespace(`a${number}`),
      await lab.namespace(`p${number}`),
      await lab.namespace(`c${number}`),
    ];
    const folder = join(lab.folder, `rival${number}`);
    mkdirSync(folder);
    const rival = new Rival(kind, equalIndexes, programs, names, folder);
    await rival.#build();
    return rival;
  }

  async #build(): Promise<void> {
    await makeVeth(
      { namespace: this.#near, name: "a0", index: 11 },
      { namespace: this.#middle, name: "pa", index: 12 },
    );
    for (const [at, name] of MEMBERS.entries()) {
      const farIndex = this.equalIndexes ? 21 + at : 31 + at;
      await makeVeth(
        { namespace: this.#middle, name, index: 21 + at },
        { namespace: this.#far, name: `c${at + 1}`, index: farIndex },
      );
    }
    if (this.kind === "open vswitch")
      this.#switch = await OpenVswitch.start(this.#middle, join(this.#folder, "ovs"), MEMBERS, PRIORITY);
    else await this.#startTrunk();
    const sink = spawnIn(this.#far, onCpu(0, first(50, [this.#programs.sink, "c1", "c2"])), {
      stdio: ["pipe", "pipe", "inherit"],
    });
    this.#sink = await Teller.start(sink);
  }

  async #startTrunk(): Promise<void> {
    const ip = (...words: string[]) => ipIn(this.#middle, "link", ...words);
    await ip("add", "br0", "type", "bridge", "mcast_snooping", "0");
    await ip("set", "dev", "br0", "up");
    await ip("set", "dev", "pa", "master", "br0");
    this.configure(MEMBERS);
    await this.startDaemon();
    await ip("set", "dev", "eth-trunk1", "master", "br0");
    const entry = ["fdb", "add", STATION, "dev", "eth-trunk1", "master", "static"];
    await run("ip", ["netns", "exec", this.#middle, "bridge", ...entry]);
  }

  /** Writes the configuration, and makes a running daemon read it. */
  configure(members: readonly string[]): void {
    const isPair = this.kind === "etrunkd, 1:1";
    const views = MEMBERS.map((name) => `interface ${name}\n${members.includes(name) ? " eth-trunk 1\n" : ""}#\n`);
    const trunk = `interface Eth-Trunk1\n${isPair ? " portswitch\n mode manual backup\n" : ""}#\n`;
    const text = `${isPair ? "vlan-bridge br0\n#\n" : ""}${trunk}${views.join("")}return\n`;
    writeFileSync(join(this.#folder, "cfg"), text);
    this.signal("SIGHUP");
  }

  /** Starts etrunkd, or restarts it; resolves when both members are up. */
  async startDaemon(): Promise<void> {
    if (this.#daemon && isRunning(this.#daemon)) await ended(this.#daemon);
    const at = (file: string): string => join(this.#folder, file);
    const files = ["--config", at("cfg"), "--socket", at("sock"), "--state-dir", at("state"), "--log-level", "error"];
    // Without these capabilities bpf() is refused, and the daemon uses nftables.
    const without = this.kind === "etrunkd, nftables" ? ["setpriv", "--bounding-set=-bpf,-sys_admin"] : [];
    const command = [...PRIORITY, ...without, process.execPath, built("etrunkd.js"), ...files];
    this.#daemon = spawnIn(this.#middle, command, {
      stdio: ["ignore", "ignore", "inherit"],
    });
    await this.membersUp(MEMBERS);
  }

  /** Waits until the trunk has exactly these members and all are up. */
  async membersUp(members: readonly string[] = MEMBERS): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    while (!(await this.#areUp(members))) {
      if (Date.now() > end) throw new Error(`${this.kind}: ${members.join(" and ")} do not come up`);
      await pause(LOOK_MS);
    }
  }

  async #areUp(members: readonly string[]): Promise<boolean> {
    if (this.#switch) return (await this.#switch.enabledMembers("bond0")) === members.length;
    const ports = (await trunkOf(join(this.#folder, "sock")))?.ports ?? [];
    const up = ports.filter(({ status }) => status === "Up").map(({ name }) => name);
    return ports.length === members.length && members.every((name) => up.includes(name));
  }

  signal(name: NodeJS.Signals): void {
    this.#daemon?.kill(name);
  }

  /** Starts a sender, which ends when its time is over or it is stopped. */
  send(seconds: number, rate: number): Sending {
    const words = ["a0", STATION, "1", "100", String(seconds), String(rate)];
    const child = spawnIn(this.#near, onCpu(1, first(50, [this.#programs.generate, ...words])), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const output = collect(child.stdout);
    const sent = once(child, "close").then(() => JSON.parse(output()).sent);
    // Nothing waits for this promise when another step fails first.
    sent.catch(() => {});
    return { sent, stop: () => child.kill("SIGTERM") };
  }

  /** What the far end received since the last question. */
  seen(): Promise<Seen> {
    if (!this.#sink) throw new Error("not started");
    return this.#sink.ask();
  }

  /** Cuts or heals a link at the far end; resolves when the kernel has done it. */
  async setLink(name: string, up: boolean): Promise<void> {
    await this.#sink?.ask(`${up ? "up" : "down"} ${name}`);
  }

  async stop(): Promise<void> {
    await this.#sink?.stop();
    if (this.#daemon) await stop(this.#daemon);
    await this.#switch?.stop();
  }
}

/**
 * `display eth-trunk 1`, straight from the control socket, since starting a process takes longer; undefined without an
 * answer.
 */
async function trunkOf(path: string): Promise<TrunkView | undefined> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    socket.write('{"ask":"eth-trunk","id":1}\n');
    for await (const line of createInterface({ input: socket })) return JSON.parse(line).data;
  } catch {
    // The daemon has not started yet, or is about to end.
  } finally {
    socket.destroy();
  }
  return undefined;
}
