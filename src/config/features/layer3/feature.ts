import type { Feature } from "../../feature.js";
import { addressRows } from "./address-rows.js";
import { checkLayer3, subInterfaceOn } from "./checks.js";
import { desiredLayer3 } from "./desired.js";
import { loopbackRows, subInterfaceRows, vlanifRows } from "./rows.js";
import type { Layer3Slice, SubInterface } from "./slice.js";

const collection = "interfaces";
const promptOf = (name: string): string => name;

/** An address is on one interface. */
const tiesOfAddresses = (_: string, { ipAddress = [], ipv6Address = [] }: SubInterface): string[] =>
  [...ipAddress, ...ipv6Address].flatMap((entry) => ("address" in entry ? [`address ${entry.address}`] : []));

/** Addresses of interfaces, and the interfaces that exist for them: sub-interfaces, loopback and Vlanif interfaces. */
export const layer3: Feature<Layer3Slice> = {
  views: [
    { name: "sub-interface", kind: "a sub-interface", collection, promptOf },
    { name: "loopback", kind: "a loopback interface", collection, promptOf },
    { name: "vlanif", kind: "a Vlanif interface", collection, promptOf },
  ],
  rows: {
    physical: addressRows,
    "eth-trunk": addressRows,
    "sub-interface": subInterfaceRows,
    loopback: loopbackRows,
    vlanif: vlanifRows,
  },
  userOf: subInterfaceOn,
  ties: { interfaces: tiesOfAddresses },
  check: checkLayer3,
  desired: desiredLayer3,
};
