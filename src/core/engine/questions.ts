/** Every question that the core answers and every action it does: those of the parts, and the alarms. */
import type { Answering, Nothing } from "../contract/questions.js";
import type { BfdActions, BfdQuestions } from "../parts/bfd/questions.js";
import type { EtrunkActions, EtrunkQuestions } from "../parts/etrunk/questions.js";
import type { FlushActions, FlushQuestions } from "../parts/flush/questions.js";
import type { TrunkActions, TrunkQuestions } from "../parts/trunks/questions.js";
import type { Alarm, Alarms } from "./alarms.js";

export interface AlarmView extends Omit<Alarm, "raisedAt"> {
  /** ISO 8601 UTC. */
  readonly since: string;
}

export interface AlarmQuestions {
  readonly alarms: { readonly asks: Nothing; readonly answer: { readonly alarms: readonly AlarmView[] } };
}

export const alarmAnswers = (alarms: Alarms): Answering<AlarmQuestions> => ({
  alarms: (_, { date }) => ({
    alarms: alarms.standing().map(({ raisedAt, ...alarm }) => ({ ...alarm, since: date(raisedAt) })),
  }),
});

export interface EngineQuestions
  extends AlarmQuestions,
    BfdQuestions,
    EtrunkQuestions,
    FlushQuestions,
    TrunkQuestions {}

export interface EngineActions extends BfdActions, EtrunkActions, FlushActions, TrunkActions {}
