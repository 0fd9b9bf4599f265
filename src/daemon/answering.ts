import type { Moment } from "../core/contract/questions.js";
import type { Engine } from "../core/engine/engine.js";
import type { EngineActions } from "../core/engine/questions.js";
import { type AnsweringInTime, type AnswerSources, daemonAnswers } from "./answers.js";
import type { EditingQuestions } from "./editing/questions.js";
import type { Questions } from "./questions.js";

/** Answering functions by the question's name, whatever the map: who asks has read the request by the question's row. */
export type AnyAnswers = { readonly [question: string]: (asks: never, moment: Moment, session: number) => unknown };

/** What answers each question of the house: the engine, the actions of the engine, and the daemon. */
export function answersOf(engine: Engine, sources: AnswerSources): AnsweringInTime<Questions> {
  const { act } = sources;
  const names = Object.keys(engine.actions) as (keyof EngineActions)[];
  const actions = Object.fromEntries(names.map((name) => [name, (asks: never) => act(name, asks)]));
  const editing = Object.entries(sources.editing.answers).map(([name, answer]) => [
    name,
    (asks: never, _: Moment, session: number) => answer(asks, session),
  ]);
  return {
    ...engine.answers,
    ...(Object.fromEntries(editing) as AnsweringInTime<EditingQuestions>),
    ...(actions as unknown as AnsweringInTime<EngineActions>),
    ...daemonAnswers(sources),
    "eth-trunk": async (asks, moment) => {
      await sources.readCounters();
      return engine.answers["eth-trunk"](asks, moment);
    },
  };
}
