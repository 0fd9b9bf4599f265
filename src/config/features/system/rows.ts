import { word } from "../../language/parameters.js";
import { text } from "../../language/setting-kinds.js";

/** Characters of a name in a prompt that clients of routers find. */
const LONGEST_MATCHED = 48;
const LONG = `Programs that type into routers do not find a prompt whose name is longer than ${LONGEST_MATCHED} characters.`;

/** System view: the host itself. `<` and `>` end a prompt. */
export const systemRows = {
  sysname: text("sysname <name>", word(1, 246, /^[^\s\p{Cc}\p{Cs}\\",!@[\]'<>]+$/u), {
    help: "Name of the system; without it the name of the Linux host",
    warns: (name) => (name.length > LONGEST_MATCHED ? LONG : undefined),
  }),
};
