import { type Action, type ConfigurationView, type Position, SYSTEM } from "./action.js";
import { bfdActions } from "./bfd-actions.js";
import { type Binding, bfdSessionSettings, bfdSettings, DEFAULT_GROUP, isDefaultIp } from "./bfd-view.js";
import { etrunkActions } from "./etrunk-actions.js";
import { etrunkSettings } from "./etrunk-view.js";
import type { Setting, Settings } from "./grammar.js";
import { interfaceActions, membersOf, positionOf, trunkActions } from "./interface-actions.js";
import { compareInterfaceNames, parseInterfaceName } from "./interface-name.js";
import { physicalSettings } from "./interface-view.js";
import { Rows, type Syntax } from "./match.js";
import {
  bfdSessionsOf,
  type CollectionName,
  interfaceOf,
  type Model,
  objectOf,
  type Path,
  type SingleName,
  type TrunkModel,
} from "./model.js";
import { compile } from "./pattern.js";
import { systemSettings } from "./system-view.js";
import { trunkSettings } from "./trunk-view.js";

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

function view(parts: ViewParts): View {
  const rows: ConfigurationRow[] = (parts.actions ?? []).map((action) => ({ ...action, does: "act", action }));
  for (const [attribute, setting] of Object.entries(parts.settings)) {
    if (setting.inViewLine) continue;
    const { pattern, undo, help, words } = setting;
    rows.push({ does: "set", attribute, setting, pattern, help, words });
    rows.push({ does: "undo", attribute, setting, pattern: undo, help: undoHelp(setting), words: {} });
  }
  const unavailable = (parts.unavailable ?? []).map((syntax): ConfigurationRow => {
    const refusal = `${syntax} is not available in this version.`;
    return { does: "nothing", refusal, pattern: compile(syntax, {}), help: refusal, words: {} };
  });
  return {
    collection: parts.collection,
    kind: parts.kind,
    settings: parts.settings,
    rows: new Rows(rows),
    unavailable: new Rows(unavailable),
    transition: parts.transition ?? (() => undefined),
  };
}

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

/** Every view of a configuration. */
export const VIEWS: { readonly [V in ConfigurationView]: View } = {
  system: view({
    kind: "",
    settings: systemSettings,
    actions: [...interfaceActions, ...etrunkActions, ...bfdActions],
  }),
  "eth-trunk": view({
    collection: "interfaces",
    kind: "an Eth-Trunk",
    settings: trunkSettings,
    actions: trunkActions,
    unavailable: ["mode manual backup", "mode lacp-dynamic"],
    transition: modeChange,
  }),
  physical: view({ collection: "interfaces", kind: "a physical interface", settings: physicalSettings }),
  null: view({ collection: "interfaces", kind: "NULL0", settings: {} }),
  "e-trunk": view({ collection: "etrunks", kind: "an E-Trunk", settings: etrunkSettings }),
  bfd: view({ collection: "bfd", kind: "BFD", settings: bfdSettings, transition: groupChange }),
  "bfd-session": view({ collection: "bfdSessions", kind: "a BFD session", settings: bfdSessionSettings }),
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

/** The printed order: sections of one-line commands of system view by attribute, and collections. */
export const ORDER: readonly (readonly (keyof typeof systemSettings)[] | Collection)[] = [
  ["sysname"],
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
  interfaces,
  bfdSessions,
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
export function recordAt(model: Model, position: Position): { [attribute: string]: unknown } {
  const { collection } = VIEWS[position.view];
  const record =
    collection === undefined
      ? model
      : collection === "bfd"
        ? model.bfd
        : objectOf<CollectionName>(model, collection, position.name);
  return (record ?? {}) as { [attribute: string]: unknown };
}

/** Where the object a position shows stands in the model. */
export function pathAt(position: Position): Path {
  const { collection } = VIEWS[position.view];
  if (collection === undefined) return [];
  return position.name === "" ? [collection] : [collection, position.name];
}
