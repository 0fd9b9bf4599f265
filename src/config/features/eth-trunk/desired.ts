import { type Mac, parseMac } from "../../../core/base/address.js";
import { seconds } from "../../../core/base/time.js";
import type { DesiredLacp } from "../../../core/contract/desired/trunk.js";
import type { Facts } from "../../facts.js";
import type { DesiredPart } from "../../feature.js";
import { desiredOf, filled } from "../../language/setting.js";
import { physicalsOf, trunksOf } from "../interfaces/slice.js";
import { ANY_SYSTEM_ID, lacpRows, lacpSystemRows } from "./lacp-rows.js";
import { memberRows } from "./member-rows.js";
import { trunkRows } from "./rows.js";
import type { EthTrunkSlice, Member, Trunk } from "./slice.js";

/** The trunks, and which interfaces are members of them. */
export function desiredTrunks(model: EthTrunkSlice, { deviceMac }: Facts): DesiredPart {
  const system = filled(lacpSystemRows, model);
  const byMode = system.lacpPriorityCommandMode === "system-priority";
  const lacpPriority = byMode ? system.lacpSystemPriority : system.lacpPriority;
  return {
    lacpPriority,
    interfaces: physicalsOf(model).map(([name, physical]) => ({ name, member: desiredMember(physical) })),
    trunks: trunksOf(model).map(([id, trunk]) => {
      const { leastActiveLinknumber: leastLinks, leastActiveBandwidth: leastBandwidth } = filled(trunkRows, trunk);
      return {
        id,
        leastLinks: leastBandwidth === undefined ? leastLinks : undefined,
        leastBandwidth,
        ...desiredOf(trunkRows, trunk),
        lacp: desiredLacp(trunk, lacpPriority, deviceMac),
      };
    }),
  };
}

const desiredMember = ({ ethTrunk, ...member }: Member) =>
  ethTrunk && { trunk: ethTrunk.id, active: ethTrunk.mode !== "passive", ...desiredOf(memberRows, member) };

function desiredLacp(trunk: Trunk, devicePriority: number, deviceMac: Mac): DesiredLacp {
  const { lacpPriority, lacpSystemId, lacpPreemptEnable, lacpPreemptDelay } = filled(lacpRows, trunk);
  return {
    maxLinks: filled(trunkRows, trunk).maxActiveLinknumber,
    systemPriority: lacpPriority ?? devicePriority,
    systemId: lacpSystemId === ANY_SYSTEM_ID ? deviceMac : (parseMac(lacpSystemId) as Mac),
    preemptDelay: lacpPreemptEnable ? seconds(lacpPreemptDelay) : undefined,
    ...desiredOf(lacpRows, trunk),
  };
}
