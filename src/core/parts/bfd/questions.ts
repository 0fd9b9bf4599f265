/** Questions about BFD sessions. */
import { type Acting, type Answering, type Nothing, Refusal } from "../../contract/questions.js";
import type { BfdSessionView } from "./display.js";

export type * from "./display.js";

export interface BfdQuestions {
  readonly "bfd-sessions": {
    readonly asks: Nothing;
    readonly answer: {
      readonly sessions: readonly BfdSessionView[];
      /** How many sessions are in each state. */
      readonly states: { readonly [state: string]: number };
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

/** What answers are made of. */
export interface BfdSources {
  /** Packets that belong to no session, and faulty ones by fault. */
  readonly table: { readonly strays: number; readonly faults: { readonly [fault: string]: number } };
  /** The state of each session. */
  states(): Iterable<string>;
  views(applicationsOf: (session: string) => readonly string[]): Iterable<BfdSessionView>;
  /** False: there is no such session. */
  resetStatistics(discriminator: number | undefined): boolean;
}

/** `applicationsOf`: who follows a session, `E-TRUNK` and the like, by the session's name. */
export const bfdAnswers = (
  sources: BfdSources,
  applicationsOf: (session: string) => readonly string[],
): Answering<BfdQuestions> => ({
  "bfd-sessions": () => ({
    sessions: sources.views(applicationsOf),
    states: countsOf(sources.states()),
    strays: sources.table.strays,
    faults: { ...sources.table.faults },
  }),
});

function countsOf(states: Iterable<string>): { readonly [state: string]: number } {
  const counts: { [state: string]: number } = {};
  for (const state of states) counts[state] = (counts[state] ?? 0) + 1;
  return counts;
}

export const bfdActing = (sources: BfdSources): Acting<BfdActions> => ({
  "reset-bfd-statistics": ({ discriminator }) =>
    sources.resetStatistics(discriminator)
      ? null
      : new Refusal(`there is no BFD session with the local discriminator ${discriminator}`),
});
