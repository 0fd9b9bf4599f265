import type { HelloFault } from "../../wire/etrunk-hello.js";

/** Classes of refused hellos, as displays count them. */
const DROP_CLASSES = [
  "version",
  "length",
  "etrunkId",
  "peerAddress",
  "authentication",
  "tlv",
  "priority",
  "failTime",
  "state",
  "reason",
  "systemId",
  "bfd",
  "sequence",
  "sessionCar",
  "ttl",
  "flood",
] as const;
export type DropClass = (typeof DROP_CLASSES)[number];
export type Drops = { [drop in DropClass]: number };

export const newDrops = (): Drops => Object.fromEntries(DROP_CLASSES.map((drop) => [drop, 0])) as Drops;

export const DROP_OF: { readonly [fault in HelloFault]: DropClass } = {
  version: "version",
  length: "length",
  "etrunk-id": "etrunkId",
  state: "state",
  reason: "reason",
  priority: "priority",
  "fail-time": "failTime",
  tlv: "tlv",
  number: "sequence",
};
