/**
 * How long a Flush of 10,000 learned addresses on two ports of a bridge takes: with the kernel's bulk request, and swept entry
 * by entry, as for many VLANs and by kernels before 5.19. In milliseconds, in which the daemon does nothing else. Also what it
 * takes to have nothing to do, which is what the second and third Flush of a switch-over meet. Needs root and iproute2.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { InterfaceIndex } from "../../src/core/base/protocol.js";
import { addon, type Netlink } from "../../src/linux/addon.js";
import { type LinuxTables, openTables } from "../../src/linux/tables.js";
import { Lab, run as runProgram } from "../../test/support/lab.js";
import { inside } from "../../test/support/namespace.js";
import { spread } from "../spread.js";

const ENTRIES = 10_000;
const ROUNDS = 20;
const BRIDGE = 10;
const PORTS = [11, 12] as const;

const timed = (action: () => void): number => {
  const before = process.hrtime.bigint();
  action();
  return Number(process.hrtime.bigint() - before) / 1e6;
};

async function makeBridge(namespace: string): Promise<void> {
  const ip = (...words: string[]) => runProgram("ip", ["-n", namespace, ...words]);
  await ip("link", "add", "name", "br", "index", `${BRIDGE}`, "type", "bridge", "ageing_time", "100000");
  for (const port of PORTS) {
    await ip("link", "add", "name", `p${port}`, "index", `${port}`, "type", "veth", "peer", "name", `q${port}`);
    // A port without a carrier takes no entries.
    await ip("link", "set", "dev", `q${port}`, "up");
    await ip("link", "set", "dev", `p${port}`, "master", "br", "up");
  }
  await ip("link", "set", "dev", "br", "up");
}

/** Half of the addresses on each port. */
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

export async function run(): Promise<object> {
  const lab = new Lab();
  let tables: LinuxTables | undefined;
  let netlink: Netlink | undefined;
  try {
    const namespace = await lab.namespace("x");
    await makeBridge(namespace);
    const batch = learned(lab.folder);
    const learn = () => runProgram("ip", ["netns", "exec", namespace, "bridge", "-batch", batch]);
    const failed = (text: string): never => {
      throw new Error(text);
    };
    tables = inside(namespace, () => openTables({ failed }));
    const opened = inside(namespace, () => addon().netlinkOpen());
    if (typeof opened === "number") throw new Error(`rtnetlink: errno ${-opened}`);
    netlink = opened;

    const all = {
      bridge: BRIDGE as InterfaceIndex,
      ports: PORTS.map((port) => port as InterfaceIndex),
      vlans: "all",
    } as const;
    const flush = (): void => tables?.flush(all);
    const sweep = (): void => {
      for (const port of PORTS) addon().fdbSweep(opened, BRIDGE, port, undefined);
    };
    const measure = async (action: () => void): Promise<{ full: object; empty: object }> => {
      const full: number[] = [];
      const empty: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        await learn();
        if ((await dynamicEntries(namespace)) !== ENTRIES) throw new Error("not all addresses are learned");
        full.push(timed(action));
        if ((await dynamicEntries(namespace)) !== 0) throw new Error("entries are left");
        empty.push(timed(action));
      }
      return { full: spread(full), empty: spread(empty) };
    };
    return { entries: ENTRIES, rounds: ROUNDS, bulk: await measure(flush), swept: await measure(sweep) };
  } finally {
    tables?.close();
    if (netlink !== undefined) addon().netlinkClose(netlink);
    await lab.close();
  }
}
