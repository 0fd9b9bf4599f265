import type { ChildProcess } from "node:child_process";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TrafficCounters } from "../../src/core/contract/host.js";
import { collect, ended, type Lab, run, spawnIn, stop } from "./lab.js";

const CHECKOUT = fileURLToPath(new URL("../..", import.meta.url));
const PROGRAM = "test/support/forwarding-process.js";

/** Files of the checkout that the program needs. */
const LOADED = ["package.json", "dist", "native/build/Release/etrunkd.node", PROGRAM];

export type BackendName = "ebpf" | "nftables";

export interface Problem {
  readonly trunk: number;
  readonly member?: number;
  readonly text: string;
}

export interface ProcessOptions {
  readonly backend: BackendName;
  /** File of the record that outlives the process. */
  readonly record: string;
  readonly deviceMac: number;
  /** Program that starts it, e.g. `setpriv` and its flags. */
  readonly wrapper?: readonly string[];
  /** Folder it is loaded from; by default the checkout, which other users may not be able to read. */
  readonly root?: string;
}

/** npm packages needed at run time. */
function installed(): string[] {
  const { packages } = JSON.parse(readFileSync(join(CHECKOUT, "package-lock.json"), "utf8"));
  const paths = Object.keys(packages).filter((path) => path !== "" && !packages[path].dev);
  return paths.filter((path) => existsSync(join(CHECKOUT, path)));
}

/** Copies the files of a daemon to a folder that every user can read, and lets every user write the lab's folder. */
export async function publicRoot(lab: Lab): Promise<string> {
  const root = join(lab.folder, "root");
  for (const path of [...LOADED, ...installed()]) cpSync(join(CHECKOUT, path), join(root, path), { recursive: true });
  await run("chmod", ["-R", "a+rX", root]);
  await run("chmod", ["777", lab.folder]);
  return root;
}

/** `setpriv` and its flags: another user than root, who has these capabilities, e.g. `net_admin`, and can get no others. */
export function unprivileged(capabilities: readonly string[]): string[] {
  const added = capabilities.map((name) => `,+${name}`).join("");
  const sets = ["--inh-caps", "--ambient-caps", "--bounding-set"].map((flag) => `${flag}=-all${added}`);
  return ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--no-new-privs", ...sets];
}

/** LinuxForwarding in a process of its own. */
export class ForwardingProcess {
  readonly problems: Problem[] = [];
  readonly #child: ChildProcess;
  readonly #complaint: () => string;
  readonly #waiting = new Map<number, (answer: { result?: unknown; error?: string }) => void>();
  #calls = 0;

  constructor(namespace: string, options: ProcessOptions) {
    const { wrapper = [], root = CHECKOUT, record, backend, deviceMac } = options;
    const command = [...wrapper, process.execPath, join(root, PROGRAM), record, backend, String(deviceMac)];
    this.#child = spawnIn(namespace, command, { stdio: "pipe", cwd: root });
    this.#complaint = collect(this.#child.stderr);
    if (this.#child.stdout) createInterface({ input: this.#child.stdout }).on("line", (line) => this.#take(line));
    this.#child.on("exit", () => {
      for (const answer of this.#waiting.values()) answer({ error: `the process ended: ${this.#complaint()}` });
      this.#waiting.clear();
    });
  }

  #take(line: string): void {
    const message = JSON.parse(line);
    if (message.failed) this.problems.push(message.failed);
    else this.#waiting.get(message.id)?.(message);
    this.#waiting.delete(message.id);
  }

  /** Calls a method of LinuxForwarding. */
  call<Result = void>(method: string, ...parameters: readonly unknown[]): Promise<Result> {
    const id = ++this.#calls;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ({ result, error }) => {
        if (error === undefined) resolve(result as Result);
        else reject(new Error(error));
      });
      this.#child.stdin?.write(`${JSON.stringify([id, method, ...parameters])}\n`);
    });
  }

  /** As `kill -9` does. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await ended(this.#child);
  }

  async stop(): Promise<void> {
    await stop(this.#child);
  }
}

/** One end of a pair of trunks. */
export class TrunkEnd {
  readonly namespace: string;
  /** Interface indexes of m1, m2, .. */
  readonly members: number[];
  readonly #options: ProcessOptions;
  #process: ForwardingProcess;

  constructor(namespace: string, members: number[], options: ProcessOptions) {
    this.namespace = namespace;
    this.members = members;
    this.#options = options;
    this.#process = new ForwardingProcess(namespace, options);
  }

  get problems(): readonly Problem[] {
    return this.#process.problems;
  }

  call<Result = void>(method: string, ...parameters: readonly unknown[]): Promise<Result> {
    return this.#process.call(method, ...parameters);
  }

  /** Configures trunk 1 as a starting engine does: all members carry, with these weights. */
  async tell(weights: readonly number[], device: object = {}): Promise<void> {
    await this.call("create", { trunk: 1, hash: "flow", ...device });
    for (const index of this.members) await this.call("attach", 1, index);
    for (const index of this.members) await this.call("setCollecting", 1, index, true);
    await this.distribute(weights);
    await this.call("setCarrier", 1, true);
  }

  /** Weights of m1, m2, ..; 0 for a member that sends nothing. */
  async distribute(weights: readonly number[]): Promise<void> {
    const shares = this.members.map((index, at) => ({ index, weight: weights[at] ?? 0 }));
    await this.call(
      "setDistribution",
      1,
      shares.filter(({ weight }) => weight > 0),
    );
  }

  /** Frames sent on m1, m2, .. */
  async sent(): Promise<number[]> {
    const counters = await Promise.all(
      this.members.map((index) => this.call<TrafficCounters>("memberCounters", 1, index)),
    );
    return counters.map(({ framesSent }) => framesSent);
  }

  /** Dies, and begins anew with what it left on disk, or with what `record` makes of it. */
  async killAndRestart(record?: (text: string) => string): Promise<void> {
    await this.#process.kill();
    const { record: path } = this.#options;
    if (record !== undefined) writeFileSync(path, record(readFileSync(path, "utf8")));
    this.#process = new ForwardingProcess(this.namespace, this.#options);
  }

  /** Stops the process for a restart, and starts it again. */
  async restart(): Promise<void> {
    await this.call("release");
    await this.#process.stop();
    this.#process = new ForwardingProcess(this.namespace, this.#options);
  }

  async stop(): Promise<void> {
    await this.#process.stop();
  }
}

export interface PairOptions {
  readonly links: number;
  readonly backend: BackendName;
  /** Both ends of a link have the same interface index, which the kernel treats differently. */
  readonly equalIndexes?: boolean;
}

let pairs = 0;

/** Two namespaces, links m1, m2, .. between them, and a data plane in each. */
export class TrunkPair {
  readonly near: TrunkEnd;
  readonly far: TrunkEnd;

  private constructor(near: TrunkEnd, far: TrunkEnd) {
    this.near = near;
    this.far = far;
  }

  static async create(lab: Lab, { links, backend, equalIndexes = false }: PairOptions): Promise<TrunkPair> {
    const [near, far] = [await lab.namespace(`n${pairs}`), await lab.namespace(`f${pairs++}`)];
    const indexes = Array.from({ length: links }, (_, at) => 101 + at);
    const farIndexes = indexes.map((index) => (equalIndexes ? index : index + 100));
    for (const [at, index] of indexes.entries()) await link(near, far, `m${at + 1}`, index, farIndexes[at] ?? 0);
    const end = (namespace: string, members: number[], deviceMac: number) =>
      new TrunkEnd(namespace, members, { backend, record: join(lab.folder, `${namespace}.json`), deviceMac });
    return new TrunkPair(end(near, indexes, 0x02_00_00_00_0a_01), end(far, farIndexes, 0x02_00_00_00_0a_02));
  }

  /** Brings both trunks up over all links. */
  async carry(weights: readonly number[], device: object = {}): Promise<void> {
    for (const end of [this.far, this.near]) {
      await end.tell(weights, device);
      await end.call("commit");
      if (end.problems.length > 0) throw new Error(`refused: ${JSON.stringify(end.problems)}`);
    }
  }

  /** Gives both trunks an address of 10.9.0.0/24 and one of fd09::/64. */
  async address(): Promise<void> {
    for (const [end, host] of [
      [this.near, 1],
      [this.far, 2],
    ] as const)
      await addAddresses(end.namespace, "eth-trunk1", [`10.9.0.${host}/24`, `fd09::${host}/64`]);
  }

  async stop(): Promise<void> {
    await this.near.stop();
    await this.far.stop();
  }
}

/** Adds addresses that can be used at once. */
export async function addAddresses(namespace: string, device: string, addresses: readonly string[]): Promise<void> {
  await run("ip", ["netns", "exec", namespace, "sysctl", "-qw", `net/ipv6/conf/${device}/disable_ipv6=0`]);
  for (const address of addresses)
    await run("ip", [
      "-n",
      namespace,
      "addr",
      "add",
      address,
      "dev",
      device,
      ...(address.includes(":") ? ["nodad"] : []),
    ]);
}

/** Makes a veth between two namespaces and sets it up. */
export async function link(near: string, far: string, name: string, index: number, farIndex: number): Promise<void> {
  const peer = ["peer", "name", name, "index", String(farIndex), "netns", far];
  await run("ip", ["-n", near, "link", "add", "name", name, "index", String(index), "type", "veth", ...peer]);
  for (const namespace of [near, far]) await run("ip", ["-n", namespace, "link", "set", "dev", name, "up"]);
}

/** Runs a program inside a namespace; returns its output. */
export function runIn(namespace: string, command: readonly string[]): Promise<string> {
  return run("ip", ["netns", "exec", namespace, ...command]);
}

/** An interface as iproute2 tells it. */
export interface LinkJson {
  readonly ifindex: number;
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly operstate: string;
  readonly address: string;
  readonly ifalias?: string;
}

const links = async (namespace: string, ...which: readonly string[]): Promise<LinkJson[]> =>
  JSON.parse(await run("ip", ["-n", namespace, "-j", "link", "show", ...which]));

export async function linkOf(namespace: string, name: string): Promise<LinkJson> {
  return (await links(namespace, "dev", name))[0] as LinkJson;
}

/** Interfaces and hooks that a data plane makes in a namespace, sorted by name; empty when none is left. */
export async function leftovers(namespace: string): Promise<string[]> {
  const names = (await links(namespace)).map(({ ifname }) => ifname);
  const found = names.filter((name) => /^eth-trunk|^et[\d.]+-ul$/.test(name));
  const qdiscs = JSON.parse(await runIn(namespace, ["tc", "-j", "qdisc", "show"]));
  const hooked = qdiscs.filter(({ kind }: { kind: string }) => kind === "clsact");
  const rules = await runIn(namespace, ["nft", "list", "ruleset"]);
  return [
    ...found,
    ...hooked.map(({ dev }: { dev: string }) => `hook ${dev}`),
    ...[...rules.matchAll(/^(table .*) \{$/gm)].map(([, table]) => table as string),
    ...[...rules.matchAll(/hook (?:in|e)gress device "(.*?)"/g)].map(([, device]) => `hook ${device}`),
  ].sort();
}

/** What a data plane changes on a member. */
export async function interfaceState(namespace: string, name: string) {
  const link = await linkOf(namespace, name);
  const read = async (path: string) => (await runIn(namespace, ["cat", `/proc/sys/net/${path}`])).trim();
  return {
    promiscuous: link.flags.includes("PROMISC"),
    address: link.address,
    mtu: link.mtu,
    alias: link.ifalias,
    arpIgnore: await read(`ipv4/conf/${name}/arp_ignore`),
    disableIpv6: await read(`ipv6/conf/${name}/disable_ipv6`),
  };
}
