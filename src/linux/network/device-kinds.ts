import { addon, type DeviceKinds } from "../addon.js";

/** What devices this kernel can make; undefined where it cannot be asked. Needs CAP_NET_ADMIN. */
export function deviceKinds(): DeviceKinds | undefined {
  const netlink = addon().netlinkOpen();
  if (typeof netlink === "number") return undefined;
  try {
    return addon().deviceKinds(netlink);
  } finally {
    addon().netlinkClose(netlink);
  }
}
