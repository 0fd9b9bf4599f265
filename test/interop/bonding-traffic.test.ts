import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { Daemon, WITHOUT_BPF } from "../support/daemon.js";
import { runIn } from "../support/forwarding.js";
import { isInstalled, isRoot, Lab } from "../support/lab.js";
import { makeVeth } from "../support/namespace.js";
import { exchange, type TrafficOptions } from "../support/traffic.js";
import { GuestEcho } from "./peers/guest-traffic.js";
import { LinuxBonding } from "./peers/linux-bonding.js";

const FAST = { active: true, fast: true };
/** Indexes of our ends of the links and of the partner's: p1 to p3 differ, q1 to q3 are equal. */
const LINKS = {
  p1: [101, 201],
  p2: [102, 202],
  p3: [103, 203],
  q1: [111, 111],
  q2: [112, 112],
  q3: [113, 113],
} as const;
type LinkName = keyof typeof LINKS;
const ALL = Object.keys(LINKS) as LinkName[];
const MEMBERS: readonly (readonly LinkName[])[] = [["p1"], ["p1", "p2"], ["p1", "p2", "p3"], ["q1", "q2", "q3"]];

const WRAPPERS = { ebpf: [], nftables: WITHOUT_BPF };
const PATIENCE = { timeout: 20_000, interval: 100 };

/** Frames of 32 flows, and how many of each. */
const FLOWS = 32;
const EACH = 50;

/** Raw frames, so that tags need no device at either end; VLAN 10 is the sub-interfaces'. */
const KINDS: readonly (readonly [name: string, options: Omit<TrafficOptions, "device">])[] = [
  ["IPv4", { family: 4 }],
  ["IPv6", { family: 6 }],
  ["IPv4 in a VLAN", { family: 4, vlans: [20] }],
  ["IPv6 in a VLAN", { family: 6, vlans: [20] }],
  ["IPv6 in two VLANs", { family: 6, vlans: [20, 30] }],
];

/** What the partner is called without a tag, and in VLAN 10. */
const UNTAGGED = ["10.9.0.2", "fd09::2"];
const TAGGED = ["10.9.10.2", "fd09:10::2"];

// Debian has user-mode-linux for PCs only.
describe.runIf(isRoot && isInstalled("linux.uml"))("a static trunk to Linux bonding", () => {
  let lab: Lab;
  let ours: string;
  let bonding: LinuxBonding;
  let echo: GuestEcho;

  beforeAll(async () => {
    lab = new Lab();
    ours = await lab.namespace("d");
    const theirs = await lab.namespace("p");
    for (const name of ALL) {
      const [near, far] = LINKS[name];
      await makeVeth({ namespace: ours, name, index: near }, { namespace: theirs, name, index: far });
    }
    bonding = await LinuxBonding.start(lab, theirs, ALL, FAST, { megabytes: 512, wholeFrames: true });
    await bonding.command("module 8021q; ip link add link bond0 name bond0.10 type vlan id 10");
    await bonding.command("ip link set lo up; TMPDIR=/run iperf3 -s -D");
    echo = await GuestEcho.start(bonding, "bond0");
  });

  afterAll(async () => {
    await bonding?.stop();
    await lab?.close();
  });

  describe.each(["ebpf", "nftables"] as const)("(%s)", (backend) => {
    // There, a tag is pushed by the kernel or not at all, and this kernel has no 802.1Q.
    const hasSubInterface = backend === "ebpf";
    const addresses = hasSubInterface ? [...UNTAGGED, ...TAGGED] : UNTAGGED;

    describe.each(MEMBERS.map((members) => [members] as const))("over %j", (members) => {
      let daemon: Daemon;

      beforeAll(async () => {
        await bonding.configure(FAST, members);
        for (const [device, network] of [
          ["bond0", ["10.9.0.2/24", "fd09::2/64 nodad"]],
          ["bond0.10", ["10.9.10.2/24", "fd09:10::2/64 nodad"]],
        ] as const) {
          await bonding.command(`ip link set ${device} up`);
          for (const address of network) await bonding.command(`ip addr replace ${address} dev ${device}`);
        }
        daemon = await Daemon.start({
          namespace: ours,
          folder: join(lab.folder, `${backend}-${members}`),
          configuration: configuration(members),
          flags: ["--system-mac", "02:00:00:00:0a:01"],
          wrapper: WRAPPERS[backend],
        });
        expect(await daemon.version()).toMatchObject({ forwarding: backend });
        await vi.waitFor(async () => {
          expect(await daemon.trunk()).toMatchObject({ operState: "up", upPorts: members.length });
          const theirs = await bonding.ports();
          expect(theirs.map(({ name, carrying }) => [name, carrying])).toEqual(members.map((name) => [name, true]));
        }, PATIENCE);
      });

      afterEach(async ({ task }) => {
        if (task.result?.state === "fail") console.error(daemon.log, await bonding.report());
      });

      afterAll(async () => {
        await daemon?.stop();
      });

      const configuration = (names: readonly LinkName[]): string =>
        [
          "interface Eth-Trunk1",
          " mode lacp-static",
          " lacp timeout fast",
          ...names.map((name) => ` trunkport ${name}`),
          " ip address 10.9.0.1 24",
          " ipv6 enable",
          " ipv6 address fd09::1/64",
          ...(hasSubInterface
            ? [
                "interface Eth-Trunk1.10",
                " vlan-type dot1q 10",
                " ip address 10.9.10.1 24",
                " ipv6 enable",
                " ipv6 address fd09:10::1/64",
              ]
            : []),
          "",
        ].join("\n");

      test.each(addresses)("answers pings to %s, each once", async (address) => {
        // Until duplicate address detection is over.
        await vi.waitFor(() => runIn(ours, ["ping", "-c", "1", "-W", "1", address]), PATIENCE);
        const said = await runIn(ours, ["ping", "-c", "10", "-i", "0.02", "-W", "5", address]);
        expect(said).toContain("10 packets transmitted, 10 received, 0% packet loss");
      });

      test.each(addresses)("carries TCP to %s and back", async (address) => {
        for (const direction of [[], ["--reverse"]]) {
          // What is still in buffers when all is written does not count, so they are small.
          const words = ["iperf3", "-c", address, "-n", "2M", "-w", "64K", "-J", ...direction];
          // It serves one at a time, and may not have noticed yet that the one before is gone.
          const report = await vi.waitFor(async () => {
            const said = JSON.parse(await runIn(ours, words));
            expect(said.error).toBeUndefined();
            return said;
          }, PATIENCE);
          expect(report.end.sum_received.bytes).toBeGreaterThan(1_500_000);
        }
      });

      test.each(KINDS)("carries 32 flows of %s there and back, each whole and in order", async (_name, options) => {
        const before = await daemon.trunk();
        const all = { device: "eth-trunk1", ...options, flows: FLOWS, count: FLOWS * EACH, window: 64 } as const;
        const back = await exchange(ours, all);
        const there = await echo.result();
        const whole = { received: FLOWS * EACH, flows: FLOWS, reordered: 0, vlans: [options.vlans?.[0] ?? null] };
        expect({ there, back }).toMatchObject({ there: whole, back: { ...whole, sent: FLOWS * EACH, failed: 0 } });
        const after = await daemon.trunk();
        for (const share of sharesOf("framesSent")) expect(share).toBeGreaterThanOrEqual(EACH);
        // The driver does not see through a tag that stands in the frame, and sends all of it one way.
        if (options.vlans === undefined)
          for (const share of sharesOf("framesReceived")) expect(share).toBeGreaterThanOrEqual(EACH);

        function sharesOf(field: "framesSent" | "framesReceived"): number[] {
          return after.ports.map((port, at) => (port[field] ?? 0) - (before.ports[at]?.[field] ?? 0));
        }
      });
    });
  });
});
