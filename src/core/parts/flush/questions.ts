/** Questions about Flush frames. */
import type { Acting, Answering, Nothing } from "../../contract/questions.js";
import type { FlushCounters } from "../../smartlink/flush-receiver.js";
import { type FlushInterfaceView, flushInterfaceView } from "./display.js";

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

/** An interface that heeds or sends Flush frames; `counters` where it heeds them. */
export interface FlushInterface {
  readonly name: string;
  readonly counters: FlushCounters | undefined;
  readonly sent: number;
}

/** What answers are made of. */
export interface FlushSources {
  interfaces(): Iterable<FlushInterface>;
  resetStatistics(): void;
}

export const flushAnswers = (sources: FlushSources): Answering<FlushQuestions> => ({
  "smart-link-flush": (_, { date }) => ({
    interfaces: Array.from(sources.interfaces(), ({ name, counters, sent }) =>
      flushInterfaceView(name, counters, sent, date),
    ),
  }),
});

export const flushActing = (sources: FlushSources): Acting<FlushActions> => ({
  "reset-smart-link-flush": () => {
    sources.resetStatistics();
    return null;
  },
});
