import { describe, expect, test, vi } from "vitest";
import { linkOf } from "../support/forwarding.js";
import { isRoot } from "../support/lab.js";
import { ipIn } from "../support/namespace.js";
import { addressesOf, linkNames, ownRoutes } from "../support/network.js";
import { BARE, Hosts, PATIENCE, TRUNK } from "./hosts.js";

describe.runIf(isRoot)("the network of the host", () => {
  const hosts = Hosts.ofEachTest();

  test("trunks, interfaces and loopbacks have the addresses of the configuration, and speak", async () => {
    const lines = (host: number) => [
      ...TRUNK,
      ` ip address 10.9.0.${host} 24`,
      ` ip address 10.9.1.${host} 24 sub`,
      " ipv6 enable",
      ` ipv6 address 2001:db8:9::${host}/64`,
      ` ipv6 address fe80::${host} link-local`,
      "interface eth3",
      " ipv6 enable",
      " ipv6 address 2001:db8:3::/64 eui-64",
      " mac-address 2-2-2",
      "interface LoopBack0",
      ` ip address 1.1.1.${host} 32`,
      "interface LoopBack1",
      " ipv6 enable",
      ` ipv6 address 2001:DB8:11::${host}/128`,
    ];
    await hosts.start(hosts.far, ...lines(2));
    await hosts.start(hosts.near, ...lines(1), "ip route-static 1.1.1.2 32 10.9.0.2");
    expect(await addressesOf(hosts.near, "eth-trunk1")).toEqual(["10.9.0.1/24", "10.9.1.1/24", "2001:db8:9::1/64"]);
    expect(await addressesOf(hosts.near, "eth3")).toEqual(["2001:db8:3:0:202:ff:fe02:2/64"]);
    // This kernel has no dummy devices.
    expect(await addressesOf(hosts.near, "lo")).toEqual(expect.arrayContaining(["1.1.1.1/32", "2001:db8:11::1/128"]));
    await hosts.ping("10.9.0.2");
    await hosts.ping("10.9.1.2");
    await hosts.ping("2001:db8:9::2");
    await hosts.ping("fe80::2%eth-trunk1");
    await hosts.ping("1.1.1.2", "-I", "10.9.0.1");
  });

  test("what others added stays when the configuration changes, after a kill too", async () => {
    await ipIn(hosts.near, "addr", "add", "10.5.0.1/24", "dev", "eth3");
    const daemon = await hosts.start(
      hosts.near,
      "interface eth3",
      " ip address 10.5.0.1 24",
      " ip address 10.6.0.1 24 sub",
    );
    await ipIn(hosts.near, "addr", "add", "10.7.0.1/24", "dev", "eth3");
    await ipIn(hosts.near, "route", "add", "10.8.0.0/24", "dev", "eth3");
    expect(await addressesOf(hosts.near, "eth3")).toEqual(["10.5.0.1/24", "10.6.0.1/24", "10.7.0.1/24"]);
    await hosts.configure(daemon, "interface eth3", "ip route-static 10.10.0.0 24 10.7.0.2");
    expect(await addressesOf(hosts.near, "eth3")).toEqual(["10.5.0.1/24", "10.7.0.1/24"]);
    expect(await ownRoutes(hosts.near)).toMatchObject([{ dst: "10.10.0.0/24", gateway: "10.7.0.2", metric: 60 }]);

    await hosts.configure(daemon, "interface eth3", " ip address 10.6.0.1 24");
    daemon.signal("SIGKILL");
    await daemon.ended();
    expect(await addressesOf(hosts.near, "eth3")).toContain("10.6.0.1/24");
    daemon.configure("sysname other\n");
    await daemon.start();
    expect(await addressesOf(hosts.near, "eth3")).toEqual(["10.5.0.1/24", "10.7.0.1/24"]);
    expect(await ipIn(hosts.near, "route")).toContain("10.8.0.0/24");
  });

  test("the first address of a network stays the one that speaks when the configuration says another", async () => {
    const daemon = await hosts.start(
      hosts.near,
      "interface eth3",
      " ip address 10.5.0.1 24",
      " ip address 10.5.0.2 24 sub",
    );
    const source = async () => /src (\S+)/.exec(await ipIn(hosts.near, "route", "get", "10.5.0.9"))?.[1];
    expect(await source()).toBe("10.5.0.1");
    await hosts.configure(daemon, "interface eth3", " ip address 10.5.0.2 24", " ip address 10.5.0.1 24 sub");
    expect(await source()).toBe("10.5.0.2");
    expect(await addressesOf(hosts.near, "eth3")).toEqual(["10.5.0.2/24", "10.5.0.1/24"]);
  });

  test("MTU and MAC address follow the configuration, reach the members, and are given back", async () => {
    const found = await linkOf(hosts.near, "eth3");
    const lines = ["interface eth3", " mtu 1400", " mac-address 2-2-3", ...TRUNK];
    const daemon = await hosts.start(hosts.near, ...lines, " mtu 1300", " mac-address 2-2-4");
    expect(await linkOf(hosts.near, "eth3")).toMatchObject({ mtu: 1400, address: "00:02:00:02:00:03" });
    expect(await linkOf(hosts.near, "eth-trunk1")).toMatchObject({ mtu: 1300, address: "00:02:00:02:00:04" });
    for (const member of ["eth1", "eth2"]) expect(await linkOf(hosts.near, member)).toMatchObject({ mtu: 1300 });
    await hosts.configure(daemon, "interface eth3", ...TRUNK);
    expect(await linkOf(hosts.near, "eth3")).toMatchObject({ mtu: 1500, address: found.address });
    expect(await linkOf(hosts.near, "eth-trunk1")).toMatchObject({ mtu: 1500 });
    expect(await linkOf(hosts.near, "eth1")).toMatchObject({ mtu: 1500 });
    await hosts.configure(daemon, ...lines);
    await daemon.stop();
    expect(await linkOf(hosts.near, "eth3")).toMatchObject({ mtu: 1500, address: found.address });
  });

  test("a restart keeps everything, leaving for good gives everything back", async () => {
    const lines = [
      ...TRUNK,
      " ip address 10.9.0.1 24",
      " ipv6 enable",
      " ipv6 address 2001:db8:9::1/64",
      "interface Eth-Trunk1.10",
      " vlan-type dot1q 10",
      " ip address 10.9.10.1 24",
      "interface eth3",
      " portswitch",
      "interface Vlanif1",
      " ip address 10.1.0.1 24",
      "interface LoopBack0",
      " ip address 1.1.1.9 32",
    ];
    const daemon = await hosts.start(hosts.near, ...lines);
    const indexes = async () =>
      Object.fromEntries(
        (JSON.parse(await ipIn(hosts.near, "-j", "link")) as { ifname: string; ifindex: number }[]).map((link) => [
          link.ifname,
          link.ifindex,
        ]),
      );
    const all = async () =>
      Promise.all(
        ["eth-trunk1", "eth-trunk1.10", "vlanif1", "lo"].map(async (device) =>
          (await addressesOf(hosts.near, device)).sort(),
        ),
      );
    const [made, addressed] = [await indexes(), await all()];
    for (const signal of ["SIGUSR2", "SIGKILL"] as const) {
      daemon.signal(signal);
      await daemon.ended();
      expect([await indexes(), await all()]).toEqual([made, addressed]);
      await daemon.start();
      expect([await indexes(), await all()]).toEqual([made, addressed]);
    }
    await daemon.stop();
    expect(await linkNames(hosts.near)).toEqual(BARE);
    expect(await ipIn(hosts.near, "-br", "addr", "show", "dev", "lo")).not.toMatch(/1\.1\.1\.9/);
    expect(await hosts.sysctl(hosts.near, "ipv6/conf/eth3/disable_ipv6")).toBe("1");
    expect((await linkOf(hosts.near, "lo")).flags).not.toContain("UP");
  });

  test("an interface that appears, or is made anew, is brought to what is configured", async () => {
    await ipIn(hosts.near, "link", "del", "dev", "eth3");
    const daemon = await hosts.start(
      hosts.near,
      "interface eth3",
      " ip address 10.5.0.1 24",
      " mtu 1400",
      "ip route-static 10.6.0.0 16 10.5.0.2",
    );
    for (let round = 0; round < 2; round++) {
      await hosts.veth(3);
      await vi.waitFor(async () => {
        expect(await addressesOf(hosts.near, "eth3")).toEqual(["10.5.0.1/24"]);
        expect(await linkOf(hosts.near, "eth3")).toMatchObject({ mtu: 1400 });
        expect(await ownRoutes(hosts.near)).toMatchObject([{ dst: "10.6.0.0/16", gateway: "10.5.0.2" }]);
      }, PATIENCE);
      await ipIn(hosts.near, "link", "del", "dev", "eth3");
    }
    expect(daemon.log).not.toContain("networkSettingRefused");
  });

  test("a route uses the gateways that are neighbours, and gives way to somebody else's", async () => {
    await hosts.start(
      hosts.near,
      "interface eth3",
      " ip address 10.5.0.1 24",
      ...["ip route-static 10.6.0.0 16 10.5.0.2", "ip route-static 10.6.0.0 16 10.5.0.3"],
      ...["ip route-static 10.6.0.0 16 10.99.0.1", "ip route-static 10.7.0.0 16 10.99.0.1 preference 5"],
    );
    const [both] = await ownRoutes(hosts.near);
    expect(both).toMatchObject({ dst: "10.6.0.0/16", metric: 60 });
    expect(both?.nexthops?.map(({ gateway }) => gateway)).toEqual(["10.5.0.2", "10.5.0.3"]);
    await ipIn(hosts.near, "addr", "add", "10.99.0.2/24", "dev", "eth3");
    await vi.waitFor(async () => {
      const routes = await ownRoutes(hosts.near);
      expect(routes.map(({ dst }) => dst).sort()).toEqual(["10.6.0.0/16", "10.7.0.0/16"]);
      expect(routes.find(({ metric }) => metric === 60)?.nexthops).toHaveLength(3);
    }, PATIENCE);
    await ipIn(hosts.near, "addr", "del", "10.99.0.2/24", "dev", "eth3");
    await vi.waitFor(async () => expect(await ownRoutes(hosts.near)).toHaveLength(1), PATIENCE);
  });

  test("a route that is there already is left, and told once", async () => {
    await ipIn(hosts.near, "addr", "add", "10.5.0.1/24", "dev", "eth3");
    await ipIn(hosts.near, "route", "add", "10.6.0.0/16", "via", "10.5.0.9", "metric", "60");
    const daemon = await hosts.start(hosts.near, "ip route-static 10.6.0.0 16 10.5.0.2");
    await hosts.configure(daemon, "sysname x", "ip route-static 10.6.0.0 16 10.5.0.2");
    expect(await ownRoutes(hosts.near)).toEqual([]);
    expect(daemon.log.match(/"text":"route 10.6.0.0\/16: another program's route is there."/g)).toHaveLength(1);
    await daemon.stop();
    expect(await ipIn(hosts.near, "route")).toContain("10.6.0.0/16 via 10.5.0.9");
  });

  test("an E-Trunk's member probes for no duplicates and keeps its neighbours without carrier", async () => {
    await hosts.start(
      hosts.near,
      "e-trunk 1",
      ...TRUNK,
      " e-trunk 1",
      " ipv6 enable",
      " ipv6 address 2001:db8::1/64",
      "interface Eth-Trunk2",
      " ipv6 enable",
    );
    for (const [path, value] of [
      ["ipv6/conf/eth-trunk1/accept_dad", "0"],
      ["ipv6/conf/eth-trunk1/dad_transmits", "0"],
      ["ipv4/conf/eth-trunk1/arp_evict_nocarrier", "0"],
      ["ipv6/conf/eth-trunk1/ndisc_evict_nocarrier", "0"],
      ["ipv6/conf/eth-trunk2/accept_dad", "1"],
    ] as const)
      expect([path, await hosts.sysctl(hosts.near, path)]).toEqual([path, value]);
    // Without carrier as it is, the address can be used at once when it comes.
    expect(await ipIn(hosts.near, "-6", "addr", "show", "dev", "eth-trunk1")).not.toContain("tentative");
  });
});
