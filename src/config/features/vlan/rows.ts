import { z } from "zod";
import { vlanId, vlanLines, vlanList, withoutVlans, withVlans } from "../../language/network-parameters.js";
import { linuxInterface, restOfLine } from "../../language/parameters.js";
import { setting } from "../../language/setting.js";
import { choice, flag, number, text } from "../../language/setting-kinds.js";

/** The VLAN that always exists. */
export const DEFAULT_VLAN = 1;

/** VLANs that an interface carries tagged: all, or these. */
export type AllowedVlans = "all" | readonly number[];

const ALL: readonly number[] = Array.from({ length: 4094 }, (_, at) => at + 1);
const command = "port trunk allow-pass vlan";
const trunkWords = { port: "Layer 2 mode", trunk: "VLANs with their tag" };

/** Trait of what only an interface in Layer 2 mode can have. */
export const LAYER_2 = "layer-2";
const traits = [LAYER_2];

/** Views of physical interfaces and Eth-Trunks. */
export const switchRows = {
  portswitch: flag("portswitch", { help: "Layer 2 mode: the interface is a port of the bridge" }),
  portLinkType: choice(
    "port link-type",
    { access: "One VLAN, untagged", trunk: "Several VLANs, tagged", hybrid: "VLANs of both kinds" },
    { help: "How the interface carries VLANs", default: "hybrid", words: { port: "Layer 2 mode" }, traits },
  ),
  portDefaultVlan: number("port default vlan <vlan>", vlanId, {
    help: "VLAN of untagged frames",
    words: { port: "Layer 2 mode" },
    default: DEFAULT_VLAN,
    traits,
  }),
  portTrunkPvidVlan: number("port trunk pvid vlan <vlan>", vlanId, {
    help: "VLAN of untagged frames",
    words: trunkWords,
    default: DEFAULT_VLAN,
    traits,
  }),
  portTrunkAllowPassVlan: setting<AllowedVlans>(`${command} { <vlans> | all }`, {
    help: "VLANs that are carried with their tag",
    traits,
    words: { ...trunkWords, all: "Every VLAN there is" },
    parameters: { vlans: { type: vlanList, help: "VLANs, 5 10 to 20" } },
    schema: z.union([z.literal("all"), vlanList.schema], `all | ${vlanList.text}`),
    read({ values }, old) {
      const more = values.vlans as readonly number[] | undefined;
      return more === undefined || old === "all" ? "all" : withVlans(old, more);
    },
    remove({ values }, old) {
      const gone = values.vlans as readonly number[] | undefined;
      if (gone === undefined) return undefined;
      const left = withoutVlans(old === "all" ? ALL : old, gone);
      return left.length === 0 ? undefined : left;
    },
    print: (vlans) => (vlans === "all" ? [`${command} all`] : vlanLines(command, vlans)),
  }),
};

/** Undefined for none: an empty list is not stored. */
const stored = (vlans: readonly number[]): readonly number[] | undefined => {
  const left = vlans.filter((vlan) => vlan !== DEFAULT_VLAN);
  return left.length === 0 ? undefined : left;
};

const vlanBatch = setting<readonly number[]>("vlan batch <vlans>", {
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

/** System view: the VLANs besides VLAN 1, and their bridge. */
export const vlanSystemRows = {
  vlanBatch,
  vlanBridge: text("vlan-bridge <device>", linuxInterface, {
    help: "Linux bridge of the interfaces in Layer 2 mode; one that is there is adopted",
    default: "br-etrunk",
  }),
};

/** View of a VLAN. */
export const vlanRows = {
  description: text("description <text>", restOfLine(1, 80), { help: "Description of the VLAN" }),
};
