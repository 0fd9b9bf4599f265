import type { ChildProcess } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { collect, ended, isRunning, type Lab, run, spawnIn, stop } from "../../test/support/lab.js";
import { ipIn, makeVeth } from "../../test/support/namespace.js";
import { OpenVswitch } from "../open-vswitch.js";

/** Who moves the frames: etrunkd with either data plane, or Open vSwitch's bond. */
export type RivalKind = "etrunkd, ebpf" | "etrunkd, nftables" | "open vswitch";

/** Beyond the far end. */
const STATION = "02:bb:00:00:00:09";
const MEMBERS = ["m1", "m2"];

/** What Open vSwitch's own start script gives it; both have it here. */
const PRIORITY = ["nice", "-n", "-10"];

const built = (name: string): string => fileURLToPath(new URL(`../../dist/${name}`, import.meta.url));

/** Sender and receiver before everything else that runs, so that a gap is the path's and not theirs. */
const first = (core: number, words: readonly string[]): string[] => [
  "taskset",
  "-c",
  String(core),
  "chrt",
  "-f",
  "50",
  ...words,
];

/** What the far end saw between two questions. */
export interface Seen {
  readonly frames: number;
  /** Microseconds between two frames, by the kernel's time stamps. */
  readonly longest: number;
  /** Lost by the receiver. */
  readonly dropped: number;
  /** The interface the last frame came by. */
  readonly last: string;
}

export interface Programs {
  readonly generate: string;
  readonly sink: string;
}

/** a0 - pa [rival] m1, m2 - c1, c2 in three namespaces; one flow from a0 to whatever carries it. */
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
  #sink: ChildProcess | undefined;
  #links: ChildProcess | undefined;
  #lines: AsyncIterator<string> | undefined;

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
    // One process for all commands: starting one takes longer than what is measured.
    this.#links = spawnIn(this.#far, ["ip", "-batch", "-"], { stdio: ["pipe", "ignore", "inherit"] });
    this.#sink = spawnIn(this.#far, first(0, [this.#programs.sink, "c1", "c2"]), {
      stdio: ["pipe", "pipe", "inherit"],
    });
    if (!this.#sink.stdout) throw new Error("no output");
    this.#lines = createInterface({ input: this.#sink.stdout })[Symbol.asyncIterator]();
    await this.#lines.next();
  }

  async #startTrunk(): Promise<void> {
    this.configure(MEMBERS);
    await this.startDaemon();
    const ip = (...words: string[]) => ipIn(this.#middle, "link", ...words);
    await ip("add", "br0", "type", "bridge", "mcast_snooping", "0");
    await ip("set", "dev", "br0", "up");
    for (const port of ["pa", "eth-trunk1"]) await ip("set", "dev", port, "master", "br0");
    const entry = ["fdb", "add", STATION, "dev", "eth-trunk1", "master", "static"];
    await run("ip", ["netns", "exec", this.#middle, "bridge", ...entry]);
  }

  /** Writes the configuration, and has a daemon that runs read it. */
  configure(members: readonly string[]): void {
    const views = MEMBERS.map((name) => `interface ${name}\n${members.includes(name) ? " eth-trunk 1\n" : ""}#\n`);
    writeFileSync(join(this.#folder, "cfg"), `interface Eth-Trunk1\n#\n${views.join("")}return\n`);
    this.signal("SIGHUP");
  }

  /** Starts etrunkd, or starts it anew, until both members are up. */
  async startDaemon(): Promise<void> {
    if (this.#daemon && isRunning(this.#daemon)) await ended(this.#daemon);
    const at = (file: string): string => join(this.#folder, file);
    const files = ["--config", at("cfg"), "--socket", at("sock"), "--state-dir", at("state"), "--log-level", "error"];
    // Without these bpf() is refused, and the daemon takes nftables.
    const without = this.kind === "etrunkd, nftables" ? ["setpriv", "--bounding-set=-bpf,-sys_admin"] : [];
    const command = [...PRIORITY, ...without, process.execPath, built("etrunkd.js"), ...files];
    this.#daemon = spawnIn(this.#middle, command, { stdio: ["ignore", "ignore", "inherit"] });
    await this.upPorts(2);
  }

  /** Waits until so many members are up. */
  async upPorts(count: number): Promise<void> {
    const words = [
      "--socket",
      join(this.#folder, "sock"),
      "--wait",
      "15",
      `upPorts=${count}`,
      "display",
      "eth-trunk",
      "1",
    ];
    await run(process.execPath, [built("etrunkctl.js"), ...words]);
  }

  signal(name: NodeJS.Signals): void {
    this.#daemon?.kill(name);
  }

  /** Starts sending; the promise tells how many frames went out. */
  send(seconds: number, rate: number): Promise<number> {
    const words = ["a0", STATION, "1", "100", String(seconds), String(rate)];
    const child = spawnIn(this.#near, first(1, [this.#programs.generate, ...words]), {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const output = collect(child.stdout);
    return ended(child).then(() => JSON.parse(output()).sent);
  }

  /** What the far end saw since the question before. */
  async seen(): Promise<Seen> {
    this.#sink?.stdin?.write("\n");
    const line = await this.#lines?.next();
    return JSON.parse(line?.value);
  }

  /** Cuts or heals a link at the far end. */
  setLink(name: string, up: boolean): void {
    this.#links?.stdin?.write(`link set dev ${name} ${up ? "up" : "down"}\n`);
  }

  async stop(): Promise<void> {
    for (const process of [this.#sink, this.#links, this.#daemon]) if (process) await stop(process);
    await this.#switch?.stop();
  }
}
