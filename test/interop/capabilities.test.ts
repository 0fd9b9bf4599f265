import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { Daemon } from "../support/daemon.js";
import { interfaceState, leftovers, publicRoot, runIn, unprivileged } from "../support/forwarding.js";
import { isRoot, Lab, run } from "../support/lab.js";
import { makeVeth } from "../support/namespace.js";
import { addressesOf, linkNames, ownRoutes, portsOf } from "../support/network.js";

const CONTAINER = fileURLToPath(new URL("../support/container.c", import.meta.url));
const READ_ONLY = 'mount --bind /proc/sys /proc/sys && mount -o remount,ro,bind /proc/sys && exec "$@"';
const UNIT = fileURLToPath(new URL("../../examples/etrunkd.service", import.meta.url));
/** What the unit grants, as setpriv names them. */
const GRANTED = /^AmbientCapabilities=(.*)$/m.exec(readFileSync(UNIT, "utf8"))?.[1] ?? "";
const capabilities = GRANTED.split(" ").map((name) => name.replace("CAP_", "").toLowerCase());
const without = (...missing: readonly string[]): string[] =>
  unprivileged(capabilities.filter((name) => !missing.includes(name)));

const PATIENCE = { timeout: 20_000, interval: 100 };

const bfd = (own: number, peer: number): string[] => [
  "bfd",
  `bfd other bind peer-ip 10.9.0.${peer} interface Eth-Trunk1 source-ip 10.9.0.${own}`,
  ` discriminator local ${own}`,
  ` discriminator remote ${peer}`,
  " min-tx-interval 300",
  " min-rx-interval 300",
];
const trunk = (own: number): string[] => [
  ...["interface Eth-Trunk1", " mode lacp-static", " lacp timeout fast", " mtu 1400"],
  ` ip address 10.9.0.${own} 24`,
  ...["interface eth1", " eth-trunk 1", "interface eth2", " eth-trunk 1"],
];
/** A bit of everything a daemon asks of the kernel. */
const EVERYTHING = [
  ...["e-trunk 1", " peer-address 10.8.0.2 source-address 1.1.1.1", " security-key cipher lab-key-7Xq2"],
  ...bfd(1, 2),
  ...trunk(1),
  ...["interface Eth-Trunk1.10", " vlan-type dot1q 10", " ip address 10.9.10.1 24"],
  ...["interface eth3", " portswitch", "interface Vlanif1", " ip address 10.1.0.1 24"],
  ...["interface LoopBack0", " ip address 1.1.1.1 32"],
  ...["interface eth4", " mac-address 2-2-2", " ipv6 enable", " ipv6 address 2001:db8::1/64"],
  "ip route-static 10.8.0.0 16 10.9.0.2",
];
const text = (lines: readonly string[]): string => `${lines.join("\n")}\n`;

describe.runIf(isRoot)("etrunkd without root", () => {
  let lab: Lab;
  let root: string;
  let near: string;
  let far: string;
  let folder: string;
  let tests = 0;
  let partner: Daemon;
  let daemon: Daemon | undefined;

  beforeAll(async () => {
    lab = new Lab();
    root = await publicRoot(lab);
    [near, far] = [await lab.namespace("n"), await lab.namespace("f")];
    for (const at of [1, 2, 3, 4])
      await makeVeth(
        { namespace: near, name: `eth${at}`, index: 100 + at },
        { namespace: far, name: `eth${at}`, index: 200 + at },
      );
    partner = await Daemon.start({
      namespace: far,
      folder: join(lab.folder, "partner"),
      configuration: text([...bfd(2, 1), ...trunk(2)]),
    });
  });
  beforeEach(() => {
    folder = join(lab.folder, `test-${++tests}`);
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.error(daemon?.log);
    await daemon?.stop();
    daemon = undefined;
  });
  afterAll(async () => {
    await partner?.stop();
    await lab.close();
  });

  const start = async (wrapper: readonly string[], lines: readonly string[]): Promise<Daemon> => {
    // The folder is its user's, as systemd makes it.
    const made = ["install", "-d", "-o", "65534", "-g", "65534", folder];
    await runIn(near, made);
    daemon = await Daemon.start({ namespace: near, folder, configuration: text(lines), wrapper, root });
    return daemon;
  };
  const carries = (): Promise<void> =>
    vi.waitFor(async () => {
      expect(await daemon?.trunk()).toMatchObject({ operState: "up", upPorts: 2 });
      expect(await runIn(near, ["ping", "-c", "1", "-W", "1", "10.9.0.2"])).toContain("1 received");
    }, PATIENCE);
  const states = async () => Promise.all(["eth1", "eth2", "eth3", "eth4"].map((name) => interfaceState(near, name)));

  test("does everything with the capabilities of its systemd unit, restarts unnoticed, and leaves nothing behind", async () => {
    expect(capabilities.sort()).toEqual(["bpf", "net_admin", "net_raw"]);
    const [links, found] = [await linkNames(near), await states()];
    const started = await start(without(), EVERYTHING);
    expect(started.log).not.toMatch(/"level":[456]0.*"msg":"(?!alarm)/);
    expect((await started.control("display", "version")).stdout).toMatch(/^Forwarding: ebpf$/m);
    await carries();
    expect(await addressesOf(near, "eth-trunk1.10")).toEqual(["10.9.10.1/24"]);
    expect(await addressesOf(near, "vlanif1")).toEqual(["10.1.0.1/24"]);
    expect(await addressesOf(near, "eth4")).toEqual(["2001:db8::1/64"]);
    expect(await portsOf(near, "br-etrunk")).toEqual(["eth3", "vlanif1-br"]);
    expect(await ownRoutes(near)).toMatchObject([{ dst: "10.8.0.0/16", gateway: "10.9.0.2" }]);
    await vi.waitFor(async () => {
      expect(await started.bfd("other")).toMatchObject({ state: "Up" });
      expect((await started.etrunk()).sent).toBeGreaterThan(0);
    }, PATIENCE);

    const sends = await partner.monitor("port-state", "bfd-state");
    started.signal("SIGUSR2");
    expect(await started.ended()).toBe(0);
    await started.start();
    expect(started.log).toContain("continuing from the checkpoint");
    await carries();
    await vi.waitFor(async () => expect(await started.bfd("other")).toMatchObject({ state: "Up" }), PATIENCE);
    const events = sends.lines() as readonly { event: string }[];
    expect(events.filter(({ event }) => event === "port-state")).toEqual([]);
    await sends.stop();

    started.signal("SIGTERM");
    expect(await started.ended()).toBe(0);
    expect(await leftovers(near)).toEqual([]);
    expect(await linkNames(near)).toEqual(links);
    expect(await states()).toEqual(found);
    expect(await ownRoutes(near)).toEqual([]);
    expect(await addressesOf(near, "eth4")).toEqual([]);
  });

  test.each([
    ["bpf", "Forwarding: ebpf"],
    [
      "no-bpf",
      "Forwarding: nftables (bpf() is refused in spite of CAP_BPF: a user namespace, seccomp or lockdown forbids it)",
    ],
  ])("carries in a container: filtered system calls (%s), /proc/sys read-only", async (profile, forwarding) => {
    const program = join(lab.folder, "container");
    await run("cc", ["-O2", "-o", program, CONTAINER]);
    const started = await start(
      ["unshare", "--mount", "sh", "-c", READ_ONLY, "sh", ...without(), program, profile],
      trunk(1),
    );
    const { stdout } = await started.control("display", "version");
    expect(stdout.split("\n")).toContain(forwarding);
    await carries();
    const lacking = (await started.alarms()).filter((text) => !/: carries, but .*EROFS/.test(text));
    expect(lacking).toEqual([]);
    await started.stop();
    expect(await leftovers(near)).toEqual([]);
  });

  test("without CAP_BPF forwards by nftables, and says so in the log and in display version", async () => {
    const started = await start(without("bpf"), trunk(1));
    const reason = "bpf() is refused: CAP_BPF is missing (before Linux 5.8 CAP_SYS_ADMIN)";
    expect(started.log).toContain(`"uses":"nftables","reason":"${reason}"`);
    const { stdout } = await started.control("display", "version");
    expect(stdout.split("\n")).toContain(`Forwarding: nftables (${reason})`);
    await carries();
    await started.stop();
    expect(await leftovers(near)).toEqual([]);
  });

  test.each([
    [["net_admin"], "CAP_NET_ADMIN (interfaces, addresses and the data plane) is missing"],
    [["net_raw"], "CAP_NET_RAW (frames) is missing"],
    [
      ["net_raw", "net_admin", "bpf"],
      "CAP_NET_RAW (frames) and CAP_NET_ADMIN (interfaces, addresses and the data plane) are missing",
    ],
  ])("does not start without %j, and names it", async (missing, told) => {
    await expect(start(without(...missing), trunk(1))).rejects.toThrow(
      `etrunkd: ${told}: start it as root, or with AmbientCapabilities=CAP_NET_ADMIN CAP_NET_RAW CAP_BPF in its systemd unit\n`,
    );
  });
});
