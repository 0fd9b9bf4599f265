import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { run, spawnIn, stop } from "./lab.js";

const SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema";

/** Open vSwitch in user space with a database of its own: a bridge of `pa` and a bond of other interfaces. */
export class OpenVswitch {
  readonly #namespace: string;
  readonly #folder: string;
  readonly #processes: ChildProcess[] = [];

  readonly #wrapper: readonly string[];

  private constructor(namespace: string, folder: string, wrapper: readonly string[]) {
    this.#namespace = namespace;
    this.#folder = folder;
    this.#wrapper = wrapper;
  }

  /** `wrapper`: the program that starts its programs, e.g. `nice` and its flags. `columns`: settings of the bond. */
  static async start(
    namespace: string,
    folder: string,
    ports: readonly string[],
    wrapper: readonly string[] = [],
    columns: readonly string[] = [],
  ): Promise<OpenVswitch> {
    mkdirSync(folder, { recursive: true });
    const ovs = new OpenVswitch(namespace, folder, wrapper);
    await run("ovsdb-tool", ["create", ovs.#at("conf.db"), SCHEMA]);
    const socket = ovs.#at("db.sock");
    await ovs.#begin(["ovsdb-server", ovs.#at("conf.db"), `--remote=punix:${socket}`], socket);
    const vsctl = (...words: string[]) => run("ovs-vsctl", [`--db=unix:${socket}`, "-t", "10", ...words]);
    await vsctl("--no-wait", "init");
    await ovs.#begin(["ovs-vswitchd", `unix:${socket}`, "--disable-system"], ovs.#at("ovs-vswitchd.ctl"));
    await vsctl(
      ...["--", "add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev", "fail-mode=standalone"],
      ...["--", "add-port", "br0", "pa", "--", "add-bond", "br0", "bond0", ...ports, "bond_mode=balance-slb"],
      ...columns,
    );
    return ovs;
  }

  get pids(): readonly number[] {
    return this.#processes.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  }

  /** Number of members of a bond that may carry traffic. */
  async enabledMembers(bond: string): Promise<number> {
    const shown = await run("ovs-appctl", ["-t", this.#at("ovs-vswitchd.ctl"), "bond/show", bond]);
    return shown.match(/^(member|slave) \S+: enabled$/gm)?.length ?? 0;
  }

  #at(file: string): string {
    return join(this.#folder, file);
  }

  async #begin(command: readonly string[], socket: string): Promise<void> {
    const folders = ["OVS_RUNDIR", "OVS_DBDIR", "OVS_LOGDIR", "OVS_SYSCONFDIR"].map((key) => [key, this.#folder]);
    const env = { ...process.env, ...Object.fromEntries(folders) };
    const [name] = command;
    const flags = [`--pidfile=${this.#at(`${name}.pid`)}`, `--unixctl=${this.#at(`${name}.ctl`)}`, "-vconsole:off"];
    this.#processes.push(spawnIn(this.#namespace, [...this.#wrapper, ...command, ...flags], { env, stdio: "ignore" }));
    for (let tries = 0; !existsSync(socket); tries++) {
      if (tries > 500) throw new Error(`${name} does not start`);
      await pause(20);
    }
  }

  async stop(): Promise<void> {
    for (const process of this.#processes.reverse()) await stop(process);
  }
}
