import type { ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { type End, stateText } from "../../support/frames.js";
import { type Lab, run, spawnIn, stop } from "../../support/lab.js";
import type { LacpPeer, PeerMode, PeerPort } from "./lacp-peer.js";

const SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema";
export const OVS_SYSTEM_ID = "02:00:00:00:0b:01";
const OVS_SYSTEM_PRIORITY = 1000;

/**
 * Open vSwitch in its user-space datapath: a private database, nothing of the machine's own Open vSwitch is touched.
 * Its ports say collecting and distributing always; `may_enable` tells what it uses.
 */
export class OpenVswitch implements LacpPeer {
  readonly kind = "Open vSwitch";
  readonly seesCarrier = true;
  readonly #folder: string;
  readonly #namespace: string;
  readonly #processes: ChildProcess[] = [];

  private constructor(folder: string, namespace: string) {
    this.#folder = folder;
    this.#namespace = namespace;
  }

  /** Without a mode it speaks no LACP: a member is used while it has carrier. */
  static async start(
    lab: Lab,
    namespace: string,
    interfaces: readonly string[],
    mode: PeerMode | undefined,
  ): Promise<OpenVswitch> {
    const folder = join(lab.folder, `ovs-${namespace}`);
    mkdirSync(folder, { recursive: true });
    const ovs = new OpenVswitch(folder, namespace);
    await run("ovsdb-tool", ["create", join(folder, "conf.db"), SCHEMA]);
    const socket = ovs.#at("db.sock");
    await ovs.#spawn(["ovsdb-server", ovs.#at("conf.db"), `--remote=punix:${socket}`], "ovsdb", socket);
    await ovs.#vsctl("--no-wait", "init");
    await ovs.#spawn(["ovs-vswitchd", `unix:${socket}`, "--disable-system"], "vswitchd", ovs.#at("vswitchd.ctl"));
    await ovs.#addBond(interfaces, mode);
    return ovs;
  }

  async configure(mode: PeerMode): Promise<void> {
    // Off in between, or it remembers an earlier partner and speaks to it every 30 s only.
    await this.#vsctl("set", "port", "bond0", "lacp=off");
    await this.#vsctl("set", "port", "bond0", ...portColumns(mode));
  }

  async ports(): Promise<PeerPort[]> {
    const [lacp, bond] = await Promise.all([this.appctl("lacp/show", "bond0"), this.appctl("bond/show", "bond0")]);
    return parseLacpShow(lacp).map((port) => ({ ...port, carrying: port.carrying && mayEnable(bond, port.name) }));
  }

  /** Members that the bond uses. */
  async enabled(): Promise<string[]> {
    const bond = await this.appctl("bond/show", "bond0");
    return [...bond.matchAll(/^member (.+): enabled$/gm)].map(([, member]) => member as string).sort();
  }

  /** How often a port of it stopped carrying, expired or lost its partner since it was started. */
  async losses(): Promise<number> {
    const counters = await this.appctl("lacp/show-stats", "bond0");
    const expired = [...counters.matchAll(/Link (?:Expired|Defaulted): (\d+)/g)];
    const disabled = this.#log().match(/member p\d+: disabled/g) ?? [];
    return expired.reduce((sum, [, count]) => sum + Number(count), disabled.length);
  }

  async report(): Promise<string> {
    const log = this.#log()
      .split("\n")
      .filter((line) => /\|(bond|lacp|bridge)\|/.test(line));
    return `${await this.appctl("lacp/show", "bond0")}\n${await this.appctl("bond/show", "bond0")}\n${log.join("\n")}`;
  }

  /** A command to the running switch, e.g. `lacp/show-stats bond0`. */
  appctl(...words: string[]): Promise<string> {
    return run("ovs-appctl", ["-t", this.#at("vswitchd.ctl"), ...words]);
  }

  async stop(): Promise<void> {
    for (const process of this.#processes.reverse()) await stop(process);
  }

  #at(file: string): string {
    return join(this.#folder, file);
  }

  #log(): string {
    return readFileSync(this.#at("vswitchd.log"), "utf8");
  }

  #vsctl(...words: string[]): Promise<string> {
    return run("ovs-vsctl", [`--db=unix:${this.#at("db.sock")}`, "-t", "10", ...words]);
  }

  /** Starts one of the two daemons with its files in our folder, until it has made its socket. */
  async #spawn(command: string[], name: string, socket: string): Promise<void> {
    const flags = [`--pidfile=${this.#at(`${name}.pid`)}`, `--unixctl=${this.#at(`${name}.ctl`)}`];
    const logging = ["-vconsole:off", `--log-file=${this.#at(`${name}.log`)}`];
    const folders = ["OVS_RUNDIR", "OVS_DBDIR", "OVS_LOGDIR", "OVS_SYSCONFDIR"].map((key) => [key, this.#folder]);
    const env = { ...process.env, ...Object.fromEntries(folders) };
    const started = spawnIn(this.#namespace, [...command, ...flags, ...logging], { env, stdio: "ignore" });
    this.#processes.push(started);
    await vi.waitUntil(() => existsSync(socket), { timeout: 10_000, interval: 20 });
  }

  async #addBond(interfaces: readonly string[], mode: PeerMode | undefined): Promise<void> {
    // Left alone, Open vSwitch hands out port numbers in no fixed order.
    const numbers = interfaces.flatMap((name, n) => [
      ...["--", "set", "interface", name, `other_config:lacp-port-id=${n + 1}`],
    ]);
    await this.#vsctl(
      ...["--", "add-br", "br0", "--", "set", "bridge", "br0", "datapath_type=netdev", "fail-mode=standalone"],
      ...["--", "add-bond", "br0", "bond0", ...interfaces, `bond_mode=balance-${mode ? "tcp" : "slb"}`],
      ...(mode ? portColumns(mode) : ["lacp=off"]),
      // What a member that comes back has to wait for until it is given flows, milliseconds; 10,000 unless said.
      "other_config:bond-rebalance-interval=1000",
      `other_config:lacp-system-id="${OVS_SYSTEM_ID}"`,
      `other_config:lacp-system-priority=${OVS_SYSTEM_PRIORITY}`,
      ...numbers,
    );
  }
}

const portColumns = ({ active, fast }: PeerMode): string[] => [
  `lacp=${active ? "active" : "passive"}`,
  `other_config:lacp-time=${fast ? "fast" : "slow"}`,
];

/** State flags as `lacp/show` names them, bit 0 first. */
const FLAGS = [
  "activity",
  "timeout",
  "aggregation",
  "synchronized",
  "collecting",
  "distributing",
  "defaulted",
  "expired",
];

/** Reads `ovs-appctl lacp/show`; `carrying` is its `may_enable`. */
function parseLacpShow(text: string): PeerPort[] {
  return text
    .split(/^member: /m)
    .slice(1)
    .map((section) => ({
      name: /^[^:]+/.exec(section)?.[0] ?? "",
      carrying: /may_enable: true/.test(section),
      attached: /^[^:]+: \w+ attached/.test(section),
      actor: parseEnd(section, "actor"),
      partner: parseEnd(section, "partner"),
    }));
}

function parseEnd(section: string, who: "actor" | "partner"): End {
  const field = (name: string): string => new RegExp(`${who} ${name}: ?(.*)`).exec(section)?.[1] ?? "";
  const state = field("state").split(" ");
  return {
    systemPriority: Number(field("sys_priority")),
    system: field("sys_id"),
    key: Number(field("key")),
    portPriority: Number(field("port_priority")),
    port: Number(field("port_id")),
    state: stateText(FLAGS.reduce((octet, flag, bit) => octet | (state.includes(flag) ? 1 << bit : 0), 0)),
  };
}

/** Reads `ovs-appctl bond/show`: a member may be enabled there only when the bond uses it. */
const mayEnable = (bond: string, member: string): boolean =>
  new RegExp(`member ${member}: enabled\\n(?:  .*\\n)*?  may_enable: true`).test(bond);
