import { vlanId } from "../../language/network-parameters.js";
import { flag, number } from "../../language/setting-kinds.js";
import { description, deviceRows } from "../interfaces/rows.js";
import { addressRows } from "./address-rows.js";

/** View of a Vlanif interface, the host's own interface in a VLAN of the bridge. */
export const vlanifRows = {
  shutdown: flag("shutdown", { help: "Take the interface down", desired: (isShutDown) => ({ up: !isShutDown }) }),
  description,
  ...deviceRows,
  ...addressRows,
};

/** View of a sub-interface. */
export const subInterfaceRows = {
  vlanTypeDot1q: number("vlan-type dot1q <vlan>", vlanId, {
    help: "VLAN whose frames are the sub-interface's",
    words: { dot1q: "IEEE 802.1Q" },
  }),
  ...vlanifRows,
};

/** View of a loopback interface. */
export const loopbackRows = { description, ...addressRows };
