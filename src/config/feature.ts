/**
 * A part of the configuration: the rows, actions, checks and effects of one feature of the device. features.ts lists the
 * product's; grammar.ts makes the whole language of any list. A feature works on a slice of the model: the attributes it
 * owns and those of other features that it reads, declared as its type `Slice`; model.ts sees that slices agree.
 */
import type { Desired } from "../core/contract/desired/desired.js";
import type { NetworkWish } from "../core/contract/desired/network.js";
import type { DesiredInterface, DesiredTrunk } from "../core/contract/desired/trunk.js";
import type { Bindings, Facts, Kernel } from "./facts.js";
import type { Match, Syntax, Words } from "./language/match.js";
import { compile, type Parameters } from "./language/pattern.js";
import type { Cipher } from "./language/secrets.js";
import type { Fields, Settings } from "./language/setting.js";

/** Where something stands in the model: `["interfaces", "Eth-Trunk1", "lacpTimeout"]`. */
export type Path = readonly string[];

/** A problem or warning in a model, and its place. The text is complete, without `Error: `. */
export interface Finding {
  readonly path: Path;
  readonly text: string;
}

/** A view and the name of the object that it shows; empty in system view and for an object without a name. */
export interface Position {
  readonly view: string;
  readonly name: string;
}

export const SYSTEM: Position = { view: "system", name: "" };

/** A view of objects. The rows of a view come from any feature. */
export interface ViewParts {
  readonly name: string;
  /** Kind of the object in refusals, e.g. `an Eth-Trunk`; empty for system view. */
  readonly kind: string;
  /** The collection of its objects; undefined: the view shows the model itself. */
  readonly collection?: string;
  /** A line of a file that is no command of the view is tried in system view, as guides indent such lines. */
  readonly takesSystemLines?: boolean;
  /** What follows the name of the host in the prompt; without it the view, and the object's name: `e-trunk-1`. */
  readonly promptOf?: (name: string) => string;
}

/** Objects of one sort in the model, each with a view of its own. */
export interface Collection {
  /** Attribute of the model that holds them by name, or is the only one. */
  readonly attribute: string;
  /** There is one object at most, and the attribute is it. */
  readonly isSingle?: true;
  viewLine(name: string, record: Fields): string;
  positionOf(name: string): Position;
  compare(a: string, b: string): number;
  /** Text on what a name must be, given the names before it; undefined when the name is right. */
  misnamed(name: string, before: readonly string[]): string | undefined;
  /** Names of objects that are always there and stored nowhere. */
  readonly always?: readonly string[];
  /** An object without settings does not exist: it has no section, and its view opens without it. */
  readonly dropsEmpty?: true;
  /** The objects are kept without effect, which a notice says. */
  readonly kept?: true;
  /** There may be thousands: a typed line is checked with those that share a tie with what it changes. */
  readonly isLarge?: true;
}

/** What an object of a collection has to do with others, by name: one of an equal tie may be wrong because of it. */
export type TiesOf = (name: string, record: Fields, bindings: Bindings) => readonly string[];

/** `typed`: a person at a shell, where the order of lines counts. `file`: it does not. */
export type How = "typed" | "file";

export interface Step<Slice> {
  readonly model: Slice;
  readonly position: Position;
  readonly match: Match;
  readonly how: How;
  /** Name of the user of an object or value, for refusals; undefined without one, and while a file is read. */
  userOf(path: Path): string | undefined;
}

/** Effect of a line: the position of the next line, and the written paths of the model. */
export type Effect =
  | { readonly ok: true; readonly position: Position; readonly wrote: readonly Path[] }
  | { readonly ok: false; readonly refusal: string };

/** A command that does more than set an attribute of its view's object. */
export interface Action<Slice = never> extends Syntax {
  readonly run: (step: Step<Slice>) => Effect;
}

export const action = <Slice>(
  syntax: string,
  row: {
    readonly help: string;
    readonly words?: Words;
    readonly parameters?: Parameters;
    readonly run: (step: Step<Slice>) => Effect;
  },
): Action<Slice> => ({
  pattern: compile(syntax, row.parameters ?? {}),
  help: row.help,
  words: row.words ?? {},
  run: row.run,
});

export const refuse = (refusal: string): Effect => ({ ok: false, refusal });

/** An attribute that a typed line sets; `value` undefined: it is removed and has no default. */
export interface Change<Slice> {
  readonly model: Slice;
  readonly position: Position;
  readonly attribute: string;
  readonly value: unknown;
  /** The rows of the view. */
  readonly settings: Settings;
  /** Name of the user of an object, for refusals; undefined without one. */
  userOf(path: Path): string | undefined;
}

/** What checks may look at besides the model. */
export interface CheckContext {
  readonly bindings: Bindings;
  readonly kernel: Kernel;
  /** The rows of a view, those of other features included. */
  settingsOf(view: string): Settings;
}

/** What a feature contributes to `Desired`: trunks are joined by ID, interfaces by name, the network by field. */
export type DesiredPart = Partial<Omit<Desired, "trunks" | "interfaces" | "network">> & {
  readonly interfaces?: readonly (Pick<DesiredInterface, "name"> & Partial<DesiredInterface>)[];
  readonly trunks?: readonly (Pick<DesiredTrunk, "id"> & Partial<DesiredTrunk>)[];
  readonly network?: Partial<NetworkWish>;
};

/** What a feature has no use for it leaves out. */
export interface Feature<Slice = never> {
  readonly views?: readonly ViewParts[];
  readonly collections?: readonly Collection[];
  /** Rows by view: its own, or another feature's. */
  readonly rows?: { readonly [view: string]: Settings };
  readonly actions?: { readonly [view: string]: readonly Action<Slice>[] };
  /** Documented commands that do not exist here, by view: they are refused by name. */
  readonly unavailable?: { readonly [view: string]: readonly string[] };
  /** Help of keywords that begin several rows. */
  readonly words?: Words;
  /** Why the attribute must not change in the running system; undefined when it may. A file may always change it. */
  readonly refuses?: (change: Change<Slice>) => string | undefined;
  /** Who of this feature needs the object that stands there, as refusals call it; undefined: nobody. */
  readonly userOf?: (model: Slice, path: Path) => string | undefined;
  /** Ties of the objects, by collection. */
  readonly ties?: { readonly [collection: string]: TiesOf };
  /** Attributes of system view, and collections, on which objects of a large collection may depend without a tie. */
  readonly concernsAll?: readonly string[];
  /** What does not fit together. Linear in the size of the model. */
  readonly check?: (model: Slice, context: CheckContext) => Finding[];
  /** What is allowed, but not what anybody wants. */
  readonly warn?: (model: Slice, cipher: Cipher) => Finding[];
  /** The model with what its lines imply. */
  readonly complete?: (model: Slice) => object;
  /** What the model asks of the device. It is free of problems. */
  readonly desired?: (model: Slice, facts: Required<Facts>) => DesiredPart;
}
