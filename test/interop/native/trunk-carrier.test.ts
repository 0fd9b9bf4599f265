import { expect, test } from "vitest";
import { addon, type KernelLink } from "../../../src/linux/addon.js";
import { setCarrier } from "../../../src/linux/forwarding/trunk-device.js";
import { isRoot, Lab } from "../../support/lab.js";
import { inside } from "../../support/namespace.js";

/** IF_OPER_UP (RFC 2863): queues and bridge ports are open. */
const OPERATIONAL = 6;
const ROUNDS = 20;

test.runIf(isRoot)(
  "a trunk whose carrier is on can be used at once, not when a worker of the kernel has run",
  async () => {
    const lab = new Lab();
    const netlink = inside(await lab.namespace("tc"), () => addon().netlinkOpen());
    if (typeof netlink === "number") throw new Error(`netlink: errno ${-netlink}`);
    const [outer, inner] = ["trunk", "trunk-ul"];
    try {
      const created = addon().vethCreate(netlink, outer, inner, 0x02_00_00_00_0a_01, 0);
      expect(created).toBe(0);
      expect(addon().linkSet(netlink, outer, true, undefined, undefined, undefined)).toBe(0);
      // A dump shows what is, and changes nothing.
      const operstate = () => (addon().linkList(netlink) as KernelLink[]).find(({ name }) => name === outer)?.operstate;
      const seen: unknown[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        setCarrier(netlink, inner, true);
        seen.push(operstate());
        setCarrier(netlink, inner, false);
      }
      expect(seen).toEqual(Array(ROUNDS).fill(OPERATIONAL));
    } finally {
      addon().netlinkClose(netlink);
      await lab.close();
    }
  },
);
