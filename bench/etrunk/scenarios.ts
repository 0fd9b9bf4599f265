import { setTimeout as pause } from "node:timers/promises";
import { monotonic } from "../lab.js";
import type { Observed, Pair, PeName, Told } from "./pair.js";

/** A fault that causes a takeover, and the way back. */
export interface Scenario {
  /** Causes the fault. */
  readonly fault: (pair: Pair) => void;
  /** The CE sends to PE1 until the moment of the fault. */
  readonly cuts?: true;
  /** Seconds until all consequences of the fault are over. */
  readonly lasts: number;
  /** Gives PE1 back what it lost, so that it carries again after the revert delay. */
  readonly heal: (pair: Pair) => Promise<void> | void;
  /** Revert delay in seconds. The way back is measured only when LACP comes up within it. */
  readonly revertDelay: number;
  /** The first event by which a PE knows of the fault; absent when no PE has to notice. */
  readonly detects?: { readonly by: PeName; readonly event: string };
}

/** LACP waits two seconds for further links (802.1AX-2014 6.4.8). */
const AFTER_LACP = 3;

export const SCENARIOS = {
  linkLoss: {
    fault: (pair) => pair.cut(),
    cuts: true,
    lasts: 0.6,
    heal: (pair) => pair.heal(),
    revertDelay: AFTER_LACP,
    detects: { by: "PE1", event: "port-state" },
  },
  powerOff: {
    fault: (pair) => pair.powerOff(),
    lasts: 0.6,
    heal: (pair) => pair.powerOn(),
    revertDelay: 0,
    detects: { by: "PE2", event: "bfd-state" },
  },
  /** The host goes on forwarding; the CE's LACP takes its link out after 3 s. */
  daemonKilled: {
    fault: (pair) => pair.daemon("PE1").kill(),
    lasts: 3.5,
    heal: (pair) => pair.startDaemon("PE1"),
    revertDelay: 0,
  },
  /** The daemon is frozen for a second, and wakes while the streams are still observed. */
  peFrozen: {
    fault: (pair) => pair.freeze(1),
    lasts: 2,
    heal: () => {},
    revertDelay: 0,
  },
  plannedStop: {
    fault: (pair) => pair.daemon("PE1").signal("SIGTERM"),
    lasts: 0.8,
    heal: async (pair) => {
      // The old daemon may still be leaving, and would answer in place of the new one.
      await pair.daemon("PE1").stop();
      await pair.startDaemon("PE1");
    },
    revertDelay: 0,
  },
} satisfies { readonly [name: string]: Scenario };
export type ScenarioName = keyof typeof SCENARIOS;

/** Results of one run: the fault and its time, and the way back. */
export interface Run {
  readonly at: number;
  readonly fault: Observed;
  readonly revert: Observed | undefined;
}

/** Performs a scenario once, from PE1 carrying to PE1 carrying. */
export async function perform(pair: Pair, scenario: Scenario, rate: number): Promise<Run> {
  let at = 0;
  const fault = await pair.observe(rate, async () => {
    // Hellos and LACPDUs leave every second, and the fault has to come at a random time between two.
    await pause(100 + Math.random() * 500);
    at = monotonic();
    scenario.fault(pair);
    await pause(scenario.lasts * 1_000);
  });
  if (scenario.revertDelay < AFTER_LACP) {
    await scenario.heal(pair);
    return { at, fault, revert: undefined };
  }
  const revert = await pair.observe(rate, async () => {
    await scenario.heal(pair);
    await pair.tells(({ by, event, to }: Told) => by === "PE1" && event === "member-state" && to === "Master");
    await pause(400);
  });
  return { at, fault, revert };
}
