import { expect, test } from "vitest";
import type { Model } from "../../src/config/model.js";
import { differencesBetween, printDifferences } from "../../src/config/reading/differences.js";

const BEFORE: Model = {
  sysname: "A",
  lacpPriority: 100,
  interfaces: {
    "Eth-Trunk1": { mode: "lacp-static", lacpTimeout: "fast" },
    "GigabitEthernet0/1/1": { ethTrunk: { id: 1 }, lacpPriority: 5 },
    "GigabitEthernet0/1/2": { ethTrunk: { id: 1 } },
    eth5: { shutdown: true },
  },
};
const AFTER: Model = {
  sysname: "B",
  interfaces: {
    "Eth-Trunk1": { mode: "lacp-static", lacpTimeout: 9 },
    "GigabitEthernet0/1/1": { ethTrunk: { id: 1 }, lacpPriority: 6 },
    "GigabitEthernet0/1/3": { ethTrunk: { id: 1, mode: "passive" } },
    eth5: {},
  },
};

test("each attribute that differs is listed, absent values as null", () => {
  expect(differencesBetween(BEFORE, AFTER)).toEqual([
    { path: ["sysname"], from: "A", to: "B" },
    { path: ["lacpPriority"], from: 100, to: null },
    { path: ["interfaces", "Eth-Trunk1", "lacpTimeout"], from: "fast", to: 9 },
    { path: ["interfaces", "GigabitEthernet0/1/1", "lacpPriority"], from: 5, to: 6 },
    { path: ["interfaces", "GigabitEthernet0/1/2"], from: { ethTrunk: { id: 1 } }, to: null },
    { path: ["interfaces", "eth5", "shutdown"], from: true, to: null },
    { path: ["interfaces", "GigabitEthernet0/1/3"], from: null, to: { ethTrunk: { id: 1, mode: "passive" } } },
  ]);
});

test("an attribute that is an object differs as a whole", () => {
  const member = (mode?: "passive"): Model => ({
    interfaces: { eth1: { ethTrunk: { id: 1, ...(mode && { mode }) } } },
  });
  expect(differencesBetween(member(), member("passive"))).toEqual([
    { path: ["interfaces", "eth1", "ethTrunk"], from: { id: 1 }, to: { id: 1, mode: "passive" } },
  ]);
});

test("equal models differ in nothing, whatever the order of their attributes", () => {
  const reversed = JSON.parse(JSON.stringify(BEFORE, ["interfaces", "eth5", "shutdown"])) as Model;
  expect(differencesBetween(BEFORE, structuredClone(BEFORE))).toEqual([]);
  expect(differencesBetween({ lacpPriority: 1, sysname: "x" }, { sysname: "x", lacpPriority: 1 })).toEqual([]);
  expect(differencesBetween(reversed, { interfaces: { eth5: { shutdown: true } } })).toEqual([]);
  expect(printDifferences(BEFORE, structuredClone(BEFORE))).toEqual([]);
});

test("an object is listed whole where the other side has none at all", () => {
  expect(differencesBetween({}, { interfaces: { eth1: {} } })).toEqual([
    { path: ["interfaces"], from: null, to: { eth1: {} } },
  ]);
});

test("as lines a changed value is its - line, then its + line, under an unchanged view line", () => {
  expect(printDifferences(BEFORE, AFTER)).toEqual([
    "- sysname A",
    "+ sysname B",
    "- lacp priority 100",
    "  #",
    "  interface Eth-Trunk1",
    "-  lacp timeout fast",
    "+  lacp timeout fast user-defined 9",
    "  #",
    "  interface GigabitEthernet0/1/1",
    "-  lacp priority 5",
    "+  lacp priority 6",
    "  #",
    "- interface GigabitEthernet0/1/2",
    "-  undo shutdown",
    "-  eth-trunk 1",
    "  #",
    "+ interface GigabitEthernet0/1/3",
    "+  undo shutdown",
    "+  eth-trunk 1 mode passive",
    "  #",
    "  interface eth5",
    "-  shutdown",
    "+  undo shutdown",
  ]);
});
