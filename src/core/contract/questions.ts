/**
 * Questions and actions are rows of a map: a name, what is asked besides the name, and the JSON document that answers it.
 * A part states its maps once, in its questions.ts, and gives one answering function for each name. An action is a question
 * that changes something: it is an input of the core, and recorded as one.
 */
import type { Micros } from "../base/time.js";

/** The two types of a question. Neither holds what JSON cannot. */
interface Question {
  readonly asks: object;
  readonly answer: unknown;
}

/** What is asked where the name says all. */
export type Nothing = Readonly<Record<never, never>>;

/** When a question is answered, and how its document writes times. */
export interface Moment {
  readonly now: Micros;
  /** ISO 8601 UTC of a time of the same clock, in microseconds. */
  date(at: number): string;
}

/** Why a question has no answer, or an action was not done. Who asked reads the text. */
export class Refusal {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * An answer as it is given. A list of its document may be any iterable: its rows are made one by one while the document is
 * written, in several turns of the event loop where it is long. So a row must not rely on what the row before it saw.
 */
export type Given<Answer> = Answer extends object
  ? { readonly [Field in keyof Answer]: Answer[Field] extends readonly (infer Row)[] ? Iterable<Row> : Answer[Field] }
  : Answer;

/** A map of questions or actions. */
export type QuestionMap<Self> = { readonly [Name in keyof Self]: Question };

/** The same with its rows made. */
export const whole = (given: object): object =>
  Object.fromEntries(
    Object.entries(given).map(([field, value]) => [field, isIterable(value) ? Array.from(value) : value]),
  );

/** True of lists; a text is none. */
export const isIterable = (value: unknown): value is Iterable<unknown> =>
  typeof value === "object" && value !== null && Symbol.iterator in value;

/** What answers a question about one object or, where none is named, about all of its kind. */
export type OneOrAll<List extends string, Row> = Row | { readonly [Name in List]: readonly Row[] };

/** The rows of such an answer. */
export const rowsOf = <List extends string, Row extends object>(list: List, answer: OneOrAll<List, Row>) =>
  list in answer ? (answer as { readonly [Name in List]: readonly Row[] })[list] : [answer as Row];

/** The answering functions of a map of questions. */
export type Answering<Questions extends QuestionMap<Questions>> = {
  readonly [Name in keyof Questions]: (
    asks: Questions[Name]["asks"],
    moment: Moment,
  ) => Given<Questions[Name]["answer"]> | Refusal;
};

/** What does the actions of a map. */
export type Acting<Actions extends QuestionMap<Actions>> = {
  readonly [Name in keyof Actions]: (asks: Actions[Name]["asks"], now: Micros) => Actions[Name]["answer"] | Refusal;
};
