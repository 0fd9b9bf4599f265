import { afterEach, expect, test } from "vitest";
import type { z } from "zod";
import { PRODUCT } from "../../src/config/features.js";
import type { AnySetting } from "../../src/config/language/setting.js";
import type { Model } from "../../src/config/model.js";
import { normalised } from "../../src/config/reading/normalise.js";
import { toDesired } from "../../src/config/to-desired.js";
import { macOf } from "../support/desired.js";

const facts = { deviceMac: macOf("02:00:00:00:00:01"), bindings: new Map() };

/** An object in each view, of which nothing is said that has a default. */
const plain = (): Model => ({
  vlanBatch: [2, 7],
  interfaces: {
    "Eth-Trunk1": { eTrunk: { id: 1 } },
    eth1: { ethTrunk: { id: 1 } },
    eth2: { portswitch: true, portTrunkAllowPassVlan: "all" },
    "Eth-Trunk1.5": { vlanTypeDot1q: 5, ipv6Address: [{ auto: "link-local" }] },
    LoopBack0: {},
    Vlanif7: {},
  },
  etrunks: { 1: { eTrunkBfdEnable: {} } },
  bfd: {},
  bfdSessions: { hello: { bind: { peer: "default-ip", interface: "eth1" } } },
});

/** The same where other lines count: those that need a mode or another command. */
function conditional(): Model {
  const model = plain();
  const { interfaces = {}, etrunks = {} } = model;
  Object.assign(interfaces.eth2 ?? {}, { portLinkType: "trunk" });
  Object.assign(interfaces["Eth-Trunk1"] ?? {}, { mode: "manual backup", portswitch: true, lacpPreemptEnable: true });
  Object.assign(etrunks[1] ?? {}, { peerIpv6: { peer: "2001:db8::1", source: "2001:db8::2" } });
  return { ...model, lacpPriorityCommandMode: "system-priority" };
}

/** The same with the setting of a command that does not count by default. */
const uncounted = (): Model => ({ ...plain(), lacpSystemPriority: 5 });

const MODELS = [plain, conditional, uncounted];

/** A default that no line needs to say: what it stands for is not the value itself. */
const STANDS_FOR_NOTHING: ReadonlySet<string> = new Set([
  // A member of an E-Trunk of which nothing is said takes its identity from the device or from the peer.
  "lacpETrunkSystemId",
  "lacpETrunkPriority",
]);
/** Lines of which `Desired` holds nothing: displays alone show them. */
const NOT_DESIRED: ReadonlySet<string> = new Set(["maxBandwidthAffectedLinknumber"]);

interface Row {
  readonly name: string;
  readonly attribute: string;
  readonly setting: AnySetting;
  /** Several views may share a row. */
  readonly views: readonly string[];
}

const ROWS: readonly Row[] = [...PRODUCT.views.values()]
  .flatMap((view) =>
    Object.entries(view.settings).map(([attribute, setting]) => ({ view: view.name, attribute, setting })),
  )
  .filter(({ setting }, at, all) => all.findIndex((other) => other.setting === setting) === at)
  // A flag is off by nature, and a line kept without effect has nothing to be the default of.
  .filter(({ setting }) => ![undefined, false].includes(setting.fill(undefined) as undefined | false) && !setting.kept)
  .map(({ view, attribute, setting }) => ({
    name: `${view} ${attribute}`,
    attribute,
    setting,
    views: [...PRODUCT.views.values()]
      .filter(({ settings }) => settings[attribute] === setting)
      .map(({ name }) => name),
  }));

/** What the row could be set to that is not the default. */
function otherValue({ setting, attribute }: Row): unknown {
  const standard = setting.fill(undefined);
  if (typeof standard === "object" && standard !== null)
    return Object.fromEntries(Object.entries(standard).map(([part, value]) => [part, (value as number) + 1]));
  const texts = [
    ...((setting.schema as z.ZodEnum).options ?? []),
    "fast",
    "br-other",
    "224.0.0.110",
    "02:00:00:00:00:02",
  ];
  const all = typeof standard === "number" ? [standard + 1, standard - 1] : texts;
  const fitting = all.find((value) => value !== standard && setting.schema.safeParse(value).success);
  expect(fitting, `another value of ${attribute}`).toBeDefined();
  return fitting;
}

/** The model with the attribute set to a value wherever its row stands and nothing is said of it. */
function withValue(make: () => Model, { attribute, views }: Row, value: unknown): Model {
  const model = make();
  for (const { view, record } of PRODUCT.placesIn(model)) if (views.includes(view.name)) record[attribute] ??= value;
  return model;
}

const desired = (model: Model) => toDesired(model, facts);

let restore = () => {};
afterEach(() => restore());

/** As long as the test lasts the row has another default. */
function tamper(setting: AnySetting, value: unknown): void {
  const { default: standard, fill } = setting;
  restore = () => Object.assign(setting, { default: standard, fill });
  Object.assign(setting, { default: value, fill: (set: unknown) => set ?? value });
}

test.for(ROWS)("the default of $name stands in its row and nowhere else", (row) => {
  const { setting, attribute } = row;
  const other = otherValue(row);
  const before = MODELS.map((make) => desired(make()));
  const set = MODELS.map((make) => desired(withValue(make, row, other)));
  // Whoever spells the default out asks for the same.
  const spelledOut = MODELS.map((make) => desired(normalised(withValue(make, row, setting.fill(undefined)))));
  expect(spelledOut).toEqual(MODELS.map((make) => desired(normalised(make()))));
  if (NOT_DESIRED.has(attribute)) return expect(set).toEqual(before);
  expect(set, `${attribute}: no value has an effect on Desired`).not.toEqual(before);
  tamper(setting, other);
  const tampered = MODELS.map((make) => desired(make()));
  if (STANDS_FOR_NOTHING.has(attribute)) return expect(tampered).not.toEqual(set);
  expect(tampered).toEqual(set);
});
