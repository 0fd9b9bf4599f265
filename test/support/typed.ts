import { CommandLine } from "../../src/cli/command-line.js";
import type { AskingRow } from "../../src/cli/commands/row.js";
import type { Match } from "../../src/config/language/match.js";

const commands = new CommandLine();

/** The row that a line is, one that asks the daemon, and what the line says. */
export function typed(line: string): { readonly row: AskingRow; readonly match: Match } {
  const parsed = commands.parse(line);
  if (!parsed.ok || parsed.row.kind !== "asking") throw new Error(`"${line}" asks nothing`);
  return { row: parsed.row, match: parsed.match };
}

/** What the line prints of the data that a daemon answered. */
export function shown(line: string, data: unknown): string {
  const { row, match } = typed(line);
  return row.answer(data, match).text();
}
