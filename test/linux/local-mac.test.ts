import fc from "fast-check";
import { expect, test } from "vitest";
import { isGroupMac, macToColons } from "../../src/core/base/address.js";
import { localMac } from "../../src/linux/local-mac.js";

test("an address of our own is locally administered and no group's", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      const mac = localMac(text);
      expect(isGroupMac(mac)).toBe(false);
      expect(Math.floor(mac / 2 ** 40) & 2).toBe(2);
      expect(macToColons(mac)).toMatch(/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/);
    }),
  );
});

test("the next version gives a trunk and the bridge the address this one does", () => {
  expect(macToColons(localMac("44/1"))).toBe("fe:1e:e2:c5:2f:b7");
  expect(macToColons(localMac("44 bridge br0"))).toBe("6e:98:0b:d5:6c:5f");
});
