import { createRequire } from "node:module";

const PATH = "../../../native/build/Release/etrunkd.node";

function load(): unknown {
  try {
    return createRequire(import.meta.url)(PATH);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = message.split("\n")[0];
    throw new Error(
      code === "MODULE_NOT_FOUND"
        ? "the native addon is not built: run `npm run native`"
        : `the native addon cannot be loaded (${reason}): run \`npm run native\``,
    );
  }
}

let loaded: unknown;

/**
 * The N-API addon in `native/`, loaded when first asked for. A file here gives the functions of the C file of the same name
 * their types. What the operating system refuses comes back as a negative errno; a TypeError or RangeError means that the
 * caller passed nonsense. Throws an Error of one line when the addon is not built or does not load.
 */
export function addon<Functions>(): Functions {
  loaded ??= load();
  return loaded as Functions;
}
