import { expect, test } from "vitest";
import { type Position, SYSTEM } from "../../src/config/feature.js";
import type { Model } from "../../src/config/model.js";
import { answerLines, typeLine } from "../support/type-line.js";

const TRUNK: Position = { view: "eth-trunk", name: "Eth-Trunk1" };
const PORT: Position = { view: "physical", name: "eth1" };
const MODEL: Model = {
  interfaces: { "Eth-Trunk1": { mode: "lacp-static", lacpTimeout: "fast" }, eth1: { ethTrunk: { id: 1 } }, eth2: {} },
};
const EMPTY: Model = { interfaces: { "Eth-Trunk1": {} } };

/** The answer of the shell; the new model where the line is accepted. */
function typed(model: Model, position: Position, line: string): Model | string[] {
  const before = structuredClone(model);
  const outcome = typeLine(model, position, line);
  expect(model).toEqual(before);
  return outcome.ok ? outcome.model : answerLines(outcome);
}

test("a line that is accepted gives a new model and leaves the old one", () => {
  expect(typed(EMPTY, TRUNK, "mode lacp-static")).toEqual({ interfaces: { "Eth-Trunk1": { mode: "lacp-static" } } });
  expect(typeLine({}, SYSTEM, "int eth-t 5")).toMatchObject({
    ok: true,
    at: SYSTEM,
    stored: "interface Eth-Trunk5",
    model: { interfaces: { "Eth-Trunk5": {} } },
    position: { view: "eth-trunk", name: "Eth-Trunk5" },
    kept: false,
    warnings: [],
  });
});

test.for([
  ["a trunk that is not there", PORT, "undo eth-trunk", "eth-trunk 7", "Error: Eth-Trunk7 does not exist."],
  ["a second trunk", PORT, "", "eth-trunk 7", "Error: eth1 already belongs to Eth-Trunk1."],
  [
    "another mode while there are members",
    TRUNK,
    "",
    "mode manual load-balance",
    "Error: Eth-Trunk1 has member interfaces. Remove them before changing the mode.",
  ],
  [
    "the default mode while there are members",
    TRUNK,
    "",
    "undo mode",
    "Error: Eth-Trunk1 has member interfaces. Remove them before changing the mode.",
  ],
  [
    "a mode that another line forbids, which is named",
    TRUNK,
    "undo trunkport eth1",
    "undo mode",
    "Error: interfaces.Eth-Trunk1.lacpTimeout: The command needs mode lacp-static.",
  ],
  ["removing a trunk in use", SYSTEM, "", "undo interface Eth-Trunk1", "Error: Eth-Trunk1 is still used by eth1."],
  [
    "what needs another command",
    TRUNK,
    "",
    "lacp preempt delay 5",
    "Error: The command needs lacp preempt enable first.",
  ],
  [
    "a zero system ID",
    TRUNK,
    "",
    "lacp system-id 0-0-0",
    "Error: The system ID must be a unicast MAC address other than all zeros.",
  ],
  [
    "a command of another view",
    PORT,
    "",
    "mode lacp-static",
    "Error: The command is not available on a physical interface.",
  ],
] as const)("%s is refused, without a caret", ([, position, first, line, answer]) => {
  const prepared = first === "" ? MODEL : typed(MODEL, position, first);
  expect(prepared).not.toBeInstanceOf(Array);
  expect(typed(prepared as Model, position, line)).toEqual([answer]);
});

test("a line that is no command is answered with a caret", () => {
  expect(typed(MODEL, TRUNK, "lacp timeout fast user-defined 2")).toEqual([
    "                               ^",
    "Error: Wrong parameter found at '^' position.",
    "       INTEGER<3-90>",
  ]);
});

test("the same mode again is no change, and load balancing becomes LACP with members in place", () => {
  expect(typed(MODEL, TRUNK, "mode lacp-static")).toEqual(MODEL);
  const manual: Model = { interfaces: { "Eth-Trunk1": {}, eth1: { ethTrunk: { id: 1 } } } };
  expect(typed(manual, TRUNK, "mode lacp-static")).toMatchObject({
    interfaces: { "Eth-Trunk1": { mode: "lacp-static" } },
  });
});

test("what was wrong before the line does not refuse it", () => {
  const broken: Model = { interfaces: { "Eth-Trunk1": { lacpTimeout: "fast" } } };
  expect(typed(broken, TRUNK, "description x")).toEqual({
    interfaces: { "Eth-Trunk1": { description: "x", lacpTimeout: "fast" } },
  });
});

test("an undone physical interface loses its lines", () => {
  expect(typed(MODEL, SYSTEM, "undo interface eth1")).toEqual({
    interfaces: { "Eth-Trunk1": { mode: "lacp-static", lacpTimeout: "fast" }, eth2: {} },
  });
});

test("a line that is kept without effect says so", () => {
  expect(typeLine(MODEL, TRUNK, "lacp backup-mode enable")).toMatchObject({ ok: true, kept: true });
  expect(typeLine(MODEL, TRUNK, "undo lacp backup-mode enable")).toMatchObject({ ok: true, kept: false });
});
