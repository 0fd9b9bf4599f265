import { trunkName } from "../../../core/base/trunk-names.js";
import type { Finding } from "../../feature.js";
import { filled } from "../../language/setting.js";
import { needsLayer2 } from "../../texts.js";
import { memberRows } from "../eth-trunk/member-rows.js";
import { BACKUP, BALANCING, modeOf } from "../eth-trunk/rows.js";
import { at, interfaceOf, physicalsOf, trunksOf } from "../interfaces/slice.js";
import type { BackupSlice, InPair } from "./slice.js";

const MEMBERS_OF_A_PAIR = 2;

const needs = (what: string): string => `The command needs ${what}.`;

/** Problems of 1:1 trunks: more than two members, more than one master, no Layer 2 mode. */
export function checkPairs(model: BackupSlice): Finding[] {
  const members = new Map<number, [name: string, physical: InPair][]>();
  for (const entry of physicalsOf(model)) {
    const id = entry[1].ethTrunk?.id;
    if (id !== undefined) members.set(id, [...(members.get(id) ?? []), entry]);
  }
  return [
    ...physicalsOf(model).flatMap(([name, physical]) => checkMember(model, name, physical)),
    ...trunksOf(model).flatMap(([id, trunk]) => checkPair(id, trunk, members.get(id) ?? [])),
  ];
}

function checkMember(model: BackupSlice, name: string, { ethTrunk, ...member }: InPair): Finding[] {
  const { portMaster, distributeWeight: weight } = filled(memberRows, member);
  const findings: Finding[] = [];
  const trunk = ethTrunk && interfaceOf(model, trunkName(ethTrunk.id));
  const mode = trunk && modeOf(trunk);
  if (portMaster && ethTrunk === undefined)
    findings.push({ path: at(name, "portMaster"), text: needs("eth-trunk first") });
  else if (portMaster && mode !== BACKUP)
    findings.push({ path: at(name, "portMaster"), text: needs(`mode ${BACKUP}`) });
  if (mode === BACKUP && weight !== memberRows.distributeWeight.default)
    findings.push({ path: at(name, "distributeWeight"), text: needs(`mode ${BALANCING.join(" or ")}`) });
  return findings;
}

function checkPair(
  id: number,
  trunk: InPair,
  members: readonly (readonly [name: string, physical: InPair])[],
): Finding[] {
  if (modeOf(trunk) !== BACKUP) return [];
  const { portswitch, preemptEnable } = trunk;
  const findings: Finding[] = [];
  if (!portswitch)
    findings.push({
      path: at(trunkName(id), "mode"),
      text: needsLayer2,
    });
  for (const [name] of members.slice(MEMBERS_OF_A_PAIR))
    findings.push({
      path: at(name, "ethTrunk"),
      text: "An Eth-Trunk in manual backup mode has at most two member interfaces.",
    });
  const [master, ...others] = members.filter(([, { portMaster }]) => portMaster);
  for (const [name] of others)
    findings.push({ path: at(name, "portMaster"), text: `${master?.[0]} is already the master interface.` });
  if (preemptEnable !== undefined && master === undefined)
    findings.push({ path: at(trunkName(id), "preemptEnable"), text: needs("port-master first") });
  return findings;
}
