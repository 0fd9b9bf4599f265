import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import { Daemon, WITHOUT_BPF } from "./daemon.js";
import type { BackendName } from "./forwarding.js";
import { Lab, run } from "./lab.js";
import { makeVeth } from "./namespace.js";

export const BACKENDS: readonly BackendName[] = ["ebpf", "nftables"];
const WRAPPERS: { readonly [backend in BackendName]: readonly string[] } = { ebpf: [], nftables: WITHOUT_BPF };
export const PATIENCE = { timeout: 20_000, interval: 20 };

const text = (host: number, members: readonly string[], besides: readonly string[]): string =>
  [
    ...besides,
    "interface Eth-Trunk1",
    " mode lacp-static",
    " lacp timeout fast",
    ` ip address 10.9.0.${host} 24`,
    ...members.flatMap((member) => [`interface ${member}`, " eth-trunk 1"]),
    "",
  ].join("\n");

/** A PE whose data plane is to suffer, and its partner: two daemons with a trunk of two links, m1-p1 and m2-p2. */
export class DriftLab {
  readonly lab: Lab;
  readonly near: string;
  readonly far: string;
  #daemon: Daemon | undefined;
  #partner: Daemon | undefined;

  private constructor(lab: Lab, near: string, far: string) {
    this.lab = lab;
    this.near = near;
    this.far = far;
  }

  static async create(): Promise<DriftLab> {
    const lab = new Lab();
    const made = new DriftLab(lab, await lab.namespace("n"), await lab.namespace("f"));
    for (const at of [1, 2])
      await makeVeth(
        { namespace: made.near, name: `m${at}`, index: 100 + at },
        { namespace: made.far, name: `p${at}`, index: 200 + at },
      );
    return made;
  }

  get daemon(): Daemon {
    if (this.#daemon === undefined) throw new Error("not started");
    return this.#daemon;
  }

  get partner(): Daemon {
    if (this.#partner === undefined) throw new Error("not started");
    return this.#partner;
  }

  /** Starts both ends; `besides` are further lines of the one that suffers, `wrapper` starts its daemon. */
  async start(backend: BackendName, besides: readonly string[] = [], wrapper: readonly string[] = []): Promise<void> {
    const [near, far] = [text(1, ["m1", "m2"], besides), text(2, ["p1", "p2"], [])];
    const start = (namespace: string, configuration: string, wrapper: readonly string[]) =>
      Daemon.start({ namespace, folder: join(this.lab.folder, namespace), configuration, wrapper });
    [this.#daemon, this.#partner] = await Promise.all([
      start(this.near, near, [...wrapper, ...WRAPPERS[backend]]),
      start(this.far, far, []),
    ]);
  }

  /** Runs a program beside the daemon; `bpf` is that of bpf.c, which hears of the daemon. */
  async run(...words: readonly string[]): Promise<string> {
    const [program, ...rest] = words;
    if (program !== "bpf") return run("ip", ["netns", "exec", this.near, ...words]);
    const isOfMap = rest[0] === "zero" || rest[0] === "freeze";
    const pid = isOfMap ? [String(this.daemon.pid)] : [];
    return run("ip", ["netns", "exec", this.near, await this.#bpf(), ...rest, ...pid]);
  }

  /** Compiles it when it is asked for first. */
  async #bpf(): Promise<string> {
    const program = join(this.lab.folder, "bpf");
    if (!existsSync(program)) await run("cc", ["-O2", "-o", program, fileURLToPath(new URL("bpf.c", import.meta.url))]);
    return program;
  }

  /** Both ends carry by both links, and no alarm of the data plane stands. */
  async carries(): Promise<void> {
    await vi.waitFor(async () => {
      for (const of of [this.daemon, this.partner])
        expectCarries((await of.trunk()).ports.map(({ distributing }) => distributing));
    }, PATIENCE);
  }

  /** Whether frames pass both ways. */
  async passes(count = 5): Promise<void> {
    await this.run("ping", "-q", "-c", String(count), "-i", "0.02", "-W", "2", "10.9.0.2");
  }

  async close(): Promise<void> {
    await this.#daemon?.stop();
    await this.#partner?.stop();
    await this.lab.close();
  }
}

function expectCarries(distributing: readonly boolean[]): void {
  if (distributing.length !== 2 || distributing.includes(false)) throw new Error(`they carry: ${distributing}`);
}
