import { describe } from "vitest";
import { type PeriodicState, periodicMachine } from "../../../src/core/lacp/periodic-machine.js";
import { conforms, type Given, type Row } from "./arrows.js";

const SHORT: Given = { partnerWantsFast: true };
const LONG: Given = { partnerWantsFast: false };
const BOTH_PASSIVE: Given = { isPassive: true, partnerIsPassive: true };

/** 6.4.13: what keeps a port from sending at all. */
const SILENT = [
  ["BEGIN", { begin: true }],
  ["LACP disabled", { lacpEnabled: false }],
  ["port disabled", { portEnabled: false }],
  ["both passive", BOTH_PASSIVE],
] as const;

const ROWS: readonly Row<PeriodicState>[] = [
  ...SILENT.flatMap(([why, given]): Row<PeriodicState>[] => [
    [`6.4.13 ${why}`, "NO_PERIODIC", given, "stays"],
    [`6.4.13 ${why}`, "FAST_PERIODIC", given, "NO_PERIODIC"],
    [`6.4.13 ${why}`, "SLOW_PERIODIC", { ...given, ...LONG }, "NO_PERIODIC"],
    [`6.4.13 ${why}`, "PERIODIC_TX", { ...given, periodicExpired: true }, "NO_PERIODIC"],
  ]),

  ["6.4.13 UCT", "NO_PERIODIC", {}, "FAST_PERIODIC"],
  ["6.4.13 one end active suffices", "NO_PERIODIC", { isPassive: true }, "FAST_PERIODIC"],
  ["6.4.13 one end active suffices", "NO_PERIODIC", { partnerIsPassive: true }, "FAST_PERIODIC"],

  ["6.4.13", "FAST_PERIODIC", SHORT, "stays"],
  ["6.4.13", "FAST_PERIODIC", { ...SHORT, periodicExpired: true }, "PERIODIC_TX"],
  ["6.4.13", "FAST_PERIODIC", LONG, "SLOW_PERIODIC"],
  ["6.4.13", "FAST_PERIODIC", { ...SHORT, isPassive: true }, "stays"],

  ["6.4.13", "SLOW_PERIODIC", LONG, "stays"],
  ["6.4.13", "SLOW_PERIODIC", { ...LONG, periodicExpired: true }, "PERIODIC_TX"],
  ["6.4.13 slow to fast at once", "SLOW_PERIODIC", SHORT, "PERIODIC_TX"],

  ["6.4.13", "PERIODIC_TX", SHORT, "FAST_PERIODIC"],
  ["6.4.13", "PERIODIC_TX", LONG, "SLOW_PERIODIC"],
];

describe("periodic transmission machine", () => conforms(periodicMachine, ROWS));
