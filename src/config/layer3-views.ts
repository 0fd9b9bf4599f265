import { addressRows, deviceRows } from "./address-rows.js";
import { description } from "./interface-view.js";
import { vlanId } from "./language/network-parameters.js";
import { flag, number } from "./language/setting.js";
import { isisRows, pimRows } from "./routing-rows.js";

const shutdown = flag("shutdown", { help: "Take the interface down" });

/** View of a Vlanif interface, the device in a VLAN of the bridge. */
export const vlanifSettings = {
  shutdown,
  description,
  ...deviceRows,
  ...addressRows,
  ...pimRows,
  ...isisRows,
};

/** View of a sub-interface. */
export const subInterfaceSettings = {
  vlanTypeDot1q: number("vlan-type dot1q <vlan>", vlanId, {
    help: "VLAN whose frames are the sub-interface's",
    words: { dot1q: "IEEE 802.1Q" },
  }),
  ...vlanifSettings,
};

/** View of a loopback interface. */
export const loopbackSettings = { description, ...addressRows, ...pimRows, ...isisRows };
