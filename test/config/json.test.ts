import { describe, expect, test } from "vitest";
import { scanJson } from "../../src/config/language/json-lines.js";
import { readConfiguration } from "../../src/config/reading/read.js";

const problemsOf = (text: string) => readConfiguration(text).problems.map(({ line, text }) => `${line}: ${text}`);

test("each misfit is named with its line, its path, its value and what is allowed", () => {
  const text = `{
 "sysname": "a b",
 "lacpPriority": 65536,
 "nonsense": 1,
 "interfaces": {
  "Eth-Trunk1": {
   "mode": "lacp-dynamic",
   "leastActiveLinknumber": "2",
   "lacpTimeout": 2,
   "lacpSystemId": "x",
   "lacpPreemptEnable": 1,
   "description": " blank",
   "speed": 10
  },
  "Eth-Trunk2": 5,
  "eth-trunk3": {},
  "Global-VE0": {},
  "eth1": { "ethTrunk": { "id": 70000, "mode": "on" } },
  "eth2": { "ethTrunk": 1, "mode": "lacp-static" }
 }
}`;
  expect(problemsOf(text)).toEqual([
    "2: sysname: '\"a b\"' is not STRING<1-246>.",
    "3: lacpPriority: '65536' is not INTEGER<0-65535>.",
    "4: nonsense: unknown attribute.",
    "7: interfaces.Eth-Trunk1.mode: '\"lacp-dynamic\"' is not manual load-balance | manual backup | lacp-static.",
    "8: interfaces.Eth-Trunk1.leastActiveLinknumber: '\"2\"' is not INTEGER<1-64>.",
    "9: interfaces.Eth-Trunk1.lacpTimeout: '2' is not slow | fast | INTEGER<3-90>.",
    "10: interfaces.Eth-Trunk1.lacpSystemId: '\"x\"' is not H-H-H.",
    "11: interfaces.Eth-Trunk1.lacpPreemptEnable: '1' is not true or false.",
    "12: interfaces.Eth-Trunk1.description: '\" blank\"' is not TEXT<1-242>.",
    "13: interfaces.Eth-Trunk1.speed: unknown attribute.",
    "15: interfaces.Eth-Trunk2: '5' is not an object.",
    "16: interfaces.eth-trunk3: 'eth-trunk3' is not spelled Eth-Trunk3.",
    "17: interfaces.Global-VE0: 'Global-VE0' is not a name of an interface that can be configured, e.g. Eth-Trunk1 or eth1.",
    "18: interfaces.eth1.ethTrunk.id: '70000' is not INTEGER<0-65535>.",
    "18: interfaces.eth1.ethTrunk.mode: '\"on\"' is not active | passive.",
    "19: interfaces.eth2.ethTrunk: '1' is not { id, mode }.",
    "19: interfaces.eth2.mode: unknown attribute.",
  ]);
});

test("what does not fit together is told beside what does not fit the schema", () => {
  const text =
    '{ "interfaces": {\n "eth1": { "speed": 1,\n "ethTrunk": { "id": 9 } },\n "Eth-Trunk1": { "lacpPortkey": 1 } } }';
  expect(problemsOf(text)).toEqual([
    "2: interfaces.eth1.speed: '1' is not INTEGER<10-400000>.",
    "3: interfaces.eth1.ethTrunk: Eth-Trunk9 does not exist.",
    "4: interfaces.Eth-Trunk1.lacpPortkey: The command needs mode lacp-static.",
  ]);
});

test("MAC addresses and membership have one form, whatever was written", () => {
  const { model, problems } = readConfiguration(
    JSON.stringify({
      interfaces: {
        "Eth-Trunk1": { mode: "lacp-static", lacpSystemId: "00E0-FC12-3456" },
        eth1: { ethTrunk: { id: 1, mode: "active" }, shutdown: false },
      },
    }),
  );
  expect(problems).toEqual([]);
  expect(model).toEqual({
    interfaces: {
      "Eth-Trunk1": { mode: "lacp-static", lacpSystemId: "00:e0:fc:12:34:56" },
      eth1: { ethTrunk: { id: 1 } },
    },
  });
});

describe("a text that is no JSON", () => {
  test.for([
    ["{", 1],
    ['{\n"a": 1,\n}', 3],
    ['{\n"a" 1}', 2],
    ['{"a": 1}\n\n}', 3],
    ['{"interfaces": {\n"x": [1,\n 2 3]}}', 3],
    ['{"a": tru}', 1],
    ['{"a": "b\n"}', 1],
    ['{\n"a": "never closed', 2],
    ['{"a":\n01}', 2],
    ['{"a":\n"\\x"}', 2],
  ] as const)("%j is refused at line %i", ([text, line]) => {
    const { problems, model } = readConfiguration(text);
    expect(problems).toEqual([{ line, text: expect.stringMatching(/^Not JSON: .*\.$/s) }]);
    expect(model).toEqual({});
  });

  test("is refused when its brackets go deeper than any configuration", () => {
    expect(problemsOf(`{\n"a":${"[".repeat(1_000_000)}`)).toEqual(["2: Too many brackets inside each other."]);
  });
});

test("a key that stands twice, or that no object can hold, is refused", () => {
  expect(problemsOf('{"interfaces":{"eth1":{"speed":10,\n"speed":20},\n"eth1":{},\n"__proto__":{}}}')).toEqual([
    "2: interfaces.eth1.speed stands twice.",
    "3: interfaces.eth1 stands twice.",
    "4: interfaces.__proto__ is no name.",
  ]);
});

test("a document is JSON only as an object", () => {
  // The first character tells the form, so these are lines of text.
  expect(problemsOf("[]")).toEqual([
    "1: Unrecognized command at '[]' (column 1), expected bfd | e-trunk | interface | ip | ipv6 | isis | lacp | multicast | pim | pim-ipv6 | remote-backup-profile | remote-backup-service or 5 more.",
  ]);
  expect(problemsOf("5")).toHaveLength(1);
});

test("a scan knows the line of each key, strings with brackets and escapes included", () => {
  const { lineOf, brokenAt, badKeys } = scanJson(
    '{\n"a\\"}{": [ "x\\\\", {"k": [[]]} ],\n"b":\n{ "c":\n-1.5e+3 }\n}\n',
  );
  expect([...lineOf].map(([path, line]) => `${path.replace("\0", ".")}@${line}`)).toEqual(['a"}{@2', "b@3", "b.c@4"]);
  expect({ brokenAt, badKeys }).toEqual({ brokenAt: undefined, badKeys: [] });
});
