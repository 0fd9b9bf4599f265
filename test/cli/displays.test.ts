import { expect, test, vi } from "vitest";
import { localTime, wrap } from "../../src/cli/layout.js";
import { shown } from "../support/typed.js";
import { interfaceLine, member, vlanLine } from "./network-views.js";
import { alarm, flushInterface, manualTrunk, partner, port, reload, statistics, trunk, version } from "./views.js";

vi.stubEnv("TZ", "Europe/Berlin");
vi.setSystemTime("2026-11-20T12:00:00Z");

const backupPe = trunk({
  operState: "down",
  systemId: "00:e0:fc:12:34:56",
  upPorts: 0,
  ports: [
    port({
      name: "GigabitEthernet0/1/3",
      status: "Unselect",
      reason: "E-Trunk member is not Master",
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
  ["eth-trunk-static", shown("display eth-trunk 1", trunk())],
  ["eth-trunk-backup-pe", shown("display eth-trunk 1", backupPe)],
  ["eth-trunk-fast-preempting", shown("display eth-trunk 1", preempting)],
  ["eth-trunk-manual-and-backup", shown("display eth-trunk", { trunks: [manualTrunk, backup] })],
  [
    "eth-trunk-brief",
    shown("display eth-trunk brief", { trunks: [trunk(), preempting, manualTrunk, { ...backup, id: 30 }] }),
  ],
  [
    "smart-link-flush",
    shown("display smart-link flush", {
      interfaces: [
        flushInterface({ name: "eth9", received: 9, lastTime: "2026-01-26T05:42:37.000Z" }),
        flushInterface(),
      ],
    }),
  ],
  ["smart-link-flush-none", shown("display smart-link flush", { interfaces: [] })],
  [
    "smart-link-flush-interface",
    shown("display smart-link flush interface", {
      interfaces: [
        flushInterface(),
        flushInterface({
          name: "Eth-Trunk1",
          received: 0,
          sent: 3,
          dropped: 0,
          lastReason: null,
          lastControlVlan: null,
        }),
      ],
    }),
  ],
  ["trunkmembership", shown("display trunkmembership eth-trunk 1", manualTrunk)],
  ["lacp-statistics", shown("display lacp statistics eth-trunk", { trunks: [{ id: 1, ports: [statistics()] }] })],
  [
    "lacp-statistics-with-errors",
    shown("display lacp statistics eth-trunk", {
      trunks: [
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
      ],
    }),
  ],
  [
    "lacp-brief",
    shown("display lacp brief", {
      systemPriority: 32768,
      systemId: "00:e0:fc:12:34:56",
      trunks: [{ id: 1, systemPriority: 32768, systemId: "00:e0:fc:12:34:58", systemIdSource: "Remote" }],
    }),
  ],
  ["alarm-active", shown("display alarm active", { alarms: [looped, alarm()] })],
  ["alarm-active-none", shown("display alarm active", { alarms: [] })],
  ["alarm-active-verbose", shown("display alarm active verbose", { alarms: [alarm()] })],
  ["interface", shown("display interface", { interfaces: [interfaceLine()] })],
  ["interface-member", shown("display interface", { interfaces: [member] })],
  ["interface-null", shown("display interface", { interfaces: [nothing] })],
  [
    "interface-brief",
    shown("display interface brief", { interfaces: [interfaceLine(), backupTrunk, member, nothing] }),
  ],
  ["ip-interface-brief", shown("display ip interface brief", { interfaces: [interfaceLine(), backupTrunk, nothing] })],
  ["ipv6-interface-brief", shown("display ipv6 interface brief", { interfaces: [interfaceLine(), backupTrunk] })],
  [
    "vlan",
    shown("display vlan", {
      vlans: [vlanLine({ id: 1, vlanif: "Vlanif1", ports: manyPorts }), vlanLine({ description: "guests" })],
    }),
  ],
  ["version", shown("display version", version)],
  ["reload-applied", shown("display configuration reload result", reload())],
  [
    "reload-refused",
    shown(
      "display configuration reload result",
      reload({
        outcome: "refused",
        changed: [],
        problems: ["etrunkd.cfg:1: The file is empty.", "etrunkd.cfg:3: No."],
      }),
    ),
  ],
  ["reload-none", shown("display configuration reload result", reload({ time: null, outcome: null, changed: [] }))],
  [
    "version-nftables",
    shown("display version", { ...version, forwarding: "nftables", forwardingReason: "CAP_BPF is missing" }),
  ],
] as const)("%s prints as its golden text, line by line", async ([name, text]) => {
  await expect(text).toMatchFileSnapshot(`golden/${name}.txt`);
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
  const printed = shown("display eth-trunk 1", backupPe).split("\n").map(words);
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
