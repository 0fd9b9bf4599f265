import { BFD_PORTS, dynamicSessionName, ECHO_PORT } from "../../../core/base/bfd.js";
import { trunkName } from "../../../core/base/trunk-names.js";
import type { Finding, Path } from "../../feature.js";
import { filled, objectCalled } from "../../language/setting.js";
import { needsFirst } from "../../texts.js";
import { isDefaultIp } from "../bfd/binding.js";
import { sessionCalled, sessionsOf } from "../bfd/slice.js";
import { at, trunksOf } from "../interfaces/slice.js";
import { etrunkRows } from "./rows.js";
import { type Etrunk, type EtrunkSlice, etrunksOf } from "./slice.js";
import { sessionRows } from "./system-rows.js";

/** Problems of E-Trunks, their members, their BFD sessions and their rates. */
export const checkEtrunks = (model: EtrunkSlice): Finding[] => [
  ...etrunksOf(model).flatMap(([id, etrunk]) => checkEtrunk(model, id, etrunk)),
  ...checkMembers(model),
  ...checkPorts(model),
  ...checkCar(model, "whitelistSessionCarETrunkIpv4"),
  ...checkCar(model, "whitelistSessionCarETrunkIpv6"),
  ...checkNames(model),
];

function checkEtrunk(model: EtrunkSlice, id: number, etrunk: Etrunk): Finding[] {
  const findings: Finding[] = [];
  const add = (attribute: keyof Etrunk, text: string) =>
    findings.push({ path: ["etrunks", String(id), attribute], text });
  for (const attribute of ["peerAddress", "peerIpv6"] as const)
    if (etrunk[attribute] !== undefined && etrunk[attribute].peer === etrunk[attribute].source)
      add(attribute, "The peer address and the source address must differ.");
  if (etrunk.peerAddress !== undefined && etrunk.peerIpv6 !== undefined)
    add("peerIpv6", "An E-Trunk uses IPv4 or IPv6, not both. Run undo peer-address first.");
  if (etrunk.eTrunkBfdEnable !== undefined && model.bfd === undefined) add("eTrunkBfdEnable", needsFirst("bfd"));
  if (etrunk.eTrunkBfd !== undefined && etrunk.eTrunkBfdEnable === undefined)
    add("eTrunkBfd", needsFirst("e-trunk bfd enable"));
  if (etrunk.eTrunkBfdAuthenticationDisable !== undefined && etrunk.eTrunkBfdEnable === undefined)
    add("eTrunkBfdAuthenticationDisable", needsFirst("e-trunk bfd enable"));
  const tracked = etrunk.eTrunkTrackBfdSessionSessionName;
  const session = tracked === undefined ? undefined : trackedSession(model, tracked);
  if (tracked !== undefined && session === undefined)
    add("eTrunkTrackBfdSessionSessionName", `BFD session ${tracked} does not exist.`);
  if (session !== undefined && isDefaultIp(session.bind))
    add("eTrunkTrackBfdSessionSessionName", `BFD session ${tracked} is not a BFD for IP session.`);
  const { securityKeySendKeyId: sender } = filled(etrunkRows, etrunk);
  if (sender !== 0 && etrunk.securityKeyKeyId?.[String(sender)] === undefined)
    add("securityKeySendKeyId", needsFirst(`security-key key-id ${sender}`));
  return findings;
}

const trackedSession = (model: EtrunkSlice, name: string) =>
  objectCalled(model.bfdSessions, sessionCalled(model, name) ?? "");

const checkPorts = (model: EtrunkSlice): Finding[] =>
  (["eTrunkPort", "eTrunkIpv6Port"] as const).flatMap((attribute) => {
    const port = model[attribute];
    if (port === undefined || !(BFD_PORTS.includes(port) || port === ECHO_PORT)) return [];
    return [{ path: [attribute], text: `UDP port ${port} is BFD's.` }];
  });

const MOST_MEMBERS = 64;

function checkMembers(model: EtrunkSlice): Finding[] {
  const findings: Finding[] = [];
  const counts = new Map<number, number>();
  for (const [id, { eTrunk, eTrunkMode }] of trunksOf(model)) {
    if (eTrunk === undefined) {
      if (eTrunkMode !== undefined)
        findings.push({ path: at(trunkName(id), "eTrunkMode"), text: needsFirst("e-trunk") });
      continue;
    }
    const add = (text: string) => findings.push({ path: at(trunkName(id), "eTrunk"), text });
    if (model.etrunks?.[String(eTrunk.id)] === undefined) add(`E-Trunk ${eTrunk.id} does not exist.`);
    const count = (counts.get(eTrunk.id) ?? 0) + 1;
    counts.set(eTrunk.id, count);
    if (count > MOST_MEMBERS) add(`${MOST_MEMBERS} of member interfaces of E-Trunk ${eTrunk.id} is the maximum.`);
  }
  return findings;
}

function checkCar(
  model: EtrunkSlice,
  attribute: "whitelistSessionCarETrunkIpv4" | "whitelistSessionCarETrunkIpv6",
): Finding[] {
  const { cir, cbs, pir, pbs } = filled(sessionRows, model)[attribute];
  const findings: Finding[] = [];
  if (pir < cir)
    findings.push({ path: [attribute], text: `The pir ${pir} must be greater than or equal to the cir ${cir}.` });
  if (pbs < cbs)
    findings.push({ path: [attribute], text: `The pbs ${pbs} must be greater than or equal to the cbs ${cbs}.` });
  return findings;
}

/** Problems of BFD sessions with a name that an E-Trunk gives to its own session. */
const checkNames = (model: EtrunkSlice): Finding[] =>
  sessionsOf(model).flatMap(([name]) => {
    const maker = etrunksOf(model).find(([id]) => dynamicSessionName(id) === name.toLowerCase());
    if (maker?.[1].eTrunkBfdEnable === undefined) return [];
    return [{ path: ["bfdSessions", name], text: `E-Trunk ${maker[0]} calls its own BFD session ${name}.` }];
  });

/** The E-Trunk that tracks a BFD session. */
export function trackerOfSession(model: EtrunkSlice, [collection, name, attribute]: Path): string | undefined {
  if (collection !== "bfdSessions" || attribute !== undefined) return undefined;
  const tracker = etrunksOf(model).find(
    ([, { eTrunkTrackBfdSessionSessionName: tracked }]) => tracked?.toLowerCase() === name?.toLowerCase(),
  );
  return tracker && `E-Trunk ${tracker[0]}`;
}

export const warnOfEtrunks = (model: EtrunkSlice): Finding[] => [...warnOfTracking(model), ...warnOfMembers(model)];

const warnOfTracking = (model: EtrunkSlice): Finding[] =>
  etrunksOf(model).flatMap(([id, etrunk]) => {
    const tracked = etrunk.eTrunkTrackBfdSessionSessionName;
    const name = tracked === undefined ? undefined : sessionCalled(model, tracked);
    const bind = name === undefined ? undefined : model.bfdSessions?.[name]?.bind;
    if (bind === undefined || fits(etrunk, bind.peer, bind.source)) return [];
    const text = `The addresses of BFD session ${name} are not those of E-Trunk ${id}.`;
    return [{ path: ["etrunks", String(id), "eTrunkTrackBfdSessionSessionName"], text }];
  });

/** A session without a source address takes the one the system chooses. */
function fits({ peerAddress, peerIpv6 }: Etrunk, peer: string, source: string | undefined): boolean {
  const addresses = peerAddress ?? peerIpv6;
  if (addresses === undefined) return true;
  return addresses.peer === peer && (source === undefined || addresses.source === source);
}

function warnOfMembers(model: EtrunkSlice): Finding[] {
  const findings: Finding[] = [];
  const remotes = new Map<string, number>();
  for (const [id, { eTrunk, maxActiveLinknumber }] of trunksOf(model)) {
    if (eTrunk === undefined) continue;
    if (maxActiveLinknumber !== undefined)
      findings.push({
        path: at(trunkName(id), "maxActiveLinknumber"),
        text: `max active-linknumber should not be set on Eth-Trunk${id}, which belongs to E-Trunk ${eTrunk.id}.`,
      });
    const remote = eTrunk.remoteEthTrunk ?? id;
    const other = remotes.get(`${eTrunk.id} ${remote}`);
    if (other === undefined) remotes.set(`${eTrunk.id} ${remote}`, id);
    else
      findings.push({
        path: at(trunkName(id), "eTrunk"),
        text: `Eth-Trunk${id} and Eth-Trunk${other} have the same remote Eth-Trunk ${remote} in E-Trunk ${eTrunk.id}.`,
      });
  }
  return findings;
}
