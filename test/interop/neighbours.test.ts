import { describe, expect, test, vi } from "vitest";
import { runIn } from "../support/forwarding.js";
import { isRoot } from "../support/lab.js";
import { allowIpv6, ipIn } from "../support/namespace.js";
import { Hosts, PATIENCE } from "./hosts.js";

const PROFILE = ["remote-backup-profile rbp1", " service-type arp", " service-type nd"];
const MOVED = "02:00:00:00:00:77";
const near = [
  "interface Eth-Trunk1",
  " trunkport eth1",
  " ip address 10.9.0.1 24",
  " ipv6 enable",
  " ipv6 address 2001:db8:9::1/64",
  " arp expire-time 60",
  " remote-backup-profile rbp1",
  ...PROFILE,
];

describe.runIf(isRoot)("hosts behind a trunk", () => {
  const hosts = Hosts.ofEachTest();

  const marked = async (): Promise<string[]> =>
    (await ipIn(hosts.near, "neigh", "show", "proto", "190"))
      .trim()
      .split("\n")
      .filter((line) => line !== "" && !line.startsWith("fe80"))
      .map((line) => line.replace(/ .*lladdr (\S+).*/, " $1"))
      .sort();

  test("are learned from their frames, stand in the kernel with our mark, and outlive a restart of the daemon", async () => {
    await allowIpv6(hosts.far);
    for (const address of ["10.9.0.2/24", "10.9.0.3/24"]) await ipIn(hosts.far, "addr", "add", address, "dev", "eth1");
    await ipIn(hosts.far, "addr", "add", "2001:db8:9::2/64", "dev", "eth1", "nodad");
    const daemon = await hosts.start(hosts.near, ...near);
    await hosts.ping("10.9.0.2");
    await hosts.ping("10.9.0.3");
    await hosts.ping("2001:db8:9::2");
    const [, mac] = /link\/ether (\S+)/.exec(await ipIn(hosts.far, "link", "show", "eth1")) ?? [];
    const all = [`10.9.0.2 ${mac}`, `10.9.0.3 ${mac}`, `2001:db8:9::2 ${mac}`];
    await vi.waitFor(async () => expect(await marked()).toEqual(all), PATIENCE);
    const arp = await daemon.ask({ ask: "neighbours", service: "arp", type: "dynamic" });
    expect(arp).toMatchObject({
      entries: [
        { address: "10.9.0.2", mac, interface: "Eth-Trunk1", type: "dynamic", installed: true },
        { address: "10.9.0.3", mac },
      ],
    });

    daemon.signal("SIGUSR2");
    await daemon.ended();
    expect(await marked()).toEqual(all);
    await daemon.start();
    await vi.waitFor(
      async () =>
        expect(await daemon.ask({ ask: "neighbour-statistics", service: "arp" })).toMatchObject({ entries: 2 }),
      PATIENCE,
    );
    expect(await marked()).toEqual(all);
    await daemon.ask({ ask: "reset-neighbours", service: "arp" });
    await vi.waitFor(async () => expect(await marked()).toEqual([all[2]]), PATIENCE);
    await hosts.ping("10.9.0.3");
    await vi.waitFor(async () => expect(await marked()).toContain(all[1]), PATIENCE);
    // The host has another MAC address: its next request is followed.
    await ipIn(hosts.far, "link", "set", "dev", "eth1", "address", MOVED);
    await ipIn(hosts.far, "neigh", "flush", "all");
    await runIn(hosts.far, ["ping", "-c", "1", "-W", "2", "-I", "10.9.0.3", "10.9.0.1"]);
    await vi.waitFor(async () => expect(await marked()).toContain(`10.9.0.3 ${MOVED}`), PATIENCE);
  });
});
