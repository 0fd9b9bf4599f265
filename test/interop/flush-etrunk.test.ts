import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { EtrunkLab, type Pe } from "../support/etrunk-lab.js";
import { flushCounters } from "../support/flush-lab.js";
import { isRoot, Lab } from "../support/lab.js";

const PATIENCE = { timeout: 30_000, interval: 50 };
const VLAN = 7;
const SENDS = { system: [`vlan batch ${VLAN}`], trunk: [`smart-link flush send vlan ${VLAN}`] };

describe.runIf(isRoot)("two PEs whose member trunks send Flush, and a CE that heeds it", () => {
  let lab: Lab;
  let pair: EtrunkLab;

  beforeAll(async () => {
    lab = new Lab();
    const parts = { PE1: SENDS, PE2: SENDS, CE: [`smart-link flush receive control-vlan ${VLAN}`] };
    pair = await EtrunkLab.start(lab, parts);
    await carry("PE1");
    // What the start led to is over.
    await vi.waitUntil(async () => (await heardByCe()).received >= 3, PATIENCE);
  });
  afterAll(async () => {
    await pair?.stop();
    await lab.close();
  });

  afterEach(({ task }) => {
    if (task.result?.state === "fail") console.error(pair.logs);
  });

  const heardByCe = async () => (await flushCounters(pair.ce))["Eth-Trunk1"]!;
  const carry = (...wanted: Pe[]): Promise<void> =>
    vi.waitFor(async () => {
      const ports = async (pe: Pe) => (await pair.pe[pe].trunk(10)).ports;
      const carrying = (["PE1", "PE2"] as const).map(async (pe) =>
        (await ports(pe)).some(({ status }) => status === "Selected") ? [pe] : [],
      );
      expect((await Promise.all(carrying)).flat()).toEqual(wanted);
    }, PATIENCE);

  test("the PE that takes over tells the CE to forget the other", async () => {
    const monitor = await pair.pe.PE2.monitor("flush-sent");
    const before = await heardByCe();
    await pair.ceWire.PE1.disconnect("eth1");
    await carry("PE2");
    await vi.waitUntil(async () => (await heardByCe()).received >= before.received + 3, PATIENCE);
    expect(await heardByCe()).toMatchObject({ lastInterface: "eth2", lastControlVlan: VLAN, dropped: 0 });
    expect(monitor.lines()[1]).toMatchObject({ trunk: 10, interface: "eth2", vlan: VLAN, reason: "takeover" });
    await monitor.stop();
    await pair.ceWire.PE1.connect("eth1");
    await carry("PE1");
  });

  test("the PE that stays after a split brain tells it too, though its own state did not change", async () => {
    await pair.control.silence("ctl");
    await carry("PE1", "PE2");
    await vi.waitUntil(async () => (await heardByCe()).lastInterface === "eth2", PATIENCE);
    const monitor = await pair.pe.PE1.monitor("flush-sent", "member-state");
    await pair.control.connect("ctl");
    await carry("PE1");
    await vi.waitUntil(() => monitor.lines().length === 2, PATIENCE);
    expect(monitor.lines()[1]).toMatchObject({
      event: "flush-sent",
      trunk: 10,
      interface: "eth1",
      vlan: VLAN,
      reason: "split brain healed",
    });
    await vi.waitUntil(async () => (await heardByCe()).lastInterface === "eth1", PATIENCE);
    await monitor.stop();
  });
});
