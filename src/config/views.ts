import { type Action, type ConfigurationView, type Position, SYSTEM } from "./action.js";
import type { Setting, Settings } from "./grammar.js";
import { interfaceActions, membersOf, positionOf, trunkActions } from "./interface-actions.js";
import { compareInterfaceNames, parseInterfaceName } from "./interface-name.js";
import { physicalSettings } from "./interface-view.js";
import { Rows, type Syntax } from "./match.js";
import { type CollectionName, interfaceOf, type Model, objectOf, type Path, type TrunkModel } from "./model.js";
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
  readonly collection: CollectionName | undefined;
  /** As refusals call what the view shows; empty for system view. */
  readonly kind: string;
  readonly settings: Settings;
  readonly rows: Rows<ConfigurationRow>;
  readonly unavailable: Rows<ConfigurationRow>;
  /** Why the attribute must not change in the running system; undefined when it may. A file may always change it. */
  readonly transition: (model: Model, name: string, attribute: string, value: unknown) => string | undefined;
}

interface ViewParts {
  readonly collection?: CollectionName;
  readonly kind: string;
  readonly settings: Settings;
  readonly actions?: readonly Action[];
  readonly unavailable?: readonly string[];
  readonly transition?: View["transition"];
}

function view(parts: ViewParts): View {
  const rows: ConfigurationRow[] = (parts.actions ?? []).map((action) => ({ ...action, does: "act", action }));
  for (const [attribute, setting] of Object.entries(parts.settings)) {
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

/** An Eth-Trunk in another mode than load balancing must be empty before its mode changes. */
function modeChange(model: Model, name: string, attribute: string, value: unknown): string | undefined {
  if (attribute !== "mode") return undefined;
  const { mode = "manual load-balance" } = interfaceOf(model, name) as TrunkModel;
  const empty = membersOf(model, parseInterfaceName(name)!.numbers[0]!).length === 0;
  if (mode === "manual load-balance" || value === mode || empty) return undefined;
  return `${name} has member interfaces. Remove them before changing the mode.`;
}

/** Every view of a configuration. */
export const VIEWS: { readonly [V in ConfigurationView]: View } = {
  system: view({ kind: "", settings: systemSettings, actions: interfaceActions }),
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
};

/** Views of interfaces: a command of one that is typed in another is refused by name, not as unrecognized. */
export const INTERFACE_VIEWS = (Object.keys(VIEWS) as ConfigurationView[]).filter(
  (name) => VIEWS[name].collection === "interfaces",
);

/** Objects of one sort in the model, each with a view of its own. */
export interface Collection {
  /** Attribute of the model that holds them by name. */
  readonly attribute: CollectionName;
  viewLine(name: string): string;
  positionOf(name: string): Position;
  compare(a: string, b: string): number;
  /** Names of objects that are always there and stored nowhere. */
  readonly always: readonly string[];
}

const interfaces: Collection = {
  attribute: "interfaces",
  viewLine: (name) => `interface ${name}`,
  positionOf: (name) => positionOf(name) as Position,
  compare: (a, b) => compareInterfaceNames(parseInterfaceName(a)!, parseInterfaceName(b)!),
  always: ["NULL0"],
};

/** The printed order: sections of one-line commands of system view by attribute, and collections. */
export const ORDER: readonly (readonly (keyof typeof systemSettings)[] | Collection)[] = [
  ["sysname"],
  ["lacpPriorityCommandMode", "lacpPriority", "lacpSystemPriority"],
  interfaces,
];

export const COLLECTIONS: readonly Collection[] = ORDER.flatMap((part) => ("attribute" in part ? [part] : []));

/** Every object of the model with its view and its path; the model itself first. */
export function* placesIn(
  model: Model,
): Generator<{ view: View; record: { [attribute: string]: unknown }; path: Path }> {
  yield { view: VIEWS.system, record: recordAt(model, SYSTEM), path: [] };
  for (const collection of COLLECTIONS)
    for (const name of Object.keys(model[collection.attribute] ?? {})) {
      const position = collection.positionOf(name);
      yield { view: VIEWS[position.view], record: recordAt(model, position), path: pathAt(position) };
    }
}

/** The object a position shows, as attributes by name; the model itself in system view. */
export function recordAt(model: Model, position: Position): { [attribute: string]: unknown } {
  const { collection } = VIEWS[position.view];
  const record = collection === undefined ? model : objectOf(model, collection, position.name);
  return (record ?? {}) as { [attribute: string]: unknown };
}

/** Where the object a position shows stands in the model. */
export function pathAt(position: Position): Path {
  const { collection } = VIEWS[position.view];
  return collection === undefined ? [] : [collection, position.name];
}
