import { trunkName } from "../../../core/base/trunk-names.js";
import type { Finding, Path } from "../../feature.js";
import { objectCalled } from "../../language/setting.js";
import { needsFirst, needsLayer3 } from "../../texts.js";
import { sessionsOf } from "../bfd/slice.js";
import { at, interfaceOf } from "../interfaces/slice.js";
import { boundTo, type Profile, profilesOf, type RbsSlice, servicesOf } from "./slice.js";

/** Problems of services, profiles and the interfaces that are bound to them. */
export const checkRbs = (model: RbsSlice): Finding[] => [
  ...checkServices(model),
  ...checkProfiles(model),
  ...checkBindings(model),
];

function checkServices(model: RbsSlice): Finding[] {
  const findings: Finding[] = [];
  const owners = new Map<string, string>();
  for (const [name, service] of servicesOf(model))
    for (const attribute of ["peer", "peerIpv6"] as const) {
      const connection = service[attribute];
      if (connection === undefined) continue;
      const path = ["remoteBackupServices", name, attribute];
      const { peer, source, port } = connection;
      if (peer === source) findings.push({ path, text: "The peer address and the source address must differ." });
      const key = `${peer} ${source} ${port}`;
      const owner = owners.get(key);
      if (owner === undefined) owners.set(key, name);
      else
        findings.push({
          path,
          text: `Port ${port} between these addresses is used by remote backup service ${owner}.`,
        });
    }
  return findings;
}

function checkProfiles(model: RbsSlice): Finding[] {
  const findings: Finding[] = [];
  const owners = new Map<string, string>();
  for (const [name, profile] of profilesOf(model)) {
    const add = (attribute: keyof Profile, text: string) =>
      findings.push({ path: ["remoteBackupProfiles", name, attribute], text });
    const { backupId, eTrunk } = profile;
    const layer3 = profile.serviceType?.find((type) => type === "arp" || type === "nd");
    const trunk = eTrunk && trunkName(eTrunk.ethTrunk);
    if (layer3 !== undefined && trunk !== undefined && interfaceOf(model, trunk)?.portswitch === true)
      add("eTrunk", `service-type ${layer3}: ${needsLayer3(trunk)}`);
    if (backupId !== undefined) {
      const { id, service } = backupId;
      if (objectCalled(model.remoteBackupServices, service) === undefined)
        add("backupId", `Remote backup service ${service} does not exist.`);
      const owner = owners.get(`${id} ${service}`);
      if (owner === undefined) owners.set(`${id} ${service}`, name);
      else add("backupId", `Backup-id ${id} of ${service} is used by remote backup profile ${owner}.`);
    }
  }
  return findings;
}

/** An interface is the Eth-Trunk of its profile or a sub-interface of it. */
function checkBindings(model: RbsSlice): Finding[] {
  const findings: Finding[] = [];
  for (const [name, { remoteBackupProfile }] of Object.entries(model.interfaces ?? {})) {
    if (remoteBackupProfile === undefined) continue;
    const add = (text: string) => findings.push({ path: at(name, "remoteBackupProfile"), text });
    const profile = objectCalled(model.remoteBackupProfiles, remoteBackupProfile);
    if (profile === undefined) {
      add(`Remote backup profile ${remoteBackupProfile} does not exist.`);
      continue;
    }
    const main = name.split(".")[0] as string;
    if (profile.eTrunk !== undefined && trunkName(profile.eTrunk.ethTrunk) !== main)
      add(`Remote backup profile ${remoteBackupProfile} is bound to Eth-Trunk${profile.eTrunk.ethTrunk}.`);
    const layer3 = profile.serviceType?.find((type) => type === "arp" || type === "nd");
    const isLayer2 = interfaceOf(model, main)?.portswitch === true;
    if (layer3 !== undefined && isLayer2) add(`service-type ${layer3}: ${needsLayer3(main)}`);
  }
  return findings;
}

/** The profile that needs a service, or the interface that needs a profile. */
export function userOfRbs(model: RbsSlice, [collection, name, attribute]: Path): string | undefined {
  if (name === undefined || attribute !== undefined) return undefined;
  if (collection === "remoteBackupProfiles") return boundTo(model, name)[0];
  if (collection !== "remoteBackupServices") return undefined;
  const user = profilesOf(model).find(([, { backupId }]) => backupId?.service === name)?.[0];
  return user && `remote backup profile ${user}`;
}

/** What is not complete: it does nothing as it stands. */
export const warnOfRbs = (model: RbsSlice): Finding[] => [
  ...servicesOf(model).flatMap(([name, { peer, peerIpv6, trackBfdSession: tracked }]) => {
    const path = ["remoteBackupServices", name];
    const findings: Finding[] = [];
    if ((peer ?? peerIpv6) === undefined)
      findings.push({ path, text: `Remote backup service ${name} connects to nobody. ${needsFirst("peer")}` });
    if (tracked !== undefined && !sessionsOf(model).some(([, session]) => session.discriminatorLocal === tracked))
      findings.push({
        path: [...path, "trackBfdSession"],
        text: `No BFD session has the local discriminator ${tracked}.`,
      });
    return findings;
  }),
  ...profilesOf(model).flatMap(([name, { serviceType }]) =>
    serviceType === undefined || serviceType.every((type) => type === "arp" || type === "nd")
      ? []
      : [
          {
            path: ["remoteBackupProfiles", name, "serviceType"],
            text: "The peer is told of the service-type and differences are found, but entries of groups are not copied yet.",
          },
        ],
  ),
  ...profilesOf(model).flatMap(([name, { backupId, eTrunk }]) => {
    const path = ["remoteBackupProfiles", name];
    const membership = eTrunk && interfaceOf(model, trunkName(eTrunk.ethTrunk))?.eTrunk;
    if (eTrunk !== undefined && membership?.id !== eTrunk.etrunk) {
      const text = `Eth-Trunk${eTrunk.ethTrunk} is not a member of E-Trunk ${eTrunk.etrunk}: the role of remote backup profile ${name} stays init.`;
      return [{ path: [...path, "eTrunk"], text }];
    }
    const missing = [backupId === undefined && "backup-id", eTrunk === undefined && "e-trunk"].filter(Boolean);
    if (missing.length === 0) return [];
    return [{ path, text: `Remote backup profile ${name} has no ${missing.join(" and no ")}: its role stays init.` }];
  }),
];
