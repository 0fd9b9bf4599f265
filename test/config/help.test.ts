import { expect, test } from "vitest";
import { PRODUCT } from "../../src/config/features.js";
import { completeLine, helpLines } from "../../src/config/language/help.js";

test("? behind a letter lists the keywords that begin so, in two columns", () => {
  expect(helpLines(PRODUCT.viewCalled("eth-trunk").rows, "lacp p")).toEqual([
    "",
    `${"port-id-extension".padEnd(40)}port-role`,
    `${"portkey".padEnd(40)}preempt`,
    "priority",
    "",
  ]);
});

test.for([
  ["undo interface e", "system", 15, ["Eth-Trunk1", "eth1"]],
  ["trunkport G", "eth-trunk", 10, ["GigabitEthernet0/1/1"]],
  ["mode l", "eth-trunk", 5, ["lacp-static"]],
  ["nonsense ", "system", 9, []],
] as const)("completion of '%s' in %s view", ([line, view, start, candidates]) => {
  const known = { interfaces: ["Eth-Trunk1", "GigabitEthernet0/1/1", "eth1"], trunks: [1, 10, 2], etrunks: [5, 2] };
  expect(completeLine(PRODUCT.viewCalled(view).rows, line, known)).toEqual({ start, candidates });
});
