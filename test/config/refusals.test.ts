import { describe, expect, test } from "vitest";
import { readConfiguration } from "../../src/config/reading/read.js";

const trunk = (id: number, ...lines: string[]) => [`interface Eth-Trunk${id}`, ...lines.map((line) => ` ${line}`)];
const members = (count: number) =>
  Array.from({ length: count }, (_, i) => [`interface GE0/1/${i}`, " eth-trunk 1"]).flat();

/** What is wrong, the lines, and the problems as `line: text`. */
const ROWS: readonly (readonly [what: string, lines: readonly string[], problems: readonly string[]])[] = [
  ["a member of a trunk that is not there", ["interface eth1", " eth-trunk 7"], ["2: Eth-Trunk7 does not exist."]],
  [
    "a member of two trunks",
    [...trunk(1), ...trunk(2, "trunkport eth1"), "interface eth1", " eth-trunk 1"],
    ["5: eth1 already belongs to Eth-Trunk2."],
  ],
  [
    "a trunk that takes another's member",
    [...trunk(1, "trunkport ge 0/1/1 to 0/1/3"), ...trunk(2, "trunkport ge 0/1/3 0/1/4")],
    ["4: GigabitEthernet0/1/3 already belongs to Eth-Trunk1."],
  ],
  [
    "a trunk as a member",
    [...trunk(1, "trunkport Eth-Trunk2", "trunkport Vlanif1", "trunkport ge0/1/1.5", "trunkport NULL0"), ...trunk(2)],
    [
      "2: Eth-Trunk2 cannot be a member interface.",
      "3: Vlanif1 cannot be a member interface.",
      "4: GigabitEthernet0/1/1.5 cannot be a member interface.",
      "5: NULL0 cannot be a member interface.",
    ],
  ],
  [
    "removing a member that is none",
    trunk(1, "trunkport eth1", "undo trunkport eth1", "undo trunkport eth1"),
    ["4: eth1 does not belong to Eth-Trunk1."],
  ],
  [
    "LACP without lacp-static",
    trunk(
      1,
      "max active-linknumber 2",
      "lacp timeout fast",
      "lacp preempt enable",
      "lacp selected speed",
      "lacp system-id 00e0-fc12-3456",
      "lacp priority 1",
      "lacp portkey 1",
      "lacp collector delay 1",
      "lacp mixed-rate link enable",
      "lacp port-id-extension enable",
      "lacp dampening state-flapping",
      "lacp dampening unexpected-mac disable",
      "lacp independent-control enable",
      "lacp unique-port-number enable",
      "lacp trunk-down-delay enable",
      "lacp backup-mode enable",
      "lacp port-role x",
      "lacp track vrrp x",
      "lacp vrrp priority x",
      // A default is a line like another.
      "lacp timeout slow",
    ),
    // The second timeout is the one that stands.
    [2, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21].map(
      (line) => `${line}: The command needs mode lacp-static.`,
    ),
  ],
  [
    "a passive member of a manual trunk",
    [...trunk(1, "trunkport eth1 mode passive"), "interface eth2", " eth-trunk 1 mode passive"],
    ["2: The command needs mode lacp-static.", "4: The command needs mode lacp-static."],
  ],
  [
    "least above max",
    trunk(1, "mode lacp-static", "least active-linknumber 5", "max active-linknumber 4"),
    ["3: least active-linknumber (5) must not exceed max active-linknumber (4)."],
  ],
  [
    "least above the default of max",
    trunk(1, "mode lacp-static", "least active-linknumber 17"),
    ["3: least active-linknumber (17) must not exceed max active-linknumber (16)."],
  ],
  ["least in a manual trunk, which has no max", trunk(1, "least active-linknumber 64"), []],
  [
    "two lower thresholds",
    trunk(1, "least active-linknumber 2", "least active-bandwidth 2000"),
    ["3: least active-bandwidth and least active-linknumber exclude each other."],
  ],
  [
    "a preempt delay without preemption",
    trunk(1, "mode lacp-static", "lacp preempt delay 10"),
    ["3: The command needs lacp preempt enable first."],
  ],
  [
    "a preempt delay whose preemption was undone",
    trunk(1, "mode lacp-static", "lacp preempt enable", "lacp preempt delay 10", "undo lacp preempt enable"),
    ["4: The command needs lacp preempt enable first."],
  ],
  [
    "a system ID that is zero or a group",
    [
      ...trunk(1, "mode lacp-static", "lacp system-id 0-0-0"),
      ...trunk(2, "mode lacp-static", "lacp system-id 0180-c200-0002"),
      ...trunk(3, "mode lacp-static", "lacp system-id ffff-ffff-ffff"),
    ],
    [
      "3: The system ID must be a unicast MAC address other than all zeros.",
      "6: The system ID must be a unicast MAC address other than all zeros.",
    ],
  ],
  [
    "the two spellings of the system priority",
    ["lacp system-priority 5", "lacp priority 5"],
    ["1: The command needs lacp priority-command-mode system-priority first."],
  ],
  [
    "the old spelling in the new mode",
    ["lacp priority 5", "lacp priority-command-mode system-priority", "lacp system-priority 6"],
    ["1: lacp priority and lacp priority-command-mode system-priority exclude each other."],
  ],
  [
    "a command of another kind of interface",
    [
      ...trunk(1, "speed 100", "eth-trunk 2"),
      "interface ge0/1/1",
      " mode lacp-static",
      "interface NULL0",
      " shutdown",
      " nonsense",
    ],
    [
      "2: The command is not available on an Eth-Trunk.",
      "3: The command is not available on an Eth-Trunk.",
      "5: The command is not available on a physical interface.",
      "7: The command is not available on NULL0.",
      "8: Unrecognized command at 'nonsense' (column 2).",
    ],
  ],
  [
    "a mode that is not there yet",
    trunk(1, "mode lacp-dynamic", "mo lacp-d"),
    [
      "2: mode lacp-dynamic is not available in this version.",
      "3: mode lacp-dynamic is not available in this version.",
    ],
  ],
  ["64 members", [...trunk(1), ...members(64)], []],
  [
    "66 members",
    [...trunk(1), ...members(66)],
    [
      "131: 64 of member interfaces of Eth-Trunk1 is the maximum.",
      "133: 64 of member interfaces of Eth-Trunk1 is the maximum.",
    ],
  ],
  [
    "a list of too many members",
    trunk(1, "trunkport ge 0/1/0 to 0/1/64"),
    ["2: 64 of member interfaces of Eth-Trunk1 is the maximum."],
  ],
  ["NULL0 undone", ["undo interface NULL0"], ["1: NULL0 cannot be removed."]],
  ["an interface undone that is not there", ["undo interface Eth-Trunk5"], ["1: Eth-Trunk5 does not exist."]],
  [
    "a trunk undone that has members",
    [...trunk(1, "trunkport eth1"), "undo interface Eth-Trunk1"],
    ["2: Eth-Trunk1 does not exist."],
  ],
  [
    "a Linux interface bound to another",
    ["interface eth1", " linux-interface eth2"],
    ["2: The command is not available on a Linux interface."],
  ],
  [
    "two names of one Linux interface",
    ["interface ge0/1/1", " linux-interface eth2", "interface ge0/1/2", " linux-interface eth2", "interface eth2"],
    ["4: eth2 is bound to GigabitEthernet0/1/1.", "5: eth2 is bound to GigabitEthernet0/1/1."],
  ],
];

test.for(ROWS)("%s", ([, lines, problems]) => {
  const found = readConfiguration(lines.join("\n")).problems.map(({ line, text }) => `${line}: ${text}`);
  expect(found).toEqual(problems);
});

describe("two static trunks whose ports would have one key", () => {
  const refusal = "Eth-Trunk257 would have the LACP port key of Eth-Trunk1. Set lacp portkey on one of them.";
  const textsOf = (first: readonly string[], second: readonly string[], ...more: string[]) =>
    readConfiguration(
      [...trunk(1, "mode lacp-static", ...first), ...trunk(257, "mode lacp-static", ...second), ...more].join("\n"),
    ).problems.map(({ text }) => text);

  test.for([
    ["while they have no members", [], []],
    ["with members of one speed", ["trunkport ge0/1/1"], ["trunkport ge0/1/2"]],
    ["with one speed in common", ["trunkport ge0/1/1"], ["trunkport 10ge 1/0/1", "trunkport ge0/1/2"]],
    ["with members whose speed only the host knows", ["trunkport eth1"], ["trunkport 10ge 1/0/2"]],
    [
      "with mixed rates, whose keys leave the speed out",
      ["lacp mixed-rate link enable", "trunkport ge0/1/1"],
      ["lacp mixed-rate link enable", "trunkport 10ge 1/0/1"],
    ],
    ["when a manual key is the other's automatic one", ["trunkport ge0/1/1"], ["lacp portkey 305"]],
    ["when both set the same", ["lacp portkey 7"], ["lacp portkey 7"]],
  ] as const)("are refused %s", ([, first, second]) => {
    expect(textsOf(first, second)).toEqual([refusal]);
  });

  test.for([
    ["with a manual key", ["trunkport ge0/1/1"], ["lacp portkey 7"]],
    ["with members of different speeds", ["trunkport ge0/1/1"], ["trunkport 10ge 1/0/1"]],
    ["with system IDs of their own", ["lacp system-id 2-2-2"], []],
  ] as const)("are accepted %s", ([, first, second]) => {
    expect(textsOf(first, second)).toEqual([]);
  });

  test("are told apart by `speed` too", () => {
    expect(
      textsOf(["trunkport eth1"], ["trunkport eth2"], "interface eth1", " speed 100", "interface eth2", " speed 1000"),
    ).toEqual([]);
  });

  test("are told at the second one's line", () => {
    const { problems } = readConfiguration(
      [...trunk(1, "mode lacp-static"), "#", ...trunk(257, "mode lacp-static")].join("\n"),
    );
    expect(problems).toEqual([{ line: 4, text: refusal }]);
  });

  test("are of no concern when one is manual", () => {
    expect(readConfiguration([...trunk(1, "mode lacp-static"), ...trunk(257)].join("\n")).problems).toEqual([]);
  });
});

describe("bindings of the command line", () => {
  const problemsOf = (text: string, ...bindings: [string, string][]) =>
    readConfiguration(text, { bindings: new Map(bindings) }).problems;

  test("give two names one Linux interface: refused", () => {
    const text = "interface ge0/1/1\ninterface ge0/1/2\ninterface eth9";
    expect(problemsOf(text, ["GigabitEthernet0/1/1", "eth3"], ["GigabitEthernet0/1/2", "eth3"])).toEqual([
      { line: 2, text: "eth3 is bound to GigabitEthernet0/1/1." },
    ]);
    expect(problemsOf(text, ["GigabitEthernet0/1/1", "eth9"])).toEqual([
      { line: 3, text: "eth9 is bound to GigabitEthernet0/1/1." },
    ]);
  });

  test("go before `linux-interface`", () => {
    const text = "interface ge0/1/1\n linux-interface eth1\ninterface ge0/1/2\n linux-interface eth2";
    expect(problemsOf(text, ["GigabitEthernet0/1/1", "eth3"])).toEqual([]);
    expect(problemsOf(text, ["GigabitEthernet0/1/1", "eth2"])).toEqual([
      { line: 4, text: "eth2 is bound to GigabitEthernet0/1/1." },
    ]);
  });
});
