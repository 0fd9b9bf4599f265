/** Questions about E-Trunks and the sessions of theirs that are policed. */
import { type Acting, type Answering, type Moment, type OneOrAll, Refusal } from "../../contract/questions.js";
import type { Etrunk } from "../../etrunk/etrunk.js";
import {
  type EtrunkPacketsView,
  type EtrunkSources,
  type EtrunkView,
  etrunkView,
  packetsView,
  type SessionCarView,
} from "./display.js";
import { decisionView, type EtrunkDecisionView } from "./why.js";

export type * from "./display.js";
export type * from "./why.js";

export interface EtrunkQuestions {
  /** One E-Trunk, or all in the order of their numbers. */
  readonly "e-trunk": {
    readonly asks: { readonly id?: number };
    readonly answer: OneOrAll<"etrunks", EtrunkView>;
  };
  readonly "e-trunk-packets": { readonly asks: { readonly id?: number }; readonly answer: EtrunkPacketsView };
  readonly "why-e-trunk": { readonly asks: { readonly id: number }; readonly answer: EtrunkDecisionView };
  readonly "session-car": {
    readonly asks: Pick<SessionCarView, "protocol">;
    readonly answer: { readonly sessions: readonly SessionCarView[] };
  };
}

export interface EtrunkActions {
  /** Zeroes the counters of one E-Trunk, or of all and of the hellos that belong to none. */
  readonly "reset-e-trunk-statistics": { readonly asks: { readonly id?: number }; readonly answer: null };
  readonly "reset-session-car": { readonly asks: Pick<SessionCarView, "protocol">; readonly answer: null };
}

/** What answers are made of, besides what each view looks up by itself. */
export interface Etrunks {
  get(id: number): Etrunk | undefined;
  all(): Iterable<Etrunk>;
  /** Hellos of no E-Trunk of ours. */
  readonly strays: { readonly etrunkId: number; readonly length: number };
  sessionCars(): readonly SessionCarView[];
  /** False: there is no such E-Trunk. */
  resetStatistics(id: number | undefined): boolean;
  resetSessionCars(protocol: SessionCarView["protocol"]): void;
}

const noEtrunk = (id: number | undefined): Refusal => new Refusal(`E-Trunk ${id} does not exist`);

export function etrunkAnswers(etrunks: Etrunks, sources: EtrunkSources): Answering<EtrunkQuestions> {
  const found = <Answer>(id: number, viewOf: (etrunk: Etrunk) => Answer): Answer | Refusal => {
    const etrunk = etrunks.get(id);
    return etrunk === undefined ? noEtrunk(id) : viewOf(etrunk);
  };
  return {
    "e-trunk": ({ id }, moment) =>
      id === undefined
        ? { etrunks: etrunkViews(etrunks, sources, moment) }
        : found(id, (etrunk) => etrunkView(etrunk, sources, moment)),
    "e-trunk-packets": ({ id }) => {
      const strays = { etrunkIdErrors: etrunks.strays.etrunkId, lengthErrors: etrunks.strays.length };
      return id === undefined
        ? { ...strays, etrunks: Array.from(etrunks.all(), packetsView) }
        : found(id, (etrunk) => ({ ...strays, etrunks: [packetsView(etrunk)] }));
    },
    "why-e-trunk": ({ id }, moment) => found(id, (etrunk) => decisionView(etrunk, moment)),
    "session-car": (asks) => ({
      sessions: etrunks.sessionCars().filter(({ protocol }) => protocol === asks.protocol),
    }),
  };
}

/** An E-Trunk that is removed between two rows has none any more. */
function* etrunkViews(etrunks: Etrunks, sources: EtrunkSources, moment: Moment): Generator<EtrunkView> {
  const ids = Array.from(etrunks.all(), ({ id }) => id);
  for (const id of ids.sort((one, other) => one - other)) {
    const etrunk = etrunks.get(id);
    if (etrunk !== undefined) yield etrunkView(etrunk, sources, moment);
  }
}

export const etrunkActing = (etrunks: Etrunks): Acting<EtrunkActions> => ({
  "reset-e-trunk-statistics": ({ id }) => (etrunks.resetStatistics(id) ? null : noEtrunk(id)),
  "reset-session-car": ({ protocol }) => {
    etrunks.resetSessionCars(protocol);
    return null;
  },
});
