import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Daemon } from "../support/daemon.js";
import { linkOf, runIn } from "../support/forwarding.js";
import { collect, isRoot, Lab, run, spawnIn, stop } from "../support/lab.js";
import { ipIn, makeVeth } from "../support/namespace.js";
import { addressesOf, linkNames, ownRoutes, portsOf } from "../support/network.js";

const PATIENCE = { timeout: 10_000, interval: 50 };

const text = (...lines: readonly string[]): string => `${lines.join("\n")}\n`;
const TRUNK = ["interface Eth-Trunk1", " trunkport eth1", " trunkport eth2"];
/** What is there before and after. */
const BARE = ["eth1", "eth2", "eth3", "lo"];

describe.runIf(isRoot)("the network of the host", () => {
  let lab: Lab;
  let near: string;
  let far: string;
  let tests = 0;
  let folder: string;
  let daemons: Daemon[];

  const veth = (index: number): Promise<void> =>
    makeVeth(
      { namespace: near, name: `eth${index}`, index: 100 + index },
      { namespace: far, name: `eth${index}`, index: 200 + index },
    );

  beforeAll(() => {
    lab = new Lab();
  });
  beforeEach(async () => {
    // Of its own for each, for what one leaves behind the next would take for found.
    [near, far] = [await lab.namespace(`n${++tests}`), await lab.namespace(`f${tests}`)];
    for (const index of [1, 2, 3]) await veth(index);
    folder = join(lab.folder, `test-${tests}`);
    mkdirSync(folder);
    daemons = [];
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") for (const daemon of daemons) console.error(daemon.log);
    for (const daemon of daemons) await daemon.stop();
    for (const namespace of [near, far]) await run("ip", ["netns", "del", namespace]);
  });
  afterAll(() => lab.close());

  const start = async (namespace: string, ...lines: readonly string[]): Promise<Daemon> => {
    const daemon = await Daemon.start({
      namespace,
      folder: join(folder, namespace),
      configuration: text(...lines),
    });
    daemons.push(daemon);
    return daemon;
  };
  /** Has another configuration read, and waits until it is applied. */
  const configure = async (daemon: Daemon, ...lines: readonly string[]): Promise<void> => {
    const before = daemon.log.match(/configuration read again/g)?.length ?? 0;
    daemon.configure(text(...lines));
    await vi.waitFor(
      () => expect(daemon.log.match(/configuration read again/g)?.length ?? 0).toBeGreaterThan(before),
      PATIENCE,
    );
  };
  const ping = (address: string, ...more: readonly string[]): Promise<void> =>
    vi.waitFor(
      async () =>
        expect(await runIn(near, ["ping", "-c", "2", "-i", "0.05", "-W", "1", ...more, address])).toContain(
          "2 received",
        ),
      PATIENCE,
    );
  const sysctl = async (namespace: string, path: string): Promise<string> =>
    (await runIn(namespace, ["cat", `/proc/sys/net/${path}`])).trim();

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
    await start(far, ...lines(2));
    await start(near, ...lines(1), "ip route-static 1.1.1.2 32 10.9.0.2");
    expect(await addressesOf(near, "eth-trunk1")).toEqual(["10.9.0.1/24", "10.9.1.1/24", "2001:db8:9::1/64"]);
    expect(await addressesOf(near, "eth3")).toEqual(["2001:db8:3:0:202:ff:fe02:2/64"]);
    // This kernel has no dummy devices.
    expect(await addressesOf(near, "lo")).toEqual(expect.arrayContaining(["1.1.1.1/32", "2001:db8:11::1/128"]));
    await ping("10.9.0.2");
    await ping("10.9.1.2");
    await ping("2001:db8:9::2");
    await ping("fe80::2%eth-trunk1");
    await ping("1.1.1.2", "-I", "10.9.0.1");
  });

  test("what others added stays when the configuration changes, after a kill too", async () => {
    await ipIn(near, "addr", "add", "10.5.0.1/24", "dev", "eth3");
    const daemon = await start(near, "interface eth3", " ip address 10.5.0.1 24", " ip address 10.6.0.1 24 sub");
    await ipIn(near, "addr", "add", "10.7.0.1/24", "dev", "eth3");
    await ipIn(near, "route", "add", "10.8.0.0/24", "dev", "eth3");
    expect(await addressesOf(near, "eth3")).toEqual(["10.5.0.1/24", "10.6.0.1/24", "10.7.0.1/24"]);
    await configure(daemon, "interface eth3", "ip route-static 10.10.0.0 24 10.7.0.2");
    expect(await addressesOf(near, "eth3")).toEqual(["10.5.0.1/24", "10.7.0.1/24"]);
    expect(await ownRoutes(near)).toMatchObject([{ dst: "10.10.0.0/24", gateway: "10.7.0.2", metric: 60 }]);

    await configure(daemon, "interface eth3", " ip address 10.6.0.1 24");
    daemon.signal("SIGKILL");
    await daemon.ended();
    expect(await addressesOf(near, "eth3")).toContain("10.6.0.1/24");
    daemon.configure("sysname other\n");
    await daemon.start();
    expect(await addressesOf(near, "eth3")).toEqual(["10.5.0.1/24", "10.7.0.1/24"]);
    expect(await ipIn(near, "route")).toContain("10.8.0.0/24");
  });

  test("the first address of a network stays the one that speaks when the configuration says another", async () => {
    const daemon = await start(near, "interface eth3", " ip address 10.5.0.1 24", " ip address 10.5.0.2 24 sub");
    const source = async () => /src (\S+)/.exec(await ipIn(near, "route", "get", "10.5.0.9"))?.[1];
    expect(await source()).toBe("10.5.0.1");
    await configure(daemon, "interface eth3", " ip address 10.5.0.2 24", " ip address 10.5.0.1 24 sub");
    expect(await source()).toBe("10.5.0.2");
    expect(await addressesOf(near, "eth3")).toEqual(["10.5.0.2/24", "10.5.0.1/24"]);
  });

  test("MTU and MAC address follow the configuration, reach the members, and are given back", async () => {
    const found = await linkOf(near, "eth3");
    const lines = ["interface eth3", " mtu 1400", " mac-address 2-2-3", ...TRUNK];
    const daemon = await start(near, ...lines, " mtu 1300", " mac-address 2-2-4");
    expect(await linkOf(near, "eth3")).toMatchObject({ mtu: 1400, address: "00:02:00:02:00:03" });
    expect(await linkOf(near, "eth-trunk1")).toMatchObject({ mtu: 1300, address: "00:02:00:02:00:04" });
    for (const member of ["eth1", "eth2"]) expect(await linkOf(near, member)).toMatchObject({ mtu: 1300 });
    await configure(daemon, "interface eth3", ...TRUNK);
    expect(await linkOf(near, "eth3")).toMatchObject({ mtu: 1500, address: found.address });
    expect(await linkOf(near, "eth-trunk1")).toMatchObject({ mtu: 1500 });
    expect(await linkOf(near, "eth1")).toMatchObject({ mtu: 1500 });
    await configure(daemon, ...lines);
    await daemon.stop();
    expect(await linkOf(near, "eth3")).toMatchObject({ mtu: 1500, address: found.address });
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
    const daemon = await start(near, ...lines);
    const indexes = async () =>
      Object.fromEntries(
        (JSON.parse(await ipIn(near, "-j", "link")) as { ifname: string; ifindex: number }[]).map((link) => [
          link.ifname,
          link.ifindex,
        ]),
      );
    const all = async () =>
      Promise.all(
        ["eth-trunk1", "eth-trunk1.10", "vlanif1", "lo"].map(async (device) =>
          (await addressesOf(near, device)).sort(),
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
    expect(await linkNames(near)).toEqual(BARE);
    expect(await ipIn(near, "-br", "addr", "show", "dev", "lo")).not.toMatch(/1\.1\.1\.9/);
    expect(await sysctl(near, "ipv6/conf/eth3/disable_ipv6")).toBe("1");
    expect((await linkOf(near, "lo")).flags).not.toContain("UP");
  });

  test("an interface that appears, or is made anew, is brought to what is configured", async () => {
    await ipIn(near, "link", "del", "dev", "eth3");
    const daemon = await start(
      near,
      "interface eth3",
      " ip address 10.5.0.1 24",
      " mtu 1400",
      "ip route-static 10.6.0.0 16 10.5.0.2",
    );
    for (let round = 0; round < 2; round++) {
      await veth(3);
      await vi.waitFor(async () => {
        expect(await addressesOf(near, "eth3")).toEqual(["10.5.0.1/24"]);
        expect(await linkOf(near, "eth3")).toMatchObject({ mtu: 1400 });
        expect(await ownRoutes(near)).toMatchObject([{ dst: "10.6.0.0/16", gateway: "10.5.0.2" }]);
      }, PATIENCE);
      await ipIn(near, "link", "del", "dev", "eth3");
    }
    expect(daemon.log).not.toContain("not as configured");
  });

  test("a route uses the gateways that are neighbours, and gives way to somebody else's", async () => {
    await start(
      near,
      "interface eth3",
      " ip address 10.5.0.1 24",
      ...["ip route-static 10.6.0.0 16 10.5.0.2", "ip route-static 10.6.0.0 16 10.5.0.3"],
      ...["ip route-static 10.6.0.0 16 10.99.0.1", "ip route-static 10.7.0.0 16 10.99.0.1 preference 5"],
    );
    const [both] = await ownRoutes(near);
    expect(both).toMatchObject({ dst: "10.6.0.0/16", metric: 60 });
    expect(both?.nexthops?.map(({ gateway }) => gateway)).toEqual(["10.5.0.2", "10.5.0.3"]);
    await ipIn(near, "addr", "add", "10.99.0.2/24", "dev", "eth3");
    await vi.waitFor(async () => {
      const routes = await ownRoutes(near);
      expect(routes.map(({ dst }) => dst).sort()).toEqual(["10.6.0.0/16", "10.7.0.0/16"]);
      expect(routes.find(({ metric }) => metric === 60)?.nexthops).toHaveLength(3);
    }, PATIENCE);
    await ipIn(near, "addr", "del", "10.99.0.2/24", "dev", "eth3");
    await vi.waitFor(async () => expect(await ownRoutes(near)).toHaveLength(1), PATIENCE);
  });

  test("a route that is there already is left, and told once", async () => {
    await ipIn(near, "addr", "add", "10.5.0.1/24", "dev", "eth3");
    await ipIn(near, "route", "add", "10.6.0.0/16", "via", "10.5.0.9", "metric", "60");
    const daemon = await start(near, "ip route-static 10.6.0.0 16 10.5.0.2");
    await configure(daemon, "sysname x", "ip route-static 10.6.0.0 16 10.5.0.2");
    expect(await ownRoutes(near)).toEqual([]);
    expect(daemon.log.match(/"reason":"route 10.6.0.0\/16: somebody else's is there"/g)).toHaveLength(1);
    await daemon.stop();
    expect(await ipIn(near, "route")).toContain("10.6.0.0/16 via 10.5.0.9");
  });

  test("a trunk in Layer 2 mode is a port of the bridge, and the host is in its VLAN by a Vlanif", async () => {
    const lines = [...TRUNK, " portswitch", "interface eth3", " portswitch", "interface Vlanif1", " mtu 1400"];
    await start(far, ...lines, " ip address 10.9.0.3 24");
    expect(await portsOf(far, "br-etrunk")).toEqual(["eth-trunk1", "eth3", "vlanif1-br"]);
    expect(await linkOf(far, "vlanif1")).toMatchObject({ mtu: 1400 });
    await start(near, ...TRUNK, " ip address 10.9.0.1 24");
    await ping("10.9.0.3");
  });

  test("a host behind another port of the bridge is reached over the trunk", async () => {
    const third = await lab.namespace(`t${tests}`);
    try {
      await makeVeth({ namespace: far, name: "eth4", index: 304 }, { namespace: third, name: "host", index: 404 });
      await ipIn(third, "addr", "add", "10.9.0.4/24", "dev", "host");
      await start(far, ...TRUNK, " portswitch", "interface eth4", " portswitch");
      const daemon = await start(near, ...TRUNK, " ip address 10.9.0.1 24");
      await ping("10.9.0.4");
      // In Layer 2 mode it has no address to answer from.
      await configure(daemon, ...TRUNK, " portswitch");
      expect(await addressesOf(near, "eth-trunk1")).toEqual([]);
      expect(await portsOf(near, "br-etrunk")).toEqual(["eth-trunk1"]);
      expect(await sysctl(near, "ipv6/conf/eth-trunk1/disable_ipv6")).toBe("1");
      await configure(daemon, ...TRUNK, " ip address 10.9.0.1 24");
      expect(await linkNames(near)).not.toContain("br-etrunk");
      await ping("10.9.0.4");
    } finally {
      await run("ip", ["netns", "del", third]);
    }
  });

  test("a bridge that is there is adopted and never emptied", async () => {
    await ipIn(near, "link", "add", "br0", "type", "bridge");
    await ipIn(near, "link", "set", "dev", "br0", "up");
    await ipIn(near, "link", "set", "dev", "eth3", "master", "br0");
    await ipIn(near, "addr", "add", "10.1.0.1/24", "dev", "br0");
    const daemon = await start(
      near,
      "vlan-bridge br0",
      ...TRUNK,
      " portswitch",
      "interface Vlanif1",
      " ip address 10.2.0.1 24",
    );
    expect(await portsOf(near, "br0")).toEqual(["eth-trunk1", "eth3", "vlanif1-br"]);
    await configure(daemon, "vlan-bridge br0", ...TRUNK);
    expect(await portsOf(near, "br0")).toEqual(["eth3"]);
    await daemon.stop();
    expect(await portsOf(near, "br0")).toEqual(["eth3"]);
    expect(await addressesOf(near, "br0")).toEqual(["10.1.0.1/24"]);
  });

  test("a trunk of which nothing is said is the operator's to bridge", async () => {
    const daemon = await start(near, ...TRUNK, "interface eth3", " ip address 10.5.0.1 24");
    await ipIn(near, "link", "add", "br0", "type", "bridge");
    await ipIn(near, "link", "set", "dev", "eth-trunk1", "master", "br0");
    await configure(daemon, ...TRUNK, "interface eth3", " ip address 10.5.0.2 24");
    expect(await addressesOf(near, "eth3")).toEqual(["10.5.0.2/24"]);
    expect(await portsOf(near, "br0")).toEqual(["eth-trunk1"]);
  });

  test("a sub-interface speaks with a tag, which is seen on the member", async () => {
    const lines = (host: number) => [
      ...["interface Eth-Trunk1", " trunkport eth1", ` ip address 10.9.0.${host} 24`],
      ...["interface Eth-Trunk1.10", " vlan-type dot1q 10", ` ip address 10.9.10.${host} 24`, " mtu 1400"],
    ];
    const peer = await start(far, ...lines(2));
    const daemon = await start(near, ...lines(1));
    const words = ["tcpdump", "-nnel", "-c", "1", "-i", "eth1", "vlan", "10", "and", "icmp"];
    const capture = spawnIn(far, words, { stdio: ["ignore", "pipe", "pipe"] });
    try {
      const [frames, told] = [collect(capture.stdout), collect(capture.stderr)];
      await vi.waitFor(() => expect(told()).toContain("listening"), PATIENCE);
      await ping("10.9.10.2");
      await ping("10.9.0.2");
      await vi.waitFor(() => expect(frames()).toMatch(/vlan 10, .*10\.9\.10\.1 > 10\.9\.10\.2/), PATIENCE);
    } finally {
      await stop(capture);
    }
    expect(await linkOf(near, "eth-trunk1.10")).toMatchObject({ mtu: 1400 });
    // Its carrier is the trunk's.
    await configure(peer, ...lines(2), "interface Eth-Trunk1", " shutdown");
    expect(await linkOf(far, "eth-trunk1.10")).toMatchObject({ operstate: "LOWERLAYERDOWN" });
    await configure(daemon, "interface Eth-Trunk1", " trunkport eth1");
    expect(await linkNames(near)).not.toContain("eth-trunk1.10");
  });

  test("a shut sub-interface and a shut Vlanif are down", async () => {
    const daemon = await start(
      near,
      ...TRUNK,
      ...["interface Eth-Trunk1.10", " vlan-type dot1q 10", " shutdown", " description guests"],
      ...["interface Vlanif1", " shutdown"],
    );
    expect((await linkOf(near, "eth-trunk1.10")).flags).not.toContain("UP");
    expect((await linkOf(near, "vlanif1")).flags).not.toContain("UP");
    expect((await linkOf(near, "eth-trunk1.10")).ifalias).toBe("guests");
    await configure(daemon, ...TRUNK, "interface Eth-Trunk1.10", " vlan-type dot1q 10", "interface Vlanif1");
    expect((await linkOf(near, "eth-trunk1.10")).flags).toContain("UP");
    expect((await linkOf(near, "vlanif1")).flags).toContain("UP");
    expect((await linkOf(near, "eth-trunk1.10")).ifalias ?? "").toBe("");
  });

  test("an E-Trunk's member probes for no duplicates and keeps its neighbours without carrier", async () => {
    await start(
      near,
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
      expect([path, await sysctl(near, path)]).toEqual([path, value]);
    // Without carrier as it is, the address can be used at once when it comes.
    expect(await ipIn(near, "-6", "addr", "show", "dev", "eth-trunk1")).not.toContain("tentative");
  });

  test("displays tell of interfaces, addresses and VLANs, as text and as JSON", async () => {
    const daemon = await start(
      near,
      ...["vlan 1", " description everybody"],
      ...[...TRUNK, " ip address 10.9.0.1 24", " ipv6 enable", " ipv6 address 2001:db8:9::1/64", " description to CE"],
      ...["interface Eth-Trunk1.10", " vlan-type dot1q 10", " shutdown"],
      ...[
        "interface eth3",
        " portswitch",
        "interface Vlanif1",
        " ip address 10.1.0.1 24",
        " ip address 10.2.0.1 24 sub",
      ],
      ...[
        "interface eth8",
        "interface LoopBack0",
        " ip address 1.1.1.9 32",
        "interface LoopBack1",
        " ip address 1.1.1.8 32",
      ],
    );
    await ipIn(near, "link", "set", "dev", "eth2", "down");
    const json = async (...words: readonly string[]) => {
      const { code, stdout } = await daemon.control("--json", ...words);
      expect(code).toBe(0);
      return JSON.parse(stdout);
    };
    const named = async (): Promise<{ [name: string]: unknown }> => {
      const { interfaces } = await json("display", "interface", "brief");
      return Object.fromEntries(interfaces.map((each: { name: string }) => [each.name, each]));
    };
    await vi.waitFor(
      async () =>
        expect(await named()).toMatchObject({
          "Eth-Trunk1": {
            interface: "eth-trunk1",
            physicalState: "up",
            protocolState: "up",
            ipv4: [{ address: "10.9.0.1", length: 24 }],
            ipv6: expect.arrayContaining([{ address: "2001:db8:9::1", length: 64 }]),
            bandwidth: 2_000,
            currentBandwidth: 1_000,
            ports: [
              { name: "eth1", status: "Up", weight: 1 },
              { name: "eth2", status: "Down", weight: 1 },
            ],
          },
          "Eth-Trunk1.10": { interface: "eth-trunk1.10", vlan: 10, physicalState: "administratively-down" },
          LoopBack0: { interface: "lo", spoofing: true, ipv4: [{ address: "1.1.1.9", length: 32 }] },
          LoopBack1: { ipv4: [{ address: "1.1.1.8", length: 32 }] },
          NULL0: { physicalState: "up", interface: null },
          Vlanif1: { ipv4: [{ address: "10.1.0.1" }, { address: "10.2.0.1" }], vlan: 1 },
          eth1: { ethTrunk: 1, physicalState: "up", protocolState: "up" },
          eth2: { physicalState: "administratively-down", lastDown: expect.any(String) },
          eth3: { layer: 2, physicalState: "up", protocolState: "up" },
          eth8: { interface: null, physicalState: "down", counters: null },
        }),
      PATIENCE,
    );
    expect(await json("display", "interface", "eth-trunk", "1")).toMatchObject({
      name: "Eth-Trunk1",
      counters: { framesSent: expect.any(Number) },
      rates: { bitsSent: expect.any(Number) },
    });
    expect(await json("display", "vlan", "1")).toEqual({
      id: 1,
      description: "everybody",
      vlanif: "Vlanif1",
      ports: [{ name: "eth3", tagged: false, pvid: true, up: true }],
    });
    const { stdout: brief } = await daemon.control("display", "ip", "interface", "brief");
    expect(brief).toMatch(/^Eth-Trunk1 +10\.9\.0\.1\/24 +up +up +--$/m);
    expect(brief).toMatch(/^Vlanif1 +10\.1\.0\.1\/24 +up +up +--\n +10\.2\.0\.1\/24 sub$/m);
    expect(brief).not.toMatch(/^eth[123] /m);
    expect(await daemon.control("display", "interface", "eth77")).toMatchObject({
      code: 1,
      stderr: "Error: Interface eth77 does not exist.\n",
    });
  });

  test("what the kernel cannot is refused at the start, with the reason", async () => {
    const lines = [
      "vlan batch 5",
      "interface eth1",
      " portswitch",
      "interface eth2",
      " portswitch",
      " port default vlan 5",
    ];
    await expect(start(near, ...lines)).rejects.toThrow(
      "etrunkd.cfg:5: The bridges of this kernel do not filter by VLAN: eth2 has to carry the same VLANs as eth1, in the same way.",
    );
  });

  test("an interface of another maker is not taken, and said", async () => {
    await ipIn(near, "link", "add", "vlanif1", "type", "bridge");
    await ipIn(near, "link", "add", "br-etrunk", "type", "veth", "peer", "name", "other");
    const daemon = await start(near, ...TRUNK, " portswitch", "interface Vlanif1", " ip address 10.1.0.1 24");
    expect(daemon.log).toContain("br-etrunk is no bridge: choose another name with vlan-bridge");
    await configure(daemon, "vlan-bridge br7", ...TRUNK, " portswitch", "interface Vlanif1", " ip address 10.1.0.1 24");
    expect(daemon.log).toContain("interface vlanif1 exists and was not made by etrunkd: remove or rename it");
    expect(await portsOf(near, "br7")).toEqual(["eth-trunk1"]);
    await daemon.stop();
    expect(await linkNames(near)).toEqual(expect.arrayContaining(["br-etrunk", "vlanif1"]));
  });
});
