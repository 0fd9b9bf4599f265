import { describe, expect, test, vi } from "vitest";
import { linkOf } from "../support/forwarding.js";
import { collect, isRoot, run, spawnIn, stop } from "../support/lab.js";
import { ipIn, makeVeth } from "../support/namespace.js";
import { addressesOf, linkNames, portsOf } from "../support/network.js";
import { Hosts, PATIENCE, TRUNK } from "./hosts.js";

/** Interfaces of each kind, and one that is not there. */
const EVERY_KIND = [
  ...["vlan 1", " description everybody"],
  ...[...TRUNK, " ip address 10.9.0.1 24", " ipv6 enable", " ipv6 address 2001:db8:9::1/64", " description to CE"],
  ...["interface Eth-Trunk1.10", " vlan-type dot1q 10", " shutdown"],
  ...["interface eth3", " portswitch", "interface Vlanif1", " ip address 10.1.0.1 24", " ip address 10.2.0.1 24 sub"],
  ...[
    "interface eth8",
    "interface LoopBack0",
    " ip address 1.1.1.9 32",
    "interface LoopBack1",
    " ip address 1.1.1.8 32",
  ],
];

/** What `display interface brief` tells of them. */
const AS_TOLD = {
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
};

describe.runIf(isRoot)("the network of the host", () => {
  const hosts = Hosts.ofEachTest();

  test("a trunk in Layer 2 mode is a port of the bridge, and the host is in its VLAN by a Vlanif", async () => {
    const lines = [...TRUNK, " portswitch", "interface eth3", " portswitch", "interface Vlanif1", " mtu 1400"];
    await hosts.start(hosts.far, ...lines, " ip address 10.9.0.3 24");
    expect(await portsOf(hosts.far, "br-etrunk")).toEqual(["eth-trunk1", "eth3", "vlanif1-br"]);
    expect(await linkOf(hosts.far, "vlanif1")).toMatchObject({ mtu: 1400 });
    await hosts.start(hosts.near, ...TRUNK, " ip address 10.9.0.1 24");
    await hosts.ping("10.9.0.3");
  });

  test("a host behind another port of the bridge is reached over the trunk", async () => {
    const third = await hosts.lab.namespace("third");
    try {
      await makeVeth(
        { namespace: hosts.far, name: "eth4", index: 304 },
        { namespace: third, name: "host", index: 404 },
      );
      await ipIn(third, "addr", "add", "10.9.0.4/24", "dev", "host");
      await hosts.start(hosts.far, ...TRUNK, " portswitch", "interface eth4", " portswitch");
      const daemon = await hosts.start(hosts.near, ...TRUNK, " ip address 10.9.0.1 24");
      await hosts.ping("10.9.0.4");
      // In Layer 2 mode it has no address to answer from.
      await hosts.configure(daemon, ...TRUNK, " portswitch");
      expect(await addressesOf(hosts.near, "eth-trunk1")).toEqual([]);
      expect(await portsOf(hosts.near, "br-etrunk")).toEqual(["eth-trunk1"]);
      expect(await hosts.sysctl(hosts.near, "ipv6/conf/eth-trunk1/disable_ipv6")).toBe("1");
      await hosts.configure(daemon, ...TRUNK, " ip address 10.9.0.1 24");
      expect(await linkNames(hosts.near)).not.toContain("br-etrunk");
      await hosts.ping("10.9.0.4");
    } finally {
      await run("ip", ["netns", "del", third]);
    }
  });

  test("a bridge that is there is adopted and never emptied", async () => {
    await ipIn(hosts.near, "link", "add", "br0", "type", "bridge");
    await ipIn(hosts.near, "link", "set", "dev", "br0", "up");
    await ipIn(hosts.near, "link", "set", "dev", "eth3", "master", "br0");
    await ipIn(hosts.near, "addr", "add", "10.1.0.1/24", "dev", "br0");
    const daemon = await hosts.start(
      hosts.near,
      "vlan-bridge br0",
      ...TRUNK,
      " portswitch",
      "interface Vlanif1",
      " ip address 10.2.0.1 24",
    );
    expect(await portsOf(hosts.near, "br0")).toEqual(["eth-trunk1", "eth3", "vlanif1-br"]);
    await hosts.configure(daemon, "vlan-bridge br0", ...TRUNK);
    expect(await portsOf(hosts.near, "br0")).toEqual(["eth3"]);
    await daemon.stop();
    expect(await portsOf(hosts.near, "br0")).toEqual(["eth3"]);
    expect(await addressesOf(hosts.near, "br0")).toEqual(["10.1.0.1/24"]);
  });

  test("a trunk of which nothing is said is the operator's to bridge", async () => {
    const daemon = await hosts.start(hosts.near, ...TRUNK, "interface eth3", " ip address 10.5.0.1 24");
    await ipIn(hosts.near, "link", "add", "br0", "type", "bridge");
    await ipIn(hosts.near, "link", "set", "dev", "eth-trunk1", "master", "br0");
    await hosts.configure(daemon, ...TRUNK, "interface eth3", " ip address 10.5.0.2 24");
    expect(await addressesOf(hosts.near, "eth3")).toEqual(["10.5.0.2/24"]);
    expect(await portsOf(hosts.near, "br0")).toEqual(["eth-trunk1"]);
  });

  test("a sub-interface speaks with a tag, which is seen on the member", async () => {
    const lines = (host: number) => [
      ...["interface Eth-Trunk1", " trunkport eth1", ` ip address 10.9.0.${host} 24`],
      ...["interface Eth-Trunk1.10", " vlan-type dot1q 10", ` ip address 10.9.10.${host} 24`, " mtu 1400"],
    ];
    const peer = await hosts.start(hosts.far, ...lines(2));
    const daemon = await hosts.start(hosts.near, ...lines(1));
    const words = ["tcpdump", "-nnel", "-c", "1", "-i", "eth1", "vlan", "10", "and", "icmp"];
    const capture = spawnIn(hosts.far, words, { stdio: ["ignore", "pipe", "pipe"] });
    try {
      const [frames, told] = [collect(capture.stdout), collect(capture.stderr)];
      await vi.waitFor(() => expect(told()).toContain("listening"), PATIENCE);
      await hosts.ping("10.9.10.2");
      await hosts.ping("10.9.0.2");
      await vi.waitFor(() => expect(frames()).toMatch(/vlan 10, .*10\.9\.10\.1 > 10\.9\.10\.2/), PATIENCE);
    } finally {
      await stop(capture);
    }
    expect(await linkOf(hosts.near, "eth-trunk1.10")).toMatchObject({ mtu: 1400 });
    // Its carrier is the trunk's.
    await hosts.configure(peer, ...lines(2), "interface Eth-Trunk1", " shutdown");
    expect(await linkOf(hosts.far, "eth-trunk1.10")).toMatchObject({ operstate: "LOWERLAYERDOWN" });
    await hosts.configure(daemon, "interface Eth-Trunk1", " trunkport eth1");
    expect(await linkNames(hosts.near)).not.toContain("eth-trunk1.10");
  });

  test("a shut sub-interface and a shut Vlanif are down", async () => {
    const daemon = await hosts.start(
      hosts.near,
      ...TRUNK,
      ...["interface Eth-Trunk1.10", " vlan-type dot1q 10", " shutdown", " description guests"],
      ...["interface Vlanif1", " shutdown"],
    );
    expect((await linkOf(hosts.near, "eth-trunk1.10")).flags).not.toContain("UP");
    expect((await linkOf(hosts.near, "vlanif1")).flags).not.toContain("UP");
    expect((await linkOf(hosts.near, "eth-trunk1.10")).ifalias).toBe("guests");
    await hosts.configure(daemon, ...TRUNK, "interface Eth-Trunk1.10", " vlan-type dot1q 10", "interface Vlanif1");
    expect((await linkOf(hosts.near, "eth-trunk1.10")).flags).toContain("UP");
    expect((await linkOf(hosts.near, "vlanif1")).flags).toContain("UP");
    expect((await linkOf(hosts.near, "eth-trunk1.10")).ifalias ?? "").toBe("");
  });

  test("displays tell of interfaces, addresses and VLANs, as text and as JSON", async () => {
    const daemon = await hosts.start(hosts.near, ...EVERY_KIND);
    await ipIn(hosts.near, "link", "set", "dev", "eth2", "down");
    const json = async (...words: readonly string[]) => {
      const { code, stdout } = await daemon.control("--json", ...words);
      expect(code).toBe(0);
      return JSON.parse(stdout);
    };
    const named = async (): Promise<{ [name: string]: unknown }> => {
      const { interfaces } = await json("display", "interface", "brief");
      return Object.fromEntries(interfaces.map((each: { name: string }) => [each.name, each]));
    };
    await vi.waitFor(async () => expect(await named()).toMatchObject(AS_TOLD), PATIENCE);
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
    await expect(hosts.start(hosts.near, ...lines)).rejects.toThrow(
      "etrunkd.cfg:5: The bridges of this kernel do not filter by VLAN: eth2 has to carry the same VLANs as eth1, in the same way.",
    );
  });

  test("an interface of another maker is not taken, and said", async () => {
    await ipIn(hosts.near, "link", "add", "vlanif1", "type", "bridge");
    await ipIn(hosts.near, "link", "add", "br-etrunk", "type", "veth", "peer", "name", "other");
    const daemon = await hosts.start(
      hosts.near,
      ...TRUNK,
      " portswitch",
      "interface Vlanif1",
      " ip address 10.1.0.1 24",
    );
    expect(daemon.log).toContain("br-etrunk: not a bridge: choose another name with vlan-bridge");
    await hosts.configure(
      daemon,
      "vlan-bridge br7",
      ...TRUNK,
      " portswitch",
      "interface Vlanif1",
      " ip address 10.1.0.1 24",
    );
    expect(daemon.log).toContain("interface vlanif1: exists and was not made by etrunkd: remove or rename it");
    expect(await portsOf(hosts.near, "br7")).toEqual(["eth-trunk1"]);
    await daemon.stop();
    expect(await linkNames(hosts.near)).toEqual(expect.arrayContaining(["br-etrunk", "vlanif1"]));
  });
});
