/** Questions about Flush frames. */
import type { Acting, Answering, Nothing } from "../../contract/questions.js";
import { type FlushInterfaceView, flushInterfaceView } from "./display.js";
import type { Flushes } from "./flushes.js";

export type * from "./display.js";

export interface FlushQuestions {
  /** Interfaces that heed Flush frames, then others that send them. */
  readonly "smart-link-flush": {
    readonly asks: Nothing;
    readonly answer: { readonly interfaces: readonly FlushInterfaceView[] };
  };
}

export interface FlushActions {
  readonly "reset-smart-link-flush": { readonly asks: Nothing; readonly answer: null };
}

export const flushAnswers = (flushes: Flushes | undefined): Answering<FlushQuestions> => ({
  "smart-link-flush": (_, { date }) => ({
    interfaces: Array.from(flushes?.interfaces() ?? [], ({ name, counters, sent }) =>
      flushInterfaceView(name, counters, sent, date),
    ),
  }),
});

export const flushActing = (flushes: Flushes | undefined): Acting<FlushActions> => ({
  "reset-smart-link-flush": () => {
    flushes?.reset();
    return null;
  },
});
