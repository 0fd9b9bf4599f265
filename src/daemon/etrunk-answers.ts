import type { Micros } from "../core/base/time.js";
import type { Action, AnswerTo } from "../core/contract/input.js";
import type { Engine } from "../core/engine/engine.js";
import type { EtrunkView, MoveView } from "../core/parts/etrunk/views.js";
import type { Answers, EtrunkLine, MoveLine, Request } from "./control-messages.js";
import { Refusal } from "./requests.js";

/** What answers about E-Trunks and BFD are made of. */
export interface EtrunkSources {
  readonly engine: Engine;
  /** Does what an operator asked for, in a turn of its own. */
  act<A extends Action>(action: A): AnswerTo<A>;
  now(): Micros;
  /** ISO 8601 UTC of a time of that clock. */
  date(at: number): string;
}

type Dated = EtrunkSources["date"];

type Question = Extract<
  Request,
  {
    ask:
      | "e-trunk"
      | "e-trunk-packets"
      | "why-e-trunk"
      | "bfd-sessions"
      | "session-car"
      | "reset-e-trunk-statistics"
      | "reset-bfd-statistics"
      | "reset-session-car";
  }
>;

/** The data of the answer to a question about E-Trunks or BFD. Throws Refusal. */
export function etrunkAnswer(request: Question, { engine, act, ...sources }: EtrunkSources): Answers[Question["ask"]] {
  const [now, dated] = [sources.now(), sources.date];
  switch (request.ask) {
    case "e-trunk": {
      const etrunks = engine.etrunks(now).map((view) => etrunkLine(view, dated));
      return request.id === undefined ? { etrunks } : found(etrunks, request.id);
    }
    case "e-trunk-packets": {
      const packets = engine.etrunkPackets();
      return request.id === undefined ? packets : { ...packets, etrunks: [found(packets.etrunks, request.id)] };
    }
    case "why-e-trunk": {
      const decision = engine.why(request.id, now);
      if (decision === undefined) throw noEtrunk(request.id);
      return { ...decision, decidedAt: dated(decision.decidedAt) };
    }
    case "bfd-sessions":
      return { sessions: engine.bfdSessions(), ...engine.bfdStrays() };
    case "session-car":
      return { sessions: engine.sessionCars().filter(({ protocol }) => protocol === request.protocol) };
    case "reset-e-trunk-statistics":
      if (!act({ name: "reset-e-trunk-statistics", etrunk: request.id })) throw noEtrunk(request.id);
      return null;
    case "reset-bfd-statistics":
      if (!act({ name: "reset-bfd-statistics", discriminator: request.discriminator }))
        throw new Refusal(`there is no BFD session with the local discriminator ${request.discriminator}`);
      return null;
    case "reset-session-car":
      act({ name: "reset-session-car", protocol: request.protocol });
      return null;
  }
}

const noEtrunk = (id: number | undefined): Refusal => new Refusal(`E-Trunk ${id} does not exist`);

function found<View extends { readonly id: number }>(views: readonly View[], id: number): View {
  const view = views.find((one) => one.id === id);
  if (view === undefined) throw noEtrunk(id);
  return view;
}

function etrunkLine(view: EtrunkView, dated: Dated): EtrunkLine {
  const lines = (moves: readonly MoveView[]): MoveLine[] => moves.map((move) => ({ ...move, time: dated(move.time) }));
  return {
    ...view,
    history: lines(view.history),
    members: view.members.map((member) => ({ ...member, history: lines(member.history) })),
  };
}
