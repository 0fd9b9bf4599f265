import { z } from "zod";
import { millis } from "../../../core/base/time.js";
import { integer } from "../../language/parameters.js";
import { setting } from "../../language/setting.js";
import { flag } from "../../language/setting-kinds.js";
import { BACKUP } from "../eth-trunk/rows.js";

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const LONGEST_DELAY = 30 * MINUTE + 59 * SECOND + 999;

/** Minutes, seconds and milliseconds; zeros at the end are left out. */
function delayWords(milliseconds: number): string {
  const parts = [
    Math.floor(milliseconds / MINUTE),
    Math.floor((milliseconds % MINUTE) / SECOND),
    milliseconds % SECOND,
  ];
  while (parts.length > 1 && parts.at(-1) === 0) parts.pop();
  return parts.join(" ");
}

/** View of an Eth-Trunk: settings of mode manual backup only. */
export const backupRows = {
  /** The delay in milliseconds. */
  preemptEnable: setting("preempt enable [ delay <minutes> [ <seconds> [ <milliseconds> ] ] ]", {
    help: "Let traffic return to the master, off by default",
    words: { preempt: "Preemption by the master", delay: "Delay before it returns, the default value is 0" },
    parameters: {
      minutes: { type: integer(0, 30), help: "Minutes" },
      seconds: { type: integer(0, 59), help: "Seconds" },
      milliseconds: { type: integer(0, 999), help: "Milliseconds" },
    },
    schema: z.int("milliseconds").gte(0, "milliseconds").lte(LONGEST_DELAY, `0-${LONGEST_DELAY} milliseconds`),
    onlyInMode: BACKUP,
    read({ values }): number {
      const { minutes = 0, seconds = 0, milliseconds = 0 } = values as { readonly [part: string]: number };
      return minutes * MINUTE + seconds * SECOND + milliseconds;
    },
    print: (delay) => [delay === 0 ? "preempt enable" : `preempt enable delay ${delayWords(delay)}`],
    desired: (delay: number | undefined) => ({ preemptDelay: delay === undefined ? undefined : millis(delay) }),
  }),
  inactivePortShutdownEnable: flag("inactive-port shutdown enable", {
    help: "Take the link of the inactive member down, off by default",
    onlyInMode: BACKUP,
    excludes: ["preemptEnable"],
    desired: (shutsInactive) => ({ shutsInactive }),
  }),
};
