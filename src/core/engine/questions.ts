/** The questions and actions of the core: those of the parts, and the alarms. */
import type { Micros } from "../base/time.js";
import type { Action } from "../contract/input.js";
import { type Acting, type Answering, type Nothing, Refusal } from "../contract/questions.js";
import type { ActionsOf, AnswersOf } from "../parts/part.js";
import type { Alarm, Alarms } from "./alarms.js";
import type { Calls } from "./calls.js";
import type { PartActions, PartQuestions, Parts } from "./parts.js";

export interface AlarmView extends Omit<Alarm, "raisedAt" | "key"> {
  /** ISO 8601 UTC. */
  readonly since: string;
}

export interface PastAlarmView extends AlarmView {
  /** ISO 8601 UTC. */
  readonly cleared: string;
}

interface AlarmQuestions {
  readonly alarms: { readonly asks: Nothing; readonly answer: { readonly alarms: readonly AlarmView[] } };
  /** Alarms that are over, the latest first. */
  readonly "alarm-history": { readonly asks: Nothing; readonly answer: { readonly alarms: readonly PastAlarmView[] } };
}

const alarmAnswers = (alarms: Alarms): Answering<AlarmQuestions> => ({
  alarms: (_, { date }) => ({
    alarms: alarms.active().map(({ raisedAt, key: _, ...alarm }) => ({ ...alarm, since: date(raisedAt) })),
  }),
  "alarm-history": (_, { date }) => ({
    alarms: alarms.past().map(({ raisedAt, clearedAt, key: _, ...alarm }) => ({
      ...alarm,
      since: date(raisedAt),
      cleared: date(clearedAt),
    })),
  }),
});

export interface EngineQuestions extends AlarmQuestions, PartQuestions {}

export type EngineActions = PartActions;

/** The answers of the parts, and the alarms. A longer list of parts answers more. */
export function answersOf(calls: Calls, parts: object, alarms: Alarms): Answering<EngineQuestions> {
  const answers = calls.answers.map((part) => part.answers(parts as never));
  return { ...(Object.assign({}, ...answers) as AnswersOf<Parts>), ...alarmAnswers(alarms) };
}

/** The actions of the parts. */
export const actionsOf = (calls: Calls): Acting<EngineActions> =>
  Object.assign({}, ...calls.actions.map((part) => part.actions())) as ActionsOf<Parts>;

/** Does an action; returns its answer, or a Refusal. */
export function act(actions: Acting<EngineActions>, { name, asks }: Action, now: Micros): unknown {
  const action = (actions as { readonly [name: string]: (asks: never, now: Micros) => unknown })[name];
  return action === undefined ? new Refusal(`there is no action "${name}"`) : action(asks as never, now);
}
