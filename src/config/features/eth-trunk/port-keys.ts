import { keyOf, NO_RATE_CODE, RATE_CODES, rateCode } from "../../../core/base/lacp.js";
import { trunkName } from "../../../core/base/trunk-names.js";
import type { Finding } from "../../feature.js";
import { type InterfaceName, parseInterfaceName, speedOfType } from "../../language/interface-name.js";
import { at, physicalsOf, trunksOf } from "../interfaces/slice.js";
import { modeOf, STATIC } from "./rows.js";
import type { EthTrunkSlice } from "./slice.js";

type Trunk = NonNullable<EthTrunkSlice["interfaces"]>[string];

/** Configured speeds of the members of each trunk; undefined stands for a speed that only the host knows. */
function memberSpeeds(model: EthTrunkSlice): Map<number, Set<number | undefined>> {
  const speeds = new Map<number, Set<number | undefined>>();
  for (const [name, { ethTrunk, speed }] of physicalsOf(model)) {
    if (!ethTrunk) continue;
    const ofTrunk = speeds.get(ethTrunk.id) ?? new Set();
    speeds.set(ethTrunk.id, ofTrunk.add(speed ?? speedOfType(parseInterfaceName(name) as InterfaceName)));
  }
  return speeds;
}

/** Keys the ports of a trunk may get. */
function keysOf(id: number, trunk: Trunk, speeds: ReadonlySet<number | undefined> | undefined): number[] {
  if (trunk.lacpPortkey !== undefined) return [trunk.lacpPortkey];
  return typeCodes(trunk, speeds).map((code) => keyOf(id, code));
}

/** Possible type codes: all of them for a trunk without members, and for a member whose speed only the host knows. */
function typeCodes(trunk: Trunk, speeds: ReadonlySet<number | undefined> | undefined): readonly number[] {
  // With mixed rates the key leaves the speed out.
  if (trunk.lacpMixedRateLinkEnable) return [NO_RATE_CODE];
  if (!speeds || speeds.has(undefined)) return RATE_CODES;
  return [...new Set([...speeds].map((speed = 0) => rateCode(speed)))];
}

/** The configured system ID of a trunk; in an E-Trunk it may be the peer's. */
const systemIdOf = (model: EthTrunkSlice, trunk: Trunk): string =>
  (trunk.eTrunk === undefined ? trunk.lacpSystemId : (trunk.lacpETrunkSystemId ?? model.lacpETrunkSystemId)) ?? "";

/** One key of one system means one aggregator (802.1AX-2014 6.3.5), so two trunks must not share it. */
export function checkKeys(model: EthTrunkSlice): Finding[] {
  const findings: Finding[] = [];
  const speeds = memberSpeeds(model);
  const owners = new Map<string, number>();
  for (const [id, trunk] of trunksOf(model)) {
    if (modeOf(trunk) !== STATIC) continue;
    // Trunks with different system IDs are different systems to the partner.
    const system = systemIdOf(model, trunk);
    const keys = keysOf(id, trunk, speeds.get(id)).map((key) => `${system} ${key}`);
    const owner = keys.map((key) => owners.get(key)).find((other) => other !== undefined);
    if (owner !== undefined) {
      const text = `${trunkName(id)} would have the LACP port key of ${trunkName(owner)}. Set lacp portkey on one of them.`;
      findings.push({ path: at(trunkName(id)), text });
    }
    for (const key of keys) if (!owners.has(key)) owners.set(key, id);
  }
  return findings;
}
