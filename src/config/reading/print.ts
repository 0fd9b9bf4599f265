import { type Position, SYSTEM } from "../feature.js";
import { PRODUCT } from "../features.js";
import { type Grammar, namesIn } from "../grammar.js";
import { attributeOf, type Fields, type Settings } from "../language/setting.js";
import type { Model } from "../model.js";

/** What stands between two `#` lines: one-line commands, or a view line and the lines of the view. */
export interface Section {
  readonly viewLine: string | undefined;
  readonly lines: readonly PrintedLine[];
}

/** A line without indentation, and the attribute it gives. */
export interface PrintedLine {
  readonly attribute: string;
  readonly text: string;
}

/** The sections of a configuration in the order in which they are printed. Each is made when it is asked for. */
export function* sectionsOf(model: Model, grammar: Grammar = PRODUCT): Generator<Section> {
  const system = grammar.settingsOf(SYSTEM.view);
  for (const part of grammar.sections) {
    if ("attribute" in part) {
      const names = [...namesIn(model, part), ...(part.always ?? [])];
      for (const name of names.sort(part.compare)) {
        const position = part.positionOf(name);
        const record = grammar.recordAt(model, position);
        yield { viewLine: part.viewLine(name, record), lines: linesOf(grammar.settingsOf(position.view), record) };
      }
    } else {
      const lines = linesOf(system, model, part);
      if (lines.length > 0) yield { viewLine: undefined, lines };
    }
  }
}

/** The lines of one object, in the order of `attributes`; what is the default is left out. */
function linesOf(
  settings: Settings,
  record: Fields,
  attributes: readonly string[] = Object.keys(settings),
): PrintedLine[] {
  return attributes.flatMap((attribute) => {
    const setting = settings[attribute];
    if (setting === undefined || setting.inViewLine) return [];
    const value = attributeOf(record, attribute);
    const isSet = value !== undefined && value !== setting.default;
    const absent = setting.printedWhenAbsent === undefined ? [] : [setting.printedWhenAbsent];
    return (isSet ? setting.print(value) : absent).map((text) => ({ attribute, text }));
  });
}

/** The comment lines above a configuration. */
interface Head {
  readonly version: string;
  /** `yyyy-mm-dd hh:mm:ss±hh:mm`, and who. */
  readonly updated?: { readonly at: string; readonly by: string };
}

interface Printing {
  readonly head?: Head;
  readonly grammar?: Grammar | undefined;
}

/** The lines of a configuration, as `display current-configuration` shows them. Each section is made when it is asked for. */
export function* configurationLines(model: Model, { head, grammar }: Printing = {}): Generator<string> {
  if (head) {
    const { version, updated } = head;
    yield `!Software Version etrunkd ${version}`;
    if (updated) yield `!Last configuration was updated at ${updated.at} by ${updated.by}`;
  }
  for (const section of sectionsOf(model, grammar)) {
    yield "#";
    yield* sectionLines(section);
  }
  yield "#";
  yield "return";
}

/** The configuration as text; readConfiguration gives the model again. @internal */
export const printConfiguration = (model: Model, printing: Printing = {}): string =>
  Array.from(configurationLines(model, printing), (line) => `${line}\n`).join("");

const sectionLines = ({ viewLine, lines }: Section): string[] =>
  viewLine === undefined ? lines.map(({ text }) => text) : [viewLine, ...lines.map(({ text }) => ` ${text}`)];

/** The running lines of one view, as `display this` shows them; in system view the one-line commands. */
export function* linesOfView(model: Model, position: Position, grammar: Grammar = PRODUCT): Generator<string> {
  const { collection, settings } = grammar.viewCalled(position.view);
  const record = grammar.recordAt(model, position);
  if (collection === undefined) {
    for (const part of grammar.sections)
      if (!("attribute" in part)) {
        const lines = linesOf(settings, record, part);
        if (lines.length > 0) yield* ["#", ...lines.map(({ text }) => text)];
      }
  } else if (grammar.hasObject(model, position)) {
    yield "#";
    yield* sectionLines({ viewLine: collection.viewLine(position.name, record), lines: linesOf(settings, record) });
  }
  yield "#";
  yield "return";
}
