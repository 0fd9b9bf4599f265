import { setTimeout as pause } from "node:timers/promises";
import { monotonic } from "../../src/lab/clock.js";
import type { Observed, Pair, PeName, Told } from "./pair.js";

/** How a takeover comes about, and how it ends. */
export interface Scenario {
  /** What the user fears. */
  readonly fault: (pair: Pair) => void;
  /** The CE sends by PE1 until the very moment of it. */
  readonly cuts?: true;
  /** Seconds until everything that follows from it is over. */
  readonly lasts: number;
  /** PE1 gets back what it lost, and carries again when the revert delay is over. */
  readonly heal: (pair: Pair) => Promise<void> | void;
  /** Seconds. Where it is long enough for LACP to have come up before, the way back is measured too. */
  readonly revertDelay: number;
  /** The first event by which one of us knows of it; absent where nobody has to. */
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
  /** The host goes on forwarding; the CE's LACP gives its link up after 3 s. */
  daemonKilled: {
    fault: (pair) => pair.daemon("PE1").kill(),
    lasts: 3.5,
    heal: (pair) => pair.startDaemon("PE1"),
    revertDelay: 0,
  },
  /** For a second; it wakes within what is measured. */
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
      // It may still be leaving, and would answer in the next one's place.
      await pair.daemon("PE1").stop();
      await pair.startDaemon("PE1");
    },
    revertDelay: 0,
  },
} satisfies { readonly [name: string]: Scenario };
export type ScenarioName = keyof typeof SCENARIOS;

/** The fault, when it came, and the way back. */
export interface Run {
  readonly at: number;
  readonly fault: Observed;
  readonly revert: Observed | undefined;
}

/** Once through it, from PE1 carrying to PE1 carrying. */
export async function perform(pair: Pair, scenario: Scenario, rate: number): Promise<Run> {
  let at = 0;
  const fault = await pair.observe(rate, async () => {
    // Hellos and LACPDUs go out every second: a fault comes at any time between two.
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
