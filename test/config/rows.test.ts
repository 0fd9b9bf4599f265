import { describe, expect, test } from "vitest";
import { PRODUCT } from "../../src/config/features.js";
import { helpLines } from "../../src/config/language/help.js";
import { applyLine } from "../../src/config/reading/apply.js";
import { normalised } from "../../src/config/reading/normalise.js";
import { emptyModel, POSITION_NAMES, POSITIONS } from "./positions.js";
import { ROWS } from "./rows.js";

/** What is there without any line. */
const GIVEN = new Set([...Object.keys(emptyModel()), "bind"]);

/** The object of the view after the lines; the first that fails instead. */
function recordAfter(view: keyof typeof POSITIONS, ...lines: string[]): unknown {
  const model = emptyModel();
  for (const line of lines) {
    const applied = applyLine(model, POSITIONS[view], line, "file");
    if (!applied.ok) return `${line}: ${"error" in applied ? applied.error.kind : applied.refusal}`;
  }
  const record = PRODUCT.recordAt(normalised(model), POSITIONS[view]);
  return Object.fromEntries(Object.entries(record).filter(([attribute]) => !GIVEN.has(attribute)));
}

describe.for(ROWS)("%s: %s", ([view, line, short, attribute, value]) => {
  const setting = PRODUCT.settingsOf(view)[attribute]!;

  test("sets its attribute and is printed as it was read", () => {
    expect(recordAfter(view, line)).toEqual({ [attribute]: value });
    // Lines that say nothing may stand around it.
    expect(setting.print(value).filter((printed) => printed !== "#")).toEqual([line]);
  });

  test("is understood cut short and in any case", () => {
    expect(recordAfter(view, short)).toEqual({ [attribute]: value });
    const command = line.slice(0, setting.command.length);
    expect(recordAfter(view, command.toUpperCase() + line.slice(command.length))).toEqual({ [attribute]: value });
  });

  test("is undone with and without the rest of the line", () => {
    expect(recordAfter(view, line, `undo ${setting.command}`)).toEqual({});
    expect(recordAfter(view, line, `undo ${line}`)).toEqual({});
    expect(recordAfter(view, `undo ${setting.command}`)).toEqual({});
  });

  test("fits the schema", () => {
    expect(setting.schema.parse(value)).toEqual(value);
  });
});

const SETTINGS = POSITION_NAMES.flatMap((view) =>
  Object.entries(PRODUCT.settingsOf(view)).map(([attribute, setting]) => ({ view, attribute, setting })),
);

test("every setting has a row above", () => {
  const rows = new Set(ROWS.map(([view, , , attribute]) => `${view} ${attribute}`));
  const missing = SETTINGS.filter(({ view, attribute }) => !rows.has(`${view} ${attribute}`));
  // What the line gives that opens the view has no row in it.
  expect(missing.map(({ view, attribute }) => `${view} ${attribute}`)).toEqual(["bfd-session bind"]);
});

test.for(SETTINGS)("$view: the attribute $attribute is named after its command", ({ attribute, setting }) => {
  const camelCase = setting.command.replace(/[ -]+(.)/g, (_, letter: string) => letter.toUpperCase());
  expect([camelCase, `${camelCase}Enable`]).toContain(attribute);
});

test.for(POSITION_NAMES)("%s: no field of Desired is given by two rows, of which the later would win", (view) => {
  const givers = new Map<string, string[]>();
  for (const [attribute, setting] of Object.entries(PRODUCT.settingsOf(view)))
    for (const field of Object.keys(setting.desired(setting.fill(undefined)) as object))
      givers.set(field, [...(givers.get(field) ?? []), attribute]);
  // An Eth-Trunk and the member of an E-Trunk that it is are two objects of Desired, each with a mode.
  const twice = [...givers.values()].filter(
    (attributes) => attributes.length > 1 && !attributes.includes("eTrunkMode"),
  );
  expect(twice).toEqual([]);
});

test.for(SETTINGS)("$view: a default of $attribute is one of its values", ({ setting }) => {
  if (setting.default !== undefined) expect(setting.schema.safeParse(setting.default).success).toBe(true);
});

test.for(SETTINGS)("$view: what $attribute demands are commands of the same view", ({ view, setting }) => {
  const settings = PRODUCT.settingsOf(view);
  expect([...setting.excludes, ...setting.clears].filter((other) => !(other in settings))).toEqual([]);
  if (setting.needs) {
    expect(settings).toHaveProperty(setting.needs.attribute);
    const { attribute, value, command } = setting.needs;
    expect(settings[attribute]!.print(value)).toEqual([command]);
  }
  for (const mode of setting.onlyInModes) expect(settings.mode!.schema.safeParse(mode).success).toBe(true);
});

test("every attribute of system view has its place in the printed order", () => {
  const placed = PRODUCT.sections.flatMap((part) => ("attribute" in part ? [] : part));
  expect([...placed].sort()).toEqual(Object.keys(PRODUCT.settingsOf("system")).sort());
});

describe("help comes from the same rows", () => {
  const helpFor = (line: string, view: string) => helpLines(PRODUCT.viewCalled(view).rows, line);

  /** Every text of help that leads through the first words of each row. */
  const linesOfHelp = (view: string): [typed: string, line: string][] => {
    const pending = [""];
    const found: [string, string][] = [];
    for (let typed = pending.pop(); typed !== undefined; typed = pending.pop())
      for (const line of helpFor(typed, view)) {
        if (line === "Current view commands:" || line === "  <cr>") continue;
        found.push([typed, line]);
        const keyword = /^ {2}([a-z0-9-]+)(?: {2}|$)/.exec(line)?.[1];
        if (keyword) pending.push(`${typed}${keyword} `);
      }
    return found;
  };

  test.for(POSITION_NAMES)("%s: every word has a text", (view) => {
    const lines = linesOfHelp(view);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter(([, line]) => !/^ {2}\S.*? {2,}\S/.test(line))).toEqual([]);
  });

  test("a number is shown with its range, its unit and its default", () => {
    expect(helpFor("lacp preempt delay ", "eth-trunk")).toEqual([
      "  INTEGER<0-180>  Delay before a better port replaces a worse one, in seconds, the default value is 30",
    ]);
    expect(helpFor("lacp collector delay ", "eth-trunk")).toEqual([
      "  INTEGER<0-65535>  CollectorMaxDelay, in units of 10 us, the default value is 0",
    ]);
  });

  test("a view lists its commands and undo", () => {
    expect(helpFor("", "physical").map((line) => line.trim().split(" ")[0])).toEqual([
      "Current",
      "description",
      "detect-active-link",
      "distribute-weight",
      "eth-trunk",
      "ip",
      "ipv6",
      "isis",
      "lacp",
      "linux-interface",
      "mac-address",
      "mtu",
      "pim",
      "port",
      "port-master",
      "portswitch",
      "shutdown",
      "smart-link",
      "speed",
      "undo",
    ]);
  });

  test("what may follow a complete command ends with <cr>", () => {
    expect(helpFor("lacp timeout fast ", "eth-trunk")).toEqual(["  user-defined  Another time than 3 s", "  <cr>"]);
    expect(helpFor("eth-trunk 1 mode ", "physical")).toEqual([
      "  active   Sends LACPDUs",
      "  passive  Sends LACPDUs only while the partner does",
    ]);
  });
});
