import { describe, expect, test } from "vitest";
import { complete, helpFor, parseOperational } from "../../src/config/operational.js";

describe("an operational command is read as data", () => {
  test.for([
    ["display eth-trunk", { command: "display-eth-trunk" }],
    ["dis eth 5", { command: "display-eth-trunk", id: 5 }],
    ["display eth-trunk brief", { command: "display-eth-trunk-brief" }],
    ["display trunkmembership eth-trunk 0", { command: "display-trunkmembership", id: 0 }],
    ["display lacp statistics eth-trunk", { command: "display-lacp-statistics" }],
    ["display lacp statistics eth-trunk 65535", { command: "display-lacp-statistics", id: 65535 }],
    ["display lacp brief", { command: "display-lacp-brief" }],
    ["display alarm active", { command: "display-alarm-active", verbose: false }],
    ["display alarm active verbose", { command: "display-alarm-active", verbose: true }],
    ["display smart-link flush", { command: "display-smart-link-flush", interfaces: false }],
    ["dis sm f int", { command: "display-smart-link-flush", interfaces: true }],
    ["reset smart-link flush", { command: "reset-smart-link-flush" }],
    ["protect-switch eth-trunk 7", { command: "protect-switch", id: 7 }],
    ["display interface", { command: "display-interface", filter: { main: false } }],
    ["dis int eth-trunk 1.10", { command: "display-interface", filter: { name: "Eth-Trunk1.10", main: false } }],
    ["display interface eth-trunk", { command: "display-interface", filter: { type: "Eth-Trunk", main: false } }],
    ["display interface eth1", { command: "display-interface", filter: { name: "eth1", main: false } }],
    ["display interface main", { command: "display-interface", filter: { main: true } }],
    ["dis int b", { command: "display-interface-brief", filter: { main: false } }],
    [
      "display interface brief loopback main",
      { command: "display-interface-brief", filter: { type: "LoopBack", main: true } },
    ],
    ["display ip interface brief", { command: "display-ip-interface-brief" }],
    ["dis ipv6 i b", { command: "display-ipv6-interface-brief" }],
    ["display vlan", { command: "display-vlan" }],
    ["dis vl 4094", { command: "display-vlan", id: 4094 }],
    ["DISPLAY VERSION", { command: "display-version" }],
    ["dis cu", { command: "display-current-configuration" }],
    ["display e-trunk", { command: "display-e-trunk" }],
    ["dis e-t 512", { command: "display-e-trunk", id: 512 }],
    ["display e-trunk brief", { command: "display-e-trunk-brief" }],
    ["display e-trunk packet-statistics", { command: "display-e-trunk-packets" }],
    ["dis e-t p e-trunk-id 3", { command: "display-e-trunk-packets", id: 3 }],
    ["display e-trunk 1 state-change", { command: "display-e-trunk-moves", id: 1 }],
    [
      "display e-trunk 1 state-change member-interface eth-trunk 10",
      { command: "display-e-trunk-moves", id: 1, interface: "Eth-Trunk10" },
    ],
    ["display e-trunk bfd session all", { command: "display-e-trunk-bfd" }],
    ["display bfd session all", { command: "display-bfd-session", filter: { by: "all" }, verbose: false }],
    [
      "display bfd session static verbose",
      { command: "display-bfd-session", filter: { by: "type", type: "static" }, verbose: true },
    ],
    [
      "display bfd session dynamic",
      { command: "display-bfd-session", filter: { by: "type", type: "dynamic" }, verbose: false },
    ],
    [
      "display bfd session discriminator 60",
      { command: "display-bfd-session", filter: { by: "discriminator", discriminator: 60 }, verbose: false },
    ],
    [
      "display bfd session peer-ip 2.2.2.2",
      { command: "display-bfd-session", filter: { by: "peer", address: "2.2.2.2" }, verbose: false },
    ],
    [
      "display bfd session peer-ipv6 2001:DB8::1",
      { command: "display-bfd-session", filter: { by: "peer", address: "2001:db8::1" }, verbose: false },
    ],
    ["display bfd statistics", { command: "display-bfd-statistics" }],
    [
      "display cpu-defend whitelist session-car e-trunk-ipv4 statistics slot 1",
      { command: "display-session-car", protocol: "e-trunk-ipv4" },
    ],
    [
      "display cpu-defend whitelist-v6 session-car e-trunk-ipv6 statistics",
      { command: "display-session-car", protocol: "e-trunk-ipv6" },
    ],
    ["why e-trunk 1", { command: "why-e-trunk", id: 1 }],
    ["reset e-trunk packet-statistics", { command: "reset-e-trunk-statistics" }],
    ["reset e-trunk packet-statistics e-trunk-id 1", { command: "reset-e-trunk-statistics", id: 1 }],
    ["reset bfd statistics all", { command: "reset-bfd-statistics" }],
    ["reset bfd statistics discriminator 5", { command: "reset-bfd-statistics", discriminator: 5 }],
    [
      "reset cpu-defend whitelist session-car e-trunk-ipv4 statistics",
      { command: "reset-session-car", protocol: "e-trunk-ipv4" },
    ],
    [
      "reset cpu-defend whitelist-v6 session-car e-trunk-ipv6 statistics",
      { command: "reset-session-car", protocol: "e-trunk-ipv6" },
    ],
    ["reset lacp statistics eth-trunk", { command: "reset-lacp-statistics" }],
    ["reset lacp statistics eth-trunk 1", { command: "reset-lacp-statistics", id: 1 }],
    [
      "reset lacp statistics eth-trunk 1 interface ge 0/1/2",
      { command: "reset-lacp-statistics", id: 1, interface: "GigabitEthernet0/1/2" },
    ],
  ] as const)("%s", ([line, command]) => {
    expect(parseOperational(line)).toEqual({ ok: true, command });
    expect(parseOperational(line.split(" "))).toEqual({ ok: true, command });
  });

  test("reset only in user view, display in every view", () => {
    expect(parseOperational("reset lacp statistics eth-trunk", "system")).toMatchObject({
      ok: false,
      error: { kind: "unrecognized", column: 0 },
    });
    expect(parseOperational("display version", "eth-trunk")).toMatchObject({ ok: true });
  });
});

test("what is no operational command is an error with its column", () => {
  expect(parseOperational("display eth-trunk 70000")).toEqual({
    ok: false,
    line: "display eth-trunk 70000",
    error: { kind: "wrong", column: 18, word: "70000", expected: ["INTEGER<0-65535>"] },
  });
  expect(parseOperational(["display", "no such"])).toMatchObject({
    ok: false,
    line: 'display "no such"',
    error: { column: 8 },
  });
  expect(parseOperational("")).toMatchObject({ ok: false, error: { kind: "incomplete", column: 0 } });
  expect(parseOperational("display version now")).toMatchObject({ ok: false, error: { kind: "too-many", column: 16 } });
});

test("help lists what may come next, alphabetically", () => {
  expect(helpFor("", "user")).toEqual([
    "Current view commands:",
    "  display         Show information",
    "  protect-switch  Let the other member of a 1:1 Eth-Trunk work",
    "  reset           Clear statistics",
    "  why             The last decision of an E-Trunk and of its members, with all its inputs",
  ]);
  expect(helpFor("display eth-trunk ", "user")).toEqual([
    "  brief             One line per Eth-Trunk",
    "  INTEGER<0-65535>  Number of the Eth-Trunk",
    "  <cr>",
  ]);
  expect(helpFor("display interface ", "user")).toEqual([
    "  brief           One line per interface",
    "  main            No sub-interfaces",
    "  interface name  One interface",
    "  STRING<2-15>    Interfaces of one type, e.g. Eth-Trunk",
    "  <cr>",
  ]);
  expect(helpFor("display nonsense ", "user")).toEqual([
    "        ^",
    "Error: Unrecognized command found at '^' position.",
  ]);
});

test("? behind a letter lists the keywords that begin so, in two columns", () => {
  expect(helpFor("lacp p", "eth-trunk")).toEqual([
    "",
    `${"port-id-extension".padEnd(40)}port-role`,
    `${"portkey".padEnd(40)}preempt`,
    "priority",
    "",
  ]);
});

describe("completion", () => {
  const known = { interfaces: ["Eth-Trunk1", "GigabitEthernet0/1/1", "eth1"], trunks: [1, 10, 2], etrunks: [5, 2] };
  const DISPLAYED = [
    "alarm",
    "bfd",
    "cpu-defend",
    "current-configuration",
    "e-trunk",
    "eth-trunk",
    "interface",
    "ip",
    "ipv6",
    "lacp",
    "smart-link",
    "trunkmembership",
    "version",
    "vlan",
  ];
  test.for([
    ["", "user", 0, ["display", "protect-switch", "reset", "why"]],
    ["dis", "user", 0, ["display"]],
    ["dis ", "user", 4, DISPLAYED],
    ["display e-trunk ", "user", 16, ["2", "5", "bfd", "brief", "packet-statistics"]],
    ["display eth-trunk ", "user", 18, ["1", "10", "2", "brief"]],
    ["display eth-trunk 1", "user", 18, ["1", "10"]],
    ["display interface ", "user", 18, ["Eth-Trunk1", "GigabitEthernet0/1/1", "brief", "eth1", "main"]],
    ["display interface brief ", "user", 24, ["main"]],
    ["undo interface e", "system", 15, ["Eth-Trunk1", "eth1"]],
    ["trunkport G", "eth-trunk", 10, ["GigabitEthernet0/1/1"]],
    ["mode l", "eth-trunk", 5, ["lacp-static"]],
    ["nonsense ", "user", 9, []],
    ["display x", "user", 8, []],
  ] as const)("of '%s' in %s view", ([line, view, start, candidates]) => {
    expect(complete(line, view, known)).toEqual({ start, candidates });
  });

  test("knows keywords without being told any name", () => {
    expect(complete("display eth-trunk ", "user")).toEqual({ start: 18, candidates: ["brief"] });
  });
});
