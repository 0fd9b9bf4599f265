import type { Change, Finding } from "../../feature.js";
import { filled } from "../../language/setting.js";
import { needsFirst } from "../../texts.js";
import { isDefaultIp, isIpv6 } from "./binding.js";
import { bfdRows } from "./rows.js";
import { type BfdSlice, type Session, sessionsOf } from "./slice.js";

/** Sessions without BFD, with a binding that cannot be, or with the discriminator of another. */
export function checkSessions(model: BfdSlice): Finding[] {
  const findings: Finding[] = [];
  const discriminators = new Map<number, string>();
  const watched = new Map<string, string>();
  for (const [name, session] of sessionsOf(model)) {
    const path = ["bfdSessions", name];
    if (model.bfd === undefined) findings.push({ path, text: needsFirst("bfd") });
    findings.push(...checkBinding(name, session, watched));
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

/**
 * Problems of a binding. `watched`: the session with the default IP address on each interface, of which there can be
 * one.
 */
function checkBinding(name: string, { bind }: Session, watched: Map<string, string>): Finding[] {
  const findings: Finding[] = [];
  const add = (text: string) => findings.push({ path: ["bfdSessions", name, "bind"], text });
  if (bind.peer === bind.source) add("The peer address and the source address must differ.");
  if (bind.interface !== undefined && bind.trackInterface !== undefined && !isIpv6(bind))
    add("interface and track-interface exclude each other.");
  if (bind.interface === undefined && [bind.peer, bind.source].some((address) => address?.startsWith("fe80:")))
    add(needsFirst("interface"));
  if (!isDefaultIp(bind) || bind.interface === undefined) return findings;
  const other = watched.get(bind.interface);
  if (other !== undefined) add(`BFD session ${name} and BFD session ${other} exclude each other.`);
  else watched.set(bind.interface, name);
  return findings;
}

/** The group address cannot change under sessions that use it. */
export function refusesGroup({ model, position, attribute, value }: Change<BfdSlice>): string | undefined {
  if (position.view !== "bfd" || attribute !== "defaultIpAddress") return undefined;
  if (value === filled(bfdRows, model.bfd).defaultIpAddress) return undefined;
  const user = sessionsOf(model).find(([, { bind }]) => isDefaultIp(bind));
  return user && `The default IP address is still used by BFD session ${user[0]}.`;
}

/** Sessions that stay down until they are given a discriminator. */
export const warnOfSessions = (model: BfdSlice): Finding[] =>
  sessionsOf(model).flatMap(([name, { discriminatorLocal: local, discriminatorRemote: remote }]) => {
    // The peer's discriminator is learnt when it is not set.
    if (local !== undefined) return [];
    const what = remote === undefined ? "discriminators" : "local discriminator";
    return [{ path: ["bfdSessions", name], text: `BFD session ${name} has no ${what} and stays down.` }];
  });
