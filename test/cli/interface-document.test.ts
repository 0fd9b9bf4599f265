import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readFlags } from "../../src/cli/flags.js";
import { PRODUCT } from "../../src/config/features.js";
import { ALARMS } from "../../src/core/engine/parts.js";
import { newDrops } from "../../src/core/etrunk/hello/drops.js";
import { eventNames } from "../../src/daemon/daemon-events.js";
import { readFlags as readDaemonFlags } from "../../src/daemon/flags.js";
import { COUNTERS } from "../../src/daemon/http/counters.js";
import { GAUGES } from "../../src/daemon/http/gauges.js";
import { QUESTIONS } from "../../src/daemon/questions.js";
import { car, decision, etrunk, member, session } from "./etrunk-views.js";
import { interfaceLine, vlanLine } from "./network-views.js";
import { rbsProfile, rbsService } from "./rbs-views.js";
import { alarm, flushInterface, partner, port, reload, statistics, trunk, version } from "./views.js";

/** src/interface.md against the answers that displays are tested with, whose types are the daemon's: no field more, none less. */

const DOCUMENT = readFileSync(new URL("../../src/interface.md", import.meta.url), "utf8");

function section(number: string): string {
  const [, text] = DOCUMENT.split(`\n## ${number} `);
  return (text as string).split("\n## ")[0] as string;
}

/** Names of fields in the section's block: what is left without texts, remarks and values. */
function documented(number: string): string[] {
  const [, block = ""] = section(number).split("```");
  const names = block.replace(
    /"[^"]*"|\([^)]*\)|\[ ?(text|each|the same) ?\]|\{ (the same|as in [\d.]+|[A-Z]+: count) \}/g,
    "",
  );
  return [...new Set(names.match(/\b[a-z]\w*/gi))].sort();
}

/** Of a map whose keys are reasons and faults only its own name counts. */
const MAPS = ["faults", "drops"];

function fieldsOf(value: unknown, maps: readonly string[]): string[] {
  if (Array.isArray(value)) return value.flatMap((each) => fieldsOf(each, maps));
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, field]) => [
    name,
    ...(maps.includes(name) ? [] : fieldsOf(field, maps)),
  ]);
}

const dynamicBfd = { minTx: 10, minRx: 10, detectMultiplier: 3, trackInterface: null };
const move = { time: "", from: "", to: "", causation: "" };
const { id, sent, sentDropped, received, receivedDropped, drops } = etrunk();
const packets = { id, sent, sentDropped, received, receivedDropped, drops, wentBackwards: 0, halfwayMembers: 0 };
const identity = { systemPriority: 1, systemId: "", systemIdSource: "Local" };

const SECTIONS: readonly [number: string, answer: unknown, maps?: readonly string[]][] = [
  ["3.1", trunk({ memberCausation: null, ports: [port({ framesDropped: 0, partner })] })],
  ["3.2", { id: 1, ports: [statistics()] }, MAPS],
  ["3.3", { ...identity, trunks: [{ id: 1, ...identity }] }],
  ["3.4", etrunk({ drops: newDrops(), dynamicBfd, history: [move], members: [member()] })],
  ["3.5", { etrunkIdErrors: 0, lengthErrors: 0, etrunks: [packets] }, MAPS],
  ["3.6", decision()],
  ["3.7", { sessions: [session()] }, MAPS],
  ["3.8", { interfaces: [flushInterface()] }, MAPS],
  ["3.9", { alarms: [{ ...alarm(), cleared: "" }] }],
  ["3.10", { interfaces: [interfaceLine()] }],
  ["3.11", { vlans: [vlanLine()] }],
  ["3.12", { sessions: [car()] }],
  ["3.13", version],
  ["3.17", reload()],
  ["3.18", { services: [rbsService({ mismatches: [{ backupId: 10, what: "", text: "" }] })] }],
  ["3.19", { profiles: [rbsProfile()] }],
];

test.for(SECTIONS)("interface.md %s names the fields of the answer", ([number, answer, maps = []]) => {
  expect(documented(number)).toEqual([...new Set(fieldsOf(answer, maps))].sort());
});

test("interface.md 4 names every event", () => {
  const names = [...section("4").matchAll(/^\| (`[^|]*) \|/gm)].flatMap(
    ([, cell = ""]) => cell.match(/[a-z-]+/g) ?? [],
  );
  expect(names.sort()).toEqual([...eventNames(), "watching", "lost"].sort());
});

test("interface.md 4.1 has every alarm with its number and level", () => {
  const rows = [...section("4.1").matchAll(/^\| (0x\w+) \| (\w+) \| (\w+) \|/gm)].map(([, id, name, level]) => ({
    id,
    name,
    level,
  }));
  expect(rows).toEqual(ALARMS.map(({ id, name, level }) => ({ id, name, level })));
});

/** Long options in a text. */
const flagsIn = (text: string): string[] => [...new Set(text.match(/--[a-z][a-z-]+/g))].sort();

test.for([
  ["1", readDaemonFlags(["--help"], {})],
  ["2", readFlags(["--help"], {})],
] as const)("interface.md %s names every flag", ([number, ending]) => {
  const { text } = ending as { readonly text: string };
  const options = text.split("\n").filter((line) => /^ +(-\w, )?--/.test(line));
  const defined = options.flatMap((line) => flagsIn(line.trim().split("  ")[0] as string));
  expect(flagsIn(section(number))).toEqual(expect.arrayContaining(defined));
});

test("interface.md 5 names every request", () => {
  const names = [...section("5").matchAll(/^\| (`[^|]*) \|/gm)].flatMap(
    ([, cell = ""]) => cell.match(/[a-z-]+/g) ?? [],
  );
  expect(names.sort()).toEqual([...Object.keys(QUESTIONS), "monitor"].sort());
});

test("interface.md 7 names every line that is kept without effect", () => {
  const kept = [...PRODUCT.views.values()].flatMap(({ settings }) =>
    Object.values(settings).filter((setting) => setting.kept),
  );
  const rows = [...section("7").matchAll(/^\| [^|]* \| (`.*`) \|/gm)].map(([, cell = ""]) => cell);
  const names = rows.flatMap((cell) => cell.replaceAll("`", "").split(", "));
  expect(names.sort()).toEqual([...new Set(kept.map(({ command }) => command))].sort());
});

/** `a_{b,c}_d` is `a_b_d` and `a_c_d`. */
function expanded(name: string): string[] {
  const [whole, before = "", choices = "", after = ""] = /^([^{]*){([^}]*)}(.*)$/.exec(name) ?? [];
  return whole === undefined ? [name] : choices.split(",").flatMap((each) => expanded(`${before}${each}${after}`));
}

test("interface.md 6 names every metric", () => {
  const rows = [...section("6").matchAll(/^\| (`.*?) \| /gm)].map(([, cell = ""]) => cell);
  const names = rows.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].flatMap(([, name = ""]) => expanded(name)));
  expect(names.sort()).toEqual([...COUNTERS, ...GAUGES].map(({ name }) => name).sort());
});
