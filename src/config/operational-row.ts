import type { Match, Syntax } from "./language/match.js";
import { compile, type Parameters } from "./language/pattern.js";

/** A command that asks or acts but changes no configuration, and what it is as data. */
export interface OperationalRow<Command> extends Syntax {
  /** True when it may be typed in user view only (elsewhere by `run`). */
  readonly userViewOnly: boolean;
  read(match: Match): Command;
}

interface RowParts<Command> {
  readonly help: string;
  readonly read: (match: Match) => Command;
  readonly words?: { readonly [keyword: string]: string };
  readonly parameters?: Parameters;
  readonly userViewOnly?: boolean;
}

/** A row: its syntax, its help, and what it is as data. */
export const operationalRow = <Command>(syntax: string, row: RowParts<Command>): OperationalRow<Command> => ({
  pattern: compile(syntax, row.parameters ?? {}),
  help: row.help,
  words: row.words ?? {},
  userViewOnly: row.userViewOnly ?? false,
  read: row.read,
});
