import type { Feature } from "../../feature.js";
import { checkFlush, senderInVlan, warnOfFlush } from "./checks.js";
import { desiredFlush } from "./desired.js";
import { flushReceiveRows, flushSendRows } from "./rows.js";
import type { FlushSlice } from "./slice.js";

/** Smart Link Flush frames. */
export const flush: Feature<FlushSlice> = {
  rows: { physical: flushReceiveRows, "eth-trunk": { ...flushSendRows, ...flushReceiveRows } },
  words: { "smart-link": "Smart Link Flush frames" },
  userOf: senderInVlan,
  check: checkFlush,
  warn: warnOfFlush,
  desired: desiredFlush,
};
