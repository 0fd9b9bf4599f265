import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { Daemon } from "../support/daemon.js";
import { ADDRESSES, CE_LINK, type Pe, peConfiguration } from "../support/etrunk-lab.js";
import { Lab, run } from "../support/lab.js";
import { ipIn, makeVeth } from "../support/namespace.js";
import { OpenVswitch } from "./peers/open-vswitch.js";
import { withPeers } from "./peers/setting.js";

const PATIENCE = { timeout: 30_000, interval: 100 };
const PES = ["PE1", "PE2"] as const;
/** Both PEs are the same gateway to the CE: one address, one MAC address. */
const GATEWAY = "10.8.0.1";
const CE_ADDRESS = "10.8.0.2";

const configuration = (pe: Pe): string =>
  peConfiguration(pe)
    .replace(" mode lacp-static\n lacp timeout fast\n", " mode manual load-balance\n mac-address 00e0-fc00-0100\n")
    .replace(" e-trunk 1\n", ` e-trunk 1\n ip address ${GATEWAY} 24\n`);

withPeers(["Open vSwitch"], () => {
  let lab: Lab;
  const namespaces: { [pe in Pe]: string } = { PE1: "", PE2: "" };
  let ce: string;
  let ovs: OpenVswitch;
  let pe: { readonly [pe in Pe]: Daemon };

  beforeAll(async () => {
    lab = new Lab();
    ce = await lab.namespace("ce");
    for (const name of PES) namespaces[name] = await lab.namespace(name.toLowerCase());
    const end = (name: Pe, device: string, index: number) => ({ namespace: namespaces[name], name: device, index });
    await makeVeth(end("PE1", "ctl", 31), end("PE2", "ctl", 32));
    for (const name of PES) await ipIn(namespaces[name], "address", "add", `${ADDRESSES[name]}/24`, "dev", "ctl");
    // Straight to the CE: a wire that can be cut on the way would keep the carrier from it.
    for (const [at, name] of PES.entries())
      await makeVeth(end(name, CE_LINK[name], 41 + at), { namespace: ce, name: CE_LINK[name], index: 51 + at });
    ovs = await OpenVswitch.start(lab, ce, Object.values(CE_LINK), undefined);
    // A member still reaches the namespace's own IP stack, which must not answer for br0 there.
    for (const link of Object.values(CE_LINK))
      await run("ip", ["netns", "exec", ce, "sysctl", "-qw", `net.ipv4.conf.${link}.arp_ignore=8`]);
    await ipIn(ce, "address", "add", `${CE_ADDRESS}/24`, "dev", "br0");
    await ipIn(ce, "link", "set", "dev", "br0", "up");
    const start = (name: Pe, mac: string) =>
      Daemon.start({
        namespace: namespaces[name],
        folder: join(lab.folder, name),
        configuration: configuration(name),
        flags: ["--system-mac", mac],
      });
    pe = { PE1: await start("PE1", "00e0-fc00-0001"), PE2: await start("PE2", "00e0-fc00-0002") };
  });
  afterAll(async () => {
    await Promise.all(PES.map((name) => pe?.[name].stop()));
    await ovs?.stop();
    await lab.close();
  });
  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") console.error(await ovs.report(), pe.PE1.log, pe.PE2.log);
  });

  /** The CE has the carrier of these PEs only, uses them, and reaches the gateway. */
  const carry = (...names: readonly Pe[]): Promise<void> =>
    vi.waitFor(async () => {
      expect(await ovs.enabled()).toEqual(names.map((name) => CE_LINK[name]));
      await run("ip", ["netns", "exec", ce, "ping", "-c", "1", "-W", "1", GATEWAY]);
    }, PATIENCE);

  test("a member trunk without LACP tells the CE by its carrier that it is in standby", async () => {
    await carry("PE1");
    expect(await pe.PE2.trunk(10)).toMatchObject({ operState: "down", ports: [{ linkUp: false }] });
  });

  test("it takes over when the other one's link is cut, and gives back", async () => {
    await ipIn(ce, "link", "set", "dev", CE_LINK.PE1, "down");
    await carry("PE2");
    await ipIn(ce, "link", "set", "dev", CE_LINK.PE1, "up");
    await carry("PE1");
  });

  test("it takes over from one that is killed, and gives back to its follower", async () => {
    pe.PE1.signal("SIGKILL");
    await pe.PE1.ended();
    await vi.waitFor(async () => expect(await ovs.enabled()).toEqual(Object.values(CE_LINK)), PATIENCE);
    await pe.PE1.start();
    await carry("PE1");
  });

  test("it takes over when the other one leaves, and gives back to its follower", async () => {
    await pe.PE1.stop();
    await carry("PE2");
    await pe.PE1.start();
    await carry("PE1");
  });
});
