import type { ChildProcess } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { vi } from "vitest";
import { type End, stateText } from "../../support/frames.js";
import { collect, isRunning, type Lab, spawnIn, stop } from "../../support/lab.js";
import type { LacpPeer, PeerMode, PeerPort } from "./lacp-peer.js";

/** Whatever goes wrong, the guest powers itself off after so many seconds. */
const MOST_SECONDS = 400;

// Classic BPF: drop what this host itself sent on the veth (packet type OUTGOING), or the guest hears itself.
const NOT_OUR_OWN = Buffer.from(
  "20000000" + "04f0ffff" + "15000001" + "04000000" + "0600000000000000" + "06000000ffffffff",
  "hex",
);

/**
 * The Linux bonding driver in a user-mode-linux guest, its ports wired to interfaces of a namespace by AF_PACKET. The guest
 * does not see their carrier: a link set down outside is silence inside.
 */
export class LinuxBonding implements LacpPeer {
  readonly kind = "Linux bonding";
  readonly seesCarrier = false;
  readonly #guest: ChildProcess;
  readonly #interfaces: readonly string[];
  readonly #console: () => string;
  /** Commands go one after the other: their answers have no names. */
  #last: Promise<unknown> = Promise.resolve();

  private constructor(guest: ChildProcess, interfaces: readonly string[]) {
    this.#guest = guest;
    this.#interfaces = interfaces;
    this.#console = collect(guest.stdout);
  }

  /** Boots the guest; ready when bond0 is up. `options` are further options of the module, e.g. `min_links=1`. */
  static async start(
    lab: Lab,
    namespace: string,
    interfaces: readonly string[],
    mode: PeerMode,
    options: readonly string[] = [],
  ): Promise<LinuxBonding> {
    const folder = join(lab.folder, `guest-${namespace}`);
    mkdirSync(folder);
    const init = join(folder, "init");
    copyFileSync(new URL("bonding-guest.sh", import.meta.url), init);
    chmodSync(init, 0o755);
    const filter = join(folder, "filter.bpf");
    writeFileSync(filter, NOT_OUR_OWN);
    const settings = [
      `lacp_rate=${mode.fast ? "fast" : "slow"}`,
      `lacp_active=${mode.active ? "on" : "off"}`,
      ...options,
    ];
    const command = [
      ...["timeout", "-k", "2", String(MOST_SECONDS + 20), "linux.uml", "mem=128M", "quiet", "loglevel=4"],
      ...["rootfstype=hostfs", "rootflags=/", "ro", `init=${init}`, "con=null", "con0=fd:0,fd:1"],
      ...[`umid=${namespace}`, `uml_dir=${folder}`],
      ...interfaces.map((name, n) => `vec${n}:transport=raw,ifname=${name},bpffile=${filter}`),
      ...[`PORTS=${interfaces.length}`, `MODE=${settings.join(",")}`, `MAXSEC=${MOST_SECONDS}`],
    ];
    const env = { ...process.env, HOME: folder, TMPDIR: "/dev/shm" };
    const guest = spawnIn(namespace, command, { env, stdio: ["pipe", "pipe", "pipe"] });
    const complaints = collect(guest.stderr);
    const bonding = new LinuxBonding(guest, interfaces);
    await vi.waitUntil(() => bonding.#console().includes("@@@ ready") || !isRunning(guest), { timeout: 30_000 });
    if (!isRunning(guest)) throw new Error(`the guest did not start: ${bonding.#console()}${complaints()}`);
    return bonding;
  }

  /** Types a line into the guest's shell; what it prints. An error when it fails. */
  command(line: string): Promise<string> {
    const answer = this.#last.then(async () => {
      const start = this.#console().length;
      this.#guest.stdin?.write(`${line}\n`);
      const end = /^([\s\S]*?)@@@ (\d+)\r?\n/;
      await vi.waitUntil(() => end.test(this.#console().slice(start)), { timeout: 10_000, interval: 10 });
      const [, output = "", status] = end.exec(this.#console().slice(start)) ?? [];
      if (status !== "0") throw new Error(`guest: ${line}: ${output}`);
      return output.replaceAll("\r", "");
    });
    this.#last = answer.catch(() => {});
    return answer;
  }

  /** Takes the carrier of one of its ports away, or gives it back, as only the guest sees it. */
  async carrier(port: string, on: boolean): Promise<void> {
    await this.command(`ip link set dev w${this.#interfaces.indexOf(port)} ${on ? "up" : "down"}`);
  }

  async configure({ active, fast }: PeerMode): Promise<void> {
    // Neither can be changed while the bond is up.
    const options = `lacp_active ${active ? "on" : "off"} lacp_rate ${fast ? "fast" : "slow"}`;
    await this.command(`ip link set bond0 down && ip link set bond0 type bond ${options} && ip link set bond0 up`);
  }

  async ports(): Promise<PeerPort[]> {
    const ports = parseBonding(await this.command("cat /proc/net/bonding/bond0"));
    return ports.map((port, n) => ({ ...port, name: this.#interfaces[n] ?? port.name }));
  }

  report(): Promise<string> {
    return this.command("cat /proc/net/bonding/bond0");
  }

  async stop(): Promise<void> {
    await stop(this.#guest);
  }
}

/** Reads /proc/net/bonding/bond0. A port carries traffic when it collects and distributes in the active aggregator. */
export function parseBonding(text: string): PeerPort[] {
  const [bond = "", ...members] = text.split(/^Slave Interface: /m);
  const active = /Aggregator ID: (\d+)/.exec(bond)?.[1];
  return members.map((section) => {
    const actor = parseEnd(section, "actor");
    const inActive = active !== undefined && /Aggregator ID: (\d+)/.exec(section)?.[1] === active;
    const up = /MII Status: up/.test(section);
    return {
      name: section.slice(0, section.indexOf("\n")),
      carrying: inActive && up && actor.state.slice(4, 6) === "11",
      actor,
      partner: parseEnd(section, "partner"),
    };
  });
}

function parseEnd(section: string, who: "actor" | "partner"): End {
  const block = section.slice(section.indexOf(`details ${who} lacp pdu`));
  const field = (name: string): string => new RegExp(`${name}: (.*)`).exec(block)?.[1] ?? "";
  return {
    systemPriority: Number(field("system priority")),
    system: field("system mac address"),
    key: Number(field("(?:port|oper) key")),
    portPriority: Number(field("port priority")),
    port: Number(field("port number")),
    state: stateText(Number(field("port state"))),
  };
}
