import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { project, type Source } from "./sources.js";

/** A document of the repository that a file cites, and a section of it. */
export interface Citation {
  /** As it is written: `behaviour.md`, `formats/flush.md`, `decision 0009`. */
  readonly document: string;
  /** `1.6`; empty for the whole document. */
  readonly section: string;
}

/** Comments of a file: of TypeScript, JavaScript and C by `//` and block comments, of a script by `#`; of Markdown all of it. */
function proseOf({ path, text }: Source): string {
  if (path.endsWith(".md")) return text;
  if (/\.(sh|gyp)$/.test(path)) return [...text.matchAll(/(?:^|\s)#(.*)$/gm)].map(([, words]) => words).join("\n");
  if (path.endsWith(".lua")) return [...text.matchAll(/--(.*)$/gm)].map(([, words]) => words).join("\n");
  return [...text.matchAll(/\/\*[\s\S]*?\*\/|(?<![:"])\/\/.*$/gm)].map(([words]) => words).join("\n");
}

const SECTION = String.raw`\d+(?:\.\d+)*(?![\w.]*\w)`;
/** `1.6`, `1.6, 1.7 and 2`, `3.5 to 3.7`. */
const SECTIONS = `${SECTION}(?:(?:,| and| or| to) ${SECTION})*`;

/** The lines of a comment joined, without the stars or slashes they begin with. */
const flowing = (prose: string): string => prose.replaceAll(/\n[ \t]*(?:\*|\/\/|#)?[ \t]*/g, " ");

/**
 * What a text cites: `NAME.md` with the sections that follow it and `decision 9`. */
export function citationsIn(prose: string): Citation[] {
  const text = flowing(prose);
  const named = text.matchAll(new RegExp(String.raw`([\w./-]*\w\.md)\b(?:\)?,? (${SECTIONS}))?`, "g"));
  const decided = text.matchAll(new RegExp(String.raw`\b[Dd]ecisions? (${SECTIONS})`, "g"));
  const each = (document: string, sections: string) =>
    (sections.match(new RegExp(SECTION, "g")) ?? [""]).map((section) => ({ document, section }));
  return [
    ...[...named].flatMap(([, document = "", sections = ""]) => each(document, sections)),
    ...[...decided].flatMap(([, numbers = ""]) =>
      each("", numbers).map(({ section }) => ({ document: `decision ${section}`, section: "" })),
    ),
  ];
}

/** Packages that a comment names with their version. */
const PACKAGES: readonly string[] = Object.keys(
  JSON.parse(readFileSync(join(project, "package.json"), "utf8")).dependencies,
);

/** `some-document 3.4` in a comment: a document that is cited without its ending, so one of another place. */
export const unknownIn = ({ path, text }: Source): string[] =>
  [...flowing(proseOf({ path, text })).matchAll(/(?<![\w./-])([a-z]+(?:-[a-z]+)+) \d+\.\d+(?:\.\d+)*(?![\w.]*\w)/g)]
    .filter(([, name = ""]) => !PACKAGES.includes(name))
    .map(([citation]) => `${path}: ${citation}`);

/** The file a citation in a file means; undefined where there is none. */
function fileOf(document: string, citing: string): string | undefined {
  const decision = /^decision (\d+)$/.exec(document)?.[1];
  if (decision) {
    const number = `${decision.padStart(4, "0")}-`;
    const name = readdirSync(join(project, "src/decisions")).find((each) => each.startsWith(number));
    return name && `src/decisions/${name}`;
  }
  const places = [join(dirname(citing), document), join("src", document), document].map(normalize);
  return document.endsWith(".md") ? places.find((place) => existsSync(join(project, place))) : undefined;
}

const headings = new Map<string, Set<string>>();

/** The numbers of a document's headings: `## 1.6 Port state` has 1.6. */
function sectionsOf(path: string): Set<string> {
  const known = headings.get(path);
  if (known) return known;
  const text = readFileSync(join(project, path), "utf8");
  const numbers = new Set([...text.matchAll(/^#+ (\d+(?:\.\d+)*)\b/gm)].map(([, number = ""]) => number));
  headings.set(path, numbers);
  return numbers;
}

/** Citations of a file that lead nowhere. */
export const deadIn = (source: Source): string[] =>
  citationsIn(proseOf(source))
    .filter(({ document, section }) => {
      const file = fileOf(document, source.path);
      return file === undefined || (section !== "" && !sectionsOf(file).has(section));
    })
    .map(({ document, section }) => `${source.path}: ${document} ${section}`.trim());
