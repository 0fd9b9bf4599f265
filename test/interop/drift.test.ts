import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Monitor } from "../support/daemon.js";
import { BACKENDS, DriftLab, PATIENCE } from "../support/drift-lab.js";
import { type BackendName, leftovers } from "../support/forwarding.js";
import { isRoot } from "../support/lab.js";

/** One thing of ours in the kernel, and a way in which it goes that can be put back. */
interface Row {
  readonly what: string;
  /** Run in the namespace of the daemon. */
  readonly by: readonly (readonly string[])[];
  /** What is found, as the event says. */
  readonly found: RegExp;
  readonly only?: BackendName;
  /** The kernel does not tell of it, so a reload looks. */
  readonly isUntold?: boolean;
}

/** A change that cannot be put back, but by who made it. */
interface Standing {
  readonly what: string;
  readonly by: readonly (readonly string[])[];
  readonly alarm: RegExp;
  /** Ports that carry meanwhile. */
  readonly carrying: readonly string[];
  readonly undo: readonly (readonly string[])[];
  readonly only?: BackendName;
}

/** A route, and a trunk that is a port of the bridge. */
const BESIDES = ["ip route-static 10.77.0.0 16 10.9.0.2", "interface Eth-Trunk2", " portswitch"];

const ROWS: readonly Row[] = [
  {
    what: "the device, deleted",
    by: [["ip", "link", "del", "eth-trunk1"]],
    found: /interface (?:eth-trunk1|et1-ul) is gone/,
  },
  {
    what: "the inner end, down",
    by: [["ip", "link", "set", "et1-ul", "down"]],
    found: /et1-ul was set down/,
  },
  {
    what: "the MTU of the device, changed",
    by: [["ip", "link", "set", "eth-trunk1", "mtu", "1300"]],
    found: /MTU of eth-trunk1 is 1300, not 1500/,
  },
  {
    what: "the MAC address of the device, changed",
    by: [["ip", "link", "set", "eth-trunk1", "address", "02:00:00:00:0e:01"]],
    found: /MAC address of eth-trunk1 is another one/,
  },
  {
    what: "promiscuous mode of a member, switched off",
    by: [["ip", "link", "set", "m1", "promisc", "off"]],
    found: /promiscuous mode of m1 was switched off/,
  },
  {
    what: "the MTU of a member, changed",
    by: [["ip", "link", "set", "m1", "mtu", "1400"]],
    found: /MTU of m1 is 1400, not 1500/,
  },
  {
    what: "the MAC address of a member, changed",
    by: [["ip", "link", "set", "m1", "address", "02:00:00:00:0e:02"]],
    found: /MAC address of m1 is another one/,
  },
  {
    what: "a sysctl of the inner end, changed",
    by: [["sysctl", "-qw", "net.ipv4.conf.et1-ul.arp_ignore=0"]],
    found: /ipv4\/conf\/et1-ul\/arp_ignore is 0, not 8/,
    isUntold: true,
  },
  {
    what: "a sysctl of a member, changed",
    by: [["sysctl", "-qw", "net.ipv4.conf.m1.arp_ignore=0"]],
    found: /ipv4\/conf\/m1\/arp_ignore is 0, not 8/,
    isUntold: true,
  },
  {
    what: "an address, deleted",
    by: [["ip", "address", "del", "10.9.0.1/24", "dev", "eth-trunk1"]],
    found: /eth-trunk1: address 10.9.0.1\/24/,
  },
  {
    what: "a route, deleted",
    by: [["ip", "route", "del", "10.77.0.0/16"]],
    found: /route 10.77.0.0\/16/,
  },
  {
    what: "the place in the bridge, taken away",
    by: [["ip", "link", "set", "eth-trunk2", "nomaster"]],
    found: /eth-trunk2: master/,
  },
  {
    what: "the bridge, deleted",
    by: [["ip", "link", "del", "br-etrunk"]],
    found: /interface br-etrunk/,
  },
  {
    what: "the filter of a member, deleted",
    by: [["tc", "filter", "del", "dev", "m1", "ingress"]],
    found: /the filter of etrunkd on m1 is gone/,
    only: "ebpf",
  },
  {
    what: "the qdisc of a member, deleted",
    by: [["tc", "qdisc", "del", "dev", "m1", "clsact"]],
    found: /the clsact qdisc of m1 is gone/,
    only: "ebpf",
  },
  {
    what: "the qdisc of the inner end, deleted",
    by: [["tc", "qdisc", "del", "dev", "et1-ul", "clsact"]],
    found: /the clsact qdisc of et1-ul is gone/,
    only: "ebpf",
  },
  {
    what: "the ruleset, flushed",
    by: [["nft", "flush", "ruleset"]],
    found: /the nftables table netdev etrunkd_1 is gone/,
    only: "nftables",
  },
  {
    what: "the rules of a member, flushed",
    by: [["nft", "flush", "chain", "netdev", "etrunkd_1", "receive_101"]],
    found: /somebody changed the nftables table netdev etrunkd_1/,
    only: "nftables",
  },
  {
    what: "the map, flushed",
    by: [["nft", "flush", "map", "netdev", "etrunkd_1", "buckets"]],
    found: /somebody changed the nftables table netdev etrunkd_1/,
    only: "nftables",
  },
  {
    what: "the table, dormant",
    by: [["nft", "add table netdev etrunkd_1 { flags dormant; }"]],
    found: /somebody changed the nftables table netdev etrunkd_1/,
    only: "nftables",
  },
];

const EVENTS = ["forwarding-changed", "network-changed", "port-state", "trunk-state"] as const;
const OTHER = ["ip", "link", "set", "eth-trunk1"];
const STANDING: readonly Standing[] = [
  {
    what: "the device, set down",
    by: [[...OTHER, "down"]],
    alarm: /^Eth-Trunk1 counts as shut down: somebody set eth-trunk1 down/,
    carrying: [],
    undo: [[...OTHER, "up"]],
  },
  {
    what: "the device, renamed",
    by: [
      [...OTHER, "down"],
      [...OTHER, "name", "other"],
    ],
    alarm: /^Eth-Trunk1: interface eth-trunk1 was renamed or moved away/,
    carrying: [],
    undo: [
      ["ip", "link", "set", "other", "name", "eth-trunk1"],
      [...OTHER, "up"],
    ],
  },
  {
    what: "a filter of somebody before that of a member",
    by: [
      [
        "tc",
        "filter",
        "add",
        "dev",
        "m1",
        "ingress",
        "pref",
        "1",
        "protocol",
        "all",
        "u32",
        "match",
        "u32",
        "0",
        "0",
        "flowid",
        "1:1",
      ],
    ],
    alarm: /^Eth-Trunk1 m1: the u32 filter with preference 1 runs before that of etrunkd on m1/,
    carrying: ["m2"],
    undo: [["tc", "filter", "del", "dev", "m1", "ingress", "pref", "1"]],
    only: "ebpf",
  },
  {
    what: "a member, made a port of a bridge",
    by: [
      ["ip", "link", "add", "br9", "type", "bridge"],
      ["ip", "link", "set", "m1", "master", "br9"],
    ],
    alarm: /^Eth-Trunk1 m1 is also a port of br9/,
    carrying: ["m1", "m2"],
    undo: [["ip", "link", "del", "br9"]],
  },
];

const isFor = (backend: BackendName) => (row: { readonly only?: BackendName }) =>
  row.only === undefined || row.only === backend;

describe.runIf(isRoot).each(BACKENDS)("what somebody does to the data plane (%s)", (backend) => {
  let lab: DriftLab;
  let monitor: Monitor;

  beforeAll(async () => {
    lab = await DriftLab.create();
    await lab.start(backend, BESIDES);
    await lab.carries();
    monitor = await lab.daemon.monitor(...EVENTS);
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") console.error(lab.daemon.log);
  });
  afterAll(async () => {
    await monitor?.stop();
    await lab.close();
  });

  /** Eth-Trunk2 has no member, and a busy machine a slow disk. */
  const alarms = async () =>
    (await lab.daemon.alarms()).filter((text) => !/^Eth-Trunk2|^The state directory/.test(text));

  test.for(ROWS.filter(isFor(backend)))(
    "is found, told and put back, and no partner notices: $what",
    async ({ by, found, isUntold }) => {
      const before = monitor.lines().length;
      for (const words of by) await lab.run(...words);
      if (isUntold) lab.daemon.signal("SIGHUP");
      const told = () => monitor.lines().slice(before);
      await vi.waitFor(() => {
        const changes = told().filter(({ event }) => event.endsWith("-changed"));
        expect(changes.filter((line) => found.test(JSON.stringify(line)))).not.toEqual([]);
      }, PATIENCE);
      await vi.waitFor(() => lab.passes(), PATIENCE);
      await lab.carries();
      expect(told().filter(({ event }) => !event.endsWith("-changed"))).toEqual([]);
      expect(await alarms()).toEqual([]);
    },
  );

  test.for(STANDING.filter(isFor(backend)))(
    "invites no partner to what does not carry, and stands as an alarm until it is undone: $what",
    async ({ by, alarm, carrying, undo }) => {
      for (const words of by) await lab.run(...words);
      await vi.waitFor(async () => {
        expect((await alarms()).filter((text) => alarm.test(text))).not.toEqual([]);
        const { ports } = await lab.daemon.trunk();
        expect(ports.flatMap(({ name, collecting }) => (collecting ? [name] : []))).toEqual(carrying);
        expect((await lab.partner.trunk()).upPorts).toBe(carrying.length);
      }, PATIENCE);
      for (const words of undo) await lab.run(...words);
      await lab.carries();
      await vi.waitFor(() => lab.passes(), PATIENCE);
      await vi.waitFor(async () => expect(await alarms()).toEqual([]), PATIENCE);
    },
  );

  test("leaves nothing over at the end", async () => {
    await lab.daemon.stop();
    expect(await leftovers(lab.near)).toEqual([]);
  });
});
