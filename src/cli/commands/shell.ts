import { integer } from "../../config/language/parameters.js";
import { PAGE_LINES } from "../pager.js";
import { type CommandRow, shellRow } from "./row.js";

/** What the shell does by itself. */
export const shellRows: readonly CommandRow[] = [
  shellRow("display history-command", {
    in: "any",
    help: "The last commands of this session",
    run: (_, { output, filters, history }) =>
      output.print(filters.apply(history.map((line) => `  ${line}\n`).join(""))),
  }),
  shellRow("screen-length <lines> temporary", {
    help: "Set how many lines a page has",
    words: { temporary: "For this session" },
    parameters: {
      lines: {
        type: integer(0, 512),
        help: `Lines of a page, 0 for no paging, the default value is ${PAGE_LINES}`,
      },
    },
    run: ({ values }, { setPageLines }) => setPageLines(values.lines as number),
  }),
];
