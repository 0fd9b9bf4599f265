import { expect, test } from "vitest";
import { holds, namesBefore, parseValueTest, valueAt } from "../../src/cli/value-test.js";

const document = {
  state: "Master",
  upPorts: 2,
  isOn: true,
  etrunk: null,
  since: "2026-11-20T10:00:00Z",
  ports: [
    { name: "eth1", partner: { portState: "10111100" } },
    { name: "eth2", partner: null },
  ],
};

const result = (text: string): boolean => holds(parseValueTest(text)!, document);

test.for([
  "state=Master",
  "state!=Backup",
  "upPorts=2",
  "upPorts>1",
  "upPorts>=2",
  "upPorts<10",
  "upPorts<=2.5",
  "isOn=true",
  "etrunk=null",
  "ports.length=2",
  "ports.0.name=eth1",
  "ports.0.partner.portState=10111100",
  "ports.1.partner.portState=null",
  "ports.1.partner.portState!=10111100",
  "ports.1.partner!=x",
  "since>2026-11-19",
  "state=Master",
])("%s holds", (text) => {
  expect(result(text)).toBe(true);
});

test.for([
  "state=master",
  "state!=Master",
  "upPorts=3",
  "upPorts>2",
  "upPorts<x",
  "etrunk<1",
  "ports>0",
  "ports.2.name=eth3",
  "ports.2.name!=eth3",
  "nosuch=null",
  "nosuch!=1",
  "state.length=6",
  "toString!=x",
  "ports.0.partner.portState=",
])("%s does not hold", (text) => {
  expect(result(text)).toBe(false);
});

test.for(["display", "eth-trunk", "GigabitEthernet0/1/2", "|", "=1", "a b=1"])("%s is a word, not a test", (text) => {
  expect(parseValueTest(text)).toBeUndefined();
});

test("the first operator of a test ends its path", () => {
  expect(parseValueTest("a.b!=c=d")).toEqual({ text: "a.b!=c=d", path: ["a", "b"], operator: "!=", value: "c=d" });
  expect(parseValueTest("a<=1")).toMatchObject({ operator: "<=", value: "1" });
});

test("a path of nothing leads nowhere, a path within null to null", () => {
  expect(valueAt(document, ["ports", "5", "name"])).toBeUndefined();
  expect(valueAt(document, ["etrunk", "id"])).toBeNull();
});

test("of a path that leads nowhere it is told what there is where it ends", () => {
  expect(namesBefore({ trunks: [] }, ["operState"])).toEqual(["trunks"]);
  expect(namesBefore({ a: { b: 1, c: 2 } }, ["a", "x", "y"])).toEqual(["b", "c"]);
  expect(namesBefore({ a: 1 }, ["a", "b"])).toEqual([]);
});
