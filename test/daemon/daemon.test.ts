import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { readConfiguration } from "../../src/config/reading/read.js";
import type { Mac } from "../../src/core/base/address.js";
import { parseIpAddress } from "../../src/core/base/ip-address.js";
import type { EngineEvent } from "../../src/core/engine/news.js";
import type { TrunkView } from "../../src/core/parts/trunks/questions.js";
import { clearSocketPath } from "../../src/daemon/control/control.js";
import { Daemon, type DaemonOptions } from "../../src/daemon/daemon.js";
import { metricsPage } from "../../src/daemon/http/metrics.js";
import { Log } from "../../src/daemon/log/log.js";
import type { Reply, Request } from "../../src/daemon/questions.js";
import { Recorder } from "../../src/daemon/recording/recorder.js";
import { playFile } from "../../src/daemon/recording/recording-player.js";
import { Store } from "../../src/daemon/state/store.js";
import { trunksOf } from "../support/ask.js";
import { SimulatedMachine } from "../support/simulated-machine.js";

const CONFIGURATION = `
sysname PE1
interface Eth-Trunk1
 mode lacp-static
 lacp timeout fast
interface eth1
 eth-trunk 1
interface eth2
 eth-trunk 1
`;

/** LACP at the octets of the clause: actor state, partner state and partner system of an LACPDU. */
const ACTOR_STATE = 14 + 18;
const PARTNER_SYSTEM = 14 + 26;
const PARTNER_STATE = 14 + 38;

interface Node {
  readonly machine: SimulatedMachine;
  readonly daemon: Daemon;
  readonly broken: ReturnType<typeof vi.fn>;
  readonly socket: string;
}

describe("the daemon", () => {
  let folder: string;
  let nodes: Node[];

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "etrunkd-daemon-"));
    nodes = [];
  });
  afterEach(async () => {
    for (const { daemon } of nodes) daemon.stopForRestart();
    for (const { broken } of nodes) expect(broken).not.toHaveBeenCalled();
    // A write under way may add a file meanwhile.
    await vi.waitFor(() => rmSync(folder, { recursive: true, force: true }));
  });

  /** The state directory of one of them. A write under way when the test ends finds its folder gone. */
  function makeStore(name: string): Store {
    mkdirSync(join(folder, name), { recursive: true });
    return new Store(join(folder, name));
  }

  async function start(name: string, options: Partial<DaemonOptions> & { text?: string } = {}): Promise<Node> {
    const machine = (options.machine as SimulatedMachine | undefined) ?? new SimulatedMachine();
    const broken = vi.fn();
    const socket = join(folder, `${name}.sock`);
    const daemon = new Daemon({
      machine,
      model: readConfiguration(options.text ?? CONFIGURATION).model,
      bindings: new Map(),
      systemMac: (0x020000000a00 + name.length) as Mac,
      link: "ring",
      socket,
      store: makeStore(name),
      log: new Log("silent"),
      recorder: undefined,
      broken,
      ...options,
    });
    const node = { machine, daemon, broken, socket };
    nodes.push(node);
    await clearSocketPath(socket);
    await daemon.start();
    return node;
  }

  const withLinks = (machine = new SimulatedMachine()): SimulatedMachine => {
    for (const index of [1, 2]) machine.setLink({ index, name: `eth${index}` });
    return machine;
  };

  /** Two daemons with two links between them. */
  async function pair(recorder?: Recorder): Promise<{ near: Node; far: Node }> {
    const [one, other] = [withLinks(), withLinks()];
    one.far = other;
    other.far = one;
    return { near: await start("near", { machine: one, recorder }), far: await start("far", { machine: other }) };
  }

  const isUp = ({ daemon }: Node): Promise<void> =>
    vi.waitFor(() => expect(trunksOf(daemon.engine)[0]?.upPorts).toBe(2), { timeout: 5_000, interval: 10 });

  function ask({ socket }: Node, request: Request): Promise<Reply> {
    return new Promise((resolve, reject) => {
      const connection = createConnection(socket, () => connection.write(`${JSON.stringify(request)}\n`));
      connection.on("error", reject);
      createInterface({ input: connection }).once("line", (line) => {
        connection.destroy();
        resolve(JSON.parse(line) as Reply);
      });
    });
  }

  async function data<T>(node: Node, request: Request): Promise<T> {
    const reply = await ask(node, request);
    if (!reply.ok) throw new Error(reply.error);
    return reply.data as T;
  }

  test("sends its first LACPDUs before anything waits", async () => {
    const { machine } = await start("near", { machine: withLinks() });
    expect(machine.sent.slice(0, 2).map(({ to }) => to)).toEqual([1, 2]);
    expect(machine.ports).toEqual([1, 2]);
    expect(machine.polled).toEqual([1, 2]);
  });

  test("has an alarm while the state directory cannot be written, however often it is tried", async () => {
    // A folder is in the way of the file in which the next checkpoint is written.
    mkdirSync(join(folder, "near", "checkpoint.last"), { recursive: true });
    const near = await start("near", { machine: withLinks() });
    const texts = async (): Promise<string[]> => {
      const { alarms } = await data<{ alarms: { text: string }[] }>(near, { ask: "alarms" });
      return alarms.map(({ text }) => text).filter((text) => text.includes("state directory"));
    };
    await vi.waitFor(
      async () =>
        expect(await texts()).toEqual([expect.stringMatching(/cannot be written, .*: checkpoint: .*\(E[A-Z]+\)\.$/)]),
      5_000,
    );
    rmSync(join(folder, "near", "checkpoint.last"), { recursive: true });
    near.machine.setLink({ index: 1, name: "eth1", carrier: false });
    await vi.waitFor(async () => expect(await texts()).toEqual([]), 5_000);
    expect(await data(near, { ask: "alarm-history" })).toMatchObject({
      alarms: [{ name: "stateNotSaved", level: "Major" }],
    });
  });

  test("alarms of a socket that cannot be opened, until it is, and records both", async () => {
    const path = join(folder, "recording");
    const recorder = new Recorder(path);
    const text = "e-trunk 1\n peer-address 10.0.0.2 source-address 10.0.0.1\n security-key cipher x\n";
    const near = await start("near", { text, recorder });
    const address = parseIpAddress("10.0.0.1")!;
    near.machine.setAddress({ index: 1, address, prefixLength: 24, present: true });
    const endpoint = { source: address, port: 1025, vrf: undefined };
    const reasons = async (): Promise<string[]> => {
      const { alarms } = await data<{ alarms: { text: string }[] }>(near, { ask: "alarms" });
      return alarms.map((alarm) => alarm.text).filter((each) => each.includes("No hello can be sent or heard"));
    };
    near.machine.refuseSocket(endpoint, "another program has it");
    await vi.waitFor(async () =>
      expect(await reasons()).toEqual(["E-Trunk 1: No hello can be sent or heard: another program has it."]),
    );
    near.machine.refuseSocket(endpoint, undefined);
    await vi.waitFor(async () => expect(await reasons()).toEqual([]));
    near.daemon.stopForRestart();
    await recorder.flush(5_000);
    expect(await playFile(path, () => {})).toMatchObject({ difference: undefined });
    expect(readFileSync(path, "utf8").match(/"what":"socket"/g)).toHaveLength(2);
  });

  test("follows an interface that comes late, and one made anew", async () => {
    const { machine } = await start("near");
    expect(machine.sent).toEqual([]);
    machine.setLink({ index: 7, name: "eth1" });
    await vi.waitFor(() => expect(machine.sent.at(-1)?.to).toBe(7));
    expect(machine.ports).toEqual([7]);
    machine.setLink({ index: 7, name: "eth1", present: false });
    machine.setLink({ index: 9, name: "eth1" });
    // At most three PDUs a second, also here.
    await vi.waitFor(() => expect(machine.sent.at(-1)?.to).toBe(9), { timeout: 3_000 });
    expect(machine.ports).toEqual([9]);
  });

  test("binds configured names to the interfaces it is told", async () => {
    const text = CONFIGURATION.replaceAll("interface eth", "interface GigabitEthernet0/1/");
    const { machine } = await start("near", {
      machine: withLinks(),
      text,
      bindings: new Map([["GigabitEthernet0/1/2", "eth1"]]),
    });
    expect(machine.ports).toEqual([1]);
    expect(machine.sent.length).toBeGreaterThan(0);
  });

  test("asks for a MAC of its own once and keeps it", async () => {
    const first = await start("near", { systemMac: undefined });
    const mac = (await data<{ systemMac: string }>(first, { ask: "version" })).systemMac;
    expect(Number.parseInt(mac.slice(0, 2), 16) & 3).toBe(2);
    first.daemon.stopForRestart();
    nodes = [];
    const second = await start("near", { systemMac: undefined });
    expect(await data(second, { ask: "version" })).toMatchObject({ systemMac: mac, sysname: "PE1", link: "ring" });
  });

  test("answers every request about a trunk that carries", async () => {
    const { near, far } = await pair();
    await Promise.all([isUp(near), isUp(far)]);

    const trunk = await data<TrunkView>(near, { ask: "eth-trunk", id: 1 });
    expect(trunk).toMatchObject({ id: 1, operState: "up", upPorts: 2 });
    expect(await data(near, { ask: "eth-trunk" })).toEqual({ trunks: [expect.objectContaining({ id: 1 })] });
    expect(await data(near, { ask: "lacp-statistics", id: 1 })).toMatchObject({
      id: 1,
      ports: [{ lacpduErrors: 0 }, {}],
    });
    expect(await data(near, { ask: "lacp-brief" })).toMatchObject({ systemPriority: 32768 });
    expect(await data(near, { ask: "alarms" })).toEqual({ alarms: [] });
    expect(await data(near, { ask: "current-configuration" })).toMatchObject({
      lines: expect.arrayContaining(["sysname PE1"]),
      model: { sysname: "PE1" },
    });

    const marker = await data<{ ports: { name: string; roundTripMs: number }[] }>(near, { ask: "marker", id: 1 });
    expect(marker.ports.map(({ name }) => name)).toEqual(["eth1", "eth2"]);
    for (const { roundTripMs } of marker.ports) expect(roundTripMs).toBeLessThan(1_000);
    near.machine.far = undefined;
    expect(await data(near, { ask: "marker", id: 1 })).toMatchObject({ ports: [{ roundTripMs: null }, {}] });

    expect(await data(near, { ask: "reset-lacp-statistics", id: 1 })).toBeNull();
    expect(await data(near, { ask: "lacp-statistics", id: 1 })).toMatchObject({ ports: [{ markerSent: 0 }, {}] });
  });

  test.each([
    [{ ask: "eth-trunk", id: 9 }, "Eth-Trunk9 does not exist"],
    [{ ask: "lacp-statistics", id: 9 }, "Eth-Trunk9 does not exist"],
    [{ ask: "marker", id: 9 }, "there is no Eth-Trunk9 in mode lacp-static"],
    [{ ask: "reset-lacp-statistics", id: 9 }, "Eth-Trunk9 does not exist"],
    [{ ask: "reset-lacp-statistics", id: 1, interface: "eth9" }, "eth9 is no member of Eth-Trunk1"],
  ] as const)("refuses %j", async (request, error) => {
    expect(await ask(await start("near"), request)).toEqual({ ok: false, error });
  });

  test("applies the difference of a new configuration, and tells it", async () => {
    const node = await start("near");
    const { model } = readConfiguration(CONFIGURATION.replace("PE1", "PE2"));
    expect(await node.daemon.apply(model)).toEqual(["sysname"]);
    expect(await node.daemon.apply(model)).toEqual([]);
    expect(await data(node, { ask: "version" })).toMatchObject({ sysname: "PE2" });
  });

  test("stopped for a restart tells nobody, and the next process continues at once", async () => {
    const { near, far } = await pair();
    await Promise.all([isUp(near), isUp(far)]);
    // What is on its way arrives first.
    await new Promise(setImmediate);
    const before = near.machine.sent.length;
    near.daemon.stopForRestart();
    nodes = nodes.filter((node) => node !== near);
    expect(near.machine.sent).toHaveLength(before);

    const machine = withLinks();
    machine.far = far.machine;
    await start("near", { machine });
    const [first] = machine.sent;
    expect(first?.frame[ACTOR_STATE]).toBe(0x3f);
    expect(first?.frame[PARTNER_STATE]).toBe(0x3f);
    expect(first?.frame.readUIntBE(PARTNER_SYSTEM, 6)).toBe(0x020000000a03);
    expect(trunksOf(far.daemon.engine)[0]?.upPorts).toBe(2);
  });

  test("ignores a checkpoint of another boot", async () => {
    const { near } = await pair();
    await isUp(near);
    near.daemon.stopForRestart();
    nodes = nodes.filter((node) => node !== near);
    const machine = withLinks();
    machine.bootId = "another";
    await start("near", { machine });
    expect(machine.sent[0]?.frame.readUIntBE(PARTNER_SYSTEM, 6)).toBe(0);
  });

  test("leaving for good tells the partner, and no next process continues", async () => {
    const { near, far } = await pair();
    await Promise.all([isUp(near), isUp(far)]);
    const begin = performance.now();
    await near.daemon.leave();
    nodes = nodes.filter((node) => node !== near);
    // Far sooner than the partner's timeout of 3 s.
    expect(performance.now() - begin).toBeLessThan(1_200);
    expect(trunksOf(far.daemon.engine)[0]?.upPorts).toBe(0);

    const machine = withLinks();
    await start("near", { machine });
    expect(machine.sent[0]?.frame.readUIntBE(PARTNER_SYSTEM, 6)).toBe(0);
  });

  test.each(["", "{", '{"boot":1}', "[]"])("starts from nothing with the checkpoint %j", async (text) => {
    const store = makeStore("near");
    store.save("checkpoint", text);
    store.flush();
    const { machine } = await start("near", { machine: withLinks() });
    expect(machine.sent.length).toBeGreaterThan(0);
  });

  test("records a run that plays the same", async () => {
    const path = join(folder, "recording");
    const recorder = new Recorder(path);
    const { near, far } = await pair(recorder);
    await Promise.all([isUp(near), isUp(far)]);
    await data(near, { ask: "marker", id: 1 });
    await data(near, { ask: "reset-lacp-statistics" });
    await near.daemon.apply(readConfiguration(CONFIGURATION.replace("eth2\n", "eth2\n lacp priority 7\n")).model);
    near.machine.setLink({ index: 1, name: "eth1", carrier: false });
    near.machine.receive(2, Buffer.from("0180c2000002020000000002880901ff", "hex"));
    await vi.waitFor(() => expect(trunksOf(near.daemon.engine)[0]?.upPorts).toBe(1), { timeout: 5_000 });
    await near.daemon.leave();
    nodes = nodes.filter((node) => node !== near);
    await recorder.flush(5_000);

    const events: EngineEvent[] = [];
    const played = await playFile(path, (event) => events.push(event));
    expect(played).toEqual({
      inputs: expect.any(Number),
      events: events.length,
      lost: 0,
      cut: false,
      difference: undefined,
    });
    const raised = events.map(({ event }) => event);
    expect(raised).toEqual(expect.arrayContaining(["port-state", "trunk-state", "marker-answered", "pdu-refused"]));
    expect(played.inputs).toBeGreaterThan(20);
    expect(readFileSync(path, "utf8").split("\n").length).toBeGreaterThan(played.inputs);
  });

  test("gives metrics that Prometheus can read", async () => {
    const { near } = await pair();
    await isUp(near);
    const { pieces } = metricsPage({
      engine: near.daemon.engine,
      loop: near.daemon.loop,
      link: "ring",
      frames: () => ({ received: 5, dropped: 3, sendErrors: 0, restarts: 0 }),
      tapDrops: () => 14,
      transport: () => ({
        datagrams: { received: 9, tooLong: 13, dropped: 7, sendErrors: 0 },
        bfd: { received: 8, lost: 12, dropped: 0, sendErrors: 11, worstLateness: 2_500, sessions: 10 },
      }),
      ignored: () => near.daemon.engine.ignored,
      logLinesDropped: () => 1,
      recordLinesDropped: () => 2,
      controlRefused: () => 4,
      controlClients: () => 6,
      reload: () => undefined,
    });
    let text = "";
    for await (const piece of pieces()) text += piece;
    const values = new Map<string, number>();
    for (const line of text.split("\n").filter((each) => each !== "" && !each.startsWith("# "))) {
      const parts = /^(?<sample>[a-z_:]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})?) (?<value>\S+)$/.exec(line)?.groups;
      expect(parts, line).toBeDefined();
      values.set(parts?.sample ?? "", Number(parts?.value));
      expect(Number(parts?.value), line).not.toBeNaN();
    }
    expect(values.get('etrunkd_trunk_up{trunk="1"}')).toBe(1);
    expect(values.get('etrunkd_ports{trunk="1",status="Selected"}')).toBe(2);
    expect(values.get('etrunkd_lacp_lacpdus_rx_total{trunk="1",port="eth2"}')).toBeGreaterThan(0);
    expect(values.get('etrunkd_lacp_faults_total{trunk="1",port="eth1",fault="truncated"}')).toBe(0);
    expect(values.get("etrunkd_ring_drops_total")).toBe(3);
    expect(values.get('etrunkd_datagrams_dropped_total{protocol="e-trunk"}')).toBe(7);
    expect(values.get('etrunkd_datagrams_send_errors_total{protocol="bfd"}')).toBe(11);
    expect(values.get("etrunkd_bfd_reports_lost_total")).toBe(12);
    expect(values.get('etrunkd_datagrams_too_long_total{protocol="e-trunk"}')).toBe(13);
    expect(values.get("etrunkd_tap_drops_total")).toBe(14);
    expect(values.get("etrunkd_bfd_thread_delay_seconds")).toBe(0.0025);
    expect(values.get("etrunkd_bfd_paced_sessions")).toBe(10);
    expect(values.get('etrunkd_bfd_sessions{state="Up"}')).toBe(0);
    expect(values.get("etrunkd_log_lines_dropped_total")).toBe(1);
    expect(values.get("process_resident_memory_bytes")).toBeGreaterThan(1e7);
    expect(values.get('etrunkd_loop_delay_seconds{quantile="0.99"}')).toBeGreaterThan(0);
    expect(text).toContain("# TYPE etrunkd_lacp_lacpdus_rx_total counter");
    expect(text).toContain("dot3adAggPortStatsLACPDUsRx");
  });
});
