import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { AnswerTo, EtrunkView, MonitorLine } from "../../src/daemon/questions.js";
import { Daemon, type Lab, makeVeth, monotonic, peConfiguration, run } from "../lab.js";
import { CE_LINKS, CE_STATION, type Ce, type CeKind, CORE_STATION, FLOW, LENGTH, startCe } from "./ce.js";
import { first, PRIORITY, type Programs, type Seen, type Sent } from "./programs.js";
import { Links, Program } from "./talker.js";

const PES = ["PE1", "PE2"] as const;
export type PeName = (typeof PES)[number];

const PARTS = {
  PE1: { priority: 10, loop: "10.9.0.1", peer: "10.9.0.2", ce: "eth1", service: "eth3", path: "eth5", net: "10.9.1" },
  PE2: { priority: 20, loop: "10.9.0.2", peer: "10.9.0.1", ce: "eth2", service: "eth4", path: "eth6", net: "10.9.2" },
} as const;

/** Station of a probe at the CE's end of PE2's link; its frames show when PE2 takes frames in, whatever the CE does. */
const PROBE_STATION = "02:00:00:00:00:9e";
const PROBE_RATE = 5_000;
/** The stream down has a rate smaller by this factor, since both streams use the same two processors. */
const DOWN_SHARE = 5;
const PATIENCE_MS = 30_000;

/** Milliseconds: a dead peer is detected after 30 ms. */
const BFD_INTERVAL = 10;

/** `revertDelay` in seconds. */
const configuration = (name: PeName, revertDelay: number): string => {
  const { priority, loop, peer, ce, service, path, net } = PARTS[name];
  const links = { ce, service, path };
  const addresses = { address: loop, peerAddress: peer, path: { own: `${net}.1`, core: `${net}.2` } };
  return peConfiguration({ name, priority, links, revertDelay, ...addresses }, BFD_INTERVAL);
};

const EVENTS = ["e-trunk-state", "member-state", "bfd-state", "port-state"];

/** An event of a daemon, and the time of its decision. */
export interface Told {
  readonly by: PeName | "CE";
  readonly event: string;
  readonly mono: number;
  readonly to: string;
}

/** Results of one observation. */
export interface Observed {
  readonly sent: { readonly up: number; readonly down: number };
  /** Greatest lateness of a sent frame in microseconds. */
  readonly late: number;
  readonly core: Seen;
  readonly ce: Seen;
  /** The link between PE2 and the CE. */
  readonly link: Seen;
  readonly told: readonly Told[];
}

interface PairPrograms {
  readonly core: Program;
  readonly link: Program;
  readonly down: Program;
  readonly probe: Program;
}

/** Two PEs, a CE with a link to each, and a core behind both; the PEs also reach each other through the core. */
export class Pair {
  readonly ce: Ce;
  readonly #namespaces: { readonly [pe in PeName]: string };
  readonly #folder: string;
  readonly #ends: { readonly ce: Links; readonly pe1: Links };
  readonly #programs: PairPrograms;
  readonly #daemons = new Map<PeName, Daemon>();
  #revertDelay = 0;
  #told: Told[] = [];

  private constructor(parts: {
    ce: Ce;
    namespaces: { readonly [pe in PeName]: string };
    folder: string;
    ceNamespace: string;
    programs: PairPrograms;
  }) {
    this.ce = parts.ce;
    this.#namespaces = parts.namespaces;
    this.#folder = parts.folder;
    this.#ends = { ce: new Links(parts.ceNamespace), pe1: new Links(parts.namespaces.PE1) };
    this.#programs = parts.programs;
  }

  static async start(lab: Lab, kind: CeKind, programs: Programs): Promise<Pair> {
    const [pe1, pe2, ce, core] = [
      await lab.namespace("p1"),
      await lab.namespace("p2"),
      await lab.namespace("ce"),
      await lab.namespace("co"),
    ];
    for (const [at, namespace] of [pe1, pe2].entries()) {
      const name = CE_LINKS[at] as string;
      await makeVeth({ namespace, name, index: 31 + 2 * at }, { namespace: ce, name, index: 32 + 2 * at });
    }
    for (const [at, [namespace, name]] of [
      [pe1, "eth3"],
      [pe1, "eth5"],
      [pe2, "eth4"],
      [pe2, "eth6"],
    ].entries() as ArrayIterator<[number, [string, string]]>)
      await makeVeth({ namespace, name, index: 41 + 2 * at }, { namespace: core, name, index: 42 + 2 * at });
    await configureCore(core);
    const started = await startCe(kind, lab, ce, programs);
    const stream = (device: string, ...words: string[]) => [programs.stream, device, ...words, LENGTH];
    const probe = stream(CE_LINKS[1], PROBE_STATION, CORE_STATION, String(FLOW.probe));
    const pair = new Pair({
      ce: started,
      namespaces: { PE1: pe1, PE2: pe2 },
      folder: lab.folder,
      ceNamespace: ce,
      programs: {
        core: await Program.start(core, [...first(0), programs.watch, "eth3", "eth4"]),
        link: await Program.start(pe2, [...first(0), programs.watch, "-", PARTS.PE2.ce]),
        down: await Program.start(core, [...first(1), ...stream("br0", CORE_STATION, CE_STATION, String(FLOW.down))]),
        probe: await Program.start(ce, [...first(0, 2), ...probe]),
      },
    });
    if (started.daemon) await started.daemon.monitor(EVENTS, (line) => pair.#hear("CE", line));
    for (const pe of PES) await pair.startDaemon(pe);
    return pair;
  }

  async startDaemon(pe: PeName): Promise<void> {
    const daemon = await Daemon.start({
      namespace: this.#namespaces[pe],
      folder: join(this.#folder, pe),
      configuration: configuration(pe, this.#revertDelay),
      wrapper: PRIORITY,
    });
    await daemon.monitor(EVENTS, (line) => this.#hear(pe, line));
    this.#daemons.set(pe, daemon);
  }

  /** Gives both PEs another revert delay, in seconds. */
  setRevertDelay(delay: number): void {
    if (delay === this.#revertDelay) return;
    this.#revertDelay = delay;
    for (const [pe, daemon] of this.#daemons) {
      writeFileSync(join(this.#folder, pe, "etrunkd.cfg"), configuration(pe, delay));
      daemon.signal("SIGHUP");
    }
  }

  #hear(by: PeName | "CE", line: MonitorLine): void {
    const { event, mono, to } = line as MonitorLine & { readonly to?: string };
    this.#told.push({ by, event, mono, to: to ?? "" });
  }

  /** Waits for an event since the observation began. */
  async tells(what: (told: Told) => boolean): Promise<void> {
    const patience = monotonic() + PATIENCE_MS * 1_000;
    while (!this.#told.some(what)) {
      if (monotonic() > patience) throw new Error(`nobody tells it: ${JSON.stringify(this.#told)}`);
      await pause(20);
    }
  }

  daemon(pe: PeName): Daemon {
    const daemon = this.#daemons.get(pe);
    if (daemon === undefined) throw new Error(`${pe} does not run`);
    return daemon;
  }

  /** Cuts the CE's link to PE1 at the CE's end, so PE1 loses carrier. */
  cut(): void {
    this.#setLink("down");
  }
  heal(): void {
    this.#setLink("up");
  }

  #setLink(state: "up" | "down"): void {
    // A guest never hears again once its own end went down, so the other end is set down and the guest gets its carrier
    // by command.
    const end = this.ce.carrier === undefined ? this.#ends.ce : this.#ends.pe1;
    end.set(state, PARTS.PE1.ce);
    this.ce.carrier?.(state);
  }

  /** Takes the power of PE1: its links are gone, the CE and the core lose carrier, and PE2 sees nothing. */
  powerOff(): void {
    const { ce, path, service } = PARTS.PE1;
    this.daemon("PE1").kill();
    this.#ends.pe1.set("down", ce, path, service);
    this.ce.carrier?.("down");
  }

  /** Stops the daemon of PE1 for some seconds, while its host goes on. */
  freeze(seconds: number): void {
    const daemon = this.daemon("PE1");
    daemon.signal("SIGSTOP");
    setTimeout(() => daemon.signal("SIGCONT"), seconds * 1_000);
  }

  /** Runs a command where PE1 lives. */
  async inPe1(command: string): Promise<void> {
    await run("ip", ["netns", "exec", this.#namespaces.PE1, ...command.split(" ")]);
  }

  async powerOn(): Promise<void> {
    const { ce, path, service } = PARTS.PE1;
    this.#ends.pe1.set("up", ce, path, service);
    this.ce.carrier?.("up");
    // A real boot would make the checkpoint void; here the kernel's boot_id stays the same, so it is removed.
    rmSync(join(this.#folder, "PE1", "state/checkpoint"), { force: true });
    await this.startDaemon("PE1");
  }

  /** Runs `action` while both streams run at `rate` frames a second. */
  async observe(rate: number, action: () => Promise<void>): Promise<Observed> {
    const { core, link, down, probe } = this.#programs;
    const { sender, watcher } = this.ce;
    const ask = () => Promise.all([core, watcher, link].map((one) => one.ask<Seen>()));
    await ask();
    this.#told = [];
    sender.tell(String(rate));
    down.tell(String(rate / DOWN_SHARE));
    probe.tell(String(PROBE_RATE));
    await action();
    const [up, downward] = await Promise.all([sender.ask<Sent>(), down.ask<Sent>(), probe.ask<Sent>()]);
    // Time for frames that are still on their way.
    await pause(50);
    const [atCore, atCe, atLink] = (await ask()) as [Seen, Seen, Seen];
    const late = Math.max(up.late, downward.late);
    const sent = { up: up.sent, down: downward.sent };
    if (atCore.dropped + atCe.dropped > 0) throw new Error("a receiver lost frames");
    return { sent, late, core: atCore, ce: atCe, link: atLink, told: this.#told };
  }

  /** Waits until PE1 carries alone and nothing is lost, and PE2 is ready to take over. */
  async settle(rate: number): Promise<void> {
    const patience = monotonic() + PATIENCE_MS * 1_000;
    let last: unknown;
    while (monotonic() < patience) {
      const [one, two] = await Promise.all(PES.map((pe) => this.#look(pe)));
      last = [one, two];
      if (one === "Master Up Master" && two === "Backup Up Backup") {
        const observed = await this.observe(rate, () => pause(100));
        last = lossOf(observed);
        // PE2 collects for a second more when the CE does not say that it stopped.
        const by = [FLOW.up, FLOW.probe].flatMap((flow) => Object.keys(observed.core.flows[flow]?.by ?? {}));
        if (by.join() === PARTS.PE1.service && lossOf(observed).every((lost) => lost === 0)) return;
      }
      await pause(50);
    }
    throw new Error(`it does not settle: ${JSON.stringify(last)}\n${this.daemon("PE1").lastWords}`);
  }

  async #look(pe: PeName): Promise<string> {
    const line = (await this.daemon(pe).ask({ ask: "e-trunk", id: 1 })) as EtrunkView & AnswerTo<"e-trunk">;
    return `${line.state} ${line.bfdState} ${line.members[0]?.state}`;
  }

  async stop(): Promise<void> {
    const daemons = [...this.#daemons.values()];
    for (const daemon of daemons) daemon.signal("SIGCONT");
    const all = [...daemons, this.ce, ...Object.values(this.#ends), ...Object.values(this.#programs)];
    await Promise.all(all.map((one) => one.stop()));
  }
}

/** Frames lost on the way up and on the way down. */
export const lossOf = ({ sent, core, ce }: Observed): readonly [number, number] => [
  sent.up - (core.flows[FLOW.up]?.distinct ?? 0),
  sent.down - (ce.flows[FLOW.down]?.distinct ?? 0),
];

/** Makes the core a bridge for the service, and a router between the PEs that forwards no frame of the service. */
async function configureCore(core: string): Promise<void> {
  const commands = ["link set dev lo up", "link add name br0 type bridge mcast_snooping 0"];
  commands.push(`link set dev br0 address ${CORE_STATION} up`);
  for (const { service, path, net, loop } of Object.values(PARTS))
    commands.push(
      `link set dev ${service} master br0`,
      `address add ${net}.2/30 dev ${path}`,
      `route add ${loop}/32 via ${net}.1`,
    );
  await run("ip", ["-n", core, "-batch", "-"], commands.map((command) => `${command}\n`).join(""));
  await run("ip", ["netns", "exec", core, "sh", "-c", "echo 1 >/proc/sys/net/ipv4/ip_forward"]);
}
