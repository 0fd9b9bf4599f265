import { isGroupMac, parseMac } from "../core/base/address.js";
import { keyOf, NO_RATE_CODE, RATE_CODES, rateCode } from "../core/base/lacp.js";
import { trunkName } from "../core/base/trunk-names.js";
import { checkFlush, checkPairs } from "./backup-checks.js";
import { type Bindings, deviceOf } from "./devices.js";
import { checkEtrunks } from "./etrunk-checks.js";
import type { Finding } from "./finding.js";
import { parseInterfaceName, speedOfType } from "./language/interface-name.js";
import type { Setting } from "./language/setting.js";
import { interfaceOf, type Model, physicalsOf, type TrunkModel, trunksOf } from "./model.js";
import { ANY_KERNEL, checkNetwork, type Kernel } from "./network-checks.js";
import { placesIn } from "./views.js";

const UNBOUND: Bindings = new Map();

/** Everything in the model that does not fit together. Linear in the size of the model. */
export function checkModel(model: Model, bindings: Bindings = UNBOUND, kernel: Kernel = ANY_KERNEL): Finding[] {
  return [
    ...checkDemands(model),
    ...checkCommandMode(model),
    ...checkSystemIds(model),
    ...checkMembers(model),
    ...trunksOf(model).flatMap(([id, trunk]) => checkTrunk(id, trunk)),
    ...checkFlush(model),
    ...checkKeys(model),
    ...checkDevices(model, bindings),
    ...checkEtrunks(model),
    ...checkNetwork(model, bindings, kernel),
  ];
}

/** What the rows themselves demand: a mode, another command, the absence of another. */
function checkDemands(model: Model): Finding[] {
  const findings: Finding[] = [];
  for (const { view, record, path } of placesIn(model))
    for (const attribute of Object.keys(record)) {
      const setting = view.settings[attribute];
      // False is a flag that is not set.
      if (!setting || record[attribute] === false) continue;
      for (const text of unmet(setting, view.settings, record)) findings.push({ path: [...path, attribute], text });
    }
  return findings;
}

function unmet(
  setting: Setting<unknown>,
  settings: { readonly [attribute: string]: Setting<unknown> },
  record: { readonly [attribute: string]: unknown },
): string[] {
  const { onlyInModes, needs, excludes, command } = setting;
  const texts: string[] = [];
  const mode = String(record.mode ?? settings.mode?.default);
  if (onlyInModes.length > 0 && !onlyInModes.includes(mode)) texts.push(needsMode(...onlyInModes));
  if (needs && record[needs.attribute] !== needs.value) texts.push(`The command needs ${needs.command} first.`);
  for (const other of excludes)
    if (record[other] !== undefined) texts.push(`${command} and ${settings[other]!.command} exclude each other.`);
  return texts;
}

const needsMode = (...modes: readonly string[]): string => `The command needs mode ${modes.join(" or ")}.`;

/** `lacp priority-command-mode` decides which of two commands sets the system priority. */
function checkCommandMode(model: Model): Finding[] {
  if (model.lacpPriority === undefined || model.lacpPriorityCommandMode !== "system-priority") return [];
  const text = "lacp priority and lacp priority-command-mode system-priority exclude each other.";
  return [{ path: ["lacpPriority"], text }];
}

const MOST_MEMBERS = 64;

function checkMembers(model: Model): Finding[] {
  const findings: Finding[] = [];
  const counts = new Map<number, number>();
  for (const [name, { ethTrunk }] of physicalsOf(model)) {
    if (!ethTrunk) continue;
    const path = ["interfaces", name, "ethTrunk"];
    const trunk = interfaceOf(model, trunkName(ethTrunk.id)) as TrunkModel | undefined;
    if (!trunk) {
      findings.push({ path, text: `${trunkName(ethTrunk.id)} does not exist.` });
      continue;
    }
    if (ethTrunk.mode === "passive" && trunk.mode !== "lacp-static")
      findings.push({ path, text: needsMode("lacp-static") });
    const count = (counts.get(ethTrunk.id) ?? 0) + 1;
    counts.set(ethTrunk.id, count);
    if (count > MOST_MEMBERS)
      findings.push({
        path,
        text: `${MOST_MEMBERS} of member interfaces of ${trunkName(ethTrunk.id)} is the maximum.`,
      });
  }
  return [...findings, ...checkPairs(model)];
}

const DEFAULT_MOST_LINKS = 16;

function checkTrunk(id: number, trunk: TrunkModel): Finding[] {
  const findings: Finding[] = [];
  const at = (attribute: keyof TrunkModel) => ["interfaces", trunkName(id), attribute];
  const { leastActiveLinknumber: least = 1, maxActiveLinknumber: most = DEFAULT_MOST_LINKS } = trunk;
  if (trunk.mode === "lacp-static" && least > most) {
    const text = `least active-linknumber (${least}) must not exceed max active-linknumber (${most}).`;
    findings.push({ path: at(trunk.leastActiveLinknumber ? "leastActiveLinknumber" : "maxActiveLinknumber"), text });
  }
  return findings;
}

/** Every system ID, of the device and of single trunks. */
function checkSystemIds(model: Model): Finding[] {
  const findings: Finding[] = [];
  for (const { record, path } of placesIn(model))
    for (const attribute of ["lacpSystemId", "lacpETrunkSystemId"]) {
      const id = record[attribute];
      if (typeof id !== "string" || isSystemId(id)) continue;
      const text = "The system ID must be a unicast MAC address other than all zeros.";
      findings.push({ path: [...path, attribute], text });
    }
  return findings;
}

const ALL_ONES = 0xffffffffffff;

/** All ones stand for the default. */
function isSystemId(text: string): boolean {
  const mac = parseMac(text)!;
  return mac === ALL_ONES || (mac !== 0 && !isGroupMac(mac));
}

/** The speeds members have by configuration, of each trunk; undefined in it: a speed only the host knows. */
function memberSpeeds(model: Model): Map<number, Set<number | undefined>> {
  const speeds = new Map<number, Set<number | undefined>>();
  for (const [name, physical] of physicalsOf(model)) {
    if (!physical.ethTrunk) continue;
    const { id } = physical.ethTrunk;
    if (!speeds.has(id)) speeds.set(id, new Set());
    speeds.get(id)!.add(physical.speed ?? speedOfType(parseInterfaceName(name)!));
  }
  return speeds;
}

/** Keys the ports of a trunk may get. */
function keysOf(id: number, trunk: TrunkModel, speeds: ReadonlySet<number | undefined> | undefined): number[] {
  if (trunk.lacpPortkey !== undefined) return [trunk.lacpPortkey];
  return typeCodes(trunk, speeds).map((code) => keyOf(id, code));
}

/** Of a trunk without members every code is possible, as of a member whose speed only the host knows. */
function typeCodes(trunk: TrunkModel, speeds: ReadonlySet<number | undefined> | undefined): readonly number[] {
  // Ports of different speeds can only share a key that leaves the speed out.
  if (trunk.lacpMixedRateLinkEnable) return [NO_RATE_CODE];
  if (!speeds || speeds.has(undefined)) return RATE_CODES;
  return [...new Set([...speeds].map((speed) => rateCode(speed!)))];
}

/** The system ID a trunk has by configuration; in an E-Trunk it may be the peer's, which is not ours. */
const systemIdOf = (model: Model, trunk: TrunkModel): string =>
  (trunk.eTrunk === undefined ? trunk.lacpSystemId : (trunk.lacpETrunkSystemId ?? model.lacpETrunkSystemId)) ?? "";

/** One key of one system means one aggregator (802.1AX-2014 6.3.5), so two trunks must not share it. */
function checkKeys(model: Model): Finding[] {
  const findings: Finding[] = [];
  const speeds = memberSpeeds(model);
  const owners = new Map<string, number>();
  for (const [id, trunk] of trunksOf(model)) {
    if (trunk.mode !== "lacp-static") continue;
    // Trunks with different system IDs are different systems to the partner.
    const system = systemIdOf(model, trunk);
    const keys = keysOf(id, trunk, speeds.get(id)).map((key) => `${system} ${key}`);
    const owner = keys.map((key) => owners.get(key)).find((other) => other !== undefined);
    if (owner !== undefined) {
      const text = `${trunkName(id)} would have the LACP port key of ${trunkName(owner)}. Set lacp portkey on one of them.`;
      findings.push({ path: ["interfaces", trunkName(id)], text });
    }
    for (const key of keys) if (!owners.has(key)) owners.set(key, id);
  }
  return findings;
}

function checkDevices(model: Model, bindings: Bindings): Finding[] {
  const findings: Finding[] = [];
  const owners = new Map<string, string>();
  for (const [name, physical] of physicalsOf(model)) {
    const path = ["interfaces", name, ...(physical.linuxInterface === undefined ? [] : ["linuxInterface"])];
    if (physical.linuxInterface !== undefined && parseInterfaceName(name)?.kind === "linux") {
      findings.push({ path, text: "The command is not available on a Linux interface." });
      continue;
    }
    const device = deviceOf(name, physical, bindings);
    if (device === undefined) continue;
    const owner = owners.get(device);
    if (owner !== undefined) findings.push({ path, text: `${device} is bound to ${owner}.` });
    else owners.set(device, name);
  }
  return findings;
}
