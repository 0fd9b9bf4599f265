import { readFileSync } from "node:fs";
import { expect, test, vi } from "vitest";
import {
  displayEthTrunk,
  displayEthTrunkBrief,
  displayEthTrunks,
  displayTrunkMembership,
} from "../../src/cli/displays/eth-trunk.js";
import {
  displayInterface,
  displayInterfaceBrief,
  displayIpInterfaceBrief,
  displayIpv6InterfaceBrief,
} from "../../src/cli/displays/interface.js";
import { displayLacpBrief, displayLacpStatistics } from "../../src/cli/displays/lacp.js";
import { localTime, wrap } from "../../src/cli/displays/layout.js";
import { displayFlush, displayFlushInterfaces } from "../../src/cli/displays/smart-link.js";
import { displayAlarms, displayAlarmsVerbose, displayVersion } from "../../src/cli/displays/system.js";
import { displayVlans } from "../../src/cli/displays/vlan.js";
import { interfaceLine, member, vlanLine } from "./network-views.js";
import { alarm, flushInterface, manualTrunk, partner, port, statistics, trunk, version } from "./views.js";

vi.stubEnv("TZ", "Europe/Berlin");
vi.setSystemTime("2026-11-20T12:00:00Z");

const golden = (name: string): string => new URL(`golden/${name}.txt`, import.meta.url).pathname;

const backupPe = trunk({
  operState: "down",
  systemId: "00:e0:fc:12:34:56",
  upPorts: 0,
  ports: [
    port({
      name: "GigabitEthernet0/1/3",
      status: "Unselect",
      reason: "E-Trunk became backup",
      portNumber: 32769,
      portState: "10110000",
      partner: { ...partner, systemId: "00:e0:fc:12:34:61", portNumber: 2, portState: "10100000" },
    }),
  ],
});

const preempting = trunk({
  id: 7,
  systemPriority: 100,
  systemIdSource: null,
  preemptDelay: 30,
  leastBandwidth: 2_000,
  maxActive: 2,
  timeout: "fast",
  timeoutSeconds: 5,
  portKeyMode: "Manual",
  etrunk: 3,
  memberState: "Master",
  memberCausation: "ETRUNK_MASTER",
  ports: [
    port({
      name: "GigabitEthernet10/1/12",
      portPriority: 10,
      portNumber: 2,
      portState: "11111100",
      weight: 4,
      reference: false,
    }),
    port({
      name: "eth2",
      status: "Indep",
      portType: "10GE",
      portState: "11100010",
      highPriority: false,
      partner: null,
    }),
    port({
      name: "eth3",
      status: "Unselect",
      reason: "interface moved to another network namespace",
      portType: "-",
      portPriority: null,
      portNumber: null,
      portKey: null,
      portState: null,
      reference: false,
      highPriority: false,
      partner: null,
    }),
  ],
});

const backup = trunk({
  mode: "backup",
  workingState: "Master",
  ports: [
    port({ name: "GigabitEthernet0/1/1", status: "Up", role: "master" }),
    port({ name: "GigabitEthernet0/2/1", status: "Up", role: "slave", collecting: false, distributing: false }),
  ],
});

const looped = alarm({
  sequence: 1,
  id: "0x0A000001",
  level: "Major",
  text: "LACP of GigabitEthernet0/1/2 in Eth-Trunk1 hears its own system ID: the link loops back, or another system has the same ID.",
});

const nothing = interfaceLine({
  name: "NULL0",
  kind: "null",
  interface: null,
  ifindex: null,
  spoofing: true,
  description: null,
  mac: null,
  mtu: null,
  bandwidth: null,
  currentBandwidth: null,
  hashArithmetic: null,
  ports: [],
  ipv4: [],
  ipv6Enabled: false,
  ipv6: [],
  lastUp: null,
  lastDown: null,
  counters: null,
  rates: null,
});

/** Its peer's device carries. */
const backupTrunk = interfaceLine({
  name: "Eth-Trunk10",
  physicalState: "down",
  protocolState: "down",
  etrunkDown: true,
  ipv4: [],
  ipv6: [],
});

const manyPorts = [1, 2, 3, 4].flatMap((number) => [
  { name: `GigabitEthernet0/1/${number}`, tagged: true, pvid: false, up: true },
  { name: `eth${number}`, tagged: false, pvid: true, up: number !== 2 },
]);

test.for([
  ["eth-trunk-static", displayEthTrunk(trunk())],
  ["eth-trunk-backup-pe", displayEthTrunk(backupPe)],
  ["eth-trunk-fast-preempting", displayEthTrunk(preempting)],
  ["eth-trunk-manual-and-backup", displayEthTrunks([manualTrunk, backup])],
  ["eth-trunk-brief", displayEthTrunkBrief([trunk(), preempting, manualTrunk, { ...backup, id: 30 }])],
  [
    "smart-link-flush",
    displayFlush([
      flushInterface({ name: "eth9", received: 9, lastTime: "2026-01-26T05:42:37.000Z" }),
      flushInterface(),
    ]),
  ],
  ["smart-link-flush-none", displayFlush([])],
  [
    "smart-link-flush-interface",
    displayFlushInterfaces([
      flushInterface(),
      flushInterface({ name: "Eth-Trunk1", received: 0, sent: 3, dropped: 0, lastReason: null, lastControlVlan: null }),
    ]),
  ],
  ["trunkmembership", displayTrunkMembership(manualTrunk)],
  ["lacp-statistics", displayLacpStatistics([{ id: 1, ports: [statistics()] }])],
  [
    "lacp-statistics-with-errors",
    displayLacpStatistics([
      {
        id: 1,
        ports: [
          statistics(),
          statistics({
            name: "GigabitEthernet1/0/2",
            lacpduReceived: 12_345_678_901,
            lacpduSent: 2,
            markerReceived: 3,
            markerSent: 4,
            lacpduErrors: 5,
            markerErrors: 6,
            unknownReceived: 7,
          }),
        ],
      },
    ]),
  ],
  [
    "lacp-brief",
    displayLacpBrief({
      systemPriority: 32768,
      systemId: "00:e0:fc:12:34:56",
      trunks: [{ id: 1, systemPriority: 32768, systemId: "00:e0:fc:12:34:58", systemIdSource: "Remote" }],
    }),
  ],
  ["alarm-active", displayAlarms([looped, alarm()])],
  ["alarm-active-none", displayAlarms([])],
  ["alarm-active-verbose", displayAlarmsVerbose([alarm()])],
  ["interface", displayInterface(interfaceLine())],
  ["interface-member", displayInterface(member)],
  ["interface-null", displayInterface(nothing)],
  ["interface-brief", displayInterfaceBrief([interfaceLine(), backupTrunk, member, nothing])],
  ["ip-interface-brief", displayIpInterfaceBrief([interfaceLine(), backupTrunk, nothing])],
  ["ipv6-interface-brief", displayIpv6InterfaceBrief([interfaceLine(), backupTrunk])],
  [
    "vlan",
    displayVlans([vlanLine({ id: 1, vlanif: "Vlanif1", ports: manyPorts }), vlanLine({ description: "guests" })]),
  ],
  ["version", displayVersion(version)],
  ["version-nftables", displayVersion({ ...version, forwarding: "nftables", forwardingReason: "CAP_BPF is missing" })],
] as const)("%s prints as its golden text, line by line", ([name, text]) => {
  expect(text.split("\n")).toEqual(readFileSync(golden(name), "utf8").split("\n"));
});

test("the backup device's printed sample has the same words in the same order, in narrower columns", () => {
  const sample = `
    LAG ID: 1                      WorkingMode: STATIC
    System Priority: 32768         System ID: 00e0-fc12-3456(Local)
    Operate status: down           Number Of Up Ports In Trunk: 0
    ActorPortName            Status   PortType   PortPri  PortNo  PortKey  PortState  Weight
    GigabitEthernet0/1/3 (hr) Unselect 1GE        32768    32769   305      10110000   1
    ActorPortName         SysPri   SystemID       PortPri  PortNo PortKey  PortState
    GigabitEthernet0/1/3  32768    00e0-fc12-3461 32768    2      305      10100000`;
  const words = (text: string) => text.trim().split(/\s+/).join(" ");
  const printed = displayEthTrunk(backupPe).split("\n").map(words);
  for (const line of sample.trim().split("\n")) expect(printed).toContain(words(line));
});

test("a text wraps at blanks and a longer word is cut", () => {
  expect(wrap("one two  three", 7)).toEqual(["one two", "three"]);
  expect(wrap("abcdefghij kl", 4)).toEqual(["abcd", "efgh", "ij", "kl"]);
  expect(wrap("abcd", 4)).toEqual(["abcd"]);
  expect(wrap("", 4)).toEqual([""]);
});

test("a time prints in the local zone", () => {
  expect(localTime("2026-07-01T22:05:06Z")).toEqual({ date: "2026-07-02", time: "00:05:06" });
});
