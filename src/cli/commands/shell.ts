import { integer } from "../../config/language/parameters.js";
import { Refused } from "../client.js";
import { PAGE_LINES } from "../pager.js";
import { type CommandRow, shellRow } from "./row.js";

/** What the shell does by itself. */
export const shellRows: readonly CommandRow[] = [
  shellRow("display history-command", {
    help: "The last commands of this session",
    run: (_, { output, filters, history }) =>
      output.print(filters.apply(history.map((line) => `  ${line}\n`).join(""))),
  }),
  shellRow("quit", { help: "End the session", run: () => "quit" }),
  shellRow("return", { help: "Stay in the user view", run: () => {} }),
  shellRow("system-view", {
    help: "Not in this version",
    run: () => {
      throw new Refused(
        "In this version the configuration is changed in the configuration file; SIGHUP makes etrunkd read it again.",
      );
    },
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
