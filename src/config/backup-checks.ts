import { trunkName } from "../core/base/trunk-names.js";
import { BACKUP_MODE } from "./backup-rows.js";
import type { Finding } from "./finding.js";
import { interfaceOf, type Model, type PhysicalModel, physicalsOf, type TrunkModel, trunksOf } from "./model.js";
import { BALANCING } from "./trunk-view.js";
import { vlanExists } from "./vlan-actions.js";

const MEMBERS_OF_A_PAIR = 2;

const at = (name: string, attribute: string) => ["interfaces", name, attribute];
const needs = (what: string): string => `The command needs ${what}.`;

/** What a 1:1 trunk is: two members at most, one of them the master at most, in Layer 2 mode. */
export function checkPairs(model: Model): Finding[] {
  const members = new Map<number, [name: string, physical: PhysicalModel][]>();
  for (const entry of physicalsOf(model)) {
    const id = entry[1].ethTrunk?.id;
    if (id !== undefined) members.set(id, [...(members.get(id) ?? []), entry]);
  }
  return [
    ...physicalsOf(model).flatMap(([name, physical]) => checkMember(model, name, physical)),
    ...trunksOf(model).flatMap(([id, trunk]) => checkPair(id, trunk, members.get(id) ?? [])),
  ];
}

function checkMember(model: Model, name: string, { ethTrunk, portMaster, distributeWeight }: PhysicalModel): Finding[] {
  const findings: Finding[] = [];
  const trunk = ethTrunk && (interfaceOf(model, trunkName(ethTrunk.id)) as TrunkModel | undefined);
  if (portMaster && ethTrunk === undefined)
    findings.push({ path: at(name, "portMaster"), text: needs("eth-trunk first") });
  else if (portMaster && trunk?.mode !== BACKUP_MODE)
    findings.push({ path: at(name, "portMaster"), text: needs(`mode ${BACKUP_MODE}`) });
  if (trunk?.mode === BACKUP_MODE && (distributeWeight ?? 1) !== 1)
    findings.push({ path: at(name, "distributeWeight"), text: needs(`mode ${BALANCING.join(" or ")}`) });
  return findings;
}

function checkPair(
  id: number,
  { mode, portswitch, preemptEnable }: TrunkModel,
  members: readonly (readonly [name: string, physical: PhysicalModel])[],
): Finding[] {
  if (mode !== BACKUP_MODE) return [];
  const findings: Finding[] = [];
  if (!portswitch)
    findings.push({
      path: at(trunkName(id), "mode"),
      text: "The interface must be in Layer 2 mode. Run portswitch first.",
    });
  for (const [name] of members.slice(MEMBERS_OF_A_PAIR))
    findings.push({
      path: at(name, "ethTrunk"),
      text: "An Eth-Trunk in manual backup mode has at most two member interfaces.",
    });
  const [master, ...others] = members.filter(([, { portMaster }]) => portMaster);
  for (const [name] of others)
    findings.push({ path: at(name, "portMaster"), text: `${master![0]} is already the master interface.` });
  if (preemptEnable !== undefined && master === undefined)
    findings.push({ path: at(trunkName(id), "preemptEnable"), text: needs("port-master first") });
  return findings;
}

/** Who sends Flush: a trunk with another path, in a VLAN that is there. */
export function checkFlush(model: Model): Finding[] {
  return trunksOf(model).flatMap(([id, { smartLinkFlushSendVlan: send, mode, eTrunk }]) => {
    if (send === undefined) return [];
    const path = at(trunkName(id), "smartLinkFlushSendVlan");
    const findings: Finding[] = [];
    if (mode !== BACKUP_MODE && eTrunk === undefined)
      findings.push({ path, text: needs(`mode ${BACKUP_MODE}, or membership in an E-Trunk`) });
    if (!vlanExists(model, send.vlan)) findings.push({ path, text: `VLAN ${send.vlan} does not exist.` });
    return findings;
  });
}
