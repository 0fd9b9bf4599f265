import { KEPT } from "../editing/texts.js";
import type { Finding, Path } from "../feature.js";
import { type Grammar, namesIn } from "../grammar.js";
import { type JsonLines, scanJson } from "../language/json-lines.js";
import { excerpt } from "../language/line.js";
import { type Cipher, sealed } from "../language/secrets.js";
import { type Model, pathText } from "../model.js";
import { checkModel, warningsOf } from "./check.js";
import { type Configuration, lineOf, type Notice, type Problem } from "./configuration.js";
import { normalised } from "./normalise.js";
import type { WholeTarget } from "./target.js";

/** Reads the JSON form. */
export function readJson(text: string, target: WholeTarget): Configuration {
  const { grammar, cipher } = target;
  const places = scanJson(text);
  if (places.tooDeep)
    return {
      model: {},
      problems: [{ line: places.brokenAt ?? 1, text: "Too many brackets inside each other." }],
      notices: [],
    };
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? withoutExcerpt(error.message) : String(error);
    return { model: {}, problems: [{ line: places.brokenAt ?? 1, text: `Not JSON: ${reason}.` }], notices: [] };
  }
  const problems: Problem[] = places.badKeys.map(({ line, path, text }) => ({
    line,
    text: `${pathText(path)} ${text}.`,
  }));
  const model = fitToSchema(document, places, problems, grammar);
  if (model === undefined) return { model: {}, problems, notices: [] };
  sealAll(model, cipher, grammar);
  const placed = ({ path, text }: Finding) => ({
    line: lineOf(places.lineOf, path),
    text: `${pathText(path)}: ${text}`,
  });
  return {
    model: normalised(model, grammar),
    problems: [...problems, ...checkModel(model, target).map(placed)],
    notices: [...noticesOf(model, places, grammar), ...warningsOf(model, target).map(placed)],
  };
}

/** Node's message quotes the text around the place, which may be a key, so the quotation is cut off. */
const withoutExcerpt = (message: string): string => message.replace(/, (\.\.\.)?".*$/s, "");

function sealAll(model: Model, cipher: Cipher, grammar: Grammar): void {
  for (const { view, record } of grammar.placesIn(model))
    for (const attribute of Object.keys(record)) {
      const setting = view.settings[attribute];
      if (setting?.hasKeys) record[attribute] = setting.seal(record[attribute], (key) => sealed(key, cipher));
    }
}

/**
 * Fits a document to the schema. Parts that do not fit become problems and are left out, so that the rest is checked
 * too.
 */
function fitToSchema(
  document: unknown,
  places: JsonLines,
  problems: Problem[],
  { schema, keyAttributes }: Grammar,
): Model | undefined {
  const result = schema.safeParse(document);
  if (result.success) return result.data as Model;
  const rest = structuredClone(document);
  for (const issue of result.error.issues) {
    const path = issue.path.map(String);
    const wrong = issue.code === "unrecognized_keys" ? issue.keys.map((key) => [...path, key]) : [path];
    for (const at of wrong) {
      problems.push({ line: lineOf(places.lineOf, at), text: misfit(document, at, issue, keyAttributes) });
      const parent = valueAt(rest, at.slice(0, -1));
      const key = at.at(-1);
      if (key !== undefined && typeof parent === "object" && parent !== null) Reflect.deleteProperty(parent, key);
    }
  }
  const second = schema.safeParse(rest);
  return second.success ? (second.data as Model) : undefined;
}

function misfit(
  document: unknown,
  path: Path,
  issue: { readonly code: string; readonly message: string },
  secret: ReadonlySet<string>,
): string {
  const where = path.length === 0 ? "The document" : pathText(path);
  if (issue.code === "unrecognized_keys") return `${where}: unknown attribute.`;
  // A problem of an object may be its name.
  if (issue.code === "custom" && path.length === 2)
    return `${where}: ${excerpt(path[1] ?? "")} is not ${issue.message}.`;
  const value = path.some((key) => secret.has(key)) ? "***" : (shown(valueAt(document, path), secret) ?? "nothing");
  return `${where}: ${excerpt(value)} is not ${issue.message}.`;
}

const shown = (value: unknown, secret: ReadonlySet<string>): string | undefined =>
  JSON.stringify(value, (key, inside: unknown) => (secret.has(key) ? "***" : inside));

function valueAt(document: unknown, path: Path): unknown {
  let value = document;
  for (const key of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    value = (value as { [key: string]: unknown })[key];
  }
  return value;
}

/** Notices of objects and attributes, as the text form has them for lines. */
function noticesOf(model: Model, places: JsonLines, grammar: Grammar): Notice[] {
  const told = (path: Path, texts: readonly (string | undefined)[]): Notice[] => {
    const line = lineOf(places.lineOf, path);
    return texts.flatMap((text) => (text === undefined ? [] : [{ line, text }]));
  };
  const objects = grammar.collections
    .filter(({ kept }) => kept)
    .flatMap((collection) =>
      namesIn(model, collection).flatMap((name) => told(grammar.pathAt(collection.positionOf(name)), [KEPT])),
    );
  const attributes = [...grammar.placesIn(model)].flatMap(({ view, record, path }) =>
    Object.keys(record).flatMap((attribute) => {
      const setting = view.settings[attribute];
      const value = record[attribute];
      if (setting === undefined || value === false || value === setting.default) return [];
      const lines = setting.kept ? setting.print(value).filter((line) => line !== "#") : [];
      return told([...path, attribute], [...lines.map(() => KEPT), setting.warns(value, undefined)]);
    }),
  );
  return [...objects, ...attributes];
}
