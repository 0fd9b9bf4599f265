import { describe, expect, test } from "vitest";
import { compareInterfaceNames, parseInterfaceName, speedOfType } from "../../src/config/language/interface-name.js";
import { splitLine } from "../../src/config/language/line.js";
import { interfaceList, interfaceName } from "../../src/config/language/parameters.js";

const read = (text: string) => {
  const reading = interfaceName.read(splitLine(text), 0);
  return "wrongAt" in reading ? { ...reading } : reading.value;
};

describe("an interface is named", () => {
  test.for([
    ["Eth-Trunk 1", "Eth-Trunk1"],
    ["eth-trunk1", "Eth-Trunk1"],
    ["ETH-TRUNK65535", "Eth-Trunk65535"],
    ["eth-t 7", "Eth-Trunk7"],
    ["GigabitEthernet0/1/2", "GigabitEthernet0/1/2"],
    ["gigabitethernet 0/1/2", "GigabitEthernet0/1/2"],
    ["GE0/1/2", "GigabitEthernet0/1/2"],
    ["gi 00/01/002", "GigabitEthernet0/1/2"],
    ["10ge 1/0/1", "10GE1/0/1"],
    ["Ethernet0/1", "Ethernet0/1"],
    ["Loopback0", "LoopBack0"],
    ["lo 0", "LoopBack0"],
    ["null0", "NULL0"],
    ["Vlanif10", "Vlanif10"],
    ["global-ve 11", "Global-VE11"],
    ["Eth-Trunk1.4096", "Eth-Trunk1.4096"],
    // What parses in no other way is the exact name of a Linux interface.
    ["eth1", "eth1"],
    ["Eth0.5", "Eth0.5"],
    ["lo", "lo"],
    ["lo0", "lo0"],
    ["GE1", "GE1"],
    ["enp0s31f6", "enp0s31f6"],
    ["constructor", "constructor"],
  ] as const)("%s is %s", ([text, name]) => {
    expect(read(text)).toBe(name);
  });

  test.for([
    ["Eth-Trunk65536", { wrongAt: 0, expected: "Eth-Trunk<0-65535>" }],
    ["Eth-Trunk 65536", { wrongAt: 1, expected: "<0-65535>" }],
    ["Eth-Trunk", { wrongAt: 1, expected: "<0-65535>" }],
    ["Vlanif4095", { wrongAt: 0, expected: "Vlanif<1-4094>" }],
    ["NULL1", { wrongAt: 0, expected: "NULL<0>" }],
    ["Eth-Trunk1.0", { wrongAt: 0, expected: "Eth-Trunk<0-65535>" }],
    ["GigabitEthernet 1", { wrongAt: 1, expected: "<slot/card/port>" }],
    ["eth 1", { wrongAt: 0 }],
    ["a-name-of-16-char", { wrongAt: 0 }],
    ["a b/c", "a"],
    ["b/c", { wrongAt: 0 }],
    ["..", { wrongAt: 0 }],
    ["__proto__", { wrongAt: 0 }],
    ["ü", { wrongAt: 0 }],
  ] as const)("%s reads as %o", ([text, outcome]) => {
    expect(read(text)).toEqual(outcome);
  });
});

test("the type's name tells the speed, a Linux name does not", () => {
  const speed = (name: string) => speedOfType(parseInterfaceName(name)!);
  expect(["Ethernet0/1", "GE0/1/1", "XGE0/1/1", "10GE1/0/1", "25GE1/0/1", "40GE1/0/1"].map(speed)).toEqual([
    100, 1000, 10_000, 10_000, 25_000, 40_000,
  ]);
  expect(["50GE1/0/1", "100GE1/0/1", "200GE1/0/1", "400GE1/0/1", "eth1"].map(speed)).toEqual([
    50_000,
    100_000,
    200_000,
    400_000,
    undefined,
  ]);
});

test("interfaces stand by type, then number, Linux names last", () => {
  const sorted = [
    "10GE1/0/2",
    "10GE1/0/10",
    "Eth-Trunk0",
    "Eth-Trunk2",
    "Eth-Trunk10",
    "Eth-Trunk10.1",
    "GigabitEthernet0/1",
    "GigabitEthernet0/1/2",
    "GigabitEthernet0/1/10",
    "GigabitEthernet0/2/1",
    "NULL0",
    "eth1",
    "eth10",
    "eth2",
  ];
  const compare = (a: string, b: string) => compareInterfaceNames(parseInterfaceName(a)!, parseInterfaceName(b)!);
  expect([...sorted].reverse().sort(compare)).toEqual(sorted);
});

describe("a list of interfaces", () => {
  const list = (text: string) => {
    const reading = interfaceList.read(splitLine(text), 0);
    return "wrongAt" in reading ? reading.wrongAt : [reading.value, reading.next];
  };

  test("is numbers and ranges of one type", () => {
    expect(list("ge 0/1/1 0/2/1")).toEqual([["GigabitEthernet0/1/1", "GigabitEthernet0/2/1"], 3]);
    expect(list("gigabitethernet 0/1/8 to 0/1/11 mode")).toEqual([
      ["GigabitEthernet0/1/8", "GigabitEthernet0/1/9", "GigabitEthernet0/1/10", "GigabitEthernet0/1/11"],
      4,
    ]);
  });

  test("is one name", () => {
    expect(list("GE0/1/1 mode")).toEqual([["GigabitEthernet0/1/1"], 1]);
    expect(list("eth1")).toEqual([["eth1"], 1]);
  });

  test("is wrong at the end of a range that is not greater, not alike or too long", () => {
    expect(list("ge 0/1/1 to 0/1/1")).toBe(3);
    expect(list("ge 0/1/1 to 0/2/3")).toBe(3);
    expect(list("ge 0/1/1 to 0/1/999")).toBe(3);
    expect(list("ge 0/1/1 to")).toBe(3);
    expect(list("ge 0/1/1 7")).toBe(2);
  });
});
