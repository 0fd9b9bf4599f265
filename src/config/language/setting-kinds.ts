/** The usual rows of a configuration language (setting.ts): one parameter, one of several words, several numbers. */
import { z } from "zod";
import { type ParameterType, restOfLine } from "./parameters.js";
import { type Common, type Setting, setting } from "./setting.js";

/** A command without values that is off by default. */
export const flag = <Wish = unknown>(
  syntax: string,
  row: Common<boolean, boolean, Wish>,
): Setting<boolean, boolean, Wish> =>
  setting(syntax, {
    ...row,
    schema: z.boolean("true or false"),
    default: false,
    read: () => true,
    print: (value) => (value ? [syntax] : []),
  });

/** A command that is kept and printed back without effect. */
export const kept = (syntax: string, help: string, row: Omit<Common<boolean, boolean>, "help"> = {}) =>
  flag(syntax, { ...row, help, kept: true });

/** The same, with any text after the keywords; the value is that text. */
export const keptText = (command: string, help: string, row: Omit<Common<string>, "help"> = {}): Setting<string> => {
  const type = restOfLine(0, 255);
  return setting<string>(`${command} [ <text> ]`, {
    ...row,
    help,
    kept: true,
    parameters: { text: { type, help: "Kept as typed" } },
    schema: type.schema,
    read: (match) => (match.values.text as string | undefined) ?? "",
    print: (value) => [value === "" ? command : `${command} ${value}`],
  });
};

/** Parameters of a maker of rows whose value may have a default. */
type WithDefault<Value, Default, Wish> = Common<Value, Value | Default, Wish> & { readonly default?: Default };

/** A command with one parameter, the last word of its syntax. */
export function text<Value, Default extends Value | undefined = undefined, Wish = unknown>(
  syntax: string,
  type: ParameterType<Value>,
  row: WithDefault<Value, Default, Wish>,
): Setting<Value, Value | Default, Wish> {
  const [command = "", name = ""] = syntax.split(/ <|>/);
  return setting<Value, Value | Default, Wish>(syntax, {
    ...(row as Common<Value, Value | Default, Wish> & { readonly default?: Value }),
    parameters: { [name]: { type, help: withDefault(row.help, row.default) } },
    schema: type.schema,
    read: (match) => match.values[name] as Value,
    print: (value) => [`${command} ${type.print(value)}`],
  });
}

/** A command with one number. Its help names the unit and the default. */
export const number = <Default extends number | undefined = undefined, Wish = unknown>(
  syntax: string,
  type: ParameterType<number>,
  row: WithDefault<number, Default, Wish> & { readonly unit?: string },
): Setting<number, number | Default, Wish> => text(syntax, type, { ...row, help: withUnit(row.help, row.unit) });

const withUnit = (help: string, unit: string | undefined): string =>
  unit === undefined ? help : `${help}, in ${unit}`;

const withDefault = (help: string, value: unknown): string =>
  value === undefined ? help : `${help}, the default value is ${value}`;

/** A command with one of several fixed values, each of one or more words, and its help. */
export function choice<Value extends string, Default extends Value | undefined = undefined, Wish = unknown>(
  command: string,
  values: { readonly [V in Value]: string },
  row: WithDefault<NoInfer<Value>, Default, Wish>,
): Setting<Value, Value | Default, Wish> {
  const all = Object.keys(values) as Value[];
  const fixed = command.split(" ").length;
  const shortest = (word: string) => all.filter((value) => value.split(" ").at(-1) === word)[0];
  const words = all.flatMap((value) => value.split(" ")).map((word) => [word, shortest(word)] as const);
  const help = words.flatMap(([word, value]) => (value === undefined ? [] : [[word, values[value]] as const]));
  return setting<Value, Value | Default, Wish>(`${command} { ${all.join(" | ")} }`, {
    ...(row as Common<Value, Value | Default, Wish> & { readonly default?: Value }),
    help: withDefault(row.help, row.default),
    words: { ...Object.fromEntries(help), ...row.words },
    schema: z.enum(all, all.join(" | ")),
    read: (match) => match.words.slice(fixed).join(" ") as Value,
    print: (value) => [`${command} ${value}`],
  });
}

/** One number of several that a command sets. */
interface Part {
  readonly type: ParameterType<number>;
  readonly keyword: string;
  readonly help: string;
  readonly unit?: string;
  readonly default: number;
  /** Help of the keyword, where it is not `help`. */
  readonly word?: string;
}

type Numbers<Attribute extends string> = { readonly [A in Attribute]?: number };

/**
 * `command { keyword <number> | ... } *`: numbers that are set one by one; those that a line does not name stay. The
 * value holds what differs from the defaults, with all of them filled in it is complete.
 */
export function numbers<Attribute extends string, Wish = unknown>(
  command: string,
  parts: { readonly [A in Attribute]: Part },
  row: Common<Numbers<Attribute>, { readonly [A in Attribute]: number }, Wish>,
): Setting<Numbers<Attribute>, { readonly [A in Attribute]: number }, Wish> {
  const all = Object.entries<Part>(parts) as [Attribute, Part][];
  const each = <Value>(map: (attribute: Attribute, part: Part) => Value | undefined): { [A in Attribute]: Value } =>
    Object.fromEntries(
      all.flatMap(([attribute, part]) => {
        const value = map(attribute, part);
        return value === undefined ? [] : [[attribute, value]];
      }),
    ) as { [A in Attribute]: Value };
  const withoutDefaults = (value: Numbers<Attribute>): Numbers<Attribute> =>
    each((attribute, part) => (value[attribute] === part.default ? undefined : value[attribute]));
  const given = (one: (attribute: Attribute, part: Part) => string) => all.map(([a, part]) => one(a, part)).join(" | ");
  const shape = each((_, { type }) => z.exactOptional(type.schema));
  return setting<Numbers<Attribute>, { readonly [A in Attribute]: number }, Wish>(
    `${command} { ${given((attribute, { keyword }) => `${keyword} <${attribute}>`)} } *`,
    {
      ...row,
      words: { ...Object.fromEntries(all.map(([, { keyword, word }]) => [keyword, word ?? row.help])), ...row.words },
      parameters: each((_, { type, help, unit, default: standard }) => ({
        type,
        help: withDefault(unit === undefined ? help : `${help} in ${unit}`, standard),
      })),
      undo: `undo ${command} [ ${given((attribute, { keyword }) => `${keyword} [ <${attribute}> ]`)} ] *`,
      schema: z
        .strictObject(shape, `{ ${all.map(([attribute]) => attribute).join(", ")} }`)
        .overwrite((value) => withoutDefaults(value as Numbers<Attribute>) as typeof value) as unknown as z.ZodType<
        Numbers<Attribute>
      >,
      read: ({ values }, old) => withoutDefaults({ ...old, ...(values as Numbers<Attribute>) }),
      remove({ words }, old) {
        const named = all.filter(([, { keyword }]) => words.includes(keyword));
        const left = each((attribute) => (named.some(([gone]) => gone === attribute) ? undefined : old?.[attribute]));
        return named.length === 0 || Object.keys(left).length === 0 ? undefined : left;
      },
      print(value) {
        const words = all.flatMap(([attribute, { keyword }]) =>
          value[attribute] === undefined ? [] : [`${keyword} ${value[attribute]}`],
        );
        return words.length === 0 ? [] : [`${command} ${words.join(" ")}`];
      },
      fill: (value) => each((attribute, part) => value?.[attribute] ?? part.default),
    },
  );
}
