/**
 * The rows of a configuration language. Everything about a command that sets an attribute is one row: its words,
 * parameters with ranges, default, undo form, help, and what its value is in `Desired`. Parser, printer, undo, help,
 * completion, the JSON schema and the type of the model are made from the rows; none of them knows a command by name.
 *
 *     leastActiveLinknumber: number("least active-linknumber <links>", integer(1, 64), {
 *       help: "Members that must be up", unit: "links", default: 1, desired: (leastLinks) => ({ leastLinks }) }),
 *
 * The key is the attribute: the command in camelCase. The order of the keys is the order in which lines are printed. A
 * value equal to `default` is not stored. `undo` and the leading keywords, with or without the rest, removes the value.
 * setting-kinds.ts makes the usual rows; `setting` makes any other, lists included: `read` and `remove` are given the
 * present value, and `print` may give several lines.
 *
 * What a row demands of other rows is data in it: `onlyInMode`, `needs`, `excludes`. All of these see the whole model, so
 * the order of lines in a file does not matter. What concerns only the step from one value to another is `refuses`, what
 * is wrong about a value that fits the schema is `faults`, what is allowed but worth a word is `warns`.
 *
 * A row with keys or passwords has `seal`, and its parameters are of secrets.ts: no message quotes them, and the model
 * holds ciphertext.
 *
 * The syntax is written as in command references (pattern.ts): `word`, `<parameter>`, `{ a | b }`, `[ a ]`, `{ a | b } *`.
 */
import { z } from "zod";
import type { Match, Syntax, Words } from "./match.js";
import { compile, type Node, type Parameters, undoOf } from "./pattern.js";

/**
 * A command that sets one attribute of its view's object. `Value` is what the model holds, `Full` the value with defaults
 * filled in, `Wish` what the row contributes to `Desired`.
 */
export interface Setting<Value, Full = Value | undefined, Wish = unknown> extends Syntax {
  /** The leading keywords, by which messages name the command. */
  readonly command: string;
  readonly undo: Node;
  readonly schema: z.ZodType<Value>;
  readonly default: Value | undefined;
  /** Line printed while the attribute is not set. */
  readonly printedWhenAbsent: string | undefined;
  /** The setting is stored and printed back without effect, which a notice says. */
  readonly kept: boolean;
  /** Values of the attribute `mode` of the same object, one of which must be set; empty for any. */
  readonly onlyInModes: readonly string[];
  /** Attribute of the same object that must be set to this value too. */
  readonly needs: Need | undefined;
  /** Attributes of the same object that must not be set. */
  readonly excludes: readonly string[];
  /** Attributes of the same object that go when this one is removed. */
  readonly clears: readonly string[];
  /** Names by which checks find rows of one sort, e.g. those of Layer 3. */
  readonly traits: readonly string[];
  /** The value comes from the line that opens the view, not from a line in it. */
  readonly inViewLine: boolean;
  /** Its value holds keys: no message quotes the line. */
  readonly hasKeys: boolean;
  /** The new value; `old` is the present one. */
  read(match: Match, old: Value | undefined): Value;
  /** The value after undo; undefined removes the attribute. */
  remove(match: Match, old: Value | undefined): Value | undefined;
  /** Reason that `old` must not become `value` on the object called `name`; undefined when it may. */
  refuses(value: Value, old: Value | undefined, name: string): string | undefined;
  /** Problem of a value by itself; undefined without one. */
  faults(value: Value): string | undefined;
  /** The value with `seal` applied to each key in it. */
  seal(value: Value, seal: (key: string) => string): Value;
  /** Warning for the operator; `match` is the line, where there is one. */
  warns(value: Value, match: Match | undefined): string | undefined;
  /** The lines that set this value. */
  print(value: Value): readonly string[];
  /** The value in force: the default where none is set. */
  fill(value: Value | undefined): Full;
  /** The contribution of the value in force to `Desired` (core/contract/desired). */
  desired(value: Full): Wish;
}

interface Need {
  readonly attribute: string;
  readonly value: unknown;
  readonly command: string;
}

export type AnySetting = Setting<unknown, unknown>;
export type Settings = { readonly [attribute: string]: AnySetting };

/** An object of the model as attributes by name. */
export type Fields = { readonly [attribute: string]: unknown };

/** The object of the model that settings describe: only what is set. */
export type RecordOf<S extends Settings> = { -readonly [Attribute in keyof S]?: ReturnType<S[Attribute]["read"]> };

/** The same with the defaults filled in. */
export type Filled<S extends Settings> = { readonly [Attribute in keyof S]: ReturnType<S[Attribute]["fill"]> };

/** What the rows of `settings` together contribute to `Desired`. */
export type WishOf<S extends Settings> = {
  [Attribute in keyof S]: (wish: ReturnType<S[Attribute]["desired"]>) => void;
}[keyof S] extends (wish: infer Wish) => void
  ? Wish
  : never;

/** An attribute of an object. Names are user input, so `constructor` must not find an inherited property. */
export const attributeOf = (record: object, attribute: string): unknown =>
  Object.hasOwn(record, attribute) ? (record as Fields)[attribute] : undefined;

/** The object of a name. */
export const objectCalled = <Value>(all: { readonly [name: string]: Value } | undefined, name: string) =>
  all === undefined ? undefined : (attributeOf(all, name) as Value | undefined);

/** The values in force: those that are set, and else the defaults of the rows. */
export const filled = <S extends Settings>(settings: S, record: NoInfer<RecordOf<S>> = {}): Filled<S> =>
  mapped(settings, (setting, attribute) => setting.fill(attributeOf(record, attribute))) as Filled<S>;

/** The contributions of an object to `Desired`, row by row. */
export function desiredOf<S extends Settings>(settings: S, record: NoInfer<RecordOf<S>> = {}): WishOf<S> {
  const wishes = Object.entries(settings).map(
    ([attribute, setting]) => setting.desired(setting.fill(attributeOf(record, attribute))) as object,
  );
  return Object.assign({}, ...wishes) as WishOf<S>;
}

const mapped = <S extends Settings>(settings: S, map: (setting: AnySetting, attribute: string) => unknown) =>
  Object.fromEntries(Object.entries(settings).map(([attribute, setting]) => [attribute, map(setting, attribute)]));

/** JSON schema of the object that settings describe. Attributes of the line that opens the view are required. */
export const schemaOf = (settings: Settings) =>
  z.strictObject(
    mapped(settings, ({ schema, inViewLine }) => (inViewLine ? schema : z.exactOptional(schema))) as {
      [attribute: string]: z.ZodType;
    },
    "an object",
  );

/** Parameters of every maker of rows. */
export interface Common<Value, Full = Value | undefined, Wish = unknown> {
  readonly help: string;
  readonly words?: Words;
  readonly printedWhenAbsent?: string;
  readonly kept?: boolean;
  readonly onlyInMode?: string | readonly string[] | undefined;
  readonly needs?: Need;
  readonly excludes?: readonly string[];
  readonly clears?: readonly string[];
  readonly traits?: readonly string[];
  readonly faults?: (value: Value) => string | undefined;
  readonly warns?: (value: Value, match: Match | undefined) => string | undefined;
  readonly desired?: (value: Full) => Wish;
}

/** Parameters of `setting`; of `fill` and `default` at most one. */
export interface Whole<Value, Full, Wish> extends Common<Value, Full, Wish> {
  readonly parameters?: Parameters;
  /** Syntax of the undo form, where it is not `undo` and the leading keywords. */
  readonly undo?: string;
  readonly inViewLine?: boolean;
  readonly seal?: (value: Value, seal: (key: string) => string) => Value;
  readonly schema: z.ZodType<Value>;
  readonly read: (match: Match, old: Value | undefined) => Value;
  readonly remove?: (match: Match, old: Value | undefined) => Value | undefined;
  readonly refuses?: (value: Value, old: Value | undefined, name: string) => string | undefined;
  readonly print: (value: Value) => readonly string[];
  readonly default?: Value;
  readonly fill?: (value: Value | undefined) => Full;
}

/** Any setting; setting-kinds.ts makes the usual ones. */
export function setting<Value, Wish = unknown>(
  syntax: string,
  row: Whole<Value, Value, Wish> & { readonly default: Value },
): Setting<Value, Value, Wish>;
export function setting<Value, Full = Value | undefined, Wish = unknown>(
  syntax: string,
  row: Whole<Value, Full, Wish>,
): Setting<Value, Full, Wish>;
export function setting<Value, Full, Wish>(syntax: string, row: Whole<Value, Full, Wish>): Setting<Value, Full, Wish> {
  const parameters = row.parameters ?? {};
  const pattern = compile(syntax, parameters);
  return {
    pattern,
    command: syntax.split(/ ?[<{[]/)[0] ?? "",
    undo: row.undo === undefined ? undoOf(pattern) : compile(row.undo, parameters),
    help: row.help,
    words: row.words ?? {},
    schema: row.schema,
    default: row.default,
    printedWhenAbsent: row.printedWhenAbsent,
    kept: row.kept ?? false,
    onlyInModes: [row.onlyInMode ?? []].flat(),
    needs: row.needs,
    excludes: row.excludes ?? [],
    clears: row.clears ?? [],
    traits: row.traits ?? [],
    inViewLine: row.inViewLine ?? false,
    hasKeys: row.seal !== undefined,
    seal: row.seal ?? ((value) => value),
    read: row.read,
    remove: row.remove ?? (() => undefined),
    refuses: row.refuses ?? (() => undefined),
    faults: row.faults ?? (() => undefined),
    warns: row.warns ?? (() => undefined),
    print: row.print,
    fill: row.fill ?? ((value) => (value ?? row.default) as Full),
    desired: row.desired ?? (() => ({}) as Wish),
  };
}
