import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Daemon } from "../support/daemon.js";
import { type BackendName, leftovers, runIn } from "../support/forwarding.js";
import { isRoot, Lab, run } from "../support/lab.js";
import { ipIn, makeVeth } from "../support/namespace.js";
import { linkNames } from "../support/network.js";

const BACKENDS: readonly BackendName[] = ["ebpf", "nftables"];
/** Root that may not call bpf(). */
const WRAPPERS: { readonly [backend in BackendName]: readonly string[] } = {
  ebpf: [],
  nftables: ["setpriv", "--bounding-set=-bpf,-sys_admin"],
};
const PATIENCE = { timeout: 15_000, interval: 50 };
const INTERFACES = ["eth1", "eth2", "eth3", "eth4"];
const SYSCTLS = [
  ...["disable_ipv6", "addr_gen_mode", "accept_dad", "dad_transmits", "mtu"].map((name) => ["ipv6", name] as const),
  ...["arp_ignore", "arp_evict_nocarrier"].map((name) => ["ipv4", name] as const),
];

/** Something of everything that is changed on interfaces of others, or made. */
const configuration = (backend: BackendName): string =>
  [
    ...["interface Eth-Trunk1", " trunkport eth1", " trunkport eth2", " mtu 1400", " ip address 10.9.0.1 24"],
    // Tags are the eBPF data plane's where the kernel has none.
    ...(backend === "ebpf" ? ["interface Eth-Trunk1.10", " vlan-type dot1q 10", " ip address 10.9.10.1 24"] : []),
    ...["interface eth3", " portswitch", "interface Vlanif1", " ip address 10.1.0.1 24"],
    ...["interface eth4", " mac-address 2-2-2", " mtu 1450", " ip address 10.5.0.1 24"],
    ...[" ipv6 enable", " ipv6 mtu 1300", " ipv6 address fe80::7 link-local", " ipv6 address 2001:db8::1/64"],
    ...["interface LoopBack0", " ip address 1.1.1.1 32", "ip route-static 10.6.0.0 16 10.5.0.2"],
    "",
  ].join("\n");
const OTHER = "sysname other\n";

describe.runIf(isRoot).each(BACKENDS)("what is left behind (%s)", (backend) => {
  let lab: Lab;
  let far: string;
  let near: string;
  let tests = 0;
  let daemon: Daemon | undefined;

  beforeAll(() => {
    lab = new Lab();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.error(daemon?.log);
    await daemon?.stop();
    for (const namespace of [near, far]) await run("ip", ["netns", "del", namespace]);
  });
  afterAll(() => lab.close());

  /** All that an operator could see of the host. */
  const host = async () => {
    const links = JSON.parse(await ipIn(near, "-d", "-j", "addr", "show")) as {
      readonly ifname: string;
      readonly addr_info: readonly { readonly local: string; readonly prefixlen: number }[];
      readonly [field: string]: unknown;
    }[];
    const sysctls = INTERFACES.flatMap((name) => SYSCTLS.map(([family, what]) => `${family}/conf/${name}/${what}`));
    const values = await runIn(near, ["sh", "-c", `cd /proc/sys/net && head -n 1 ${sysctls.join(" ")}`]);
    return {
      links: links.map(({ ifname, flags, mtu, address, master, qdisc, promiscuity, addr_info }) => ({
        ...{ ifname, flags, mtu, address, master, qdisc, promiscuity },
        addresses: addr_info.map(({ local, prefixlen }) => `${local}/${prefixlen}`),
      })),
      values,
      qdiscs: await runIn(near, ["tc", "qdisc", "show"]),
      // Its qdisc stays, for it was there.
      filters: await runIn(near, ["tc", "filter", "show", "dev", "eth2", "ingress"]),
      rules: await runIn(near, ["nft", "list", "ruleset"]),
      routes: `${await ipIn(near, "route", "show", "table", "all")}${await ipIn(near, "-6", "route", "show")}`
        .split("\n")
        .sort(),
    };
  };

  test.each([
    [
      "undone by the configuration",
      async (started: Daemon) => {
        started.configure(OTHER);
        await vi.waitFor(() => expect(started.log).toContain("configuration read again"), PATIENCE);
      },
    ],
    [
      "ended by SIGTERM",
      async (started: Daemon) => {
        started.signal("SIGTERM");
        expect(await started.ended()).toBe(0);
      },
    ],
    [
      "killed, and started with a configuration that has nothing of it",
      async (started: Daemon) => {
        started.signal("SIGKILL");
        await started.ended();
        expect(await leftovers(near)).toContain("eth-trunk1");
        started.configure(OTHER);
        await started.start();
      },
    ],
    [
      "stopped for a restart, and started with a configuration that has nothing of it",
      async (started: Daemon) => {
        started.signal("SIGUSR2");
        expect(await started.ended()).toBe(0);
        expect(await leftovers(near)).toContain("eth-trunk1");
        started.configure(OTHER);
        await started.start();
      },
    ],
  ] as const)("%s: nothing, and every interface is as it was found", async (_, leave) => {
    [near, far] = [await lab.namespace(`n${++tests}`), await lab.namespace(`f${tests}`)];
    for (const [at, name] of INTERFACES.entries())
      await makeVeth({ namespace: near, name, index: 101 + at }, { namespace: far, name, index: 201 + at });
    // As it is on most hosts: there is a loopback, and interfaces speak IPv6 by themselves.
    await ipIn(near, "link", "set", "dev", "lo", "up");
    for (const name of ["eth1", "eth3"])
      await runIn(near, [
        "sysctl",
        "-qw",
        `net.ipv6.conf.${name}.accept_dad=0`,
        `net.ipv6.conf.${name}.disable_ipv6=0`,
      ]);
    await ipIn(near, "link", "set", "dev", "eth2", "promisc", "on", "mtu", "1480");
    await runIn(near, ["tc", "qdisc", "add", "dev", "eth2", "clsact"]);
    await ipIn(near, "addr", "add", "10.7.0.1/24", "dev", "eth4");
    await vi.waitFor(async () => expect(await ipIn(near, "addr", "show", "dev", "eth1")).toContain("fe80"), PATIENCE);
    const found = await host();

    daemon = await Daemon.start({
      namespace: near,
      folder: join(lab.folder, near),
      configuration: configuration(backend),
      wrapper: WRAPPERS[backend],
    });
    expect(await linkNames(near)).toEqual(expect.arrayContaining(["br-etrunk", "et1-ul", "eth-trunk1", "vlanif1"]));
    expect(await host()).not.toEqual(found);
    expect(daemon.log).not.toMatch(/"msg":"(?:host not left as it was found|alarm raised)"/);
    await leave(daemon);
    await vi.waitFor(async () => expect(await host()).toEqual(found), PATIENCE);
    expect(daemon.log).not.toContain("host not left as it was found");
  });
});
