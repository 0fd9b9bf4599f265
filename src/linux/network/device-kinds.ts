import { type DeviceKinds, deviceAddon } from "../native/device.js";
import { netlinkAddon } from "../native/netlink.js";

/** What devices this kernel can make; undefined where it cannot be asked. Needs CAP_NET_ADMIN. */
export function deviceKinds(): DeviceKinds | undefined {
  const netlink = netlinkAddon().netlinkOpen();
  if (typeof netlink === "number") return undefined;
  try {
    return deviceAddon().deviceKinds(netlink);
  } finally {
    netlinkAddon().netlinkClose(netlink);
  }
}
