import { vlanLines, vlanList, withoutVlans, withVlans } from "./language/network-parameters.js";
import { restOfLine } from "./language/parameters.js";
import { setting, text } from "./language/setting.js";

/** Always there. */
export const DEFAULT_VLAN = 1;

/** Undefined for none: an empty list is not stored. */
const stored = (vlans: readonly number[]): readonly number[] | undefined => {
  const left = vlans.filter((vlan) => vlan !== DEFAULT_VLAN);
  return left.length === 0 ? undefined : left;
};

/** The VLANs there are besides VLAN 1. */
export const vlanBatch = setting<readonly number[]>("vlan batch <vlans>", {
  help: "Create VLANs",
  words: { vlan: "Virtual LAN" },
  parameters: { vlans: { type: vlanList, help: "VLANs, 5 10 to 20" } },
  schema: vlanList.schema.refine((vlans) => !vlans.includes(DEFAULT_VLAN), "a list of VLANs other than 1"),
  // Nothing is set by a line that names VLAN 1 alone.
  read: ({ values }, old) => stored(withVlans(old, values.vlans as readonly number[])) as readonly number[],
  remove: ({ values }, old) =>
    values.vlans === undefined ? undefined : stored(withoutVlans(old, values.vlans as readonly number[])),
  print: (vlans) => vlanLines("vlan batch", vlans),
});

export const vlanSettings = {
  description: text("description <text>", restOfLine(1, 80), { help: "Description of the VLAN" }),
};
