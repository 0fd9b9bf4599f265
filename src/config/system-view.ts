import { choice, number, text } from "./grammar.js";
import { integer, word } from "./parameters.js";

const systemPriority = integer(0, 65535);

/** System view: `sysname` and the one-line commands. */
export const systemSettings = {
  sysname: text("sysname <name>", word(1, 246, /^[^\s\p{Cc}\p{Cs}\\",!@[\]']+$/u), {
    help: "Name of the system; without it the name of the Linux host",
  }),
  lacpPriorityCommandMode: choice(
    "lacp priority-command-mode",
    { default: "lacp priority", "system-priority": "lacp system-priority" },
    { help: "Which command sets the LACP system priority", default: "default" },
  ),
  lacpPriority: number("lacp priority <priority>", systemPriority, {
    help: "LACP system priority, the smaller is better",
    default: 32768,
  }),
  lacpSystemPriority: number("lacp system-priority <priority>", systemPriority, {
    help: "LACP system priority, the smaller is better",
    default: 32768,
    needs: {
      attribute: "lacpPriorityCommandMode",
      value: "system-priority",
      command: "lacp priority-command-mode system-priority",
    },
  }),
};
