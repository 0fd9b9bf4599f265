import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { MonitorLine } from "../../src/daemon/questions.js";
import type { Monitor } from "../support/daemon.js";
import { BACKENDS, DriftLab, PATIENCE } from "../support/drift-lab.js";
import { BESIDES, ROWS, STANDING } from "../support/drift-rows.js";
import { type BackendName, leftovers } from "../support/forwarding.js";
import { isRoot } from "../support/lab.js";

const EVENTS = ["forwarding-changed", "network-changed", "port-state", "trunk-state"] as const;

interface PortState extends MonitorLine {
  readonly port?: string;
  readonly to?: string;
}

const isFor = (backend: BackendName) => (row: { readonly only?: BackendName }) =>
  row.only === undefined || row.only === backend;

describe.runIf(isRoot).each(BACKENDS)("what somebody does to the data plane (%s)", (backend) => {
  let lab: DriftLab;
  let monitor: Monitor;

  beforeAll(async () => {
    lab = await DriftLab.create();
    await lab.start(backend, BESIDES);
    await lab.carries();
    monitor = await lab.daemon.monitor(...EVENTS);
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") console.error(lab.daemon.log);
  });
  afterAll(async () => {
    await monitor?.stop();
    await lab.close();
  });

  /** Eth-Trunk2 has no member, and a busy machine a slow disk. */
  const alarms = async () =>
    (await lab.daemon.alarms()).filter((text) => !/^Eth-Trunk2|^The state directory/.test(text));

  test.for(ROWS.filter(isFor(backend)))(
    "is found, told and put back, and no partner notices: $what",
    async ({ by, found, isUntold }) => {
      const before = monitor.lines().length;
      for (const words of by) await lab.run(...words);
      if (isUntold) lab.daemon.signal("SIGHUP");
      const told = () => monitor.lines().slice(before);
      await vi.waitFor(() => {
        const changes = told().filter(({ event }) => event.endsWith("-changed"));
        expect(changes.filter((line) => found.test(JSON.stringify(line)))).not.toEqual([]);
      }, PATIENCE);
      await vi.waitFor(() => lab.passes(), PATIENCE);
      await lab.carries();
      expect(told().filter(({ event }) => !event.endsWith("-changed"))).toEqual([]);
      expect(await alarms()).toEqual([]);
    },
  );

  test.for(STANDING.filter(isFor(backend)))(
    "invites no partner to what does not carry, and stands as an alarm until it is undone: $what",
    async ({ by, alarm, carrying, undo, isUntold, lacks }, { skip }) => {
      skip(lacks !== undefined, lacks);
      const before = monitor.lines().length;
      const turns = () =>
        (monitor.lines().slice(before) as readonly PortState[]).flatMap(({ event, port, to }) =>
          event === "port-state" ? [`${port} ${to}`] : [],
        );
      const held = ["m1", "m2"].filter((name) => !carrying.includes(name));
      const out = held.map((name) => `${name} Unselect`);
      for (const words of by) await lab.run(...words);
      if (isUntold) lab.daemon.signal("SIGHUP");
      await vi.waitFor(async () => {
        expect((await alarms()).filter((text) => alarm.test(text))).not.toEqual([]);
        const { ports } = await lab.daemon.trunk();
        expect(ports.flatMap(({ name, collecting }) => (collecting ? [name] : []))).toEqual(carrying);
        expect((await lab.partner.trunk()).upPorts).toBe(carrying.length);
      }, PATIENCE);
      await vi.waitFor(() => expect(turns()).toEqual(out), PATIENCE);
      for (const words of undo) await lab.run(...words);
      if (isUntold) lab.daemon.signal("SIGHUP");
      await lab.carries();
      await vi.waitFor(() => lab.passes(), PATIENCE);
      await vi.waitFor(async () => expect(await alarms()).toEqual([]), PATIENCE);
      // Out of sync first, and back once.
      const back = held.map((name) => `${name} Selected`);
      await vi.waitFor(() => expect(turns().sort()).toEqual([...out, ...back].sort()), PATIENCE);
    },
  );

  const counted = "counters that somebody sets back go on";
  test.for(backend === "ebpf" ? [counted] : [])("%s", async () => {
    const counts = async () => (await lab.daemon.trunk()).ports.map(({ framesReceived }) => framesReceived ?? 0);
    await lab.passes();
    const before = await counts();
    await lab.run("bpf", "zero", "etrunkd_counter");
    await lab.passes();
    const after = await counts();
    expect(after.map((count, at) => count >= (before[at] ?? 0))).toEqual([true, true]);
    expect(after).not.toEqual(before);
  });

  test("leaves nothing over at the end", async () => {
    await lab.daemon.stop();
    expect(await leftovers(lab.near)).toEqual([]);
  });
});
