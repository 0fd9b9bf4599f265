/** Questions about BFD sessions. */
import { type Acting, type Answering, type Nothing, Refusal } from "../../contract/questions.js";
import type { BfdSessions } from "./bfd-sessions.js";
import type { BfdSessionView } from "./display.js";

export type * from "./display.js";

export interface BfdQuestions {
  readonly "bfd-sessions": {
    readonly asks: Nothing;
    readonly answer: {
      readonly sessions: readonly BfdSessionView[];
      /** Packets that belong to no session, and faulty ones by fault. */
      readonly strays: number;
      readonly faults: { readonly [fault: string]: number };
    };
  };
}

export interface BfdActions {
  /** Zeroes the counters of the session with a local discriminator, or of all sessions. */
  readonly "reset-bfd-statistics": { readonly asks: { readonly discriminator?: number }; readonly answer: null };
}

/** `applicationsOf`: who follows a session, `E-TRUNK` and the like, by the session's name. */
export const bfdAnswers = (
  sessions: BfdSessions | undefined,
  applicationsOf: (session: string) => readonly string[],
): Answering<BfdQuestions> => ({
  "bfd-sessions": () => ({
    sessions: sessions?.views(applicationsOf) ?? [],
    strays: sessions?.table.strays ?? 0,
    faults: { ...sessions?.table.faults },
  }),
});

export const bfdActing = (sessions: BfdSessions | undefined): Acting<BfdActions> => ({
  "reset-bfd-statistics": ({ discriminator }) => {
    const isDone = sessions?.resetStatistics(discriminator) ?? discriminator === undefined;
    return isDone ? null : new Refusal(`there is no BFD session with the local discriminator ${discriminator}`);
  },
});
