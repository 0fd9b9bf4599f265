/**
 * Commands that ask or act but change no configuration: `display ...`, `reset ...`. Each is one row below; parsing, help
 * and completion come from it.
 *
 *   parseOperational(line: string | readonly string[], view?: ViewName): ParsedOperational
 *     words are taken as typed (abbreviations too). Filters (`| include ...`, `| json`) are to be cut off before.
 *     { ok: true, command: OperationalCommand } | { ok: false, line: string, error: LineError }
 *   errorLines(error): string[]     caret line, `Error: ...`, expected types (from line.ts); print `line` above it
 *   helpFor(line: string, view: ViewName): string[]                  what `?` after `line` prints
 *   complete(line: string, view: ViewName, known?: Known): Completion    { start, candidates } for Tab
 */
import type { ViewName } from "./action.js";
import { ETRUNK_ROWS, type EtrunkCommand } from "./etrunk-operational.js";
import { type Completion, completeLine, helpLines, type Known } from "./language/help.js";
import { type LineError, splitLine } from "./language/line.js";
import { type Match, matchLine, Rows, type Syntax, type Words } from "./language/match.js";
import { integer, interfaceName } from "./language/parameters.js";
import type { Parameters } from "./language/pattern.js";
import { NETWORK_ROWS, type NetworkCommand } from "./network-operational.js";
import { type OperationalRow, operationalRow } from "./operational-row.js";
import { VIEWS, type View } from "./views.js";

export type { ViewName };

/** An operational command as plain data. `id` is the number of an Eth-Trunk; without it all are meant. */
export type OperationalCommand =
  | EtrunkCommand
  | NetworkCommand
  | { readonly command: "display-eth-trunk"; readonly id?: number }
  | { readonly command: "display-eth-trunk-brief" }
  | { readonly command: "display-trunkmembership"; readonly id: number }
  | { readonly command: "display-lacp-statistics"; readonly id?: number }
  | { readonly command: "display-lacp-brief" }
  | { readonly command: "display-smart-link-flush"; readonly interfaces: boolean }
  | { readonly command: "reset-smart-link-flush" }
  | { readonly command: "protect-switch"; readonly id: number }
  | { readonly command: "display-alarm-active"; readonly verbose: boolean }
  | { readonly command: "display-version" }
  | { readonly command: "display-current-configuration" }
  | { readonly command: "reset-lacp-statistics"; readonly id?: number; readonly interface?: string };

export type ParsedOperational =
  | { readonly ok: true; readonly command: OperationalCommand }
  | { readonly ok: false; readonly line: string; readonly error: LineError };

const PARAMETERS: Parameters = {
  id: { type: integer(0, 65535, "trunks"), help: "Number of the Eth-Trunk" },
  if: { type: interfaceName, help: "Member interface" },
};

const idOf = (match: Match): { id?: number } =>
  match.values.id === undefined ? {} : { id: match.values.id as number };

/** A row of any view: its syntax, its help, and what it is as data. */
const row = (
  syntax: string,
  help: string,
  read: (match: Match) => OperationalCommand,
  words: { readonly [keyword: string]: string } = {},
): OperationalRow<OperationalCommand> => operationalRow(syntax, { help, read, words, parameters: PARAMETERS });

/** Every row; whoever has commands of its own puts its rows beside these. */
export const OPERATIONAL_ROWS: readonly OperationalRow<OperationalCommand>[] = [
  ...ETRUNK_ROWS,
  ...NETWORK_ROWS,
  row("display eth-trunk [ <id> ]", "State of Eth-Trunks and their ports", (match) => ({
    command: "display-eth-trunk",
    ...idOf(match),
  })),
  row("display eth-trunk brief", "One line per Eth-Trunk", () => ({ command: "display-eth-trunk-brief" }), {
    brief: "One line per Eth-Trunk",
    "eth-trunk": "State of Eth-Trunks and their ports",
  }),
  row(
    "display trunkmembership eth-trunk <id>",
    "Members of an Eth-Trunk",
    (match) => ({ command: "display-trunkmembership", id: match.values.id as number }),
    { "eth-trunk": "Eth-Trunk interface" },
  ),
  row("display lacp statistics eth-trunk [ <id> ]", "Counters of LACP and Marker PDUs", (match) => ({
    command: "display-lacp-statistics",
    ...idOf(match),
  })),
  row("display lacp brief", "System priority and system ID", () => ({ command: "display-lacp-brief" })),
  row(
    "display smart-link flush [ interface ]",
    "Flush frames received and sent",
    (match) => ({ command: "display-smart-link-flush", interfaces: match.words.includes("interface") }),
    { interface: "One line per interface" },
  ),
  row(
    "display alarm active [ verbose ]",
    "Alarms that stand",
    (match) => ({ command: "display-alarm-active", verbose: match.words.includes("verbose") }),
    { verbose: "All fields of each alarm" },
  ),
  row("display version", "Versions, uptime and backends", () => ({ command: "display-version" })),
  row("display current-configuration", "The running configuration", () => ({
    command: "display-current-configuration",
  })),
  {
    ...row(
      "reset lacp statistics eth-trunk [ <id> [ interface <if> ] ]",
      "Clear the counters of LACP and Marker PDUs",
      (match) => ({
        command: "reset-lacp-statistics",
        ...idOf(match),
        ...(match.values.if === undefined ? {} : { interface: match.values.if as string }),
      }),
      { interface: "One member interface" },
    ),
    userViewOnly: true,
  },
  {
    ...row("reset smart-link flush", "Clear the counters of Flush frames", () => ({
      command: "reset-smart-link-flush",
    })),
    userViewOnly: true,
  },
  {
    ...row("protect-switch eth-trunk <id>", "Let the other member of a 1:1 Eth-Trunk work", (match) => ({
      command: "protect-switch",
      id: match.values.id as number,
    })),
    userViewOnly: true,
  },
];

/** Help of keywords that begin several of the rows. */
export const OPERATIONAL_WORDS: Words = {
  active: "Active alarms",
  alarm: "Alarms",
  all: "All of them",
  bfd: "Bidirectional Forwarding Detection",
  "cpu-defend": "Sessions that are policed",
  discriminator: "Discriminators of the session",
  display: "Show information",
  "e-trunk": "E-Trunks",
  "eth-trunk": "Eth-Trunk interface",
  lacp: "Link Aggregation Control Protocol",
  reset: "Clear statistics",
  "smart-link": "Smart Link Flush frames",
  statistics: "Statistics of LACP",
};

const USER_VIEW = new Rows(OPERATIONAL_ROWS, OPERATIONAL_WORDS);
const OTHER_VIEWS = new Rows(
  OPERATIONAL_ROWS.filter((each) => !each.userViewOnly),
  OPERATIONAL_WORDS,
);

const rowsOf = (view: ViewName): Rows<OperationalRow<OperationalCommand>> =>
  view === "user" ? USER_VIEW : OTHER_VIEWS;

/** Reads one operational command. Words of an argument list that hold blanks count as quoted. */
export function parseOperational(input: string | readonly string[], view: ViewName = "user"): ParsedOperational {
  const text =
    typeof input === "string" ? input : input.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(" ");
  const line = splitLine(text);
  const outcome = matchLine(rowsOf(view), line);
  if (!outcome.ok) return { ok: false, line: line.text, error: outcome.error };
  return { ok: true, command: outcome.row.read(outcome.match) };
}

/** All that may be typed in a view: its configuration commands, and what is shown or cleared from everywhere. */
const TYPED: ReadonlyMap<string, Rows<Syntax>> = new Map([
  ["user", USER_VIEW as Rows<Syntax>],
  ...Object.entries(VIEWS).map(([name, view]) => [name, withConfiguration(view)] as const),
]);

function withConfiguration(view: View): Rows<Syntax> {
  return new Rows<Syntax>([...view.rows.rows, ...OTHER_VIEWS.rows], { ...OPERATIONAL_WORDS, ...view.rows.words });
}

/** What `?` prints when typed after `line`. */
export const helpFor = (line: string, view: ViewName): string[] => helpLines(TYPED.get(view)!, line);

/** What Tab offers at the end of `line`. */
export const complete = (line: string, view: ViewName, known?: Known): Completion =>
  completeLine(TYPED.get(view)!, line, known);
