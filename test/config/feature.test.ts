import { describe, expect, test } from "vitest";
import { numberedObjects } from "../../src/config/collections.js";
import { type Action, action, type Feature, type Position, type Step, SYSTEM } from "../../src/config/feature.js";
import { FEATURES } from "../../src/config/features.js";
import { Grammar } from "../../src/config/grammar.js";
import { completeLine, helpLines } from "../../src/config/language/help.js";
import { integer } from "../../src/config/language/parameters.js";
import { desiredOf, type RecordOf } from "../../src/config/language/setting.js";
import { number } from "../../src/config/language/setting-kinds.js";
import type { Model } from "../../src/config/model.js";
import { differencesBetween, printDifferences } from "../../src/config/reading/differences.js";
import { printConfiguration } from "../../src/config/reading/print.js";
import { readConfiguration } from "../../src/config/reading/read.js";
import { toDesired } from "../../src/config/to-desired.js";
import { macOf } from "../support/desired.js";
import { typeLine } from "../support/type-line.js";

interface Beacon {
  /** Seconds. */
  readonly interval: number;
  readonly hops: readonly number[];
}

declare module "../../src/core/contract/desired/desired.js" {
  interface Desired {
    readonly beacon?: Beacon;
  }
}

// A feature that the product does not have: a line in system view, one on interfaces, and a sort of object with a view.

const systemRows = {
  beaconInterval: number("beacon interval <interval>", integer(1, 60), {
    help: "Time between beacons",
    unit: "seconds",
    default: 5,
    desired: (interval) => ({ interval }),
  }),
};
const portRows = { beaconCost: number("beacon cost <cost>", integer(1, 9), { help: "Cost of the interface" }) };
const beaconRows = { hops: number("hops <hops>", integer(1, 30), { help: "How far it goes", default: 2 }) };

type Slice = RecordOf<typeof systemRows> & {
  interfaces?: { [name: string]: RecordOf<typeof portRows> };
  beacons?: { [id: string]: RecordOf<typeof beaconRows> };
};

const id = integer(1, 4);
const open: Action<Slice> = action("beacon <id>", {
  help: "Enter the view of a beacon",
  parameters: { id: { type: id, help: "Number of the beacon" } },
  run({ model, match }: Step<Slice>) {
    const name = String(match.values.id);
    model.beacons ??= {};
    model.beacons[name] ??= {};
    return { ok: true, position: { view: "beacon", name }, wrote: [["beacons", name]] };
  },
});

const beacon: Feature<Slice> = {
  views: [{ name: "beacon", kind: "a beacon", collection: "beacons" }],
  collections: [numberedObjects("beacons", "beacon", id)],
  rows: { system: systemRows, physical: portRows, beacon: beaconRows },
  actions: { system: [open] },
  words: { beacon: "Beacons" },
  check: ({ beaconInterval, beacons = {} }) =>
    beaconInterval !== undefined && Object.keys(beacons).length === 0
      ? [{ path: ["beaconInterval"], text: "The command needs a beacon." }]
      : [],
  warn: ({ interfaces = {} }) =>
    Object.entries(interfaces).flatMap(([name, { beaconCost }]) =>
      beaconCost === 9 ? [{ path: ["interfaces", name, "beaconCost"], text: "The cost is the greatest." }] : [],
    ),
  desired: (model) => ({
    beacon: {
      ...desiredOf(systemRows, model),
      hops: Object.values(model.beacons ?? {}).map(({ hops }) => beaconRows.hops.fill(hops)),
    },
  }),
};

const grammar = new Grammar([...FEATURES, beacon]);
const TEXT = `#
interface NULL0
#
interface eth1
 undo shutdown
 description x
 beacon cost 9
#
beacon interval 7
#
beacon 1
#
beacon 3
 hops 30
#
return
`;
const facts = { deviceMac: macOf("02:00:00:00:00:01"), bindings: new Map() };
const MODEL = {
  beaconInterval: 7,
  interfaces: { eth1: { description: "x", beaconCost: 9 } },
  beacons: { 1: {}, 3: { hops: 30 } },
};

describe("one more feature in the list", () => {
  const read = readConfiguration(TEXT, { grammar });

  test("is read as text and as JSON, and printed behind the features before it", () => {
    expect(read.problems).toEqual([]);
    expect(read.model).toEqual(MODEL);
    expect(printConfiguration(read.model, { grammar })).toBe(TEXT);
    expect(readConfiguration(JSON.stringify(read.model), { grammar }).model).toEqual(MODEL);
  });

  test("is checked, with the line of what is wrong", () => {
    const problems = (text: string) => readConfiguration(text, { grammar }).problems;
    expect(problems("sysname x\nbeacon interval 7")).toEqual([{ line: 2, text: "The command needs a beacon." }]);
    expect(problems("beacon interval 61")).toEqual([
      { line: 1, text: "Wrong parameter at '61' (column 17), expected INTEGER<1-60>." },
    ]);
    expect(problems('{\n"beacons": {\n"5": {} } }')).toEqual([
      { line: 3, text: "beacons.5: '5' is not INTEGER<1-4>." },
    ]);
    expect(read.notices).toEqual([{ line: 7, text: "The cost is the greatest." }]);
  });

  test("is typed, explained and completed", () => {
    const { rows } = grammar.viewCalled("system");
    expect(helpLines(rows, "beacon ")).toEqual([
      "  interval      Time between beacons, in seconds",
      "  INTEGER<1-4>  Number of the beacon",
    ]);
    expect(helpLines(rows, "be")).toEqual(["", "beacon", ""]);
    expect(helpLines(rows, "beacon interval ")).toEqual([
      "  INTEGER<1-60>  Time between beacons, in seconds, the default value is 5",
    ]);
    expect(completeLine(rows, "beacon i")).toEqual({ start: 7, candidates: ["interval"] });
    const there: Position = { view: "beacon", name: "3" };
    expect(typeLine(read.model, SYSTEM, "beacon 3", { grammar })).toMatchObject({ ok: true, position: there });
    expect(typeLine(read.model, there, "undo hops", { grammar })).toMatchObject({
      model: { ...MODEL, beacons: { 1: {}, 3: {} } },
    });
  });

  test("shows in the differences", () => {
    const other = readConfiguration(TEXT.replace("hops 30", "hops 4"), { grammar }).model;
    expect(differencesBetween(read.model, other)).toEqual([{ path: ["beacons", "3", "hops"], from: 30, to: 4 }]);
    expect(printDifferences(read.model, other, grammar)).toEqual(["  beacon 3", "-  hops 30", "+  hops 4"]);
  });

  test("takes part in what is desired, its defaults filled in", () => {
    expect(toDesired(read.model, facts, grammar).beacon).toEqual({ interval: 7, hops: [2, 30] });
    expect(toDesired({}, facts, grammar).beacon).toEqual({ interval: 5, hops: [] });
  });

  test("is unknown to the product", () => {
    expect(readConfiguration(TEXT).problems.map(({ line }) => line)).toEqual([7, 9, 11, 13]);
    expect(
      readConfiguration(JSON.stringify(MODEL))
        .problems.map(({ text }) => text)
        .sort(),
    ).toEqual([
      "beaconInterval: unknown attribute.",
      "beacons: unknown attribute.",
      "interfaces.eth1.beaconCost: unknown attribute.",
    ]);
    expect(toDesired(MODEL as Model, facts).beacon).toBeUndefined();
  });
});

test("two features cannot give a view the same attribute", () => {
  expect(() => new Grammar([...FEATURES, beacon, { rows: { system: systemRows } }])).toThrow("the same attribute");
});

test("a view that no feature brings is a mistake of the program", () => {
  expect(() => grammar.viewCalled("nonsense")).toThrow("no feature brings the view nonsense");
});
