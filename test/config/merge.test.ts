import { expect, test } from "vitest";
import { merged } from "../../src/config/editing/merge.js";
import { PRODUCT } from "../../src/config/features.js";
import type { Model } from "../../src/config/model.js";

const TRUNK = { mode: "lacp-static", description: "a" } as const;
const BASE: Model = { sysname: "PE1", interfaces: { "Eth-Trunk1": TRUNK, eth1: { ethTrunk: { id: 1 } } } };
const withTrunk = (more: object): Model => ({ ...BASE, interfaces: { ...BASE.interfaces, "Eth-Trunk1": more } });
const without: Model = { sysname: "PE1", interfaces: { eth1: { ethTrunk: { id: 1 } } } };
const VLANS: Model = { ...BASE, bfd: {} };

test.for([
  ["different attributes", withTrunk({ ...TRUNK, lacpTimeout: "fast" }), withTrunk({ ...TRUNK, description: "b" })],
  ["different objects", { ...BASE, etrunks: { 1: {} } }, { ...BASE, etrunks: { 2: { priority: 5 } } }],
  [
    "the same object anew",
    { ...BASE, etrunks: { 1: { priority: 5 } } },
    { ...BASE, etrunks: { 1: { sequence: true } } },
  ],
  ["an object and an attribute elsewhere", without, { ...BASE, sysname: "PE2" }],
  ["the same value", withTrunk({ ...TRUNK, description: "b" }), withTrunk({ ...TRUNK, description: "b" })],
  ["an object that has no name", VLANS, { ...BASE, bfd: { multiplier: 5 } as never }],
] as [string, Model, Model][])("%s are merged, whoever comes first", ([, running, candidate]) => {
  const one = merged(BASE, running, candidate, PRODUCT);
  expect(one.conflicts).toEqual([]);
  expect(merged(BASE, candidate, running, PRODUCT)).toEqual(one);
  expect(merged(BASE, BASE, candidate, PRODUCT).model).toEqual(candidate);
  expect(merged(BASE, running, BASE, PRODUCT).model).toEqual(running);
});

test.for([
  [
    "one attribute",
    withTrunk({ ...TRUNK, description: "b" }),
    withTrunk({ ...TRUNK, description: "c" }),
    "description",
  ],
  [
    "an attribute that one takes away",
    withTrunk({ mode: "lacp-static" }),
    withTrunk({ ...TRUNK, description: "c" }),
    "description",
  ],
  ["an object that one takes away", without, withTrunk({ ...TRUNK, description: "c" }), undefined],
] as [string, Model, Model, string | undefined][])("%s is a conflict", ([, running, candidate, attribute]) => {
  const path = ["interfaces", "Eth-Trunk1", ...(attribute === undefined ? [] : [attribute])];
  expect(merged(BASE, running, candidate, PRODUCT).conflicts).toEqual([path]);
  expect(merged(BASE, candidate, running, PRODUCT).conflicts).toEqual([path]);
});
