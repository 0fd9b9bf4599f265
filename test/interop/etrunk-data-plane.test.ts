import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { startEtrunkdCe } from "../../src/lab/ce.js";
import { DIRECTIONS, Network } from "../../src/lab/network.js";
import type { PeName } from "../../src/lab/pe.js";
import { isDone, type Step } from "../../src/lab/steps.js";
import { isInstalled, isRoot, Lab, run } from "../support/lab.js";
import { START_CE } from "./peers/ce.js";

/** Long enough for LACP's, BFD's and the revert delay's time in a row, on a loaded machine. */
const PATIENCE = { timeout: 40_000, interval: 50 };

/** A way in which somebody ends the data plane of the PE that carries, each line a program run there. */
interface Way {
  readonly title: string;
  readonly by: readonly string[];
  /** Who carries then: the same PE, whose data plane is put back, or the other one until it is undone. */
  readonly carries: PeName;
  readonly undo: readonly string[];
}

const WAYS: readonly Way[] = [
  { title: "the hook of the member is deleted", by: ["tc qdisc del dev eth1 clsact"], carries: "PE1", undo: [] },
  { title: "the hook of the inner end is deleted", by: ["tc qdisc del dev et1-ul clsact"], carries: "PE1", undo: [] },
  { title: "the inner end is set down", by: ["ip link set et1-ul down"], carries: "PE1", undo: [] },
  { title: "the place in the bridge is taken away", by: ["ip link set eth-trunk1 nomaster"], carries: "PE1", undo: [] },
  { title: "the device is deleted", by: ["ip link del eth-trunk1"], carries: "PE1", undo: [] },
  {
    title: "the device is set down",
    by: ["ip link set eth-trunk1 down"],
    carries: "PE2",
    undo: ["ip link set eth-trunk1 up"],
  },
  {
    title: "the device is renamed",
    by: ["ip link set eth-trunk1 down", "ip link set eth-trunk1 name other", "ip link set other up"],
    carries: "PE2",
    undo: ["ip link set other down", "ip link set other name eth-trunk1", "ip link set eth-trunk1 up"],
  },
  {
    title: "somebody's filter runs before that of the member",
    by: ["tc filter add dev eth1 ingress pref 1 protocol all u32 match u32 0 0 flowid 1:1"],
    carries: "PE2",
    undo: ["tc filter del dev eth1 ingress pref 1"],
  },
];

const ROLES: { readonly [pe in PeName]: Step["roles"] } = {
  PE1: { PE1: { member: "Master" }, PE2: { member: "Backup" } },
  PE2: { PE2: { member: "Master" } },
};

const CES = { etrunkd: startEtrunkdCe, "Open vSwitch": START_CE["Open vSwitch"] } as const;
const KINDS = (["etrunkd", "Open vSwitch"] as const).filter(
  (kind) => kind === "etrunkd" || isInstalled("ovs-vswitchd"),
);

describe.runIf(isRoot).each(KINDS)("a PE whose data plane dies, with %s as CE", (kind) => {
  let lab: Lab;
  let network: Network;

  beforeAll(async () => {
    lab = new Lab();
    network = await Network.start(lab, { startCe: CES[kind], revertDelay: 2 });
    await carriedBy("PE1");
  });
  afterAll(async () => {
    await network?.stop();
    await lab.close();
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") console.error(JSON.stringify(network.edges.slice(-20), undefined, 1));
  });

  async function inPe1(lines: readonly string[]): Promise<void> {
    const [namespace] = network.pe.PE1.ceWire.namespaces;
    for (const line of lines) await run("ip", ["netns", "exec", namespace, ...line.split(" ")]);
  }

  async function carriedBy(pe: PeName): Promise<void> {
    await vi.waitFor(async () => {
      const view = await network.look();
      const step = { roles: ROLES[pe], carries: [pe] };
      expect(isDone(step, network, view), JSON.stringify([view, network.carriers.now])).toBe(true);
      expect(network.carriers.now).toEqual([pe]);
    }, PATIENCE);
    for (const direction of DIRECTIONS) {
      const stream = network.streams[direction];
      await vi.waitFor(async () => expect(await stream.mark()).toMatchObject({ flowing: true }), PATIENCE);
    }
  }

  test.for(WAYS)("when $title, the traffic goes on by $carries", async ({ by, carries, undo }) => {
    await inPe1(by);
    await carriedBy(carries);
    if (undo.length === 0) return;
    await inPe1(undo);
    await carriedBy("PE1");
  });
});
