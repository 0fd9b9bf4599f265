/**
 * What it costs when somebody changes the data plane under two streams of 20,000 frames a second, one each way, by a member the change
 * concerns: the outage, what is lost besides, and how long the partner is still invited. Needs root.
 */
import type { ChildProcess } from "node:child_process";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { TrunkView } from "../../src/core/parts/trunks/questions.js";
import { compile, type FlowSeen, first, PRIORITY, type Programs, type Seen, type Sent } from "../etrunk/programs.js";
import { Program } from "../etrunk/talker.js";
import { type BackendName, Daemon, Lab, makeVeth, monotonic, runIn, spawnIn, stop, WITHOUT_BPF } from "../lab.js";
import { spread } from "../spread.js";
import { CHANGES, type Change } from "./changes.js";

const RUNS = 3;
const RATE = 20_000;
const LENGTH = "1480";
const FLOWS = [0, 1, 2, 3];
/** Milliseconds of both streams before a change, and after it. */
const BEFORE = 200;
const AFTER = 500;
/** A port sends three LACPDUs in a second at most (802.1AX 6.4.16), so those of its way back must not hold up the next. */
const REST = 1_100;
const PATIENCE_MS = 20_000;
const INVITED_MS = 100;
/** Frames lost beside the outage that are the machine's: a burst, and one of a hundred in the outage. */
const BURST = 20;
/** Bits of an actor state: Synchronization, Collecting, Distributing (802.1AX 6.4.2.3). */
const INVITES = 0x38;

const WRAPPERS: { readonly [backend in BackendName]: readonly string[] } = { ebpf: [], nftables: WITHOUT_BPF };

const configuration = (host: number, members: readonly string[]): string =>
  [
    ...["interface Eth-Trunk1", " mode lacp-static", " lacp timeout fast", ` ip address 10.9.0.${host} 24`],
    ...members.flatMap((member) => [`interface ${member}`, " eth-trunk 1"]),
    ...["return", ""],
  ].join("\n");

/** One end: its daemon, a receiver at trunk and links, a sender for each flow. */
interface End {
  readonly namespace: string;
  readonly daemon: Daemon;
  readonly watch: Program;
  readonly streams: readonly Program[];
}

/** Times in milliseconds. */
interface Observed {
  /** Longest time without a frame, of the stream that had it longer. */
  readonly outage: number;
  readonly lost: number;
  /** Of them not explained by the outage. */
  readonly besides: number;
  /** From the change to the first LACPDU of the member that does not invite its partner, where it stays out. */
  readonly invited: number;
  /** From the undoing until both members carry, where it stays out. */
  readonly back: number;
}

/** Who changes things: starting a program for each change takes longer than what is measured. */
class Hands {
  readonly #namespace: string;
  readonly #programs = new Map<string, ChildProcess>();

  constructor(namespace: string) {
    this.#namespace = namespace;
    for (const name of ["ip", "tc"]) {
      const command = [...first(0), name, "-force", "-batch", "-"];
      this.#programs.set(name, spawnIn(namespace, command, { stdio: ["pipe", "ignore", "inherit"] }));
    }
  }

  /** nft has no such mode. */
  async do(line: string): Promise<void> {
    const [name = "", ...words] = line.split(" ");
    const program = this.#programs.get(name);
    if (program === undefined) await runIn(this.#namespace, [...first(0), name, ...words]);
    else program.stdin?.write(`${words.join(" ")}\n`);
  }

  async stop(): Promise<void> {
    for (const program of this.#programs.values()) await stop(program);
  }
}

class Scene {
  readonly #near: End;
  readonly #far: End;
  readonly #hands: Hands;

  constructor(near: End, far: End) {
    this.#hands = new Hands(near.namespace);
    this.#near = near;
    this.#far = far;
  }

  static async start(lab: Lab, backend: BackendName, programs: Programs): Promise<Scene> {
    const [near, far] = [await lab.namespace("n"), await lab.namespace("f")];
    for (const at of [1, 2])
      await makeVeth(
        { namespace: near, name: `m${at}`, index: 100 + at },
        { namespace: far, name: `p${at}`, index: 200 + at },
      );
    const [one, other] = await Promise.all([
      daemonOf(lab, near, configuration(1, ["m1", "m2"]), [...PRIORITY, ...WRAPPERS[backend]]),
      daemonOf(lab, far, configuration(2, ["p1", "p2"]), PRIORITY),
    ]);
    const macs = [await macOf(near), await macOf(far)] as const;
    return new Scene(
      { namespace: near, daemon: one, ...(await trafficOf(programs, near, ["m1", "m2"], macs)) },
      { namespace: far, daemon: other, ...(await trafficOf(programs, far, ["p1", "p2"], [macs[1], macs[0]])) },
    );
  }

  async carries(): Promise<void> {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const both = await Promise.all(
        [this.#near, this.#far].map(({ daemon }) => daemon.ask<"eth-trunk">({ ask: "eth-trunk", id: 1 })),
      );
      if ((both as TrunkView[]).every(({ ports }) => ports.every(({ distributing }) => distributing))) return;
      if (Date.now() > end) throw new Error("both links do not carry");
      await pause(10);
    }
  }

  /** The flow of each end that goes by the first link; undefined where all of one end go by the other one. */
  async flows(): Promise<{ readonly up: number; readonly down: number } | undefined> {
    const up = await this.#flowBy(this.#near, this.#far, "p1");
    const down = await this.#flowBy(this.#far, this.#near, "m1");
    return up === undefined || down === undefined ? undefined : { up, down };
  }

  async #flowBy(from: End, to: End, link: string): Promise<number | undefined> {
    for (const flow of FLOWS) {
      await to.watch.ask<Seen>();
      const stream = from.streams[flow] as Program;
      stream.tell("1000");
      await pause(50);
      await stream.ask<Sent>();
      const by = (await to.watch.ask<Seen>()).flows[flow]?.by ?? {};
      if ((by[link]?.frames ?? 0) > 0) return flow;
    }
    return undefined;
  }

  async observe({ by, undo }: Change, flows: { readonly up: number; readonly down: number }): Promise<Observed> {
    const streams = [this.#near.streams[flows.up] as Program, this.#far.streams[flows.down] as Program];
    const watches = [this.#far.watch, this.#near.watch];
    await this.carries();
    await pause(REST);
    for (const watch of watches) await watch.ask<Seen>();
    for (const stream of streams) stream.tell(String(RATE));
    await pause(BEFORE);
    const begin = monotonic();
    if (by !== undefined) await this.#hands.do(by);
    await pause(AFTER);
    const undone = undo === undefined ? Number.POSITIVE_INFINITY : monotonic();
    if (undo !== undefined) await this.#hands.do(undo);
    await this.carries();
    const back = undo === undefined ? 0 : (monotonic() - undone) / 1_000;
    await pause(BEFORE);
    const sent = await Promise.all(streams.map((stream) => stream.ask<Sent>()));
    const seen = await Promise.all(watches.map((watch) => watch.ask<Seen>()));
    const losses = [flows.up, flows.down].map((flow, at) => lossOf(sent[at], seen[at], flow));
    return {
      outage: Math.max(...losses.map(({ outage }) => outage)),
      lost: losses.reduce((sum, { lost }) => sum + lost, 0),
      besides: losses.reduce((sum, { besides }) => sum + besides, 0),
      invited: invitedUntil(seen[1], begin, undone),
      back,
    };
  }

  async stop(): Promise<void> {
    for (const { daemon, watch, streams } of [this.#near, this.#far]) {
      for (const program of [watch, ...streams]) await program.stop();
      await daemon.stop();
    }
    await this.#hands.stop();
  }
}

const daemonOf = (lab: Lab, namespace: string, text: string, wrapper: readonly string[]): Promise<Daemon> =>
  Daemon.start({ namespace, folder: join(lab.folder, namespace), configuration: text, wrapper });

async function macOf(namespace: string): Promise<string> {
  const [link] = JSON.parse(await runIn(namespace, ["ip", "-j", "link", "show", "dev", "eth-trunk1"]));
  return link.address;
}

/** `macs`: of this end's trunk, and of the other's. */
async function trafficOf(
  { watch, stream }: Programs,
  namespace: string,
  links: readonly string[],
  macs: readonly [string, string],
): Promise<Pick<End, "watch" | "streams">> {
  const streams = FLOWS.map((flow) =>
    Program.start(namespace, [...first(1), stream, "eth-trunk1", ...macs, String(flow), LENGTH]),
  );
  return {
    watch: await Program.start(namespace, [...first(0), watch, "eth-trunk1", "-", ...links]),
    streams: await Promise.all(streams),
  };
}

function lossOf(sent: Sent | undefined, seen: Seen | undefined, flow: number) {
  if (sent === undefined || seen === undefined || seen.dropped > 0) throw new Error("the receiver lost frames");
  const { distinct, gapFrom, gapTo } = seen.flows[flow] as FlowSeen;
  const outage = (gapTo - gapFrom) / 1_000;
  const lost = sent.sent - distinct;
  return { outage, lost, besides: Math.max(0, Math.round(lost - 1.01 * (outage / 1_000) * RATE - BURST)) };
}

/** Milliseconds from a change to the first LACPDU of the first link that invites its partner no more; 0 where it never stays out. */
function invitedUntil(seen: Seen | undefined, begin: number, undone: number): number {
  if (undone === Number.POSITIVE_INFINITY) return 0;
  const pdus = (seen?.pdus ?? []).filter(({ at, link, out }) => link === "m1" && out && at > begin && at < undone);
  const at = pdus.find(({ actor }) => (actor & INVITES) === 0)?.at ?? Number.POSITIVE_INFINITY;
  return (at - begin) / 1_000;
}

async function rowsOf(backend: BackendName, broken: string[]): Promise<object[]> {
  // Each start draws anew which link a flow takes.
  for (;;) {
    const lab = new Lab();
    let scene: Scene | undefined;
    try {
      scene = await Scene.start(lab, backend, await compile(lab.folder));
      await scene.carries();
      const flows = await scene.flows();
      if (flows === undefined) continue;
      const rows = [];
      for (const change of CHANGES.filter(({ only = backend }) => only === backend)) {
        const observed: Observed[] = [];
        for (let times = 0; times < RUNS; times++) observed.push(await scene.observe(change, flows));
        rows.push(told(change, observed));
        if (!holds(change, observed)) broken.push(`${backend}: ${change.what}`);
      }
      return rows;
    } finally {
      await scene?.stop();
      await lab.close();
    }
  }
}

/** A change with what was measured, worst first where a limit stands. */
const told = (change: Change, observed: readonly Observed[]) => ({
  what: change.what,
  outageMs: spread(observed.map(({ outage }) => outage)),
  lost: spread(observed.map(({ lost }) => lost)),
  lostBesides: spread(observed.map(({ besides }) => besides)),
  ...(change.undo !== undefined && {
    invitedMs: spread(observed.map(({ invited }) => invited)),
    backMs: spread(observed.map(({ back }) => back)),
  }),
});

const holds = (change: Change, observed: readonly Observed[]): boolean =>
  observed.every(({ outage, besides, invited }) =>
    change.undo === undefined ? outage < INVITED_MS && besides === 0 : invited < INVITED_MS,
  );

export async function outages(): Promise<object> {
  const broken: string[] = [];
  const results: { [backend: string]: object } = {};
  for (const backend of ["ebpf", "nftables"] as const) results[backend] = await rowsOf(backend, broken);
  return { framesPerSecond: RATE, runs: RUNS, ...results, broken };
}
