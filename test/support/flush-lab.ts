import { connect } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { vi } from "vitest";
import type { FlushInterfaceView } from "../../src/daemon/questions.js";
import { Stream } from "../../src/lab/traffic.js";
import { Wire } from "../../src/lab/wire.js";
import { Daemon } from "./daemon.js";
import { fromHex } from "./frames.js";
import { type Lab, run } from "./lab.js";
import { ipIn, makeVeth, RawSender } from "./namespace.js";

/** Stations behind the trunks of A and of B. */
const A_STATION = "02:00:00:00:aa:0a";
const B_STATION = "02:00:00:00:bb:0b";

const PATIENCE = { timeout: 10_000, interval: 20 };

/** Next interface index; the ends of a veth get different ones, so that the kernel reports carrier at once. */
let nextIndex = 501;

export const FLUSH_KEY = "flush-key-4Zr8";
const AUTH = `auth hmac cipher ${FLUSH_KEY}`;
const HEEDS = ` smart-link flush enable control-vlan 5 ${AUTH}`;

/** `lines` are those of its trunk besides what makes it a 1:1 trunk in VLANs 1 and 5. */
const endpoint = (members: readonly [string, string], ...lines: string[]): string =>
  [
    "vlan batch 5",
    "interface Eth-Trunk1",
    " portswitch",
    " port trunk allow-pass vlan 5",
    " mode manual backup",
    ...lines,
    `interface ${members[0]}`,
    " eth-trunk 1",
    " port-master",
    `interface ${members[1]}`,
    " eth-trunk 1",
    "",
  ].join("\n");

const between = (ports: readonly string[]): string => ports.map((port) => `interface ${port}\n${HEEDS}\n`).join("");

export interface FlushLabOptions {
  /** Whether A sends Flush frames; the bridges between and B always heed them. */
  readonly flush: boolean;
}

/** Configuration of A, with further lines of its trunk. */
export const endpointA = (flush: boolean, ...lines: string[]): string =>
  endpoint(["a1", "a2"], ...(flush ? [` smart-link flush send vlan 5 ${AUTH}`] : []), ...lines);

/**
 * Two endpoints, each with a 1:1 trunk to two Linux bridges that are joined by a link. A's master link is a wire that can be
 * cut; no carrier tells B of it.
 */
export class FlushLab {
  readonly a: Daemon;
  readonly b: Daemon;
  readonly bridges: readonly [Daemon, Daemon];
  readonly namespaces: { readonly a: string; readonly b: string; readonly x1: string; readonly x2: string };
  readonly wire: Wire;
  readonly stream: Stream;

  private constructor(parts: Pick<FlushLab, "a" | "b" | "bridges" | "namespaces" | "wire" | "stream">) {
    ({ a: this.a, b: this.b, bridges: this.bridges } = parts);
    ({ namespaces: this.namespaces, wire: this.wire, stream: this.stream } = parts);
  }

  /** Starts everything; resolves when A's station has sent a frame and a stream comes from B. */
  static async create(lab: Lab, { flush }: FlushLabOptions): Promise<FlushLab> {
    const [a, b, x1, x2] = await Promise.all(["a", "b", "x1", "x2"].map((label) => lab.namespace(label)));
    const namespaces = { a, b, x1, x2 } as { a: string; b: string; x1: string; x2: string };
    const wire = await Wire.create(lab, [namespaces.a, namespaces.x1], ["a1"]);
    await wire.connect("a1");
    await joined(namespaces.a, "a2", namespaces.x2, "a2");
    await joined(namespaces.b, "b1", namespaces.x1, "b1");
    await joined(namespaces.b, "b2", namespaces.x2, "b2");
    await joined(namespaces.x1, "x", namespaces.x2, "x");
    await bridge(namespaces.x1, ["a1", "b1", "x"]);
    await bridge(namespaces.x2, ["a2", "b2", "x"]);
    const start = (name: keyof typeof namespaces, configuration: string) =>
      Daemon.start({ namespace: namespaces[name], folder: join(lab.folder, `${name}`), configuration });
    const daemons = await Promise.all([
      start("a", endpointA(flush)),
      start("b", endpoint(["b1", "b2"], HEEDS)),
      start("x1", between(["a1", "b1", "x"])),
      start("x2", between(["a2", "b2", "x"])),
    ]);
    for (const end of daemons.slice(0, 2))
      await vi.waitUntil(async () => (await end.trunk()).workingState === "Master", PATIENCE);
    const spec = { from: "eth-trunk1", to: "eth-trunk1", source: B_STATION, flows: [A_STATION], burst: 1 };
    const stream = await Stream.start(spec, namespaces.b, namespaces.a);
    const [one, two, three, four] = daemons;
    const all = new FlushLab({ a: one, b: two, bridges: [three, four], namespaces, wire, stream });
    // Each Flush of A's start makes the bridges forget its station.
    if (flush) await vi.waitUntil(async () => (await flushCounters(one))["Eth-Trunk1"]?.sent === 3, PATIENCE);
    await vi.waitUntil(async () => {
      await all.speakAtA();
      return (await all.portOf(1)) === "x";
    }, PATIENCE);
    await vi.waitUntil(() => stream.sinceMark.flowing, PATIENCE);
    return all;
  }

  /** Lets A's station send one broadcast, so that every bridge learns where it is. */
  async speakAtA(): Promise<void> {
    const { a } = this.namespaces;
    const frame = fromHex(`ffffffffffff${A_STATION.replaceAll(":", "")}88b5${"00".repeat(46)}`);
    const sender = new RawSender(a);
    sender.send(await indexOf(a, "eth-trunk1"), new DataView(frame.buffer, frame.byteOffset, frame.length));
    sender.close();
  }

  /** The interface at which a bridge has learned a station. */
  async portOf(which: 0 | 1, station = A_STATION): Promise<string | undefined> {
    const namespace = which === 0 ? this.namespaces.x1 : this.namespaces.x2;
    const entries = await run("bridge", ["-n", namespace, "fdb", "show", "br", "br0"]);
    return new RegExp(`^${station} dev (\\S+)`, "m").exec(entries)?.[1];
  }

  async stop(): Promise<void> {
    await this.stream.stop();
    await Promise.all([this.a, this.b, ...this.bridges].map((daemon) => daemon.stop()));
  }
}

export async function joined(one: string, name: string, other: string, otherName: string): Promise<void> {
  const ends = [
    { namespace: one, name, index: nextIndex++ },
    { namespace: other, name: otherName, index: nextIndex++ },
  ] as const;
  await makeVeth(...ends);
}

/** Makes a plain Linux bridge of these interfaces and sets it up. */
export async function bridge(namespace: string, ports: readonly string[]): Promise<void> {
  await ipIn(namespace, "link", "add", "br0", "type", "bridge");
  await ipIn(namespace, "link", "set", "dev", "br0", "up");
  for (const port of ports) await ipIn(namespace, "link", "set", "dev", port, "master", "br0");
}

export const indexOf = async (namespace: string, device: string): Promise<number> =>
  (JSON.parse(await ipIn(namespace, "-j", "link", "show", "dev", device)) as { ifindex: number }[])[0]!.ifindex;

/** `display smart-link flush`, by interface. Over the socket itself, for a process for each look would load the machine. */
export async function flushCounters(daemon: Daemon): Promise<{ readonly [name: string]: FlushInterfaceView }> {
  const socket = connect(daemon.socket);
  socket.write('{"ask":"smart-link-flush"}\n');
  try {
    for await (const line of createInterface({ input: socket })) {
      const reply = JSON.parse(line) as { ok: boolean; data: { interfaces: FlushInterfaceView[] } };
      if (reply.ok) return Object.fromEntries(reply.data.interfaces.map((each) => [each.name, each]));
    }
  } finally {
    socket.destroy();
  }
  throw new Error("etrunkd hung up without an answer");
}
