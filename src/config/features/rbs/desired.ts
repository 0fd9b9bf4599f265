import { RBS_SERVICES, type RbsService } from "../../../core/base/rbs.js";
import type { DesiredRbs } from "../../../core/contract/desired/rbs.js";
import type { DesiredPart } from "../../feature.js";
import { parsedAddress } from "../../language/network-parameters.js";
import { filled } from "../../language/setting.js";
import { sessionsOf } from "../bfd/slice.js";
import { bindingRows, serviceRows } from "./rows.js";
import { boundTo, profilesOf, type RbsSlice, type Service, servicesOf } from "./slice.js";

/** Remote backup services and profiles. */
export const desiredRbs = (model: RbsSlice): DesiredPart => ({
  rbs: servicesOf(model).map(([name, service]) => desiredService(model, name, service)),
  rbsProfiles: profilesOf(model).map(([name, { backupId, serviceType, eTrunk }]) => ({
    name,
    backup: backupId,
    services: serviceType ?? [],
    member: eTrunk && { etrunk: eTrunk.etrunk, trunk: eTrunk.ethTrunk },
    interfaces: boundTo(model, name),
  })),
  ...expireTimes(model),
});

/** Of each trunk and sub-interface. */
function expireTimes(model: RbsSlice): DesiredPart {
  const times = Object.entries(model.interfaces ?? {}).flatMap(([name, record]) =>
    name.startsWith("Eth-Trunk") ? [[name, filled(bindingRows, record).arpExpireTime] as const] : [],
  );
  return times.length === 0 ? {} : { neighbourExpireTimes: Object.fromEntries(times) };
}

const TYPES = Object.keys(RBS_SERVICES) as RbsService[];

const blockedIn = ({ backupBlock = [] }: Service, direction: "send" | "receive"): RbsService[] =>
  TYPES.filter((type) =>
    backupBlock.some((block) => block.direction === direction && (block.type === "all" || block.type === type)),
  );

function desiredService(model: RbsSlice, name: string, service: Service): DesiredRbs {
  const { peer, peerIpv6, trackBfdSession: discriminator } = service;
  const given = peer ?? peerIpv6;
  const session = sessionsOf(model).find(([, { discriminatorLocal }]) => discriminatorLocal === discriminator)?.[0];
  return {
    name,
    endpoint: given && {
      source: parsedAddress(given.source),
      peer: parsedAddress(given.peer),
      port: given.port,
    },
    track: discriminator === undefined ? undefined : { discriminator, session },
    blocked: { send: blockedIn(service, "send"), receive: blockedIn(service, "receive") },
    shutdown: filled(serviceRows, service).shutdown,
  };
}
