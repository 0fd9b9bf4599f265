import type { Feature } from "../../feature.js";
import { addressRows } from "./address-rows.js";
import { checkLayer3, subInterfaceOn } from "./checks.js";
import { desiredLayer3 } from "./desired.js";
import { loopbackRows, subInterfaceRows, vlanifRows } from "./rows.js";
import type { Layer3Slice } from "./slice.js";

const collection = "interfaces";

/** Addresses of interfaces, and the interfaces that exist for them: sub-interfaces, loopback and Vlanif interfaces. */
export const layer3: Feature<Layer3Slice> = {
  views: [
    { name: "sub-interface", kind: "a sub-interface", collection },
    { name: "loopback", kind: "a loopback interface", collection },
    { name: "vlanif", kind: "a Vlanif interface", collection },
  ],
  rows: {
    physical: addressRows,
    "eth-trunk": addressRows,
    "sub-interface": subInterfaceRows,
    loopback: loopbackRows,
    vlanif: vlanifRows,
  },
  userOf: subInterfaceOn,
  check: checkLayer3,
  desired: desiredLayer3,
};
