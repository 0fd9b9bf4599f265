import { describe, expect, test, vi } from "vitest";
import type { Daemon } from "../support/daemon.js";
import { interfaceState, runIn } from "../support/forwarding.js";
import { toHex } from "../support/frames.js";
import { isRoot, run } from "../support/lab.js";
import { ipIn } from "../support/namespace.js";
import { Hosts, PATIENCE } from "./hosts.js";
import { Capture } from "./peers/raw-frames.js";

const trunk = (host: number, ...members: readonly string[]): string[] => [
  ...["interface Eth-Trunk1", " mode lacp-static", " lacp timeout fast", ` ip address 10.9.0.${host} 24`],
  ...members.map((member) => ` trunkport ${member}`),
];
/** Flows enough to come by every member. */
const PORTS = Array.from({ length: 12 }, (_, at) => 7_000 + at);

describe.runIf(isRoot)("address and MTU of members", () => {
  const hosts = Hosts.ofEachTest();
  const carries = (daemon: Daemon, members: number): Promise<void> =>
    vi.waitFor(async () => expect(await daemon.trunk()).toMatchObject({ upPorts: members }), PATIENCE);

  /** Two macvlans, which pass no frames to other addresses than their own, promiscuous or not. */
  const macvlans = async (): Promise<string[]> => {
    for (const at of [1, 2]) {
      const kind = ["type", "macvlan", "mode", "bridge"];
      await ipIn(hosts.near, "link", "add", "name", `mv${at}`, "link", `eth${at}`, ...kind);
      await ipIn(hosts.near, "link", "set", "dev", `mv${at}`, "up");
    }
    const states = [await interfaceState(hosts.near, "mv1"), await interfaceState(hosts.near, "mv2")];
    return states.map(({ address }) => address);
  };

  test("ports that filter by their own address carry; LACPDUs bear the address the port came with", async () => {
    const own = await macvlans();
    const capture = await Capture.start(hosts.lab, hosts.far, "eth1");
    const near = await hosts.start(hosts.near, ...trunk(1, "mv1", "mv2"));
    const far = await hosts.start(hosts.far, ...trunk(2, "eth1", "eth2"));
    for (const daemon of [near, far]) await carries(daemon, 2);
    await hosts.ping("10.9.0.2");
    near.signal("SIGKILL");
    await near.ended();
    await near.start();
    await carries(near, 2);
    await hosts.ping("10.9.0.2");
    const ofFar = (await ipIn(hosts.far, "-j", "-d", "link", "show", "dev", "eth1")) as string;
    expect(ofFar).toContain("eth1");
    await capture.stop();
    const sources = new Set(capture.frames().map(({ bytes }) => toHex(bytes.slice(6, 12))));
    // Ours, and the partner's.
    expect(sources).toContain(own[0]?.replaceAll(":", ""));
    expect(sources.size).toBe(2);
    near.signal("SIGTERM");
    expect(await near.ended()).toBe(0);
    const after = [await interfaceState(hosts.near, "mv1"), await interfaceState(hosts.near, "mv2")];
    expect(after.map(({ address }) => address)).toEqual(own);
  });

  test("a member that came with a smaller MTU gets the trunk's, and no large frame is lost", async () => {
    for (const namespace of [hosts.near, hosts.far]) await ipIn(namespace, "link", "set", "dev", "eth2", "mtu", "1280");
    const near = await hosts.start(hosts.near, ...trunk(1, "eth1", "eth2"));
    const far = await hosts.start(hosts.far, ...trunk(2, "eth1", "eth2"));
    for (const daemon of [near, far]) await carries(daemon, 2);
    await hosts.ping("10.9.0.2");
    for (const id of PORTS) await hosts.ping("10.9.0.2", "-s", "1472", "-M", "do", "-e", String(id));
    expect(await interfaceState(hosts.near, "eth2")).toMatchObject({ mtu: 1500 });
    await hosts.configure(near, "sysname nothing");
    expect(await interfaceState(hosts.near, "eth2")).toMatchObject({ mtu: 1280 });
  });

  test("one that cannot have the trunk's MTU is no member, and says both", async () => {
    // A macvlan has at most the MTU of what it stands on.
    const [, own] = await macvlans();
    await run("ip", ["-n", hosts.near, "link", "set", "dev", "mv2", "mtu", "1280"]);
    await run("ip", ["-n", hosts.near, "link", "set", "dev", "eth2", "mtu", "1280"]);
    const near = await hosts.start(hosts.near, ...trunk(1, "mv1", "mv2"));
    const far = await hosts.start(hosts.far, ...trunk(2, "eth1", "eth2"));
    for (const daemon of [near, far]) await carries(daemon, 1);
    const { ports } = await near.trunk();
    expect(ports[1]?.reason).toContain("data plane: MTU 1280, the trunk's is 1500: EINVAL");
    await hosts.configure(near, "sysname nothing");
    expect(await interfaceState(hosts.near, "mv2")).toMatchObject({ mtu: 1280, address: own, promiscuous: false });
    expect(await runIn(hosts.near, ["tc", "qdisc", "show", "dev", "mv2"])).not.toContain("clsact");
  });

  test("a member says in its alias whose it is, unless it says something already, and only while it is one", async () => {
    await ipIn(hosts.near, "link", "set", "dev", "eth2", "alias", "rack 7, left");
    const alias = async (name: string) => (await interfaceState(hosts.near, name)).alias;
    const near = await hosts.start(hosts.near, ...trunk(1, "eth1", "eth2", "eth3"));
    await vi.waitFor(async () => expect(await alias("eth1")).toBe("etrunkd: member of eth-trunk1"), PATIENCE);
    expect([await alias("eth2"), await alias("eth3")]).toEqual(["rack 7, left", "etrunkd: member of eth-trunk1"]);
    await ipIn(hosts.near, "link", "set", "dev", "eth3", "alias", "mine now");
    near.signal("SIGKILL");
    await near.ended();
    await near.start();
    await hosts.configure(near, ...trunk(1, "eth1"));
    expect([await alias("eth1"), await alias("eth2"), await alias("eth3")]).toEqual([
      ...["etrunkd: member of eth-trunk1", "rack 7, left", "mine now"],
    ]);
    near.signal("SIGTERM");
    expect(await near.ended()).toBe(0);
    expect([await alias("eth1"), await alias("eth2"), await alias("eth3")]).toEqual([
      ...[undefined, "rack 7, left", "mine now"],
    ]);
  });
});
