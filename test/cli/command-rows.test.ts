import { describe, expect, test } from "vitest";
import { CommandLine } from "../../src/cli/command-line.js";
import { typed } from "../support/typed.js";

const commands = new CommandLine();

describe("a line asks the daemon", () => {
  test.for([
    ["display eth-trunk", { ask: "eth-trunk" }],
    ["dis eth 5", { ask: "eth-trunk", id: 5 }],
    ["  DIS  eth-t 1  ", { ask: "eth-trunk", id: 1 }],
    ["display eth-trunk brief", { ask: "eth-trunk" }],
    ["display trunkmembership eth-trunk 0", { ask: "eth-trunk", id: 0 }],
    ["display lacp statistics eth-trunk", { ask: "lacp-statistics" }],
    ["display lacp statistics eth-trunk 65535", { ask: "lacp-statistics", id: 65535 }],
    ["display lacp brief", { ask: "lacp-brief" }],
    ["display alarm active", { ask: "alarms" }],
    ["display alarm active verbose", { ask: "alarms" }],
    ["display smart-link flush", { ask: "smart-link-flush" }],
    ["dis sm f int", { ask: "smart-link-flush" }],
    ["reset smart-link flush", { ask: "reset-smart-link-flush" }],
    ["protect-switch eth-trunk 7", { ask: "protect-switch", id: 7 }],
    ["display interface", { ask: "interfaces" }],
    ["dis int eth-trunk 1.10", { ask: "interfaces" }],
    ["dis int b", { ask: "interfaces" }],
    ["display ip interface brief", { ask: "interfaces" }],
    ["dis ipv6 i b", { ask: "interfaces" }],
    ["dis vl 4094", { ask: "vlans" }],
    ["DISPLAY VERSION", { ask: "version" }],
    ["dis cu", { ask: "current-configuration" }],
    ["display e-trunk", { ask: "e-trunk" }],
    ["dis e-t 512", { ask: "e-trunk", id: 512 }],
    ["display e-trunk brief", { ask: "e-trunk" }],
    ["display e-trunk packet-statistics", { ask: "e-trunk-packets" }],
    ["dis e-t p e-trunk-id 3", { ask: "e-trunk-packets", id: 3 }],
    ["display e-trunk 1 state-change member-interface eth-trunk 10", { ask: "e-trunk", id: 1 }],
    ["display e-trunk bfd session all", { ask: "e-trunk" }],
    ["display bfd session peer-ipv6 2001:DB8::1", { ask: "bfd-sessions" }],
    ["display bfd statistics", { ask: "bfd-sessions" }],
    [
      "display cpu-defend whitelist session-car e-trunk-ipv4 statistics slot 1",
      { ask: "session-car", protocol: "e-trunk-ipv4" },
    ],
    [
      "display cpu-defend whitelist-v6 session-car e-trunk-ipv6 statistics",
      { ask: "session-car", protocol: "e-trunk-ipv6" },
    ],
    ["why e-trunk 1", { ask: "why-e-trunk", id: 1 }],
    ["reset e-trunk packet-statistics", { ask: "reset-e-trunk-statistics" }],
    ["reset e-trunk packet-statistics e-trunk-id 1", { ask: "reset-e-trunk-statistics", id: 1 }],
    ["reset bfd statistics all", { ask: "reset-bfd-statistics" }],
    ["reset bfd statistics discriminator 5", { ask: "reset-bfd-statistics", discriminator: 5 }],
    [
      "reset cpu-defend whitelist session-car e-trunk-ipv4 statistics",
      { ask: "reset-session-car", protocol: "e-trunk-ipv4" },
    ],
    ["reset lacp statistics eth-trunk", { ask: "reset-lacp-statistics" }],
    ["res lacp st eth 1", { ask: "reset-lacp-statistics", id: 1 }],
    [
      "reset lacp statistics eth-trunk 1 interface ge 0/1/2",
      { ask: "reset-lacp-statistics", id: 1, interface: "GigabitEthernet0/1/2" },
    ],
  ] as const)("%s", ([line, request]) => {
    const { row, match } = typed(line);
    expect(row.request(match)).toEqual(request);
    expect(row.isDisplay).toBe(/^ *dis/i.test(line));
  });
});

/** Interfaces as far as the rows look at them. */
const interfaces = [
  { name: "Eth-Trunk1", kind: "eth-trunk", layer: 3, ethTrunk: null, ipv6Enabled: true, ipv6: [] },
  { name: "Eth-Trunk1.10", kind: "sub-interface", layer: 3, ethTrunk: null, ipv6Enabled: false, ipv6: [{}] },
  { name: "eth1", kind: "physical", layer: 3, ethTrunk: 1, ipv6Enabled: false, ipv6: [] },
  { name: "LoopBack0", kind: "loopback", layer: 3, ethTrunk: null, ipv6Enabled: false, ipv6: [] },
];

describe("of the interfaces a line shows", () => {
  test.for([
    ["display interface", ["Eth-Trunk1", "Eth-Trunk1.10", "eth1", "LoopBack0"]],
    ["display interface eth-trunk", ["Eth-Trunk1", "Eth-Trunk1.10"]],
    ["display interface main", ["Eth-Trunk1", "eth1", "LoopBack0"]],
    ["display interface brief", ["Eth-Trunk1", "Eth-Trunk1.10", "eth1", "LoopBack0"]],
    ["display interface brief eth-trunk main", ["Eth-Trunk1"]],
    ["display interface brief loopback main", ["LoopBack0"]],
    ["display ip interface brief", ["Eth-Trunk1", "Eth-Trunk1.10", "LoopBack0"]],
    ["display ipv6 interface brief", ["Eth-Trunk1", "Eth-Trunk1.10"]],
  ] as const)("%s", ([line, names]) => {
    const { row, match } = typed(line);
    const { document } = row.answer({ interfaces }, match) as { document: { interfaces: { name: string }[] } };
    expect(document.interfaces.map(({ name }) => name)).toEqual(names);
  });

  test("the one it names, alone, or a refusal", () => {
    const one = typed("display interface eth1");
    expect(one.row.answer({ interfaces }, one.match).document).toBe(interfaces[2]);
    const none = typed("display interface eth9");
    expect(() => none.row.answer({ interfaces }, none.match)).toThrow("Interface eth9 does not exist");
  });
});

test("a VLAN is shown alone, or refused", () => {
  const vlans = [{ id: 10 }, { id: 20 }];
  const documentOf = (line: string) => {
    const { row, match } = typed(line);
    return row.answer({ vlans }, match).document;
  };
  expect(documentOf("display vlan")).toEqual({ vlans });
  expect(documentOf("display vlan 20")).toBe(vlans[1]);
  expect(() => documentOf("display vlan 30")).toThrow("VLAN 30 does not exist");
});

test("what is no command is an error with its column", () => {
  expect(commands.parse("display eth-trunk 70000")).toEqual({
    ok: false,
    refusal: { kind: "wrong", column: 18, word: "70000", expected: ["INTEGER<0-65535>"] },
  });
  expect(commands.parse('display "no such"')).toMatchObject({ ok: false, refusal: { column: 8 } });
  expect(commands.parse("")).toMatchObject({ ok: false, refusal: { kind: "incomplete", column: 0 } });
  expect(commands.parse("display version now")).toMatchObject({ ok: false, refusal: { kind: "too-many", column: 16 } });
});

test("help lists what may come next, alphabetically", () => {
  expect(commands.help("display eth-trunk ")).toEqual([
    "  brief             One line per Eth-Trunk",
    "  INTEGER<0-65535>  Number of the Eth-Trunk",
    "  <cr>",
  ]);
  expect(commands.help("display interface ")).toEqual([
    "  brief           One line per interface",
    "  main            No sub-interfaces",
    "  interface name  One interface",
    "  STRING<2-15>    Interfaces of one type, e.g. Eth-Trunk",
    "  <cr>",
  ]);
  expect(commands.help("display nonsense ")).toEqual([
    "        ^",
    "Error: Unrecognized command found at '^' position.",
  ]);
});

test("every word of every command has a text", () => {
  const pending = [""];
  const lines: string[] = [];
  for (let line = pending.pop(); line !== undefined; line = pending.pop())
    for (const help of commands.help(line)) {
      if (help === "Current view commands:" || help === "  <cr>") continue;
      lines.push(help);
      const keyword = /^ {2}([a-z0-9-]+)(?: {2}|$)/.exec(help)?.[1];
      if (keyword) pending.push(`${line}${keyword} `);
    }
  expect(lines.length).toBeGreaterThan(60);
  expect(lines.filter((help) => !/^ {2}\S.*? {2,}\S/.test(help))).toEqual([]);
});

describe("completion", () => {
  const known = { interfaces: ["Eth-Trunk1", "GigabitEthernet0/1/1", "eth1"], trunks: [1, 10, 2], etrunks: [5, 2] };
  test.for([
    [
      "",
      0,
      [
        "configuration",
        "display",
        "marker",
        "protect-switch",
        "quit",
        "reset",
        "return",
        "rollback",
        "screen-length",
        "system-view",
        "undo",
        "why",
      ],
    ],
    ["display e-trunk ", 16, ["2", "5", "bfd", "brief", "packet-statistics"]],
    ["display eth-trunk ", 18, ["1", "10", "2", "brief"]],
    ["display eth-trunk 1", 18, ["1", "10"]],
    ["display interface ", 18, ["Eth-Trunk1", "GigabitEthernet0/1/1", "brief", "eth1", "main"]],
    ["display interface brief ", 24, ["main"]],
    ["display x", 8, []],
  ] as const)("of '%s'", ([line, start, candidates]) => {
    expect(commands.complete(line, known)).toEqual({ start, candidates });
  });

  test("knows keywords without being told any name", () => {
    expect(commands.complete("display eth-trunk ", {})).toEqual({ start: 18, candidates: ["brief"] });
  });
});
