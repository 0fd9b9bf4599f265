import { BFD_PORTS, dynamicSessionName, ECHO_PORT } from "../core/base/bfd.js";
import { trunkName } from "../core/base/trunk-names.js";
import { bfdSessionCalled } from "./bfd-actions.js";
import { isDefaultIp, isIpv6 } from "./bfd-view.js";
import type { Finding } from "./finding.js";
import { type BfdSessionModel, bfdSessionsOf, type EtrunkModel, etrunksOf, type Model, trunksOf } from "./model.js";
import { type CarSettings, ETRUNK_CAR } from "./session-car-rows.js";

/** What does not fit together about E-Trunks, their members, and BFD. */
export function checkEtrunks(model: Model): Finding[] {
  return [
    ...etrunksOf(model).flatMap(([id, etrunk]) => checkEtrunk(model, id, etrunk)),
    ...checkEtrunkMembers(model),
    ...checkPorts(model),
    ...checkCar(model, "whitelistSessionCarETrunkIpv4"),
    ...checkCar(model, "whitelistSessionCarETrunkIpv6"),
    ...checkBfdSessions(model),
  ];
}

const needs = (command: string): string => `The command needs ${command} first.`;

function checkEtrunk(model: Model, id: number, etrunk: EtrunkModel): Finding[] {
  const findings: Finding[] = [];
  const add = (attribute: keyof EtrunkModel, text: string) =>
    findings.push({ path: ["etrunks", String(id), attribute], text });
  for (const attribute of ["peerAddress", "peerIpv6"] as const)
    if (etrunk[attribute] !== undefined && etrunk[attribute].peer === etrunk[attribute].source)
      add(attribute, "The peer address and the source address must differ.");
  if (etrunk.peerAddress !== undefined && etrunk.peerIpv6 !== undefined)
    add("peerIpv6", "An E-Trunk uses IPv4 or IPv6, not both. Run undo peer-address first.");
  if (etrunk.eTrunkBfdEnable !== undefined && model.bfd === undefined) add("eTrunkBfdEnable", needs("bfd"));
  if (etrunk.eTrunkBfd !== undefined && etrunk.eTrunkBfdEnable === undefined)
    add("eTrunkBfd", needs("e-trunk bfd enable"));
  const tracked = etrunk.eTrunkTrackBfdSessionSessionName;
  const found = tracked === undefined ? undefined : bfdSessionCalled(model, tracked);
  if (tracked !== undefined && found === undefined)
    add("eTrunkTrackBfdSessionSessionName", `BFD session ${tracked} does not exist.`);
  const bind = found === undefined ? undefined : model.bfdSessions![found]!.bind;
  if (bind !== undefined && isDefaultIp(bind))
    add("eTrunkTrackBfdSessionSessionName", `BFD session ${tracked} is not a BFD for IP session.`);
  const sender = etrunk.securityKeySendKeyId ?? 0;
  if (sender !== 0 && etrunk.securityKeyKeyId?.[String(sender)] === undefined)
    add("securityKeySendKeyId", needs(`security-key key-id ${sender}`));
  return findings;
}

function checkPorts(model: Model): Finding[] {
  return (["eTrunkPort", "eTrunkIpv6Port"] as const).flatMap((attribute) => {
    const port = model[attribute];
    if (port === undefined || !(BFD_PORTS.includes(port) || port === ECHO_PORT)) return [];
    return [{ path: [attribute], text: `UDP port ${port} is BFD's.` }];
  });
}

const MOST_ETRUNK_MEMBERS = 64;

function checkEtrunkMembers(model: Model): Finding[] {
  const findings: Finding[] = [];
  const counts = new Map<number, number>();
  for (const [id, { eTrunk, eTrunkMode }] of trunksOf(model)) {
    const at = (attribute: string) => ["interfaces", trunkName(id), attribute];
    if (eTrunk === undefined) {
      if (eTrunkMode !== undefined) findings.push({ path: at("eTrunkMode"), text: needs("e-trunk") });
      continue;
    }
    const path = at("eTrunk");
    if (model.etrunks?.[String(eTrunk.id)] === undefined)
      findings.push({ path, text: `E-Trunk ${eTrunk.id} does not exist.` });
    const count = (counts.get(eTrunk.id) ?? 0) + 1;
    counts.set(eTrunk.id, count);
    if (count > MOST_ETRUNK_MEMBERS)
      findings.push({
        path,
        text: `${MOST_ETRUNK_MEMBERS} of member interfaces of E-Trunk ${eTrunk.id} is the maximum.`,
      });
  }
  return findings;
}

/** The rates in force, defaults included. */
export const carInForce = (car: CarSettings | undefined) => ({ ...ETRUNK_CAR, ...car });

function checkCar(
  model: Model,
  attribute: "whitelistSessionCarETrunkIpv4" | "whitelistSessionCarETrunkIpv6",
): Finding[] {
  const { cir, cbs, pir, pbs } = carInForce(model[attribute]);
  const findings: Finding[] = [];
  if (pir < cir)
    findings.push({ path: [attribute], text: `The pir ${pir} must be greater than or equal to the cir ${cir}.` });
  if (pbs < cbs)
    findings.push({ path: [attribute], text: `The pbs ${pbs} must be greater than or equal to the cbs ${cbs}.` });
  return findings;
}

function checkBfdSessions(model: Model): Finding[] {
  const findings: Finding[] = [];
  const discriminators = new Map<number, string>();
  const watched = new Map<string, string>();
  for (const [name, session] of bfdSessionsOf(model)) {
    const path = ["bfdSessions", name];
    if (model.bfd === undefined) findings.push({ path, text: needs("bfd") });
    findings.push(...checkBinding(name, session, watched));
    const maker = etrunksOf(model).find(([id]) => dynamicSessionName(id) === name.toLowerCase());
    if (maker?.[1].eTrunkBfdEnable !== undefined)
      findings.push({ path, text: `E-Trunk ${maker[0]} calls its own BFD session ${name}.` });
    const { discriminatorLocal: local } = session;
    if (local === undefined) continue;
    const owner = discriminators.get(local);
    if (owner === undefined) discriminators.set(local, name);
    else
      findings.push({
        path: [...path, "discriminatorLocal"],
        text: `Discriminator ${local} is used by BFD session ${owner}.`,
      });
  }
  return findings;
}

/** `watched`: which session watches an interface by the default IP address; there can be one. */
function checkBinding(name: string, { bind }: BfdSessionModel, watched: Map<string, string>): Finding[] {
  if (bind === undefined) return [];
  const findings: Finding[] = [];
  const add = (text: string) => findings.push({ path: ["bfdSessions", name, "bind"], text });
  if (bind.peer === bind.source) add("The peer address and the source address must differ.");
  if (bind.interface !== undefined && bind.trackInterface !== undefined && !isIpv6(bind))
    add("interface and track-interface exclude each other.");
  if (bind.interface === undefined && [bind.peer, bind.source].some((address) => address?.startsWith("fe80:")))
    add(needs("interface"));
  if (!isDefaultIp(bind) || bind.interface === undefined) return findings;
  const other = watched.get(bind.interface);
  if (other !== undefined) add(`BFD session ${name} and BFD session ${other} exclude each other.`);
  else watched.set(bind.interface, name);
  return findings;
}
