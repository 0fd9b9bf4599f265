import { expect, test } from "vitest";
import { parseRecord, printRecord } from "../../src/linux/record.js";

const RECORD = { trunks: [1], members: [] };

test("a record reads back in the boot and network namespace it was printed in", () => {
  expect(parseRecord(printRecord(RECORD))).toMatchObject(RECORD);
});

test.each([
  ["of another boot", { boot: "d5b2a1f0-0000-4000-8000-000000000000" }],
  ["of another network namespace", { namespace: "net:[1]" }],
  ["of another version", { version: 2 }],
])("a record %s is not read", (_, stamp) => {
  expect(parseRecord(JSON.stringify({ ...JSON.parse(printRecord(RECORD)), ...stamp }))).toBeUndefined();
});

test.each([undefined, "", "{", "null", "[]", "1", '"text"', "{}"])("%j is no record", (text) => {
  expect(parseRecord(text)).toBeUndefined();
});
