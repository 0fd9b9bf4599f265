import { trunkName } from "../../../core/base/trunk-names.js";
import type { Change, Finding, Path } from "../../feature.js";
import { filled } from "../../language/setting.js";
import { needsMode } from "../../texts.js";
import { at, interfaceOf, kindOf, numberOf, physicalsOf, trunksOf } from "../interfaces/slice.js";
import { checkKeys } from "./port-keys.js";
import { MANUAL, modeOf, STATIC, trunkRows } from "./rows.js";
import { type EthTrunkSlice, membersOf, type Trunk } from "./slice.js";

const MOST_MEMBERS = 64;

export const checkTrunks = (model: EthTrunkSlice): Finding[] => [
  ...checkCommandMode(model),
  ...checkMembers(model),
  ...trunksOf(model).flatMap(([id, trunk]) => checkLinks(id, trunk)),
  ...checkKeys(model),
];

/** `lacp priority-command-mode` decides which of two commands sets the system priority. */
function checkCommandMode(model: EthTrunkSlice): Finding[] {
  if (model.lacpPriority === undefined || model.lacpPriorityCommandMode !== "system-priority") return [];
  const text = "lacp priority and lacp priority-command-mode system-priority exclude each other.";
  return [{ path: ["lacpPriority"], text }];
}

function checkMembers(model: EthTrunkSlice): Finding[] {
  const findings: Finding[] = [];
  const counts = new Map<number, number>();
  for (const [name, { ethTrunk }] of physicalsOf(model)) {
    if (!ethTrunk) continue;
    const add = (text: string) => findings.push({ path: at(name, "ethTrunk"), text });
    const trunk = interfaceOf(model, trunkName(ethTrunk.id));
    if (!trunk) {
      add(`${trunkName(ethTrunk.id)} does not exist.`);
      continue;
    }
    if (ethTrunk.mode === "passive" && modeOf(trunk) !== STATIC) add(needsMode(STATIC));
    const count = (counts.get(ethTrunk.id) ?? 0) + 1;
    counts.set(ethTrunk.id, count);
    if (count > MOST_MEMBERS) add(`${MOST_MEMBERS} of member interfaces of ${trunkName(ethTrunk.id)} is the maximum.`);
  }
  return findings;
}

function checkLinks(id: number, trunk: Trunk): Finding[] {
  const { mode, leastActiveLinknumber: least, maxActiveLinknumber: most } = filled(trunkRows, trunk);
  if (mode !== STATIC || least <= most) return [];
  const attribute = trunk.leastActiveLinknumber ? "leastActiveLinknumber" : "maxActiveLinknumber";
  const text = `least active-linknumber (${least}) must not exceed max active-linknumber (${most}).`;
  return [{ path: at(trunkName(id), attribute), text }];
}

/** An Eth-Trunk in another mode than load balancing must be empty before its mode changes, and in no E-Trunk. */
export function refusesMode({ model, position, attribute, value }: Change<EthTrunkSlice>): string | undefined {
  const { view, name } = position;
  if (view !== "eth-trunk" || attribute !== "mode") return undefined;
  const trunk = interfaceOf(model, name) ?? {};
  const mode = modeOf(trunk);
  if (trunk.eTrunk !== undefined && value !== mode)
    return `${name} belongs to E-Trunk ${trunk.eTrunk.id}. Remove it before changing the mode.`;
  const isEmpty = membersOf(model, numberOf(name)).length === 0;
  if (mode === MANUAL || value === mode || isEmpty) return undefined;
  return `${name} has member interfaces. Remove them before changing the mode.`;
}

/** An Eth-Trunk stays while it has members. */
export const memberOfTrunk = (model: EthTrunkSlice, [collection, name = "", attribute]: Path): string | undefined =>
  collection === "interfaces" && attribute === undefined && kindOf(name) === "eth-trunk"
    ? membersOf(model, numberOf(name))[0]
    : undefined;
