import type { Bindings } from "../../facts.js";
import type { Change, CheckContext, Finding } from "../../feature.js";
import { parseInterfaceName } from "../../language/interface-name.js";
import type { Fields, Settings } from "../../language/setting.js";
import { deviceOf, mainNameOf } from "./devices.js";
import { MEMBER } from "./rows.js";
import { at, type Interfaces, interfaceOf, physicalsOf, subInterfacesOf } from "./slice.js";

type Slice = Interfaces<{ linuxInterface?: string; ethTrunk?: object }>;

/** Problems: a Linux interface bound twice, and members with settings that belong to their trunk. */
export const checkInterfaces = (model: Slice, { bindings, settingsOf }: CheckContext): Finding[] => [
  ...checkDevices(model, bindings),
  ...checkMembers(model, settingsOf("physical")),
];

function checkDevices(model: Slice, bindings: Bindings): Finding[] {
  const findings: Finding[] = [];
  const owners = new Map<string, string>();
  for (const [name, physical] of physicalsOf(model)) {
    const path = at(name, physical.linuxInterface === undefined ? undefined : "linuxInterface");
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

function checkMembers(model: Slice, settings: Settings): Finding[] {
  const subInterfaces = new Map(subInterfacesOf(model).map(([name]) => [mainNameOf(name), name]));
  return physicalsOf(model).flatMap(([name, physical]) => {
    if (physical.ethTrunk === undefined) return [];
    const sub = subInterfaces.get(name);
    return [...linesOfTrunk(physical, settings), ...(sub === undefined ? [] : [`interface ${sub}`])].map((line) => ({
      path: at(name, "ethTrunk"),
      text: `${name} carries configuration a member cannot have: ${line}`,
    }));
  });
}

/** The first line of each attribute that a member cannot have. */
const linesOfTrunk = (physical: Fields, settings: Settings): string[] =>
  Object.entries(physical).flatMap(([attribute, value]) => {
    const setting = settings[attribute];
    if (setting === undefined || setting.traits.includes(MEMBER)) return [];
    return value === false || value === setting.default ? [] : setting.print(value).slice(0, 1);
  });

/** Refuses a setting of a member that belongs to its trunk. */
export function refusesOnMember({ model, position, attribute, value, settings }: Change<Slice>): string | undefined {
  if (position.view !== "physical" || value === undefined) return undefined;
  const isMember = interfaceOf(model, position.name)?.ethTrunk !== undefined;
  const isFree = settings[attribute]?.traits.includes(MEMBER) ?? false;
  return isMember && !isFree ? "The command is not available on a member interface." : undefined;
}
