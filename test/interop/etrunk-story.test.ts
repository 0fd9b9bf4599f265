import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { partnersOf, type StartCe } from "../../src/lab/ce.js";
import { DIRECTIONS, Network, type View } from "../../src/lab/network.js";
import { PES } from "../../src/lab/pe.js";
import { roleText } from "../../src/lab/picture.js";
import { isDone, STEPS, type Step } from "../../src/lab/steps.js";
import { Lab } from "../support/lab.js";
import { type PeerCe, START_CE } from "./peers/ce.js";
import { BOTH, withPeers } from "./peers/setting.js";

/** Long enough for LACP's, BFD's and the revert delay's time in a row, on a loaded machine. */
const PATIENCE = { timeout: 40_000, interval: 100 };

/** Each PE carries, whatever the other does. */
const ACTIVE_ACTIVE: readonly Pick<Step, "title" | "act" | "roles" | "carries" | "twice">[] = [
  {
    title: "Both PEs are told to carry: e-trunk mode force-master.",
    act: async ({ pe }) => {
      for (const name of PES) pe[name].setMode("force-master");
    },
    roles: {
      PE1: { state: "Master", member: "Master", memberCausation: "FORCE_MASTER" },
      PE2: { state: "Backup", member: "Master", memberCausation: "FORCE_MASTER" },
    },
    carries: PES,
    twice: true,
  },
  {
    title: "The link between CE and PE1 is cut while both carry.",
    act: ({ pe }) => pe.PE1.cutCe(),
    roles: { PE2: { member: "Master", memberCausation: "FORCE_MASTER" } },
    carries: ["PE2"],
  },
  {
    title: "It is healed.",
    act: ({ pe }) => pe.PE1.healCe(),
    roles: { PE1: { member: "Master" }, PE2: { member: "Master" } },
    carries: PES,
  },
  {
    title: "Both are told to agree again: e-trunk mode auto.",
    act: async ({ pe }) => {
      for (const name of PES) pe[name].setMode("auto");
    },
    roles: { PE1: { state: "Master", member: "Master" }, PE2: { state: "Backup", member: "Backup" } },
    carries: ["PE1"],
  },
];

const told = ({ pe, ce }: View): string =>
  [...PES.map((name) => `${name}: ${roleText(pe[name])}`), ...ce.map((port) => JSON.stringify(port))].join("\n");

// The story with etrunkd as CE is what `npm start` performs: story.test.ts.
withPeers(BOTH, (kind) => {
  describe("as the CE of two PEs", () => {
    let lab: Lab;
    let network: Network;
    let ce: PeerCe;
    let partner: readonly string[] | undefined;

    beforeAll(async () => {
      lab = new Lab();
      const startCe: StartCe = async (...where) => {
        ce = await START_CE[kind](...where);
        return ce;
      };
      network = await Network.start(lab, { startCe, revertDelay: 2 });
    });
    afterAll(async () => {
      await network?.stop();
      await lab.close();
    });
    afterEach(async ({ task }) => {
      if (task.result?.state === "fail") console.error(told(await network.look()), await ce.peer.report());
    });

    test.each([...STEPS, ...ACTIVE_ACTIVE])("$title", async (step) => {
      await step.act(network);
      await vi.waitFor(async () => {
        const view = await network.look();
        expect(isDone(step, network, view), told(view)).toBe(true);
        expect(network.carriers.now.toSorted()).toEqual(step.carries);
      }, PATIENCE);
      // One aggregator: a port that hears a partner belongs to it, carrying or in reserve.
      const ports = await ce.peer.ports();
      for (const port of ports) if (/[^0:]/.test(port.partner.system)) expect(port).toMatchObject({ attached: true });
      // Who the CE takes us for is the same from the first step to the last.
      const partners = partnersOf((await network.look()).ce);
      expect(partners).toEqual(partner ?? partners);
      partner = partners;
      for (const direction of DIRECTIONS) await network.streams[direction].markNow();
      for (const direction of DIRECTIONS) {
        const stream = network.streams[direction];
        await vi.waitFor(async () => expect(await stream.mark()).toMatchObject({ flowing: true }), PATIENCE);
      }
      if (step.twice) {
        const { down } = network.streams;
        await vi.waitFor(async () => expect((await down.mark()).duplicates).toBeGreaterThan(0), PATIENCE);
      }
    });
  });
});
