/**
 * Time in milliseconds that a Flush of 10,000 learned addresses on two bridge interfaces takes, in which the daemon
 * does nothing else.
 * `heard`: from a frame on the wire, through tap, engine and tables, until the kernel has emptied both interfaces; also
 * with nothing left to empty, as for the second and third Flush of a switch-over.
 * `manyVlans`: the tables of a bridge that filters VLANs, emptied by the greatest number of requests that is made, and
 * entry by entry, as for more VLANs and by kernels before 5.19.
 * Runs at the highest priority; `preempted` counts rounds in which the kernel ran something else in between. Needs root
 * and iproute2.
 */

import { writeFileSync } from "node:fs";
import { constants, setPriority } from "node:os";
import { join } from "node:path";
import type { InterfaceIndex } from "../../src/core/base/protocol.js";
import { type Micros, micros } from "../../src/core/base/time.js";
import type { FrameFilter } from "../../src/core/contract/host.js";
import { Engine } from "../../src/core/engine/engine.js";
import { quietHost } from "../../src/daemon/recording/quiet-host.js";
import { type FrameTaps, openTaps } from "../../src/linux/capture/taps.js";
import { fdbAddon } from "../../src/linux/native/fdb.js";
import { type Netlink, netlinkAddon } from "../../src/linux/native/netlink.js";
import { type LinuxTables, openTables } from "../../src/linux/tables.js";
import { desired, flushFrame, inside, Lab, macOf, RawSender, run as runProgram } from "../lab.js";
import { spread } from "../spread.js";

const ENTRIES = 10_000;
const ROUNDS = 20;
const BRIDGE = 10;
const PORTS = [11, 12] as const;
/** Interface index of the far end of the first bridge interface. */
const FAR = 21;
/** Requests for further VLANs that are made before an interface is swept entry by entry. */
const FURTHER_REQUESTS = 40;
const KEY = "a key of the bench";

interface Timing {
  readonly milliseconds: number;
  /** The kernel gave the CPU to another process in between. */
  readonly preempted: boolean;
}

const timed = (action: () => void): Timing => {
  const switches = process.resourceUsage().involuntaryContextSwitches;
  const before = process.hrtime.bigint();
  action();
  const milliseconds = Number(process.hrtime.bigint() - before) / 1e6;
  return { milliseconds, preempted: process.resourceUsage().involuntaryContextSwitches !== switches };
};

async function makeBridge(namespace: string): Promise<void> {
  const ip = (...words: string[]) => runProgram("ip", ["-n", namespace, ...words]);
  await ip("link", "add", "name", "br", "index", `${BRIDGE}`, "type", "bridge", "ageing_time", "100000");
  for (const port of PORTS) {
    await ip(
      "link",
      "add",
      "name",
      `p${port}`,
      "index",
      `${port}`,
      "type",
      "veth",
      "peer",
      "name",
      `q${port}`,
      "index",
      `${port + 10}`,
    );
    // A bridge interface without carrier takes no entries.
    await ip("link", "set", "dev", `q${port}`, "up");
    await ip("link", "set", "dev", `p${port}`, "master", "br", "up");
  }
  await ip("link", "set", "dev", "br", "up");
}

/** Learns half of the addresses on each interface. */
function learned(folder: string): string {
  const lines: string[] = [];
  for (let n = 0; n < ENTRIES; n++) {
    const low = (n >> 8).toString(16).padStart(2, "0");
    const lowest = (n & 0xff).toString(16).padStart(2, "0");
    lines.push(`fdb add 02:00:00:01:${low}:${lowest} dev p${PORTS[n % 2]} master dynamic`);
  }
  const path = join(folder, "learned");
  writeFileSync(path, `${lines.join("\n")}\n`);
  return path;
}

async function dynamicEntries(namespace: string): Promise<number> {
  const text = await runProgram("ip", ["netns", "exec", namespace, "bridge", "fdb", "show", "br", "br", "dynamic"]);
  return text.split("\n").filter((line) => line !== "").length;
}

/** The parts of a daemon from a received frame to the tables, without the process around them. */
class Receiver {
  readonly #sender: RawSender;
  readonly #taps: FrameTaps;
  readonly #engine: Engine;
  #now: Micros = micros(1_000_000);
  #sequence = 0;

  constructor(namespace: string, tables: LinuxTables) {
    this.#sender = new RawSender(namespace);
    const refused = (index: number, text: string | undefined): never => {
      throw new Error(`tap of ${index}: ${text}`);
    };
    const deliver = (frame: Parameters<Engine["frameReceived"]>[0]) => this.#engine.frameReceived(frame, this.#now);
    this.#taps = inside(namespace, () => openTaps({ deliver, readable: () => {}, refused }));
    const listen = (filter: FrameFilter, interfaces: readonly InterfaceIndex[]) =>
      inside(namespace, () => this.#taps.listen(filter, interfaces));
    this.#engine = new Engine(quietHost({ tables, taps: { listen } }), () => {}, undefined, {
      epoch: 1,
      software: "bench",
      seed: 1,
    });
    for (const index of PORTS)
      this.#engine.take(
        {
          kind: "link",
          link: {
            index: index as InterfaceIndex,
            name: `p${index}`,
            present: true,
            up: true,
            carrier: true,
            mac: macOf(`02:00:00:00:00:${index}`),
            mtu: 1500,
            speed: 0,
            master: BRIDGE as InterfaceIndex,
          },
        },
        this.#now,
      );
    const key = { mode: "hmac", octets: new TextEncoder().encode(KEY) } as const;
    const flushPorts = PORTS.map((index) => ({ interface: `p${index}`, controlVlans: [5], pvid: undefined, key }));
    const plain = desired("02:00:00:00:00:01");
    this.#engine.take({ kind: "configure", desired: { ...plain, flushPorts } }, this.#now);
    this.#engine.settle(this.#now);
  }

  /** Receives a signed Flush of all VLANs. */
  hear(): Timing {
    // A second later no rate limit holds.
    this.#now = micros(this.#now + 1_000_000);
    this.#engine.settle(this.#now);
    const frame = flushFrame({ mode: "hmac", password: KEY, sequence: ++this.#sequence });
    const view = new DataView(frame.buffer, frame.byteOffset, frame.length);
    return timed(() => {
      this.#sender.send(FAR, view);
      if (this.#taps.drain() !== 1) throw new Error("the frame was not heard");
      this.#engine.settle(this.#now);
    });
  }

  close(): void {
    this.#taps.close();
    this.#sender.close();
  }
}

export async function run(): Promise<object> {
  const lab = new Lab();
  // Other programs on the machine must not add to a Flush's time.
  setPriority(constants.priority.PRIORITY_HIGHEST);
  let tables: LinuxTables | undefined;
  let receiver: Receiver | undefined;
  let netlink: Netlink | undefined;
  try {
    const namespace = await lab.namespace("x");
    await makeBridge(namespace);
    const batch = learned(lab.folder);
    const learn = () => runProgram("ip", ["netns", "exec", namespace, "bridge", "-batch", batch]);
    const refused = (_: unknown, text: string | undefined): never => {
      throw new Error(text);
    };
    tables = inside(namespace, () => openTables({ refused }));
    const heard = new Receiver(namespace, tables);
    receiver = heard;
    const opened = inside(namespace, () => netlinkAddon().netlinkOpen());
    if (typeof opened === "number") throw new Error(`rtnetlink: errno ${-opened}`);
    netlink = opened;

    const sweep = (): void => {
      for (const port of PORTS) fdbAddon().fdbSweep(opened, BRIDGE, port, undefined);
    };
    /** On a bridge without VLAN filtering a request for a VLAN walks the table and finds nothing. */
    const request = (): void => {
      for (let n = 0; n < FURTHER_REQUESTS; n++) fdbAddon().fdbFlush(opened, BRIDGE, PORTS[n % 2] ?? 0, 2 + n);
      for (const port of PORTS) fdbAddon().fdbFlush(opened, BRIDGE, port, 0);
    };
    const measure = async (action: () => Timing): Promise<{ full: object; empty: object; preempted: number }> => {
      const full: number[] = [];
      const empty: number[] = [];
      let preempted = 0;
      for (let round = 0; round < ROUNDS; round++) {
        await learn();
        if ((await dynamicEntries(namespace)) !== ENTRIES) throw new Error("not all addresses are learned");
        const first = action();
        if ((await dynamicEntries(namespace)) !== 0) throw new Error("entries are left");
        const second = action();
        if (first.preempted || second.preempted) preempted++;
        full.push(first.milliseconds);
        empty.push(second.milliseconds);
      }
      return { full: spread(full), empty: spread(empty), preempted };
    };
    return {
      entries: ENTRIES,
      rounds: ROUNDS,
      heard: await measure(() => heard.hear()),
      manyVlans: { requests: await measure(() => timed(request)), swept: await measure(() => timed(sweep)) },
    };
  } finally {
    setPriority(constants.priority.PRIORITY_NORMAL);
    receiver?.close();
    tables?.close();
    if (netlink !== undefined) netlinkAddon().netlinkClose(netlink);
    await lab.close();
  }
}
