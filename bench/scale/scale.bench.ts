/**
 * 256 member ports in fast mode against a second daemon over real veths: the CPU of the first daemon, the lateness of
 * its LACPDUs, and its memory with 1 and with 256 ports. The answer to a Marker is timed as well. Needs root.
 * Lateness is measured where the PDUs arrive, by a process that is otherwise idle; its own lateness is part of the
 * result.
 */

import type { ChildProcess } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { collect, ended, Lab, run as runProgram, spawnIn, stop } from "../lab.js";
import { percentile, spread } from "../spread.js";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const SECONDS = 30;
const MEMBERS_PER_TRUNK = 64;
const MARKERS = 20;
/** Ticks of /proc/PID/stat. */
const TICKS_PER_SECOND = 100;

const configuration = (ports: number): string => {
  const lines = [];
  for (let trunk = 1; trunk <= Math.ceil(ports / MEMBERS_PER_TRUNK); trunk++)
    lines.push(
      `interface Eth-Trunk${trunk}`,
      " mode lacp-static",
      " lacp timeout fast",
      ` max active-linknumber ${MEMBERS_PER_TRUNK}`,
      "#",
    );
  for (let port = 0; port < ports; port++)
    lines.push(`interface v${port}`, ` eth-trunk ${Math.floor(port / MEMBERS_PER_TRUNK) + 1}`, "#");
  return `${lines.join("\n")}\nreturn\n`;
};

class Node {
  readonly socket: string;
  readonly process: ChildProcess;

  constructor(namespace: string, folder: string, ports: number) {
    mkdirSync(folder);
    this.socket = join(folder, "socket");
    writeFileSync(join(folder, "cfg"), configuration(ports));
    const words = [
      "--config",
      join(folder, "cfg"),
      "--socket",
      this.socket,
      "--state-dir",
      folder,
      "--log-level",
      "error",
    ];
    this.process = spawnIn(namespace, [process.execPath, here("../../dist/etrunkd.js"), ...words], { stdio: "ignore" });
  }

  ctl(...words: string[]): Promise<string> {
    return runProgram(process.execPath, [here("../../dist/etrunkctl.js"), "--socket", this.socket, ...words]);
  }
  get pid(): number {
    return this.process.pid as number;
  }
  /** CPU time so far, in seconds. */
  get cpu(): number {
    const fields = readFileSync(`/proc/${this.pid}/stat`, "latin1").split(") ")[1]?.split(" ") ?? [];
    return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
  }
  get residentMegabytes(): number {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${this.pid}/status`, "latin1"))?.[1]) / 1024;
  }
}

async function wires(lab: Lab, a: string, b: string, ports: number): Promise<void> {
  const lines = [];
  for (let port = 0; port < ports; port++)
    lines.push(
      `link add name v${port} index ${1000 + port} type veth peer name v${port} index ${2000 + port} netns ${b}`,
      `link set dev v${port} up`,
    );
  writeFileSync(join(lab.folder, "wires"), `${lines.join("\n")}\n`);
  await runProgram("ip", ["-n", a, "-batch", join(lab.folder, "wires")]);
}

async function measure(ports: number): Promise<object> {
  const lab = new Lab();
  const nodes: Node[] = [];
  try {
    const [a, b] = [await lab.namespace("a"), await lab.namespace("b")];
    await wires(lab, a, b, ports);
    nodes.push(new Node(a, join(lab.folder, "a"), ports), new Node(b, join(lab.folder, "b"), ports));
    const [first] = nodes as [Node, Node];
    for (let trunk = 1; trunk <= Math.ceil(ports / MEMBERS_PER_TRUNK); trunk++)
      await first.ctl(
        "--wait",
        "90",
        `upPorts=${Math.min(MEMBERS_PER_TRUNK, ports)}`,
        "display",
        "eth-trunk",
        `${trunk}`,
      );
    await sleep(3_000);
    const indexes = Array.from({ length: ports }, (_, port) => `${2000 + port}`);
    const listener = spawnIn(b, [process.execPath, here("listener.js"), `${SECONDS}`, ...indexes], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const heard = collect(listener.stdout);
    const before = first.cpu;
    await ended(listener);
    const cpu = (first.cpu - before) / SECONDS;
    const { ports: heardPorts, late } = JSON.parse(heard()) as { ports: number; late: number[] };
    const markers = JSON.parse(await first.ctl("--json", "marker", "eth-trunk", "1", `${MARKERS}`));
    return {
      ports,
      seconds: SECONDS,
      heardPorts,
      pdus: late.length,
      cpuShare: Number(cpu.toFixed(4)),
      latenessMs: {
        p50: percentile(late, 0.5),
        p99: percentile(late, 0.99),
        p999: percentile(late, 0.999),
        max: percentile(late, 1),
      },
      residentMegabytes: Math.round(first.residentMegabytes),
      markerRoundTripMs: roundTrips(markers),
    };
  } finally {
    for (const { process } of nodes) await stop(process);
    await lab.close();
  }
}

/** Every number of the answers under a key that names a round trip. */
function roundTrips(markers: unknown): object {
  const times: number[] = [];
  JSON.stringify(markers, (key, value) => {
    if (key === "roundTripMs" && typeof value === "number") times.push(value);
    return value;
  });
  return { answers: times.length, ...spread(times) };
}

export async function run(): Promise<object> {
  return { one: await measure(1), many: await measure(256) };
}
