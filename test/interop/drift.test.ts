import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import type { Monitor } from "../support/daemon.js";
import { BACKENDS, DriftLab, PATIENCE } from "../support/drift-lab.js";
import { type BackendName, leftovers } from "../support/forwarding.js";
import { isRoot } from "../support/lab.js";

/** One thing of ours in the kernel, and a way in which it goes. */
interface Row {
  readonly what: string;
  /** Run in the namespace of the daemon. */
  readonly by: readonly (readonly string[])[];
  /** What is found, as the event says. */
  readonly found: RegExp;
  readonly only?: BackendName;
}

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

describe.runIf(isRoot).each(BACKENDS)("what somebody does to the data plane (%s)", (backend) => {
  let lab: DriftLab;
  let monitor: Monitor;

  beforeAll(async () => {
    lab = await DriftLab.create();
    await lab.start(backend);
    await lab.carries();
    monitor = await lab.daemon.monitor("forwarding-changed", "port-state", "trunk-state");
  });
  afterEach(({ task }) => {
    if (task.result?.state === "fail") console.error(lab.daemon.log);
  });
  afterAll(async () => {
    await monitor?.stop();
    await lab.close();
  });

  test.for(ROWS.filter(({ only }) => only === undefined || only === backend))(
    "is found, told and put back, and no partner notices: $what",
    async ({ by, found }) => {
      const before = monitor.lines().length;
      for (const words of by) await lab.run(...words);
      await vi.waitFor(() => {
        const told = monitor
          .lines()
          .slice(before)
          .map((line) => JSON.stringify(line));
        expect(told.filter((line) => found.test(line))).not.toEqual([]);
      }, PATIENCE);
      await vi.waitFor(() => lab.passes(), PATIENCE);
      await lab.carries();
      const told = monitor.lines().slice(before);
      expect(told.filter(({ event }) => event !== "forwarding-changed")).toEqual([]);
      expect(await lab.daemon.alarms()).toEqual([]);
      // Somebody is forgotten after a minute; the rows must not add up to a loop.
      lab.daemon.signal("SIGUSR2");
      await lab.daemon.ended();
      await monitor.stop();
      await lab.daemon.start();
      await lab.carries();
      monitor = await lab.daemon.monitor("forwarding-changed", "port-state", "trunk-state");
    },
  );

  test("leaves nothing over at the end", async () => {
    await lab.daemon.stop();
    expect(await leftovers(lab.near)).toEqual([]);
  });
});
