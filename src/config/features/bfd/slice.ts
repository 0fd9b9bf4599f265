import type { RecordOf } from "../../language/setting.js";
import type { Binding } from "./binding.js";
import type { bfdRows, sessionRows } from "./rows.js";

export type Session = RecordOf<typeof sessionRows> & { bind: Binding };

export type BfdSlice = {
  bfd?: RecordOf<typeof bfdRows>;
  /** By name as it was first typed. */
  bfdSessions?: { [name: string]: Session };
};

/** The name of a session as it was first typed, for case does not count; undefined: no such session. */
export const sessionCalled = ({ bfdSessions = {} }: BfdSlice, name: string): string | undefined =>
  Object.hasOwn(bfdSessions, name)
    ? name
    : Object.keys(bfdSessions).find((known) => known.toLowerCase() === name.toLowerCase());

export const sessionsOf = (model: BfdSlice): [name: string, session: Session][] =>
  Object.entries(model.bfdSessions ?? {});
