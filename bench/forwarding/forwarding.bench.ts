/**
 * What a frame costs on its way through a host: on a bare veth, a Linux bridge, a bridge with an Eth-Trunk (eBPF,
 * nftables), and Open vSwitch's bond in user space. Frames have 100 octets in 32 flows, in both directions. The cost is
 * taken at the highest of some rates that Open vSwitch carries without loss, the throughput without a limit. TCP
 * follows.
 * `cpuNanoseconds` is the CPU time by arrived frame of the sender (its own work, and what the kernel forwards inside
 * its send), of ksoftirqd and of the switch's process. Rounds alternate between the paths, so other load of the machine
 * meets all of them. Needs root, iproute2, nftables, iperf3, Open vSwitch and a C compiler.
 */

import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { collect, ended, Lab, run as runProgram, spawnIn, stop } from "../lab.js";
import { spread } from "../spread.js";
import { forwardingCpu } from "./cpu.js";
import { FAR_STATION, NEAR_STATION, Path, type PathKind } from "./path.js";

const KINDS: readonly PathKind[] = ["bare veth", "bridge", "ebpf", "nftables", "open vswitch"];
const FRAMES = { rounds: 7, seconds: 0.6, flows: 32, octets: 100 };
/** Rates in frames a second, tried in this order. */
const RATES = [100_000, 75_000, 50_000, 35_000, 25_000, 15_000];
const TCP = { rounds: 5, seconds: 1, streams: 2 };

type Way = "there" | "back";

interface Passed {
  readonly sent: number;
  readonly arrived: number;
  readonly seconds: number;
  readonly cpuNanoseconds: number;
}

/** Sends in one direction; `rate` 0 is without a limit. */
async function sendThrough(path: Path, generator: string, way: Way, rate: number): Promise<Passed> {
  const [from, to] = way === "there" ? (["near", "far"] as const) : (["far", "near"] as const);
  const [device, station] = way === "there" ? ["a0", FAR_STATION] : ["c1", NEAR_STATION];
  const before = await path.received(to);
  const cpuBefore = forwardingCpu(path.forwarders);
  const words = [generator, device, station, ...[FRAMES.flows, FRAMES.octets, FRAMES.seconds, rate].map(String)];
  const child = spawnIn(path[from], ["taskset", "-c", "1", ...words], { stdio: ["ignore", "pipe", "inherit"] });
  const output = collect(child.stdout);
  await ended(child);
  const { sent, cpu, seconds } = JSON.parse(output());
  const forwarded = forwardingCpu(path.forwarders) - cpuBefore;
  const arrived = (await path.received(to)) - before;
  return { sent, arrived, seconds, cpuNanoseconds: (cpu * 1e9 + forwarded) / arrived };
}

const lostPercent = ({ sent, arrived }: Passed): number => Math.max(0, (100 * (sent - arrived)) / sent);

/** The highest rate at which the path loses next to nothing, two times in a row. */
async function rateOf(path: Path, generator: string): Promise<number> {
  for (const rate of RATES) {
    const tries = [
      await sendThrough(path, generator, "there", rate),
      await sendThrough(path, generator, "there", rate),
    ];
    if (tries.every((passed) => lostPercent(passed) < 0.1)) return rate;
  }
  return RATES.at(-1) as number;
}

const cpu = (passed: readonly Passed[]): number[] => passed.map(({ cpuNanoseconds }) => cpuNanoseconds);

/** Measurements of one path in one direction. */
class Measured {
  readonly #cost: Passed[] = [];
  readonly #fast: Passed[] = [];

  async round(path: Path, generator: string, way: Way, rate: number): Promise<void> {
    this.#cost.push(await sendThrough(path, generator, way, rate));
    this.#fast.push(await sendThrough(path, generator, way, 0));
  }

  /** Nanoseconds by frame, at the common rate and without a limit. */
  get cost(): { readonly paced: number; readonly fast: number } {
    return { paced: spread(cpu(this.#cost)).median, fast: spread(cpu(this.#fast)).median };
  }

  told(): object {
    return {
      cpuNanoseconds: spread(cpu(this.#cost)),
      lostPercent: spread(this.#cost.map(lostPercent)),
      fast: {
        cpuNanoseconds: spread(cpu(this.#fast)),
        kpps: spread(this.#fast.map(({ arrived, seconds }) => arrived / seconds / 1000)),
        lostPercent: spread(this.#fast.map(lostPercent)),
      },
    };
  }
}

/** Gbit/s of TCP from the near end to the far end. */
async function tcp(path: Path, address: string): Promise<number> {
  const server = spawnIn(path.far, ["iperf3", "-s", "-1", "--forceflush"], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    if (server.stdout) await once(server.stdout, "data");
    const words = ["iperf3", "-c", address, "-t", String(TCP.seconds), "-P", String(TCP.streams), "-J"];
    const report = await runProgram("ip", ["netns", "exec", path.near, ...words]);
    return JSON.parse(report).end.sum_received.bits_per_second / 1e9;
  } finally {
    await stop(server);
  }
}

const byKind = <Value>(make: (kind: PathKind) => Value): Record<PathKind, Value> =>
  Object.fromEntries(KINDS.map((kind) => [kind, make(kind)])) as Record<PathKind, Value>;

/** Runs the benchmark, about two minutes. */
export async function run(): Promise<object> {
  const lab = new Lab();
  const paths: Path[] = [];
  try {
    const generator = join(lab.folder, "generate");
    await runProgram("cc", ["-O2", "-o", generator, fileURLToPath(new URL("generate.c", import.meta.url))]);
    for (const [at, kind] of KINDS.entries()) paths.push(await Path.make(lab, kind, at));
    const there = byKind(() => new Measured());
    const back = byKind(() => new Measured());
    const gigabits = byKind((): number[] => []);
    const rate = await rateOf(paths.find(({ kind }) => kind === "open vswitch") as Path, generator);
    for (let round = 0; round < FRAMES.rounds; round++)
      for (const path of paths) {
        await there[path.kind].round(path, generator, "there", rate);
        // Open vSwitch's bond drops frames that arrive on a member it has not chosen for their sender.
        if (path.kind !== "open vswitch") await back[path.kind].round(path, generator, "back", rate);
      }
    const addresses = new Map<Path, string>();
    for (const path of paths) addresses.set(path, await path.addAddresses());
    for (let round = 0; round < TCP.rounds; round++)
      for (const [path, address] of addresses) gigabits[path.kind].push(await tcp(path, address));

    const over = (way: Record<PathKind, Measured>, other: PathKind) => ({
      paced: way.ebpf.cost.paced / way[other].cost.paced,
      fast: way.ebpf.cost.fast / way[other].cost.fast,
    });
    const overBridge = { there: over(there, "bridge"), back: over(back, "bridge") };
    const overBridgeAtWorst = Math.max(...Object.values(overBridge).flatMap(({ paced, fast }) => [paced, fast]));
    // Without a limit Open vSwitch spends time on frames that it loses.
    const overSwitch = over(there, "open vswitch").paced;
    return {
      frames: { ...FRAMES, rate },
      tcp: TCP,
      there: byKind((kind) => there[kind].told()),
      back: byKind((kind) => (kind === "open vswitch" ? undefined : back[kind].told())),
      gigabits: byKind((kind) => spread(gigabits[kind])),
      ebpfOverBridge: overBridge,
      ebpfOverOpenVswitch: overSwitch,
      holds: {
        "the eBPF trunk costs at most 30 % more than a plain bridge port": overBridgeAtWorst <= 1.3,
        "the eBPF trunk costs at most half of Open vSwitch's bond": overSwitch <= 0.5,
      },
    };
  } finally {
    for (const path of paths) await path.close();
    await lab.close();
  }
}
