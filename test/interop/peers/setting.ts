import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, vi } from "vitest";
import type { TrunkView } from "../../../src/core/parts/trunks/questions.js";
import { Daemon } from "../../support/daemon.js";
import type { End } from "../../support/frames.js";
import { isInstalled, isRoot, Lab } from "../../support/lab.js";
import type { LacpPeer, PeerMode, PeerPort } from "./lacp-peer.js";
import { LinuxBonding } from "./linux-bonding.js";
import { LinuxTeam } from "./linux-team.js";
import { OpenVswitch } from "./open-vswitch.js";
import { Wire } from "./wire.js";

export const OUR_SYSTEM = "02:00:00:00:0a:01";

const PEERS = {
  "Open vSwitch": { programs: ["ovs-vswitchd"], start: OpenVswitch.start },
  // Debian has user-mode-linux for PCs only.
  "Linux bonding": { programs: ["linux.uml"], start: LinuxBonding.start },
  teamd: { programs: ["linux.uml", "teamd"], start: LinuxTeam.start },
};
export type PeerKind = keyof typeof PEERS;

export const LINKS = ["ring", "pcap"] as const;

/** Declares the same tests for each partner; left out, and said so, where it cannot run. */
export function withPeers<Kind extends PeerKind>(kinds: readonly Kind[], body: (kind: Kind) => void): void {
  for (const kind of kinds) describe.runIf(isRoot && PEERS[kind].programs.every(isInstalled))(kind, () => body(kind));
}

/** The two that every test of links and thresholds has to hold with. */
export const BOTH = ["Open vSwitch", "Linux bonding"] as const;

/** What the configuration says beyond a static trunk of all the wire's ports. */
export interface Wishes {
  readonly system?: readonly string[];
  readonly trunk?: readonly string[];
  /** Lines by port. */
  readonly ports?: { readonly [port: string]: readonly string[] };
  readonly passive?: boolean;
  readonly flags?: readonly string[];
}

/** One end of a link as that end and the other tell it. */
export interface Told {
  readonly port: string;
  readonly actor: End;
  readonly partner: End;
}

/** A wire with a partner at the far end and, once started, our daemon at the near one. */
export class Setting {
  readonly lab: Lab;
  readonly wire: Wire;
  readonly peer: LacpPeer;
  #daemon: Daemon | undefined;
  #started = 0;

  private constructor(lab: Lab, wire: Wire, peer: LacpPeer) {
    this.lab = lab;
    this.wire = wire;
    this.peer = peer;
  }

  static async create(kind: PeerKind, links: number, mode: PeerMode): Promise<Setting> {
    const lab = new Lab();
    try {
      const wire = await Wire.create(lab, links);
      return new Setting(lab, wire, await PEERS[kind].start(lab, wire.theirs, wire.ports, mode));
    } catch (error) {
      await lab.close();
      throw error;
    }
  }

  get daemon(): Daemon {
    if (!this.#daemon) throw new Error("no daemon was started");
    return this.#daemon;
  }

  /** Starts a daemon that remembers nothing. */
  async startDaemon(wishes: Wishes = {}): Promise<Daemon> {
    await this.#daemon?.stop();
    const folder = join(this.lab.folder, `daemon-${++this.#started}`);
    const flags = ["--system-mac", OUR_SYSTEM, ...(wishes.flags ?? [])];
    const configuration = this.configuration(wishes);
    this.#daemon = await Daemon.start({ namespace: this.wire.ours, folder, configuration, flags });
    return this.#daemon;
  }

  /** Eth-Trunk 1 in mode lacp-static over all ports of the wire. */
  configuration({ system = [], trunk = [], ports = {}, passive = false }: Wishes): string {
    const joining = `eth-trunk 1 mode ${passive ? "passive" : "active"}`;
    const views = [
      ["interface Eth-Trunk 1", "mode lacp-static", ...trunk],
      ...this.wire.ports.map((port) => [`interface ${port}`, joining, ...(ports[port] ?? [])]),
    ];
    return ["#", ...system, ...views.flatMap(([head, ...lines]) => ["#", head, ...lines.map((l) => ` ${l}`)]), ""].join(
      "\n",
    );
  }

  /** Repeats a check until it holds; the last failure is told when it does not within the time. */
  async until(seconds: number, check: (trunk: TrunkView, theirs: PeerPort[]) => void): Promise<void> {
    await vi.waitFor(async () => check(...(await this.#look())), { timeout: seconds * 1000, interval: 100 });
  }

  /** Looks again and again for so long; the first look that does not hold is an error. */
  async throughout(seconds: number, check: (trunk: TrunkView, theirs: PeerPort[]) => void): Promise<void> {
    const end = performance.now() + seconds * 1000;
    while (performance.now() < end) {
      check(...(await this.#look()));
      await pause(100);
    }
  }

  async #look(): Promise<[TrunkView, PeerPort[]]> {
    return Promise.all([this.daemon.trunk(), this.peer.ports()]);
  }

  /** Until both ends say the same of all their ports, ours is selected with one state, theirs with another, and both carry. */
  async untilAgreed(seconds: number, ourState: string, theirState: string): Promise<void> {
    await this.until(seconds, (trunk, theirs) => {
      expect(ourPorts(trunk)).toEqual(
        theirs.map(({ name, actor, partner }) => ({ port: name, actor: partner, partner: actor })),
      );
      const expected = { operState: "up", upPorts: this.wire.ports.length };
      expect(trunk).toMatchObject(expected);
      for (const port of trunk.ports)
        expect(port).toMatchObject({ status: "Selected", portState: ourState, collecting: true, distributing: true });
      for (const port of theirs) expect(port).toMatchObject({ carrying: true, actor: { state: theirState } });
    });
  }

  /** Says how both ends stand when a test failed. Before the daemon is stopped: afterwards it cannot be asked. */
  async reportIfFailed(task: { readonly result?: { readonly state: string } }): Promise<void> {
    if (task.result?.state === "fail") console.error(await this.report());
  }

  async report(): Promise<string> {
    const trunk = await this.#daemon?.trunk().catch(String);
    const theirs = await this.peer.report().catch(String);
    return `--- ours\n${JSON.stringify(trunk, null, 1)}\n--- ${this.peer.kind}\n${theirs}\n--- log\n${this.#daemon?.log}`;
  }

  async stopDaemon(): Promise<void> {
    await this.#daemon?.stop();
    this.#daemon = undefined;
  }

  async close(): Promise<void> {
    await this.stopDaemon();
    await this.peer.stop();
    await this.lab.close();
  }
}

const NOBODY_YET: End = { systemPriority: 0, system: "", key: 0, portPriority: 0, port: 0, state: "" };

/** Our ports in the partner's form. */
export function ourPorts(trunk: TrunkView): Told[] {
  return trunk.ports.map((port) => ({
    port: port.name,
    actor: {
      systemPriority: trunk.systemPriority ?? 0,
      system: trunk.systemId ?? "",
      key: port.portKey ?? 0,
      portPriority: port.portPriority ?? 0,
      port: port.portNumber ?? 0,
      state: port.portState ?? "",
    },
    partner: port.partner
      ? {
          systemPriority: port.partner.systemPriority,
          system: port.partner.systemId,
          key: port.partner.portKey,
          portPriority: port.partner.portPriority,
          port: port.partner.portNumber,
          state: port.partner.portState,
        }
      : NOBODY_YET,
  }));
}
