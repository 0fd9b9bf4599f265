import { singleObject } from "../../collections.js";
import type { Collection, Feature } from "../../feature.js";
import { bfdActions } from "./actions.js";
import { type Binding, bind } from "./binding.js";
import { checkSessions, refusesGroup, warnOfSessions } from "./checks.js";
import { desiredSessions } from "./desired.js";
import { sessionName } from "./parameters.js";
import { bfdRows, sessionRows } from "./rows.js";
import type { BfdSlice } from "./slice.js";

const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const sessions: Collection = {
  attribute: "bfdSessions",
  // Messages also name a session that is gone.
  viewLine: (name, record) =>
    ["bfd", name, ...(record.bind === undefined ? [] : bind.print(record.bind as Binding))].join(" "),
  positionOf: (name) => ({ view: "bfd-session", name }),
  compare: (a, b) => byName(a.toLowerCase(), b.toLowerCase()),
  misnamed(name, before) {
    if (!sessionName.schema.safeParse(name).success) return sessionName.text;
    const same = before.find((other) => other.toLowerCase() === name.toLowerCase());
    return same === undefined ? undefined : `another session than ${same}`;
  },
};

/** BFD as a whole, and its static sessions. */
export const bfd: Feature<BfdSlice> = {
  views: [
    { name: "bfd", kind: "BFD", collection: "bfd", takesSystemLines: true },
    { name: "bfd-session", kind: "a BFD session", collection: "bfdSessions" },
  ],
  collections: [singleObject("bfd", "bfd"), sessions],
  rows: { bfd: bfdRows, "bfd-session": sessionRows },
  actions: { system: bfdActions },
  words: { bfd: "Bidirectional Forwarding Detection", discriminator: "Discriminators of the session" },
  refuses: refusesGroup,
  check: checkSessions,
  warn: warnOfSessions,
  desired: desiredSessions,
};
