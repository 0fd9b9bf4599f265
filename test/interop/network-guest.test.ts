import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { isInstalled, isRoot, Lab } from "../support/lab.js";
import { GuestDaemon } from "./peers/guest-daemon.js";
import { LinuxGuest } from "./peers/linux-guest.js";

const MODULES = ["8021q", "bridge", "dummy", "cls_bpf"];
const FAR = "ip netns exec far";

/** Two hosts in the guest: near is its first namespace, with hosts behind e3 and e4; far is at the other end of e1 and e2. */
const LINKS = [
  ...[1, 2].map((n) => `ip link add e${n} index ${100 + n} type veth peer name e${n} index ${200 + n} netns far`),
  ...[1, 2].map((n) => `ip link set e${n} up; ip -n far link set e${n} up`),
  ...[3, 4].map((n) => `ip link add e${n} type veth peer name h netns host${n}`),
  ...[3, 4].map((n) => `ip link set e${n} up; ip -n host${n} link set dev h up`),
];

const TRUNK = ["interface Eth-Trunk1", " mode lacp-static", " lacp timeout fast", " trunkport e1", " trunkport e2"];

/** The far end: addresses without a tag, in VLAN 10 and in VLAN 20. */
const FAR_LINES = [
  ...TRUNK,
  " ip address 10.9.1.2 24",
  " ipv6 enable",
  " ipv6 address fd09:1::2/64",
  ...[10, 20].flatMap((vlan) => [
    `interface Eth-Trunk1.${vlan}`,
    ` vlan-type dot1q ${vlan}`,
    ` ip address 10.9.${vlan}.2 24`,
    " ipv6 enable",
    ` ipv6 address fd09:${vlan}::2/64`,
  ]),
  "interface LoopBack0",
  " ip address 1.1.1.2 32",
  "ip route-static 1.1.1.1 32 10.9.1.1",
];

interface VlanEntry {
  readonly vlan: number;
  readonly flags?: readonly string[];
}

interface DetailedLink {
  readonly ifname: string;
  readonly ifindex: number;
  readonly link?: string;
  readonly master?: string;
  readonly linkinfo?: { readonly info_kind?: string; readonly info_data?: { readonly [name: string]: unknown } };
}

// Debian has user-mode-linux for PCs only.
describe.runIf(isRoot && isInstalled("linux.uml"))("the network of a host whose kernel has all device kinds", () => {
  let lab: Lab;
  let guest: LinuxGuest;
  let far: GuestDaemon;
  let near: GuestDaemon | undefined;

  beforeAll(async () => {
    lab = new Lab();
    guest = await LinuxGuest.boot(lab, await lab.namespace("g"), [], { megabytes: 768 });
    await guest.command(MODULES.map((name) => `module ${name}`).join(" && "));
    await guest.command("ip link set lo up; for name in far host3 host4; do ip netns add $name; done");
    await guest.command("echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6");
    for (const line of LINKS) await guest.command(line);
    const options = { name: "far", inside: FAR, systemMac: "02:00:00:00:0a:02" };
    far = await GuestDaemon.start(lab, guest, options, FAR_LINES);
  });

  afterAll(async () => {
    await guest?.stop();
    await lab?.close();
  });

  beforeEach(() => {
    near = undefined;
  });

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.error(await near?.log(), await far.log());
    await near?.end("TERM");
  });

  /** A daemon at the near end, its trunk up. */
  const start = async (...lines: readonly string[]): Promise<GuestDaemon> => {
    near = await GuestDaemon.start(lab, guest, { name: "near", systemMac: "02:00:00:00:0a:01" }, lines);
    await near.until(["operState=up", "upPorts=2"], "display eth-trunk 1");
    return near;
  };

  const ping = async (address: string, inside = ""): Promise<void> => {
    // The first one waits for addresses to be usable and for bridge ports to learn.
    const until = `for try in 1 2 3 4 5 6 7 8; do ${inside} ping -c 1 -W 1 ${address} >/dev/null && break; done`;
    expect(await guest.command(`${until}; ${inside} ping -c 3 -i 0.05 -W 2 ${address}`)).toContain(
      "3 packets transmitted, 3 received",
    );
  };

  /** The VLANs of each port, as the kernel has them: `10` tagged, `10 untagged` with the PVID. */
  const vlans = async (): Promise<Record<string, string[]>> => {
    const ports = JSON.parse(await guest.command("bridge -j vlan show"));
    const words = ({ vlan, flags = [] }: VlanEntry) =>
      [
        vlan,
        ...(flags.includes("PVID") ? ["pvid"] : []),
        ...(flags.includes("Egress Untagged") ? ["untagged"] : []),
      ].join(" ");
    return Object.fromEntries(
      ports.map((port: { ifname: string; vlans: VlanEntry[] }) => [port.ifname, port.vlans.map(words)]),
    );
  };
  const links = async (inside = ""): Promise<DetailedLink[]> =>
    JSON.parse(await guest.command(`${inside} ip -j -d link show`));
  const link = async (name: string): Promise<DetailedLink | undefined> =>
    (await links()).find(({ ifname }) => ifname === name);

  const LAYER_3 = [
    ...TRUNK,
    " ip address 10.9.1.1 24",
    " ipv6 enable",
    " ipv6 address fd09:1::1/64",
    "interface Eth-Trunk1.10",
    " vlan-type dot1q 10",
    " ip address 10.9.10.1 24",
    " ipv6 enable",
    " ipv6 address fd09:10::1/64",
    "interface GigabitEthernet0/0/3",
    " linux-interface e3",
    "interface GigabitEthernet0/0/3.30",
    " vlan-type dot1q 30",
    " mtu 1400",
    "interface LoopBack0",
    " ip address 1.1.1.1 32",
    " ipv6 enable",
    " ipv6 address 2001:db8:11::1/128",
    "ip route-static 1.1.1.2 32 10.9.1.2",
  ];

  test("a trunk is carried by eBPF, its sub-interfaces are 802.1Q devices, loopbacks are dummies", async () => {
    const daemon = await start(...LAYER_3);
    expect(await daemon.ask("display version")).toMatchObject({ forwarding: "ebpf", forwardingReason: null });
    for (const address of ["10.9.1.2", "fd09:1::2", "10.9.10.2", "fd09:10::2"]) await ping(address);
    await ping("1.1.1.2", "");
    expect(await guest.command("ping -c 1 -W 2 -I 1.1.1.1 1.1.1.2")).toContain("1 received");
    expect(await link("eth-trunk1.10")).toMatchObject({
      link: "eth-trunk1",
      linkinfo: { info_kind: "vlan", info_data: { protocol: "802.1Q", id: 10 } },
    });
    expect(await link("e3.30")).toMatchObject({ link: "e3", mtu: 1400, linkinfo: { info_data: { id: 30 } } });
    expect(await link("loopback0")).toMatchObject({ linkinfo: { info_kind: "dummy" } });
    expect(await guest.command("ip -br addr show dev loopback0")).toMatch(/1\.1\.1\.1\/32 2001:db8:11::1\/128/);
    expect(await guest.command("ip -br addr show dev lo")).not.toContain("1.1.1.1");
    // The data plane leaves the tag to the kernel: what a member takes in VLAN 10 reaches the device by way of the trunk.
    expect((await links()).map(({ ifname }) => ifname)).not.toContain("et1.10-ul");
  });

  const VLANS = ["vlan batch 10 20 30"];
  const ACCESS = ["interface e3", " portswitch", " port link-type access", " port default vlan 10"];
  const HYBRID = ["interface e4", " portswitch", " port default vlan 20", " port trunk allow-pass vlan 30"];
  const VLANIFS = [10, 20].flatMap((vlan) => [`interface Vlanif${vlan}`, ` ip address 10.9.${vlan}.1 24`]);
  const allowing = (...more: readonly string[]) => [...TRUNK, " portswitch", " port link-type trunk", ...more];
  const CARRIES = " port trunk allow-pass vlan 10 20";

  test("a changed configuration changes the VLANs of ports that stay in the bridge", async () => {
    const daemon = await start(...VLANS, ...allowing(CARRIES), ...ACCESS, ...VLANIFS);
    const members = async () => (await links()).filter(({ ifname }) => /^(e3|eth-trunk1|br-|vlanif)/.test(ifname));
    const before = (await members()).map(({ ifname, ifindex }) => [ifname, ifindex]);
    await daemon.configure([
      ...VLANS,
      ...allowing(" port trunk pvid vlan 20", " port trunk allow-pass vlan 30"),
      ...["interface e3", " portswitch", " port link-type trunk", " port trunk allow-pass vlan all"],
      ...VLANIFS,
    ]);
    expect(await vlans()).toEqual({
      "br-etrunk": ["10", "20"],
      "eth-trunk1": ["20 pvid untagged", "30"],
      e3: ["1 pvid untagged", "10", "20", "30"],
    });
    await daemon.configure([...VLANS, ...allowing(CARRIES), ...ACCESS, ...VLANIFS]);
    expect(await vlans()).toMatchObject({ "eth-trunk1": ["1 pvid untagged", "10", "20"], e3: ["10 pvid untagged"] });
    expect((await members()).map(({ ifname, ifindex }) => [ifname, ifindex])).toEqual(before);
    // A VLAN that is gone is no longer carried.
    await daemon.configure(["vlan batch 10", ...allowing(CARRIES), ...ACCESS, ...VLANIFS.slice(0, 2)]);
    expect(await vlans()).toEqual({
      "br-etrunk": ["10"],
      "eth-trunk1": ["1 pvid untagged", "10"],
      e3: ["10 pvid untagged"],
    });
  });

  test("a bridge that is there is made to filter and is given back as it was", async () => {
    await guest.command("ip link add br7 type bridge && ip link set br7 up");
    for (const port of ["e3", "e4"])
      await guest.command(`ip link set ${port} master br7 && bridge vlan add dev ${port} vid 77 untagged`);
    const found = await vlans();
    const daemon = await start("vlan-bridge br7", ...VLANS, ...allowing(CARRIES), ...ACCESS, ...VLANIFS.slice(0, 2));
    const filtering = async () => (await link("br7"))?.linkinfo?.info_data?.vlan_filtering;
    expect(await filtering()).toBe(1);
    expect(await vlans()).toEqual({
      br7: ["1 pvid untagged", "10"],
      "eth-trunk1": ["1 pvid untagged", "10", "20"],
      e3: ["10 pvid untagged"],
      e4: ["1 pvid untagged", "77 untagged"],
    });
    await ping("10.9.10.2");
    await daemon.end("TERM");
    expect(await filtering()).toBe(0);
    expect(await vlans()).toEqual(found);
    expect(found.e3).toEqual(["1 pvid untagged", "77 untagged"]);
    await guest.command("ip link del br7");
  });

  test("a port of another bridge goes back to it with its VLANs", async () => {
    await guest.command("ip link add br8 type bridge vlan_filtering 1 && ip link set e4 master br8");
    await guest.command("bridge vlan add dev e4 vid 77 && bridge vlan del dev e4 vid 1");
    const daemon = await start(...VLANS, ...allowing(CARRIES), ...HYBRID);
    expect(await vlans()).toMatchObject({ e4: ["20 pvid untagged", "30"] });
    expect(await link("e4")).toMatchObject({ master: "br-etrunk" });
    await daemon.configure([...VLANS, ...allowing(CARRIES)]);
    expect(await vlans()).toMatchObject({ e4: ["77"], "eth-trunk1": ["1 pvid untagged", "10", "20"] });
    expect(await link("e4")).toMatchObject({ master: "br8" });
    await guest.command("ip link del br8");
  });
});
