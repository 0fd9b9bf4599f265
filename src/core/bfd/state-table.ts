import type { SessionState } from "../wire/bfd-names.js";

/** Diagnostic codes, RFC 5880 4.1. */
export const NO_DIAGNOSTIC = 0;
export const DETECTION_TIME_EXPIRED = 1;
export const NEIGHBOR_SIGNALED_DOWN = 3;
export const PATH_DOWN = 5;
export const ADMINISTRATIVELY_DOWN = 7;

/** Effect of a received state on ours. LOST: Down, since the neighbour signalled it. */
export type Move = "DISCARD" | "STAY" | "INIT" | "UP" | "LOST";

/** RFC 5880 6.8.6: our state down, the received state across. */
export const onReceivedState: { readonly [Local in SessionState]: { readonly [Remote in SessionState]: Move } } = {
  AdminDown: { AdminDown: "DISCARD", Down: "DISCARD", Init: "DISCARD", Up: "DISCARD" },
  Down: { AdminDown: "STAY", Down: "INIT", Init: "UP", Up: "STAY" },
  Init: { AdminDown: "LOST", Down: "STAY", Init: "UP", Up: "UP" },
  Up: { AdminDown: "LOST", Down: "LOST", Init: "STAY", Up: "STAY" },
};
