import type { Bindings } from "../../facts.js";
import type { Collection, Feature, Position } from "../../feature.js";
import { compareInterfaceNames, type InterfaceName, parseInterfaceName } from "../../language/interface-name.js";
import type { Fields, RecordOf } from "../../language/setting.js";
import { interfaceActions } from "./actions.js";
import { checkInterfaces, refusesOnMember } from "./checks.js";
import { desiredInterfaces } from "./desired.js";
import { deviceOf, mainNameOf } from "./devices.js";
import { positionOf } from "./positions.js";
import { physicalRows } from "./rows.js";
import { type Interfaces, kindOf } from "./slice.js";

const nameOf = (text: string): InterfaceName => parseInterfaceName(text) as InterfaceName;

/** Text on what a JSON key must be, when it is no name of a configurable interface. */
function misnamed(name: string): string | undefined {
  const parsed = parseInterfaceName(name);
  const position = parsed && positionOf(name);
  if (parsed === undefined || typeof position !== "object" || position.view === "null")
    return "a name of an interface that can be configured, e.g. Eth-Trunk1 or eth1";
  return parsed.text === name ? undefined : `spelled ${parsed.text}`;
}

const collection: Collection = {
  attribute: "interfaces",
  viewLine: (name) => `interface ${name}`,
  positionOf: (name) => positionOf(name) as Position,
  compare: (a, b) => compareInterfaceNames(nameOf(a), nameOf(b)),
  misnamed,
  always: ["NULL0"],
  isLarge: true,
};

/** A sub-interface is tied to its main interface, and two names of one Linux interface to each other. */
function tiesOfDevice(name: string, record: Fields, bindings: Bindings): string[] {
  const kind = kindOf(name);
  if (kind === "sub-interface") return [`interface ${mainNameOf(name)}`];
  const isPhysical = kind === "physical" || kind === "linux";
  const device = isPhysical ? deviceOf(name, record, bindings) : undefined;
  return device === undefined ? [`interface ${name}`] : [`interface ${name}`, `device ${device}`];
}

/** Interfaces by name, of whichever sort, and what physical ones can be given. */
export const interfaces: Feature<Interfaces<RecordOf<typeof physicalRows> & { ethTrunk?: object }>> = {
  views: [
    { name: "physical", kind: "a physical interface", collection: "interfaces", promptOf: (name) => name },
    { name: "null", kind: "NULL0", collection: "interfaces", promptOf: (name) => name },
  ],
  collections: [collection],
  rows: { physical: physicalRows },
  actions: { system: interfaceActions },
  refuses: refusesOnMember,
  ties: { interfaces: tiesOfDevice },
  check: checkInterfaces,
  desired: desiredInterfaces,
};
