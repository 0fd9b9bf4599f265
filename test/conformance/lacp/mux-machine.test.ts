import { describe } from "vitest";
import {
  type CoupledMuxState,
  type IndependentMuxState,
  independentMuxMachine,
  muxMachine,
} from "../../../src/core/lacp/mux-machine.js";
import { conforms, type Given, type Row } from "./arrows.js";

const SELECTED: Given = { selected: "SELECTED" };
const STANDBY: Given = { selected: "STANDBY" };
const UNSELECTED: Given = { selected: "UNSELECTED" };
const READY: Given = { ready: true };
const IN_SYNC: Given = { partnerInSync: true };
const HELD: Given = { isHeldBack: true };
const COLLECTS: Given = { partnerCollects: true };
const JOINS: Given = { joins: true };

/** Both kinds of control share the upper half of the figure. */
const BEFORE_ATTACHING: readonly Row<"DETACHED" | "WAITING" | "ATTACHED">[] = [
  ["6.4.15 BEGIN", "DETACHED", { begin: true }, "stays"],
  ["6.4.15 BEGIN", "WAITING", { begin: true, ...SELECTED, ...READY }, "DETACHED"],
  ["6.4.15 BEGIN", "ATTACHED", { begin: true, ...SELECTED, ...IN_SYNC }, "DETACHED"],

  ["6.4.15", "DETACHED", UNSELECTED, "stays"],
  ["6.4.15", "DETACHED", SELECTED, "WAITING"],
  ["6.4.15", "DETACHED", STANDBY, "WAITING"],

  ["6.4.15", "WAITING", SELECTED, "stays"],
  ["6.4.15", "WAITING", { ...SELECTED, ...READY }, "ATTACHED"],
  ["6.4.15 standby waits without end", "WAITING", { ...STANDBY, ...READY }, "stays"],
  ["6.4.15", "WAITING", UNSELECTED, "DETACHED"],
  ["6.4.15", "WAITING", { ...UNSELECTED, ...READY }, "DETACHED"],
  ["6.4.15 the partner's sync does not hurry us", "WAITING", { ...SELECTED, ...IN_SYNC }, "stays"],

  ["6.4.15", "ATTACHED", SELECTED, "stays"],
  ["6.4.15", "ATTACHED", UNSELECTED, "DETACHED"],
  ["6.4.15", "ATTACHED", STANDBY, "DETACHED"],
  ["6.4.15", "ATTACHED", { ...UNSELECTED, ...IN_SYNC }, "DETACHED"],
];

const COUPLED: readonly Row<CoupledMuxState>[] = [
  ...BEFORE_ATTACHING,
  ["6.4.15", "ATTACHED", { ...SELECTED, ...IN_SYNC }, "COLLECTING_DISTRIBUTING"],
  ["6.4.15 held back", "ATTACHED", { ...SELECTED, ...IN_SYNC, ...HELD }, "stays"],
  ["6.4.15 held back", "COLLECTING_DISTRIBUTING", { ...SELECTED, ...IN_SYNC, ...HELD }, "ATTACHED"],

  ["6.4.15 others carry", "ATTACHED", { ...SELECTED, ...IN_SYNC, ...JOINS }, "COLLECTING"],
  ["6.4.15 held back", "ATTACHED", { ...SELECTED, ...IN_SYNC, ...JOINS, ...HELD }, "stays"],
  ["6.4.15 BEGIN", "COLLECTING", { begin: true, ...SELECTED, ...IN_SYNC }, "DETACHED"],
  ["6.4.15 others carry", "COLLECTING", { ...SELECTED, ...IN_SYNC, ...JOINS }, "stays"],
  ["6.4.15 the partner collects", "COLLECTING", { ...SELECTED, ...IN_SYNC }, "COLLECTING_DISTRIBUTING"],
  [
    "6.4.15 the partner does not say that it collects",
    "COLLECTING",
    { ...SELECTED, ...IN_SYNC, ...JOINS, joinExpired: true },
    "COLLECTING_DISTRIBUTING",
  ],
  ["6.4.15 partner not in sync", "COLLECTING", SELECTED, "ATTACHED"],
  ["6.4.15 held back", "COLLECTING", { ...SELECTED, ...IN_SYNC, ...HELD }, "ATTACHED"],
  ["6.4.15 unselected", "COLLECTING", { ...UNSELECTED, ...IN_SYNC }, "ATTACHED"],
  ["6.4.15 standby", "COLLECTING", { ...STANDBY, ...IN_SYNC }, "ATTACHED"],
  ["6.4.15 others carry", "COLLECTING_DISTRIBUTING", { ...SELECTED, ...IN_SYNC, ...JOINS }, "stays"],

  ["6.4.15 BEGIN", "COLLECTING_DISTRIBUTING", { begin: true, ...SELECTED, ...IN_SYNC }, "DETACHED"],
  ["6.4.15", "COLLECTING_DISTRIBUTING", { ...SELECTED, ...IN_SYNC }, "stays"],
  ["6.4.15 partner not in sync", "COLLECTING_DISTRIBUTING", SELECTED, "ATTACHED"],
  ["6.4.15 unselected", "COLLECTING_DISTRIBUTING", { ...UNSELECTED, ...IN_SYNC }, "ATTACHED"],
  ["6.4.15 standby", "COLLECTING_DISTRIBUTING", { ...STANDBY, ...IN_SYNC }, "ATTACHED"],
];

const INDEPENDENT: readonly Row<IndependentMuxState>[] = [
  ...BEFORE_ATTACHING,
  ["6.4.15", "ATTACHED", { ...SELECTED, ...IN_SYNC }, "COLLECTING"],
  ["6.4.15 collecting comes first", "ATTACHED", { ...SELECTED, ...IN_SYNC, ...COLLECTS }, "COLLECTING"],

  ["6.4.15 held back", "ATTACHED", { ...SELECTED, ...IN_SYNC, ...COLLECTS, ...HELD }, "stays"],
  ["6.4.15 held back", "COLLECTING", { ...SELECTED, ...IN_SYNC, ...COLLECTS, ...HELD }, "ATTACHED"],
  ["6.4.15 held back", "DISTRIBUTING", { ...SELECTED, ...IN_SYNC, ...COLLECTS, ...HELD }, "COLLECTING"],

  ["6.4.15 BEGIN", "COLLECTING", { begin: true, ...SELECTED, ...IN_SYNC }, "DETACHED"],
  ["6.4.15", "COLLECTING", { ...SELECTED, ...IN_SYNC }, "stays"],
  ["6.4.15", "COLLECTING", { ...SELECTED, ...IN_SYNC, ...COLLECTS }, "DISTRIBUTING"],
  ["6.4.15 partner not in sync", "COLLECTING", { ...SELECTED, ...COLLECTS }, "ATTACHED"],
  ["6.4.15 unselected", "COLLECTING", { ...UNSELECTED, ...IN_SYNC, ...COLLECTS }, "ATTACHED"],
  ["6.4.15 standby", "COLLECTING", { ...STANDBY, ...IN_SYNC }, "ATTACHED"],

  ["6.4.15 BEGIN", "DISTRIBUTING", { begin: true, ...SELECTED, ...IN_SYNC, ...COLLECTS }, "DETACHED"],
  ["6.4.15", "DISTRIBUTING", { ...SELECTED, ...IN_SYNC, ...COLLECTS }, "stays"],
  ["6.4.15 partner stops collecting", "DISTRIBUTING", { ...SELECTED, ...IN_SYNC }, "COLLECTING"],
  ["6.4.15 partner not in sync", "DISTRIBUTING", { ...SELECTED, ...COLLECTS }, "COLLECTING"],
  ["6.4.15 unselected", "DISTRIBUTING", { ...UNSELECTED, ...IN_SYNC, ...COLLECTS }, "COLLECTING"],
  ["6.4.15 standby", "DISTRIBUTING", { ...STANDBY, ...IN_SYNC, ...COLLECTS }, "COLLECTING"],
];

describe("mux machine, coupled control", () => conforms(muxMachine, COUPLED));
describe("mux machine, independent control", () => conforms(independentMuxMachine, INDEPENDENT));
