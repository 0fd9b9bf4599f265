import { isDeepStrictEqual } from "node:util";
import fc from "fast-check";
import { expect, test } from "vitest";
import { isGroupMac, type Mac, macToColons, macToDashes, parseMac } from "../../src/core/base/address.js";
import { isEqual } from "../../src/core/base/equal.js";
import { Random } from "../../src/core/base/random.js";
import {
  innerName,
  LONGEST_DEVICE,
  subInterfaceInnerName,
  trunkDevice,
  trunkOfDevice,
  trunkOfInner,
  trunkSubDevice,
} from "../../src/core/base/trunk-names.js";

const macs = fc.integer({ min: 0, max: 0xffff_ffff_ffff }).map((n) => n as Mac);

test("a MAC address reads back from both forms it prints in", () => {
  fc.assert(
    fc.property(macs, (mac) => {
      expect(parseMac(macToColons(mac))).toBe(mac);
      expect(parseMac(macToDashes(mac))).toBe(mac);
      expect(parseMac(macToDashes(mac).toUpperCase())).toBe(mac);
    }),
  );
});

test("text that is no MAC address is not read as one", () => {
  for (const text of [
    "",
    "1-2",
    "1-2-3-4",
    "12345-1-1",
    "00:11:22:33:44",
    "00:11:22-33:44:55",
    "g-1-1",
    "0011.2233.4455",
  ])
    expect(parseMac(text), text).toBeUndefined();
});

test("a group address is told by the last bit of its first octet", () => {
  expect(isGroupMac(parseMac("01:80:c2:00:00:02") as Mac)).toBe(true);
  expect(isGroupMac(parseMac("fe:80:c2:00:00:02") as Mac)).toBe(false);
});

test("the same seed gives the same run, another seed another", () => {
  const run = (seed: number) => {
    const random = new Random(seed);
    return Array.from({ length: 20 }, () => random.next());
  };
  expect(run(7)).toEqual(run(7));
  expect(run(7)).not.toEqual(run(8));
  expect(new Set(run(0)).size).toBe(20);
});

test("a bounded random number stays within its bound", () => {
  fc.assert(
    fc.property(fc.nat(), fc.integer({ min: 1, max: 1000 }), (seed, bound) => {
      const drawn = new Random(seed).below(bound);
      expect(Number.isInteger(drawn) && drawn >= 0 && drawn < bound).toBe(true);
    }),
  );
});

const trunks = fc.integer({ min: 0, max: 65535 });
const subInterfaces = fc.integer({ min: 1, max: 4096 });
const vlans = fc.integer({ min: 1, max: 4094 });

test("each device of a trunk has a name that fits and says whose it is, and which end", () => {
  fc.assert(
    fc.property(trunks, subInterfaces, vlans, (trunk, subInterface, vlan) => {
      const outer = [trunkDevice(trunk), trunkSubDevice(trunk, subInterface)];
      const inner = [innerName(trunk), subInterfaceInnerName(trunk, vlan)];
      for (const name of [...outer, ...inner]) expect(name.length, name).toBeLessThanOrEqual(LONGEST_DEVICE);
      expect(outer.map(trunkOfDevice)).toEqual([trunk, trunk]);
      expect(outer.map(trunkOfInner)).toEqual([undefined, undefined]);
      expect(inner.map(trunkOfInner)).toEqual([trunk, trunk]);
      expect(inner.map(trunkOfDevice)).toEqual([undefined, undefined]);
    }),
  );
});

test.each([
  "et1",
  "et1.10",
  "eth1",
  "eth-trunk",
  "eth-trunk01",
  "eth-trunk1x",
  "eth-trunk65535.4094",
  "eth-trunk1-ul",
  "et01-ul",
])("%s is no trunk's device", (name) => {
  expect(trunkOfDevice(name)).toBeUndefined();
  expect(trunkOfInner(name)).toBeUndefined();
});

test("plain data is equal to its copy, and to nothing that Node tells apart", () => {
  const plain = fc.letrec((tie) => ({
    value: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom(undefined, null, true, false, 0, 1, "", "a"),
      fc.uint8Array({ maxLength: 3, max: 2 }),
      fc.array(tie("value"), { maxLength: 3 }),
      fc.dictionary(fc.constantFrom("a", "b", "c"), tie("value"), { noNullPrototype: true }),
    ),
  })).value;
  /** Without the fields that are `undefined`, which count as absent. */
  const stripped = (value: unknown): unknown => {
    if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
    if (Array.isArray(value)) return value.map(stripped);
    const fields = Object.entries(value).filter(([, each]) => each !== undefined);
    return Object.fromEntries(fields.map(([field, each]) => [field, stripped(each)]));
  };
  fc.assert(
    fc.property(plain, plain, (one, other) => {
      expect(isEqual(one, structuredClone(one))).toBe(true);
      expect(isEqual(one, other)).toBe(isDeepStrictEqual(stripped(one), stripped(other)));
    }),
    { numRuns: 2_000 },
  );
});
