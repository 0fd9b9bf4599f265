import { expect, test } from "vitest";
import { setCarrier } from "../../../src/linux/forwarding/trunk-device.js";
import { deviceAddon } from "../../../src/linux/native/device.js";
import { type KernelLink, linkAddon } from "../../../src/linux/native/link.js";
import { netlinkAddon } from "../../../src/linux/native/netlink.js";
import { isRoot, Lab } from "../../support/lab.js";
import { inside } from "../../support/namespace.js";

/** IF_OPER_UP (RFC 2863): queues and bridge ports are open. */
const OPERATIONAL = 6;
const ROUNDS = 20;

test.runIf(isRoot)(
  "a trunk whose carrier is on can be used at once, not when a worker of the kernel has run",
  async () => {
    const lab = new Lab();
    const netlink = inside(await lab.namespace("tc"), () => netlinkAddon().netlinkOpen());
    if (typeof netlink === "number") throw new Error(`netlink: errno ${-netlink}`);
    const [outer, inner] = ["trunk", "trunk-ul"];
    try {
      const created = deviceAddon().vethCreate(netlink, {
        name: outer,
        peer: inner,
        mac: 0x02_00_00_00_0a_01,
        group: 0,
        mtu: 1500,
      });
      expect(created).toBe(0);
      expect(linkAddon().linkSet(netlink, outer, { up: true })).toBe(0);
      // A dump shows what is, and changes nothing.
      const operstate = () =>
        (linkAddon().linkList(netlink) as KernelLink[]).find(({ name }) => name === outer)?.operstate;
      const seen: unknown[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        setCarrier(netlink, inner, true);
        seen.push(operstate());
        setCarrier(netlink, inner, false);
      }
      expect(seen).toEqual(Array(ROUNDS).fill(OPERATIONAL));
    } finally {
      netlinkAddon().netlinkClose(netlink);
      await lab.close();
    }
  },
);
