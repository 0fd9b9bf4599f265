import { assert } from "../core/base/assert.js";
import type { Collection } from "./feature.js";
import type { AnySetting, Settings } from "./language/setting.js";

/**
 * The printed order of a configuration. The name of an attribute stands for its row and for the rows that its feature
 * declares after it, up to the next attribute named in the list. Rows without a name come last, by feature.
 */
export interface Order {
  /** Order of attributes by view, for lines and for JSON. */
  readonly attributes: { readonly [view: string]: readonly string[] };
  /** Order in system view: attributes of one-line commands, and collections. Those that are not named come last. */
  readonly sections: readonly (readonly string[] | string)[];
}

/** The product's order. A line that belongs behind those of its feature needs no entry. */
export const PRINTED: Order = {
  attributes: {
    system: ["vlanBatch", "multicastRoutingEnable", "whitelistSessionCarETrunkIpv4", "sysname"],
    physical: [
      ...["linuxInterface", "portswitch", "shutdown", "ipAddress", "portLinkType", "pimSm"],
      ...["ethTrunk", "smartLinkFlushEnableControlVlan"],
    ],
    "eth-trunk": [
      ...["shutdown", "portswitch", "description", "ipAddress", "portLinkType", "pimSm", "mode"],
      ...["lacpETrunkSystemId", "preemptEnable", "eTrunk", "isisEnable", "smartLinkFlushSendVlan"],
    ],
  },
  sections: [
    ["sysname"],
    ["vlanBatch"],
    ["multicastRoutingEnable"],
    "vlans",
    "bfd",
    ["whitelistSessionCarETrunkIpv4"],
    ["eTrunkPort"],
    "etrunks",
    ["lacpPriorityCommandMode", "lacpETrunkSystemId"],
    "remoteBackupServices",
    "remoteBackupProfiles",
    "isis",
    "interfaces",
    ["ipRouteStatic"],
    "bfdSessions",
    "pim",
    "pimIpv6",
  ],
};

type Entry = readonly [attribute: string, setting: AnySetting];

/** The rows of one view, given by several features, in the order of names. */
export function inOrder(given: readonly Settings[], names: readonly string[]): Settings {
  const entries = runsOf(given, names).flat();
  const settings = Object.fromEntries(entries);
  assert(entries.length === Object.keys(settings).length, "two features give a view the same attribute");
  return settings;
}

/** Rows that stay together, in the order of names; those without a name last. */
function runsOf(given: readonly Settings[], names: readonly string[]): readonly (readonly Entry[])[] {
  const runs: Entry[][] = [];
  for (const settings of given)
    for (const [at, entry] of Object.entries(settings).entries())
      if (at === 0 || names.includes(entry[0])) runs.push([entry]);
      else runs.at(-1)?.push(entry);
  const placeOf = ([first]: readonly Entry[]): number => {
    const place = first === undefined ? -1 : names.indexOf(first[0]);
    return place < 0 ? names.length : place;
  };
  return runs.sort((a, b) => placeOf(a) - placeOf(b));
}

/** Sections of a configuration: attributes of system view, given by several features, and collections. */
export function sectionsInOrder(
  given: readonly Settings[],
  collections: readonly Collection[],
  { sections }: Order,
): (readonly string[] | Collection)[] {
  const names = sections.flatMap((section) => (typeof section === "string" ? [] : section));
  const runs = runsOf(given, names).map((run) => run.map(([attribute]) => attribute));
  const isNamed = (first: string | undefined): boolean => first !== undefined && names.includes(first);
  const known = sections.flatMap((section): (readonly string[] | Collection)[] =>
    typeof section === "string"
      ? collections.filter(({ attribute }) => attribute === section)
      : [runs.filter(([first]) => first !== undefined && section.includes(first)).flat()],
  );
  const unknown = collections.filter(({ attribute }) => !sections.includes(attribute));
  return [...known, ...runs.filter(([first]) => !isNamed(first)), ...unknown].filter(
    (section) => "attribute" in section || section.length > 0,
  );
}
