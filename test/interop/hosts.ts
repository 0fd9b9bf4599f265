import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, vi } from "vitest";
import { Daemon } from "../support/daemon.js";
import { runIn } from "../support/forwarding.js";
import { Lab, run } from "../support/lab.js";
import { makeVeth } from "../support/namespace.js";

export const PATIENCE = { timeout: 10_000, interval: 50 };

const text = (...lines: readonly string[]): string => `${lines.join("\n")}\n`;
export const TRUNK = ["interface Eth-Trunk1", " trunkport eth1", " trunkport eth2"];
/** What is there before and after. */
export const BARE = ["eth1", "eth2", "eth3", "lo"];

/**
 * Two hosts with three links between them, made anew for each test of the suite that calls this: what one test leaves behind the
 * next would take for found.
 */
export class Hosts {
  near = "";
  far = "";
  folder = "";
  lab!: Lab;
  #daemons: Daemon[] = [];

  /** To be called in a suite. */
  static ofEachTest(): Hosts {
    const hosts = new Hosts();
    let tests = 0;
    beforeAll(() => {
      hosts.lab = new Lab();
    });
    beforeEach(() => hosts.#make(++tests));
    afterEach(({ task }) => hosts.#unmake(task.result?.state === "fail"));
    afterAll(() => hosts.lab.close());
    return hosts;
  }

  async #make(test: number): Promise<void> {
    this.near = await this.lab.namespace(`n${test}`);
    this.far = await this.lab.namespace(`f${test}`);
    for (const index of [1, 2, 3]) await this.veth(index);
    this.folder = join(this.lab.folder, `test-${test}`);
    mkdirSync(this.folder);
    this.#daemons = [];
  }

  async #unmake(failed: boolean): Promise<void> {
    if (failed) for (const daemon of this.#daemons) console.error(daemon.log);
    for (const daemon of this.#daemons) await daemon.stop();
    for (const namespace of [this.near, this.far]) await run("ip", ["netns", "del", namespace]);
  }

  /** The link `ethN` between the two, with indexes 100 + N and 200 + N. */
  veth(index: number): Promise<void> {
    return makeVeth(
      { namespace: this.near, name: `eth${index}`, index: 100 + index },
      { namespace: this.far, name: `eth${index}`, index: 200 + index },
    );
  }

  async start(namespace: string, ...lines: readonly string[]): Promise<Daemon> {
    const daemon = await Daemon.start({
      namespace,
      folder: join(this.folder, namespace),
      configuration: text(...lines),
    });
    this.#daemons.push(daemon);
    return daemon;
  }

  /** Has another configuration read, and waits until it is applied. */
  async configure(daemon: Daemon, ...lines: readonly string[]): Promise<void> {
    const before = daemon.log.match(/configuration read again/g)?.length ?? 0;
    daemon.configure(text(...lines));
    await vi.waitFor(
      () => expect(daemon.log.match(/configuration read again/g)?.length ?? 0).toBeGreaterThan(before),
      PATIENCE,
    );
  }

  /** Until an address answers the near host. */
  async ping(address: string, ...more: readonly string[]): Promise<void> {
    const program = ["ping", "-c", "2", "-i", "0.05", "-W", "1", ...more, address];
    await vi.waitFor(async () => expect(await runIn(this.near, program)).toContain("2 received"), PATIENCE);
  }

  async sysctl(namespace: string, path: string): Promise<string> {
    return (await runIn(namespace, ["cat", `/proc/sys/net/${path}`])).trim();
  }
}
