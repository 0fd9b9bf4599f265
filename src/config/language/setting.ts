/**
 * How the configuration is declared.
 *
 * Everything about a command is one row: its words, parameters with ranges, undo form, help, and the attribute of the
 * model it sets. Parser, printer, undo, help, completion, the JSON schema and the type of the model are made from the
 * rows; none of them knows a command by name. A row is one of three things:
 *
 * - A *setting* owns one attribute of its view's object in the model. `*-view.ts` files hold them, keyed by attribute:
 *
 *       leastActiveLinknumber: number("least active-linknumber <links>", integer(1, 64), {
 *         help: "Members that must be up", unit: "links", default: 1 }),
 *
 *   The attribute is the command in camelCase. The order of the keys is the order in which the lines are printed.
 *   A value equal to `default` is not stored. `undo` and the leading keywords, with or without the rest, removes it.
 *   `flag`, `number`, `text`, `choice`, `kept` make the usual rows; `setting` makes any other, lists included: `read` and
 *   `remove` are given the present value, and `print` may give several lines.
 * - An *action* (`Action`) does something else: opens a view, or writes somewhere else (`trunkport`).
 * - An *operational* row (operational.ts) changes no configuration.
 *
 * What a row demands of others is data in it: `onlyInMode`, `needs`, `excludes`. What looks across objects is in
 * checks.ts. All of these see the whole model, so the order of lines in a file does not matter. What concerns only the
 * step from one value to another is `refuses` of the row, or `transition` of the view. What is allowed but worth a
 * word is `warns` of the row, or across objects warnings.ts.
 *
 * A row with keys or passwords has `seal`, and its parameters are of secrets.ts: no message quotes them, and the model
 * holds ciphertext.
 *
 * The syntax is written as in command references (pattern.ts): `word`, `<parameter>`, `{ a | b }`, `[ a ]`, `{ a | b } *`.
 *
 * To add a command: one row in its view's file; for system view also its place in `ORDER` (views.ts).
 * To add a view: its name in action.ts; a `something-view.ts` with its settings, and an action that opens it; the type
 * and schema of its objects in model.ts (a new sort of object is one more `CollectionName`); its entry in `VIEWS`, and
 * in `ORDER` for a new sort.
 */
import { z } from "zod";
import type { Match, Syntax } from "./match.js";
import type { ParameterType } from "./parameters.js";
import { restOfLine } from "./parameters.js";
import { compile, type Node, type Parameters, undoOf } from "./pattern.js";

/** A command that sets one attribute of its view's object. */
export interface Setting<Value> extends Syntax {
  /** The leading keywords, by which messages name the command. */
  readonly command: string;
  readonly undo: Node;
  readonly schema: z.ZodType<Value>;
  readonly default: Value | undefined;
  /** Line printed while the attribute is not set. */
  readonly printedWhenAbsent: string | undefined;
  /** Stored and printed back, acted on by nothing; the operator is told so. */
  readonly kept: boolean;
  /** Modes of which the Eth-Trunk must have one; empty for any. */
  readonly onlyInModes: readonly string[];
  /** Attribute of the same object that must be set to this value too. */
  readonly needs: { readonly attribute: string; readonly value: unknown; readonly command: string } | undefined;
  /** Attributes of the same object that must not be set. */
  readonly excludes: readonly string[];
  /** Attributes of the same object that go when this one is removed. */
  readonly clears: readonly string[];
  /** Given by the line that opens the view, not by a line in it. */
  readonly inViewLine: boolean;
  /** Its value holds keys: no message quotes the line. */
  readonly hasKeys: boolean;
  /** The new value; `old` is the present one. */
  read(match: Match, old: Value | undefined): Value;
  /** What undo leaves; undefined removes the attribute. */
  remove(match: Match, old: Value | undefined): Value | undefined;
  /** Why `old` must not become `value` on the object called `name`; undefined when it may. */
  refuses(value: Value, old: Value | undefined, name: string): string | undefined;
  /** The value with `seal` applied to each key in it. */
  seal(value: Value, seal: (key: string) => string): Value;
  /** What the operator is warned of; `match` is the line, where there is one. */
  warns(value: Value, match: Match | undefined): string | undefined;
  /** The lines that give this value again. */
  print(value: Value): readonly string[];
}

export type Settings = { readonly [attribute: string]: Setting<unknown> };

/** The object of the model that a view's settings describe: only what is set. */
export type RecordOf<S extends Settings> = { -readonly [Attribute in keyof S]?: ReturnType<S[Attribute]["read"]> };

type ShapeOf<S extends Settings> = { [Attribute in keyof S]: z.ZodExactOptional<S[Attribute]["schema"]> };

export const schemaOf = <S extends Settings>(settings: S) =>
  z.strictObject(
    Object.fromEntries(
      Object.entries(settings).map(([attribute, { schema }]) => [attribute, z.exactOptional(schema)]),
    ) as ShapeOf<S>,
    "an object",
  );

interface Common<Value> {
  readonly help: string;
  readonly words?: { readonly [keyword: string]: string };
  readonly default?: Value;
  readonly printedWhenAbsent?: string;
  readonly kept?: boolean;
  readonly onlyInMode?: string | readonly string[] | undefined;
  readonly needs?: { readonly attribute: string; readonly value: unknown; readonly command: string };
  readonly excludes?: readonly string[];
  readonly clears?: readonly string[];
  readonly warns?: (value: Value, match: Match | undefined) => string | undefined;
}

interface Whole<Value> extends Common<Value> {
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
}

/** Any setting; the functions below make the usual ones. */
export function setting<Value>(syntax: string, row: Whole<Value>): Setting<Value> {
  const parameters = row.parameters ?? {};
  const pattern = compile(syntax, parameters);
  return {
    pattern,
    command: /^[^<{[]*/.exec(syntax)![0].trim(),
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
    inViewLine: row.inViewLine ?? false,
    hasKeys: row.seal !== undefined,
    seal: row.seal ?? ((value) => value),
    read: row.read,
    remove: row.remove ?? (() => undefined),
    refuses: row.refuses ?? (() => undefined),
    warns: row.warns ?? (() => undefined),
    print: row.print,
  };
}

/** A command without values that is off by default. */
export const flag = (syntax: string, row: Common<boolean>): Setting<boolean> =>
  setting(syntax, {
    ...row,
    schema: z.boolean("true or false"),
    default: false,
    read: () => true,
    print: (value) => (value ? [syntax] : []),
  });

/** A command that is kept and printed back, nothing more. */
export const kept = (syntax: string, help: string, row: Omit<Common<boolean>, "help"> = {}): Setting<boolean> =>
  flag(syntax, { ...row, help, kept: true });

/** The same, with any text after the keywords; the value is that text. */
export const keptText = (command: string, help: string, row: Omit<Common<string>, "help"> = {}): Setting<string> => {
  const type = restOfLine(0, 255);
  return setting(`${command} [ <text> ]`, {
    ...row,
    help,
    kept: true,
    parameters: { text: { type, help: "Kept as typed" } },
    schema: type.schema,
    read: (match) => (match.values.text as string | undefined) ?? "",
    print: (value) => [value === "" ? command : `${command} ${value}`],
  });
};

/** A command with one parameter, the last word of its syntax. */
export function text<Value>(syntax: string, type: ParameterType<Value>, row: Common<Value>): Setting<Value> {
  const [command = "", name = ""] = syntax.split(/ <|>/);
  return setting(syntax, {
    ...row,
    parameters: { [name]: { type, help: withDefault(row.help, row.default) } },
    schema: type.schema,
    read: (match) => match.values[name] as Value,
    print: (value) => [`${command} ${type.print(value)}`],
  });
}

/** A command with one number. Its help names the unit and the default. */
export const number = (
  syntax: string,
  type: ParameterType<number>,
  row: Common<number> & { readonly unit?: string },
): Setting<number> => text(syntax, type, { ...row, help: row.unit ? `${row.help}, in ${row.unit}` : row.help });

const withDefault = (help: string, value: unknown): string =>
  value === undefined ? help : `${help}, the default value is ${value}`;

/** A command with one of several fixed values, each of one or more words, and its help. */
export function choice<Value extends string>(
  command: string,
  values: { readonly [V in Value]: string },
  row: Common<NoInfer<Value>>,
): Setting<Value> {
  const all = Object.keys(values) as Value[];
  const fixed = command.split(" ").length;
  const shortest = (word: string) => all.filter((value) => value.split(" ").at(-1) === word)[0];
  const words = all.flatMap((value) => value.split(" ")).map((word) => [word, shortest(word)] as const);
  const help = words.flatMap(([word, value]) => (value === undefined ? [] : [[word, values[value]] as const]));
  return setting(`${command} { ${all.join(" | ")} }`, {
    ...row,
    help: withDefault(row.help, row.default),
    words: { ...Object.fromEntries(help), ...row.words },
    schema: z.enum(all, all.join(" | ")),
    read: (match) => match.words.slice(fixed).join(" ") as Value,
    print: (value) => [`${command} ${value}`],
  });
}
