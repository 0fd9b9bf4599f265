import { z } from "zod";
import { vlanId, vlanLines, vlanList, withoutVlans, withVlans } from "./language/network-parameters.js";
import { choice, flag, number, setting } from "./language/setting.js";

/** VLANs a port carries with their tag: all there are, or these. */
export type AllowedVlans = "all" | readonly number[];

const ALL: readonly number[] = Array.from({ length: 4094 }, (_, at) => at + 1);
const command = "port trunk allow-pass vlan";
const trunkWords = { port: "Layer 2 mode", trunk: "VLANs with their tag" };

/** What an interface in Layer 2 mode can be given; VLAN 1 is where nothing else is said. */
export const switchRows = {
  portLinkType: choice(
    "port link-type",
    { access: "One VLAN, untagged", trunk: "Several VLANs, tagged", hybrid: "VLANs of both kinds" },
    { help: "How the interface carries VLANs", default: "hybrid", words: { port: "Layer 2 mode" } },
  ),
  portDefaultVlan: number("port default vlan <vlan>", vlanId, {
    help: "VLAN of untagged frames",
    words: { port: "Layer 2 mode" },
    default: 1,
  }),
  portTrunkPvidVlan: number("port trunk pvid vlan <vlan>", vlanId, {
    help: "VLAN of untagged frames",
    words: trunkWords,
    default: 1,
  }),
  portTrunkAllowPassVlan: setting<AllowedVlans>(`${command} { <vlans> | all }`, {
    help: "VLANs that are carried with their tag",
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

export const portswitch = flag("portswitch", { help: "Layer 2 mode: the interface is a port of the bridge" });
