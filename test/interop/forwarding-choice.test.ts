import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { Daemon, WITHOUT_BPF } from "../support/daemon.js";
import {
  type BackendName,
  ForwardingProcess,
  leftovers,
  type ProcessOptions,
  publicRoot,
} from "../support/forwarding.js";
import { ipv4 } from "../support/ip-frames.js";
import { isRoot, Lab, run } from "../support/lab.js";

interface Choice {
  readonly name: string | null;
  readonly reason: string | null;
}

describe.runIf(isRoot)("the choice of a backend", () => {
  let lab: Lab;
  let namespace: string;
  let started: ForwardingProcess | undefined;

  beforeEach(async () => {
    lab = new Lab();
    namespace = await lab.namespace("c");
  });

  afterEach(async () => {
    await started?.stop();
    await lab.close();
  });

  const start = (options: Partial<ProcessOptions> = {}): ForwardingProcess => {
    const record = `${lab.folder}/record.json`;
    started = new ForwardingProcess(namespace, {
      backend: "nftables",
      record,
      deviceMac: 0x02_00_00_00_0a_01,
      ...options,
    });
    return started;
  };

  test("is eBPF where bpf() works", async () => {
    expect(await start().call<Choice>("choice")).toEqual({ name: "ebpf", reason: null });
  });

  test("is nftables without CAP_BPF, and says so", async () => {
    const capabilities = "+net_admin,+net_raw";
    const flags = ["--reuid=65534", "--clear-groups", `--inh-caps=-all,${capabilities}`];
    const wrapper = ["setpriv", ...flags, `--ambient-caps=${capabilities}`, `--bounding-set=-all,${capabilities}`];
    expect(await start({ wrapper, root: await publicRoot(lab) }).call<Choice>("choice")).toEqual({
      name: "nftables",
      reason: "bpf() is refused: CAP_BPF is missing (before Linux 5.8 CAP_SYS_ADMIN)",
    });
  });

  test("is nothing without CAP_NET_ADMIN, and says why neither", async () => {
    const wrapper = ["setpriv", "--reuid=65534", "--clear-groups", "--inh-caps=-all", "--bounding-set=-all"];
    const { name, reason } = await start({ wrapper, root: await publicRoot(lab) }).call<Choice>("choice");
    expect(name).toBeNull();
    expect(reason).toMatch(/^bpf\(\) is refused: .*; nft: .*Operation not permitted/);
  });

  test.each([
    ["ebpf", "nftables"],
    ["nftables", "ebpf"],
  ] as const)("may change from %s to %s, and nothing of the former is left", async (former, next) => {
    await run("ip", ["-n", namespace, "link", "add", "m1", "index", "101", "type", "veth", "peer", "name", "far"]);
    for (const name of ["m1", "far"]) await run("ip", ["-n", namespace, "link", "set", "dev", name, "up"]);
    const bring = async (backend: BackendName): Promise<ForwardingProcess> => {
      const process = start({ backend });
      await process.call("create", { trunk: 1, hash: "flow" });
      await process.call("attach", 1, 101);
      await process.call("setCollecting", 1, 101, true);
      await process.call("setDistribution", 1, [{ index: 101, weight: 1 }]);
      await process.call("setCarrier", 1, true);
      await process.call("commit");
      expect(process.problems).toEqual([]);
      return process;
    };
    await (await bring(former)).kill();
    const process = await bring(next);
    const frame = ipv4({ source: 1, destination: 2, ports: [3, 4] });
    await process.call("transmit", "eth-trunk1", frame);
    await process.call("transmit", "far", frame);
    await vi.waitFor(async () =>
      expect(await process.call("counters", 1)).toMatchObject({ framesReceived: 1, framesSent: 1 }),
    );
    const hooks = ["hook et1-ul", "hook eth-trunk1", "hook m1"];
    const table = next === "nftables" ? ["table netdev etrunkd_1"] : [];
    expect(await leftovers(namespace)).toEqual(["et1-ul", "eth-trunk1", ...hooks, ...table]);
    await process.call("leave");
    expect(await leftovers(namespace)).toEqual([]);
  });

  test("is nftables in a user namespace, and frames pass", async () => {
    const process = start({ wrapper: ["unshare", "--user", "--map-root-user", "--net"] });
    expect(await process.call<Choice>("choice")).toEqual({
      name: "nftables",
      reason: "bpf() is refused in spite of CAP_BPF: a user namespace, seccomp or lockdown forbids it",
    });
    const pid = await process.call<number>("pid");
    const inside = (...command: string[]) => run("nsenter", ["-t", String(pid), "-U", "-n", ...command]);
    // Its neighbour discovery would be counted.
    await inside("sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/default/disable_ipv6 || :");
    await inside("ip", "link", "add", "name", "m1", "index", "101", "type", "veth", "peer", "name", "far");
    await inside("ip", "link", "set", "dev", "m1", "up");
    await inside("ip", "link", "set", "dev", "far", "up");
    await process.call("create", { trunk: 1, hash: "flow" });
    await process.call("attach", 1, 101);
    await process.call("setCollecting", 1, 101, true);
    await process.call("setDistribution", 1, [{ index: 101, weight: 1 }]);
    await process.call("setCarrier", 1, true);
    await process.call("commit");
    expect(process.problems).toEqual([]);
    const frame = ipv4({ source: 1, destination: 2, ports: [3, 4] });
    await process.call("transmit", "eth-trunk1", frame);
    await process.call("transmit", "far", frame);
    await vi.waitFor(async () =>
      expect(await process.call("counters", 1)).toEqual({
        framesReceived: 1,
        bytesReceived: frame.length / 2,
        framesSent: 1,
        bytesSent: frame.length / 2,
        framesDropped: 0,
      }),
    );
    await process.call("leave");
    expect(JSON.parse(await inside("ip", "-j", "link", "show"))).toHaveLength(3);
    expect(await leftovers(namespace)).toEqual([]);
  });

  test("refuses what nftables cannot when the daemon is configured so, with the reason", async () => {
    await run("ip", ["-n", namespace, "link", "add", "m1", "index", "101", "type", "veth", "peer", "name", "far"]);
    const trunk = ["interface Eth-Trunk1", " trunkport m1"];
    const sub = ["interface Eth-Trunk1.10", " vlan-type dot1q 10"];
    const text = (...lines: readonly string[]): string => `${lines.join("\n")}\n`;
    const begin = (configuration: string) =>
      Daemon.start({ namespace, folder: `${lab.folder}/daemon`, configuration, wrapper: WITHOUT_BPF });
    const refusal = "This kernel has no 802.1Q devices, and only an Eth-Trunk on eBPF can do without.";
    await expect(begin(text(...trunk, ...sub))).rejects.toThrow(`etrunkd.cfg:4: ${refusal}`);
    const daemon = await begin(text(...trunk, " ip address 10.9.0.1 24"));
    try {
      expect(await leftovers(namespace)).toContain("table netdev etrunkd_1");
      daemon.configure(text(...trunk, " ip address 10.9.0.9 24", ...sub));
      await vi.waitFor(() => expect(daemon.log).toContain(`etrunkd.cfg:5: ${refusal}`), { timeout: 10_000 });
      expect(await run("ip", ["-n", namespace, "-br", "addr", "show", "dev", "eth-trunk1"])).toContain("10.9.0.1/24");
    } finally {
      await daemon.stop();
    }
    expect(await leftovers(namespace)).toEqual([]);
  });

  test("is nothing without bpf() and nft: each member is refused with the reason, and its partner is not invited", async () => {
    await run("ip", ["-n", namespace, "link", "add", "m1", "index", "101", "type", "veth", "peer", "name", "far"]);
    for (const name of ["m1", "far"]) await run("ip", ["-n", namespace, "link", "set", "dev", name, "up"]);
    const configuration = "interface Eth-Trunk1\n mode lacp-static\n trunkport m1\n";
    const withoutNft = ["unshare", "--mount", "sh", "-c", 'mount --bind /dev/null /usr/sbin/nft && exec "$@"', "sh"];
    const wrapper = [...withoutNft, ...WITHOUT_BPF];
    const daemon = await Daemon.start({ namespace, folder: `${lab.folder}/daemon`, configuration, wrapper });
    try {
      expect(await daemon.version()).toMatchObject({ forwarding: "none" });
      const reason = expect.stringMatching(/^data plane: nothing here can forward: bpf\(\) is refused: .*; .*nft/);
      await vi.waitFor(async () =>
        expect(await daemon.trunk()).toMatchObject({ operState: "down", ports: [{ status: "Unselect", reason }] }),
      );
      expect(daemon.log).toContain("nothing here can forward");
    } finally {
      await daemon.stop();
    }
  });
});
