import { SYSTEM } from "../feature.js";
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

/** The sections of a configuration in the order in which they are printed. */
export function sectionsOf(model: Model, grammar: Grammar = PRODUCT): Section[] {
  const system = grammar.settingsOf(SYSTEM.view);
  return grammar.sections.flatMap((part): Section[] => {
    if ("attribute" in part) {
      const names = [...namesIn(model, part), ...(part.always ?? [])];
      return names.sort(part.compare).map((name) => {
        const position = part.positionOf(name);
        const record = grammar.recordAt(model, position);
        return { viewLine: part.viewLine(name, record), lines: linesOf(grammar.settingsOf(position.view), record) };
      });
    }
    const lines = linesOf(system, model, part);
    return lines.length === 0 ? [] : [{ viewLine: undefined, lines }];
  });
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
export interface Head {
  readonly version: string;
  /** `yyyy-mm-dd hh:mm:ss±hh:mm`, and who. */
  readonly updated?: { readonly at: string; readonly by: string };
}

/** The configuration as text, as `display current-configuration` shows it; readConfiguration gives the model again. */
export function printConfiguration(
  model: Model,
  { head, grammar }: { readonly head?: Head; readonly grammar?: Grammar | undefined } = {},
): string {
  const lines: string[] = [];
  if (head) {
    const { version, updated } = head;
    lines.push(`!Software Version etrunkd ${version}`);
    if (updated) lines.push(`!Last configuration was updated at ${updated.at} by ${updated.by}`);
  }
  for (const section of sectionsOf(model, grammar)) lines.push("#", ...sectionLines(section));
  return `${[...lines, "#", "return"].join("\n")}\n`;
}

const sectionLines = ({ viewLine, lines }: Section): string[] =>
  viewLine === undefined ? lines.map(({ text }) => text) : [viewLine, ...lines.map(({ text }) => ` ${text}`)];
