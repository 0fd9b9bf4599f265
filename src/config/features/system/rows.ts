import { word } from "../../language/parameters.js";
import { text } from "../../language/setting-kinds.js";

/** System view: the host itself. */
export const systemRows = {
  sysname: text("sysname <name>", word(1, 246, /^[^\s\p{Cc}\p{Cs}\\",!@[\]']+$/u), {
    help: "Name of the system; without it the name of the Linux host",
  }),
};
