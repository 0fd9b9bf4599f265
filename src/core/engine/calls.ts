import type { Part } from "../parts/part.js";

/** `down` is the order of sending; `up` begins with the part that sends last (parts/part.ts says why). */
const ORDERS = {
  prepare: "up",
  apply: "down",
  hostChanged: "up",
  frame: "up",
  datagram: "up",
  stream: "up",
  pause: "up",
  leave: "up",
  expire: "down",
  nextDeadline: "up",
  settle: "up",
  nextEvent: "up",
  yield: "down",
  commit: "up",
  send: "down",
  rest: "up",
  left: "down",
  save: "up",
  alarms: "up",
  answers: "up",
  actions: "up",
} as const satisfies { readonly [Method in keyof Part]-?: "up" | "down" };

type Method = keyof typeof ORDERS;

/** For each method of a part: the parts that have it, in the order in which they are called. */
export type Calls = { readonly [M in Method]: readonly (Part & Required<Pick<Part, M>>)[] };

export function callsOf(parts: readonly Part[]): Calls {
  const orders = { down: parts, up: [...parts].reverse() };
  const having = ([method, order]: [string, "up" | "down"]) => [
    method,
    orders[order].filter((part) => part[method as Method] !== undefined),
  ];
  return Object.fromEntries(Object.entries(ORDERS).map(having)) as Calls;
}
