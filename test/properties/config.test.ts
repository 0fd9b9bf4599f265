import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Path, type Position, SYSTEM } from "../../src/config/feature.js";
import { PRODUCT } from "../../src/config/features.js";
import type { Place } from "../../src/config/grammar.js";
import { completeLine, helpLines } from "../../src/config/language/help.js";
import type { Model } from "../../src/config/model.js";
import { applyLine } from "../../src/config/reading/apply.js";
import { differencesBetween, printDifferences } from "../../src/config/reading/differences.js";
import { normalised } from "../../src/config/reading/normalise.js";
import { printConfiguration } from "../../src/config/reading/print.js";
import { readConfiguration } from "../../src/config/reading/read.js";
import { toDesired } from "../../src/config/to-desired.js";
import type { Mac } from "../../src/core/base/address.js";
import { answerLines, typeLine } from "../support/type-line.js";
import { models, VALUES } from "./config-models.js";

test.for(VALUES)("values of every attribute of the %s view are tried", ([view, values]) => {
  expect(Object.keys(values)).toEqual(Object.keys(PRODUCT.settingsOf(view)));
});

/** The position of the object that stands there. */
function positionAt([attribute, name = ""]: Path): Position {
  const collection = PRODUCT.collections.find((each) => each.attribute === attribute);
  return collection === undefined ? SYSTEM : collection.positionOf(name);
}

const textsOf = (problems: readonly { readonly text: string }[]) => problems.map(({ text }) => text).sort();

// A model is much to make and to check on a busy machine.
describe("for any model", { timeout: 60_000 }, () => {
  test("what is printed reads as the same model, and prints the same", () => {
    fc.assert(
      fc.property(models, (model) => {
        const printed = printConfiguration(model);
        const read = readConfiguration(printed);
        expect(read.model).toEqual(model);
        expect(JSON.stringify(read.model)).toBe(JSON.stringify(model));
        expect(printConfiguration(read.model)).toBe(printed);
      }),
      { numRuns: 100 },
    );
  });

  test("its JSON reads as the same model, with the same faults and notices as its text", () => {
    fc.assert(
      fc.property(models, (model) => {
        const json = readConfiguration(JSON.stringify(model, null, 1));
        const text = readConfiguration(printConfiguration(model));
        expect(json.model).toEqual(model);
        expect(json.notices).toHaveLength(text.notices.length);
        const withoutPath = json.problems.map(({ text }) => ({
          text: text.replace(
            /^(?:interfaces|vlans|etrunks|bfdSessions|remoteBackupServices|remoteBackupProfiles)\.\S+: |^(?:lacp|whitelist|vlan)\w+: /,
            "",
          ),
        }));
        expect(textsOf(withoutPath)).toEqual(textsOf(text.problems));
      }),
      { numRuns: 100 },
    );
  });

  test("it is what the engine is asked for whether it comes as text or as JSON", () => {
    const facts = { deviceMac: 0x00e0fc123455 as Mac, bindings: new Map<string, string>() };
    fc.assert(
      fc.property(models, (model) => {
        const { model: read } = readConfiguration(printConfiguration(model));
        expect(toDesired(read, facts)).toEqual(toDesired(model, facts));
      }),
      { numRuns: 100 },
    );
  });

  test("undoing every line of an object leaves nothing of it", () => {
    /** What is left of an object when every line it is printed as is undone. */
    const undone = (model: Model, { view, record, path }: Place) => {
      const position = positionAt(path);
      for (const [attribute, value] of Object.entries({ ...record })) {
        const setting = view.settings[attribute];
        if (setting === undefined || setting.inViewLine) continue;
        for (const line of setting.print(value).filter((printed) => printed !== "#"))
          expect(applyLine(model, position, `undo ${line}`, "file")).toMatchObject({ ok: true });
      }
      return Object.keys(PRODUCT.recordAt(model, position)).filter(
        (attribute) => view.settings[attribute]?.inViewLine === false,
      );
    };
    fc.assert(
      fc.property(models, (model) => {
        for (const place of [...PRODUCT.placesIn(model)]) expect(undone(model, place)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test("it differs from itself in nothing, and from another in what the lines say", () => {
    fc.assert(
      fc.property(models, models, (a, b) => {
        expect(differencesBetween(a, normalised(a))).toEqual([]);
        const differs = JSON.stringify(a) !== JSON.stringify(b);
        expect(differencesBetween(a, b).length > 0).toBe(differs);
        expect(printDifferences(a, b).length > 0).toBe(differs);
        const swapped = differencesBetween(b, a).map(({ path, from, to }) => ({ path, from: to, to: from }));
        expect(swapped).toHaveLength(differencesBetween(a, b).length);
        expect(swapped).toEqual(expect.arrayContaining(differencesBetween(a, b)));
      }),
      { numRuns: 100 },
    );
  });
});

const words = fc.constantFrom(
  "interface", "int", "undo", "lacp", "mode", "manual", "lacp-static", "eth-trunk", "Eth-Trunk", "1", "65536", "ge", "0/1/1",
  "to", "0/1/5", "trunkport", "priority", "p", "timeout", "fast", "user-defined", "30", "shutdown", "description", "#", "!",
  "return", "sysname", '"', '"a', "\t", "{", "}", "least", "active-linknumber",
  "e-trunk", "bfd", "hello", "bind", "peer-ip", "2.2.2.2", "security-key", "cipher", "simple", "peer-address", "source-address",
  "ip", "ipv6", "address", "10.1.1.1", "24", "sub", "2001:db8::1/64", "link-local", "port", "vlan", "batch", "all", "portswitch",
  "route-static", "Vlanif", "LoopBack", "vlan-type", "dot1q", "isis", "pim", "mtu", "mac-address", "2-2-2",
  "discriminator", "local", "track", "authentication-mode", "key-id", "enable", "preempt", "__proto__", "constructor",
); // biome-ignore format: one list of words

/** Lines made of the grammar's own words, which get further than noise. */
const likelyText = fc
  .array(fc.tuple(fc.nat(4), fc.array(words, { maxLength: 8 })), { maxLength: 40 })
  .map((lines) => lines.map(([indent, line]) => " ".repeat(indent) + line.join(" ")).join("\n"));
const noise = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }).map((octets) => new TextDecoder("latin1").decode(octets)),
  fc.uint8Array({ maxLength: 2000 }).map((octets) => new TextDecoder().decode(octets)),
  fc.string({ unit: "binary", maxLength: 500 }),
  fc.json({ maxDepth: 6 }),
  fc.json({ maxDepth: 6 }).map((json) => `{"interfaces":${json}`),
  fc
    .string({ unit: fc.constantFrom("{", "}", "[", "]", '"', ":", ",", "\\", "1", "a", "\n", " "), maxLength: 200 })
    .map((s) => `{${s}`),
);

describe("whatever text comes", () => {
  test("reading it ends, throws nothing, and gives a model that can be printed and read", () => {
    fc.assert(
      fc.property(fc.oneof(likelyText, noise), (text) => {
        const { model, problems } = readConfiguration(text);
        const last = text.split("\n").length;
        for (const { line, text } of problems) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(last);
          expect(text).not.toMatch(/[\n\r\0]/);
        }
        expect(readConfiguration(printConfiguration(model)).model).toEqual(model);
      }),
      { numRuns: 500 },
    );
  });

  test("typing it into any view gives an answer and a caret within reach", () => {
    const positions: Position[] = [
      SYSTEM,
      { view: "eth-trunk", name: "Eth-Trunk1" },
      { view: "physical", name: "eth1" },
      { view: "e-trunk", name: "1" },
      { view: "bfd", name: "" },
      { view: "bfd-session", name: "hello" },
    ];
    const model: Model = {
      interfaces: { "Eth-Trunk1": {}, eth1: {} },
      etrunks: { 1: {} },
      bfd: {},
      bfdSessions: { hello: { bind: { peer: "2.2.2.2" } } },
    };
    const line = fc.oneof(
      fc.array(words, { maxLength: 8 }).map((all) => all.join(" ")),
      noise,
    );
    fc.assert(
      fc.property(line, fc.constantFrom(...positions), (text, position) => {
        const typed = typeLine(model, position, text);
        if (!typed.ok) expect(answerLines(typed).length).toBeGreaterThan(0);
        if (!typed.ok && "error" in typed) expect(typed.error.column).toBeLessThanOrEqual(text.length);
        const { rows } = PRODUCT.viewCalled(position.view);
        expect(helpLines(rows, text)).toBeInstanceOf(Array);
        expect(completeLine(rows, text).start).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 500 },
    );
  });

  test("a completed word is understood as the word that was begun", () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 5 }), (all) => {
        const line = all.join(" ");
        const { start, candidates } = completeLine(PRODUCT.viewCalled("eth-trunk").rows, line);
        for (const candidate of candidates) {
          const help = helpLines(PRODUCT.viewCalled("eth-trunk").rows, `${line.slice(0, start)}${candidate} `);
          expect(help.some((each) => each.startsWith("Error"))).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** Milliseconds this process has worked, whatever else runs on the machine. */
const cpuTime = () => process.cpuUsage().user / 1000;

/** Texts that would make a reader of more than linear time, or one that recurses, hang or die. */
test.for([
  ["one line of megabytes", "a".repeat(4_000_000)],
  ["a million lines", "x\n".repeat(1_000_000)],
  ["four million line ends", "\n".repeat(4_000_000)],
  ["NULs", "\0".repeat(4_000_000)],
  ["open quotes", `${'" "'.repeat(1000)}\n`.repeat(1000)],
  ["lines of blanks with a character at the end", `${" ".repeat(3000)}x\n`.repeat(1000)],
  ["lines of blanks around a character", `x${" ".repeat(3000)}y\n`.repeat(1000)],
  ["long names", `interface ${"a1".repeat(1500)}!\n`.repeat(1000)],
  ["long numbers", `lacp priority ${"1".repeat(3000)}\n`.repeat(1000)],
  ["ever deeper indentation", Array.from({ length: 2000 }, (_, i) => `${" ".repeat(i)}x`).join("\n")],
  ["lists that stand for many interfaces", `interface Eth-Trunk1\n${" trunkport ge 0/1/0 to 0/1/127\n".repeat(1500)}`],
  ["nested brackets", `{"a":${"[".repeat(2_000_000)}`],
  ["nested objects", `${'{"a":'.repeat(500_000)}1`],
  ["a string that never ends", `{"a":"${"b".repeat(4_000_000)}`],
  ["a string of escapes", `{"a":"${"\\n".repeat(1_000_000)}"}`],
  ["many keys", `{${Array.from({ length: 50_000 }, (_, i) => `"k${i}":1`).join(",\n")}}`],
] as const)("%s are read within seconds", ([, text]) => {
  const begun = cpuTime();
  const { problems } = readConfiguration(text);
  expect(problems.length).toBeLessThanOrEqual(10_001);
  expect(cpuTime() - begun).toBeLessThan(5_000);
});

test("the time to read a configuration grows with its length", { timeout: 60_000 }, () => {
  const configuration = (trunks: number) =>
    Array.from(
      { length: trunks },
      (_, i) =>
        `interface Eth-Trunk${i}\n lacp portkey ${i + 1}\n mode lacp-static\ninterface ge0/1/${i}\n eth-trunk ${i}\n`,
    ).join("");
  const timeOf = (text: string) => {
    const begun = cpuTime();
    expect(readConfiguration(text).problems).toEqual([]);
    return cpuTime() - begun;
  };
  timeOf(configuration(500));
  // Quadratic reading would take 64 times as long for eight times as much.
  expect(timeOf(configuration(6000)) / timeOf(configuration(750))).toBeLessThan(32);
});
