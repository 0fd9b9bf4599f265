/** Questions that the daemon answers itself. */
import { hostname, release } from "node:os";
import { etrunksOf } from "../config/features/etrunk/slice.js";
import type { Grammar } from "../config/grammar.js";
import type { Model } from "../config/model.js";
import { configurationLines } from "../config/reading/print.js";
import { trunkOfName } from "../core/base/trunk-names.js";
import { type Given, type Moment, type Nothing, type QuestionMap, Refusal } from "../core/contract/questions.js";
import type { EngineActions } from "../core/engine/questions.js";
import type { Reload, Reloads } from "./configuration/reloads.js";
import type { Editing } from "./editing/editing.js";
import type { EventFeed } from "./event-feed.js";
import type { InterfaceView, VlanView } from "./interfaces/interface-answers.js";
import type { Loop } from "./loop.js";
import { programVersion } from "./version.js";

export interface DaemonQuestions {
  readonly version: { readonly asks: Nothing; readonly answer: VersionView };
  /** In the order of the configuration; NULL0 is always there. */
  readonly interfaces: {
    readonly asks: Nothing;
    readonly answer: { readonly interfaces: readonly InterfaceView[] };
  };
  readonly vlans: { readonly asks: Nothing; readonly answer: { readonly vlans: readonly VlanView[] } };
  /** `lines` in VRP form, `model` as JSON. */
  readonly "current-configuration": {
    readonly asks: Nothing;
    readonly answer: { readonly lines: readonly string[]; readonly model: unknown };
  };
  /** Names and numbers that exist, by sort of object: `interfaces`, `trunks`, `etrunks`. Tab completes with them. */
  readonly names: {
    readonly asks: Nothing;
    readonly answer: { readonly [sort: string]: readonly (string | number)[] };
  };
  /** What came of the last read of the configuration file; of none since the start, nulls. */
  readonly "reload-result": { readonly asks: Nothing; readonly answer: ReloadView };
  /** Reads the configuration file again, as SIGHUP does, and waits for what comes of it. */
  readonly reload: { readonly asks: Nothing; readonly answer: ReloadView };
  /** Sends a Marker on each Selected port and waits until each is answered or given up. */
  readonly marker: { readonly asks: { readonly id: number }; readonly answer: MarkerView };
}

export interface VersionView {
  readonly version: string;
  readonly node: string;
  readonly kernel: string;
  /** Seconds. */
  readonly uptime: number;
  readonly systemMac: string;
  readonly sysname: string;
  readonly forwarding: string;
  /** Why it is not the first choice; null when it is. */
  readonly forwardingReason: string | null;
  readonly link: "ring" | "pcap";
  /** Lateness of the loop's timer in milliseconds. */
  readonly loopDelay: { readonly p99: number; readonly max: number };
}

export interface ReloadView {
  readonly time: string | null;
  readonly outcome: Reload["outcome"] | null;
  /** Attributes that differed, `a.b.c`. */
  readonly changed: readonly string[];
  /** Why nothing was applied, each as `FILE:LINE: problem`. */
  readonly problems: readonly string[];
}

export interface MarkerView {
  readonly id: number;
  /** `roundTripMs` in milliseconds; null without an answer. */
  readonly ports: readonly { readonly name: string; readonly roundTripMs: number | null }[];
}

/** Answering functions that may take their time. A session is a connection of the control socket. */
export type AnsweringInTime<Map extends QuestionMap<Map>> = {
  readonly [Name in keyof Map]: (
    asks: Map[Name]["asks"],
    moment: Moment,
    session: number,
  ) => Given<Map[Name]["answer"]> | Refusal | Promise<Given<Map[Name]["answer"]> | Refusal>;
};

/** Does an action of the engine, in a turn of its own. */
export type Act = <Name extends keyof EngineActions>(
  name: Name,
  asks: EngineActions[Name]["asks"],
) => EngineActions[Name]["answer"] | Refusal;

/** What the daemon's own answers are made of. */
export interface AnswerSources {
  readonly act: Act;
  readonly loop: Loop;
  readonly feed: EventFeed;
  readonly link: "ring" | "pcap";
  readonly plane: { readonly kind: string; readonly why: string | undefined };
  /** As `00:e0:fc:12:34:55`. */
  readonly systemMac: string;
  /** The language that the model is of; undefined: the product's. */
  readonly grammar: Grammar | undefined;
  readonly reloads: Pick<Reloads, "again" | "last"> | undefined;
  readonly editing: Editing;
  /** After it the counters of members are those of now. */
  readCounters(): Promise<void>;
  model(): Model;
  interfaces(moment: Moment): Iterable<InterfaceView>;
  vlans(moment: Moment): Iterable<VlanView>;
  interfaceNames(): readonly string[];
}

export const daemonAnswers = (sources: AnswerSources): AnsweringInTime<DaemonQuestions> => ({
  version: () => version(sources),
  interfaces: (_, moment) => ({ interfaces: sources.interfaces(moment) }),
  vlans: (_, moment) => ({ vlans: sources.vlans(moment) }),
  "current-configuration": () => {
    const model = sources.model();
    return { lines: configurationLines(model, { grammar: sources.grammar }), model };
  },
  names: () => {
    const interfaces = sources.interfaceNames();
    const trunks = interfaces.map(trunkOfName).filter((id) => id !== undefined);
    return { interfaces, trunks, etrunks: etrunksOf(sources.model()).map(([id]) => id) };
  },
  "reload-result": (_, moment) => reloadView(sources.reloads?.last, moment),
  reload: async (_, moment) => reloadView(await sources.reloads?.again(), moment),
  marker: ({ id }) => markers(id, sources),
});

const reloadView = (reload: Reload | undefined, { date }: Moment): ReloadView => {
  if (reload === undefined) return { time: null, outcome: null, changed: [], problems: [] };
  const { at, outcome, changed, problems } = reload;
  return { time: date(at), outcome, changed, problems };
};

function version({ loop, link, plane, systemMac, model }: AnswerSources): VersionView {
  const { lateness } = loop;
  const toMilliseconds = (latenessMicros: number): number => (lateness.count === 0 ? 0 : latenessMicros / 1_000);
  return {
    version: programVersion(),
    node: process.version,
    kernel: release(),
    uptime: Math.floor(process.uptime()),
    systemMac,
    sysname: model().sysname ?? hostname(),
    forwarding: plane.kind,
    forwardingReason: plane.why ?? null,
    link,
    loopDelay: { p99: toMilliseconds(lateness.percentile(99)), max: toMilliseconds(lateness.max) },
  };
}

/** The engine tells `no answer` after a second; should it not, a client need not wait for ever. Milliseconds. */
const MARKER_PATIENCE = 3_000;

async function markers(id: number, { act, feed }: AnswerSources): Promise<MarkerView | Refusal> {
  const roundTrips = new Map<string, number | null>();
  let wake = (): void => {};
  const silence = feed.listen((event) => {
    if (event.event !== "marker-answered" || event.trunk !== id) return;
    roundTrips.set(`${event.port} ${event.transaction}`, event.roundTrip);
    wake();
  });
  let isPatient = true;
  const timer = setTimeout(() => {
    isPatient = false;
    wake();
  }, MARKER_PATIENCE);
  try {
    const sent = act("send-markers", { id });
    if (sent instanceof Refusal) return sent;
    const open = (): boolean => sent.some(({ port, transaction }) => !roundTrips.has(`${port} ${transaction}`));
    while (open() && isPatient)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return {
      id,
      ports: sent.map(({ port, transaction }) => {
        const roundTrip = roundTrips.get(`${port} ${transaction}`) ?? null;
        return { name: port, roundTripMs: roundTrip === null ? null : roundTrip / 1_000 };
      }),
    };
  } finally {
    clearTimeout(timer);
    silence();
  }
}
