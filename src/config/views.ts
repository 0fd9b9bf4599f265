import { type Action, type ConfigurationView, type Position, SYSTEM } from "./action.js";
import { addressRows } from "./address-rows.js";
import { bfdActions } from "./bfd-actions.js";
import { type Binding, bfdSessionSettings, bfdSettings, DEFAULT_GROUP, isDefaultIp } from "./bfd-view.js";
import { etrunkActions } from "./etrunk-actions.js";
import { etrunkSettings } from "./etrunk-view.js";
import { interfaceActions, membersOf, positionOf, trunkActions } from "./interface-actions.js";
import { physicalSettings } from "./interface-view.js";
import { compareInterfaceNames, parseInterfaceName } from "./language/interface-name.js";
import { Rows, type Syntax, type Words } from "./language/match.js";
import { withoutVlans } from "./language/network-parameters.js";
import { compile } from "./language/pattern.js";
import type { Setting, Settings } from "./language/setting.js";
import { loopbackSettings, subInterfaceSettings, vlanifSettings } from "./layer3-views.js";
import {
  bfdSessionsOf,
  type CollectionName,
  interfaceOf,
  type Model,
  objectOf,
  type Path,
  type PhysicalModel,
  type SingleName,
  type TrunkModel,
} from "./model.js";
import { routingActions } from "./routing-actions.js";
import { isisSettings, pimIpv6Settings, pimRows, pimSettings } from "./routing-rows.js";
import { systemSettings } from "./system-view.js";
import { trunkSettings } from "./trunk-view.js";
import { vlanActions, vlanPortActions, vlansStay } from "./vlan-actions.js";
import { vlanSettings } from "./vlan-view.js";

/** What one line of a view does. */
export type ConfigurationRow = Syntax &
  (
    | { readonly does: "set" | "undo"; readonly attribute: string; readonly setting: Setting<unknown> }
    | { readonly does: "act"; readonly action: Action }
    /** A documented command we do not have: told apart from a mistyped one. */
    | { readonly does: "nothing"; readonly refusal: string }
  );

export interface View {
  /** Where the objects that the view shows are kept; undefined: the view shows the model itself. */
  readonly collection: CollectionName | SingleName | undefined;
  /** As refusals call what the view shows; empty for system view. */
  readonly kind: string;
  readonly settings: Settings;
  readonly rows: Rows<ConfigurationRow>;
  readonly unavailable: Rows<ConfigurationRow>;
  /** Why the attribute must not change in the running system; undefined when it may. A file may always change it. */
  readonly transition: (model: Model, name: string, attribute: string, value: unknown) => string | undefined;
}

interface ViewParts {
  readonly collection?: CollectionName | SingleName;
  readonly kind: string;
  readonly settings: Settings;
  readonly actions?: readonly Action[];
  readonly unavailable?: readonly string[];
  readonly transition?: View["transition"];
}

/** Help of keywords that begin several rows. */
const WORDS: Words = {
  bfd: "Bidirectional Forwarding Detection",
  discriminator: "Discriminators of the session",
  "e-trunk": "E-Trunks",
  lacp: "Link Aggregation Control Protocol",
  least: "Lower threshold of active links",
  max: "Upper threshold of active links",
  preempt: "Preemption by a better port",
  "smart-link": "Smart Link Flush frames",
  timer: "Timers of the E-Trunk",
  vrrp: "Virtual Router Redundancy Protocol",
};

function view(parts: ViewParts): View {
  const rows: ConfigurationRow[] = (parts.actions ?? []).map((action) => ({ ...action, does: "act", action }));
  for (const [attribute, setting] of Object.entries(parts.settings)) {
    if (setting.inViewLine) continue;
    const { pattern, undo, help, words } = setting;
    rows.push({ does: "set", attribute, setting, pattern, help, words });
    rows.push({ does: "undo", attribute, setting, pattern: undo, help: undoHelp(setting), words: UNDO_WORDS });
  }
  const unavailable = (parts.unavailable ?? []).map((syntax): ConfigurationRow => {
    const refusal = `${syntax} is not available in this version.`;
    return { does: "nothing", refusal, pattern: compile(syntax, {}), help: refusal, words: {} };
  });
  return {
    collection: parts.collection,
    kind: parts.kind,
    settings: parts.settings,
    rows: new Rows(rows, WORDS),
    unavailable: new Rows(unavailable),
    transition: parts.transition ?? (() => undefined),
  };
}

const UNDO_WORDS: Words = { undo: "Restore a default or delete" };

const undoHelp = ({ command }: Setting<unknown>): string => `Remove ${command}, or restore its default`;

/** An Eth-Trunk in another mode than load balancing must be empty before its mode changes, and in no E-Trunk. */
function modeChange(model: Model, name: string, attribute: string, value: unknown): string | undefined {
  if (attribute !== "mode") return undefined;
  const { mode = "manual load-balance", eTrunk } = interfaceOf(model, name) as TrunkModel;
  if (eTrunk !== undefined && value !== mode)
    return `${name} belongs to E-Trunk ${eTrunk.id}. Remove it before changing the mode.`;
  const empty = membersOf(model, parseInterfaceName(name)!.numbers[0]!).length === 0;
  if (mode === "manual load-balance" || value === mode || empty) return undefined;
  return `${name} has member interfaces. Remove them before changing the mode.`;
}

/** The group address cannot change under sessions that use it. */
function groupChange(model: Model, _name: string, attribute: string, value: unknown): string | undefined {
  if (attribute !== "defaultIpAddress" || value === (model.bfd?.defaultIpAddress ?? DEFAULT_GROUP)) return undefined;
  const user = bfdSessionsOf(model).find(([, { bind }]) => bind !== undefined && isDefaultIp(bind));
  return user && `The default IP address is still used by BFD session ${user[0]}.`;
}

/** VLANs that something needs stay. */
function vlanChange(model: Model, _name: string, attribute: string, value: unknown): string | undefined {
  if (attribute !== "vlanBatch") return undefined;
  return vlansStay(model, withoutVlans(model.vlanBatch, (value as readonly number[] | undefined) ?? []));
}

/** What a member can be given; everything else belongs to its trunk. */
export const MEMBER_SETTINGS: ReadonlySet<string> = new Set<keyof typeof physicalSettings>([
  "linuxInterface",
  "speed",
  "shutdown",
  "description",
  "mtu",
  "ethTrunk",
  "portMaster",
  "distributeWeight",
  "lacpPriority",
  "lacpForceUp",
]);

/** The first line that gives an attribute. */
export const lineOf = (view: ConfigurationView, attribute: string, value: unknown): string =>
  VIEWS[view].settings[attribute]!.print(value)[0]!;

/** What only an interface in Layer 3 mode can have. */
export const LAYER_3: readonly (keyof typeof addressRows | keyof typeof pimRows)[] = [
  ...(Object.keys(addressRows) as (keyof typeof addressRows)[]),
  ...(Object.keys(pimRows) as (keyof typeof pimRows)[]),
];

function physicalChange(model: Model, name: string, attribute: string, value: unknown): string | undefined {
  const physical = interfaceOf(model, name) as PhysicalModel;
  const isMember = physical.ethTrunk !== undefined;
  if (isMember && !MEMBER_SETTINGS.has(attribute) && value !== undefined)
    return "The command is not available on a member interface.";
  return layerChange(name, physical, attribute, value);
}

function trunkChange(model: Model, name: string, attribute: string, value: unknown): string | undefined {
  const trunk = interfaceOf(model, name) as TrunkModel;
  return modeChange(model, name, attribute, value) ?? layerChange(name, trunk, attribute, value);
}

/** An interface that speaks IP does not become a port of the bridge. */
function layerChange(
  name: string,
  record: PhysicalModel | TrunkModel,
  attribute: string,
  value: unknown,
): string | undefined {
  if (attribute !== "portswitch" || value !== true) return undefined;
  const present = LAYER_3.find((each) => record[each] !== undefined && record[each] !== false);
  if (present === undefined) return undefined;
  const line = lineOf("physical", present, record[present]);
  return `${name} carries configuration an interface in Layer 2 mode cannot have: ${line}`;
}

/** Documented, and not done. */
const NO_TUNNEL = "port link-type dot1q-tunnel";

/** Every view of a configuration. */
export const VIEWS: { readonly [V in ConfigurationView]: View } = {
  system: view({
    kind: "",
    settings: systemSettings,
    actions: [...interfaceActions, ...vlanActions, ...etrunkActions, ...bfdActions, ...routingActions],
    transition: vlanChange,
  }),
  "eth-trunk": view({
    collection: "interfaces",
    kind: "an Eth-Trunk",
    settings: trunkSettings,
    actions: trunkActions,
    unavailable: ["mode lacp-dynamic", NO_TUNNEL],
    transition: trunkChange,
  }),
  physical: view({
    collection: "interfaces",
    kind: "a physical interface",
    settings: physicalSettings,
    unavailable: [NO_TUNNEL],
    transition: physicalChange,
  }),
  "sub-interface": view({ collection: "interfaces", kind: "a sub-interface", settings: subInterfaceSettings }),
  loopback: view({ collection: "interfaces", kind: "a loopback interface", settings: loopbackSettings }),
  vlanif: view({ collection: "interfaces", kind: "a Vlanif interface", settings: vlanifSettings }),
  null: view({ collection: "interfaces", kind: "NULL0", settings: {} }),
  "e-trunk": view({ collection: "etrunks", kind: "an E-Trunk", settings: etrunkSettings }),
  bfd: view({ collection: "bfd", kind: "BFD", settings: bfdSettings, transition: groupChange }),
  "bfd-session": view({ collection: "bfdSessions", kind: "a BFD session", settings: bfdSessionSettings }),
  vlan: view({ collection: "vlans", kind: "a VLAN", settings: vlanSettings, actions: vlanPortActions }),
  isis: view({ collection: "isis", kind: "IS-IS", settings: isisSettings }),
  pim: view({ collection: "pim", kind: "PIM", settings: pimSettings }),
  "pim-ipv6": view({ collection: "pimIpv6", kind: "IPv6 PIM", settings: pimIpv6Settings }),
};

/** Views of interfaces: a command of one that is typed in another is refused by name, not as unrecognized. */
export const INTERFACE_VIEWS = (Object.keys(VIEWS) as ConfigurationView[]).filter(
  (name) => VIEWS[name].collection === "interfaces",
);

/** Objects of one sort in the model, each with a view of its own. */
export interface Collection {
  /** Attribute of the model that holds them by name, or is the only one. */
  readonly attribute: CollectionName | SingleName;
  /** There is one at most, and the attribute is it. */
  readonly single: boolean;
  viewLine(name: string, record: Fields): string;
  positionOf(name: string): Position;
  compare(a: string, b: string): number;
  /** Names of objects that are always there and stored nowhere. */
  readonly always: readonly string[];
  /** An object of which nothing is said is none: it has no section. */
  readonly dropsEmpty?: true;
  /** Kept without effect. */
  readonly kept?: true;
}

/** An object of the model as attributes by name. */
export type Fields = { readonly [attribute: string]: unknown };

const interfaces: Collection = {
  attribute: "interfaces",
  single: false,
  viewLine: (name) => `interface ${name}`,
  positionOf: (name) => positionOf(name) as Position,
  compare: (a, b) => compareInterfaceNames(parseInterfaceName(a)!, parseInterfaceName(b)!),
  always: ["NULL0"],
};

const etrunks: Collection = {
  attribute: "etrunks",
  single: false,
  viewLine: (id) => `e-trunk ${id}`,
  positionOf: (name) => ({ view: "e-trunk", name }),
  compare: (a, b) => Number(a) - Number(b),
  always: [],
};

const bfd: Collection = {
  attribute: "bfd",
  single: true,
  viewLine: () => "bfd",
  positionOf: () => ({ view: "bfd", name: "" }),
  compare: () => 0,
  always: [],
};

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const bfdSessions: Collection = {
  attribute: "bfdSessions",
  single: false,
  viewLine: (name, { bind }) => `bfd ${name} ${bfdSessionSettings.bind.print(bind as Binding)[0]}`,
  positionOf: (name) => ({ view: "bfd-session", name }),
  compare: (a, b) => byName(a.toLowerCase(), b.toLowerCase()),
  always: [],
};

const vlans: Collection = {
  attribute: "vlans",
  single: false,
  viewLine: (id) => `vlan ${id}`,
  positionOf: (name) => ({ view: "vlan", name }),
  compare: (a, b) => Number(a) - Number(b),
  always: [],
  dropsEmpty: true,
};

const isis: Collection = {
  attribute: "isis",
  single: false,
  viewLine: (id) => `isis ${id}`,
  positionOf: (name) => ({ view: "isis", name }),
  compare: (a, b) => Number(a) - Number(b),
  always: [],
  kept: true,
};

const pim = (attribute: SingleName, view: ConfigurationView): Collection => ({
  attribute,
  single: true,
  viewLine: () => view,
  positionOf: () => ({ view, name: "" }),
  compare: () => 0,
  always: [],
  kept: true,
});

/** The printed order: sections of one-line commands of system view by attribute, and collections. */
export const ORDER: readonly (readonly (keyof typeof systemSettings)[] | Collection)[] = [
  ["sysname"],
  ["vlanBatch", "vlanBridge"],
  ["multicastRoutingEnable", "multicastIpv6RoutingEnable"],
  vlans,
  bfd,
  [
    "whitelistSessionCarETrunkIpv4",
    "whitelistSessionCarETrunkIpv4Disable",
    "whitelistSessionCarETrunkIpv6",
    "whitelistSessionCarETrunkIpv6Disable",
  ],
  ["eTrunkPort", "eTrunkIpv6Port"],
  etrunks,
  ["lacpPriorityCommandMode", "lacpPriority", "lacpSystemPriority", "lacpETrunkSystemId", "lacpETrunkPriority"],
  isis,
  interfaces,
  ["ipRouteStatic", "ipv6RouteStatic"],
  bfdSessions,
  pim("pim", "pim"),
  pim("pimIpv6", "pim-ipv6"),
];

export const COLLECTIONS: readonly Collection[] = ORDER.flatMap((part) => ("attribute" in part ? [part] : []));

/** Every object of the model with its view and its path; the model itself first. */
export function* placesIn(
  model: Model,
): Generator<{ view: View; record: { [attribute: string]: unknown }; path: Path }> {
  yield { view: VIEWS.system, record: recordAt(model, SYSTEM), path: [] };
  for (const collection of COLLECTIONS)
    for (const name of namesIn(model, collection)) {
      const position = collection.positionOf(name);
      yield { view: VIEWS[position.view], record: recordAt(model, position), path: pathAt(position) };
    }
}

/** Names of the objects of a sort; the only one has none. */
export function namesIn(model: Model, { attribute, single }: Collection): string[] {
  const value = model[attribute];
  if (value === undefined) return [];
  return single ? [""] : Object.keys(value);
}

/** The object a position shows, as attributes by name; the model itself in system view. */
export function recordAt(model: Model, { view, name }: Position): { [attribute: string]: unknown } {
  const { collection } = VIEWS[view];
  const record =
    collection === undefined
      ? model
      : isSingle(collection)
        ? model[collection]
        : objectOf<CollectionName>(model, collection, name);
  return (record ?? {}) as { [attribute: string]: unknown };
}

const SINGLES: ReadonlySet<string> = new Set(
  COLLECTIONS.flatMap(({ attribute, single }) => (single ? [attribute] : [])),
);
const isSingle = (name: CollectionName | SingleName): name is SingleName => SINGLES.has(name);

/** The same to write to: what has an object only while something is said of it is given one. */
export function ownRecordAt(model: Model, position: Position): { [attribute: string]: unknown } {
  if (position.view === "vlan") {
    model.vlans ??= {};
    model.vlans[position.name] ??= {};
  }
  return recordAt(model, position);
}

/** Where the object a position shows stands in the model. */
export function pathAt(position: Position): Path {
  const { collection } = VIEWS[position.view];
  if (collection === undefined) return [];
  return position.name === "" ? [collection] : [collection, position.name];
}
