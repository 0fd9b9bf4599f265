import { release } from "node:os";
import type {
  AlarmLine,
  Answers,
  FlushInterfaceLine,
  InterfaceLine,
  Request,
  VersionView,
  VlanLine,
} from "./control-messages.js";
import { type EtrunkSources, etrunkAnswer } from "./etrunk-answers.js";
import type { EventFeed } from "./event-feed.js";
import type { Loop } from "./loop.js";
import { Refusal } from "./requests.js";
import { programVersion } from "./version.js";

/** What answers are made of. */
export interface AnswerSources extends EtrunkSources {
  readonly loop: Loop;
  readonly feed: EventFeed;
  readonly link: "ring" | "pcap";
  readonly plane: { readonly kind: string; readonly why: string | undefined };
  /** As `00:e0:fc:12:34:55`. */
  systemMac(): string;
  sysname(): string;
  interfaces(): InterfaceLine[];
  vlans(): VlanLine[];
  currentConfiguration(): Answers["current-configuration"];
}

type Question = Exclude<Request, { ask: "monitor" }>;

/** The data of the answer to one request. Throws Refusal. */
export function answer(
  request: Question,
  sources: AnswerSources,
): Answers[Question["ask"]] | Promise<Answers["marker"]> {
  const { engine, act } = sources;
  switch (request.ask) {
    case "e-trunk":
    case "e-trunk-packets":
    case "why-e-trunk":
    case "bfd-sessions":
    case "session-car":
    case "reset-e-trunk-statistics":
    case "reset-bfd-statistics":
    case "reset-session-car":
      return etrunkAnswer(request, sources);
    case "eth-trunk":
      return request.id === undefined ? { trunks: engine.trunks() } : find(engine.trunks(), request.id);
    case "lacp-statistics":
      return request.id === undefined ? { trunks: engine.lacpStatistics() } : find(engine.lacpStatistics(), request.id);
    case "lacp-brief":
      return engine.lacpBrief();
    case "alarms":
      return { alarms: alarms(sources) };
    case "version":
      return version(sources);
    case "interfaces":
      return { interfaces: sources.interfaces() };
    case "vlans":
      return { vlans: sources.vlans() };
    case "current-configuration":
      return sources.currentConfiguration();
    case "reset-lacp-statistics": {
      const { id, interface: member } = request;
      if (!act({ name: "reset-lacp-statistics", trunk: id, member }))
        throw new Refusal(
          member === undefined ? noTrunk(id) : `${member} is no member${id === undefined ? "" : ` of Eth-Trunk${id}`}`,
        );
      return null;
    }
    case "smart-link-flush":
      return { interfaces: flushInterfaces(sources) };
    case "reset-smart-link-flush":
      act({ name: "reset-smart-link-flush" });
      return null;
    case "protect-switch": {
      const refusal = act({ name: "protect-switch", trunk: request.id });
      if (refusal !== undefined) throw new Refusal(refusal);
      return null;
    }
    case "marker":
      return markers(request.id, sources);
  }
}

const noTrunk = (id: number | undefined): string => `Eth-Trunk${id} does not exist`;

function find<View extends { readonly id: number }>(views: readonly View[], id: number): View {
  const view = views.find((one) => one.id === id);
  if (view === undefined) throw new Refusal(noTrunk(id));
  return view;
}

function alarms({ engine, date }: AnswerSources): AlarmLine[] {
  return engine.alarms().map(({ raisedAt, ...alarm }) => ({ ...alarm, since: date(raisedAt) }));
}

function flushInterfaces({ engine, date }: AnswerSources): FlushInterfaceLine[] {
  const views = engine.flushInterfaces();
  return views.map(({ lastTime, ...view }) => ({ ...view, lastTime: lastTime === null ? null : date(lastTime) }));
}

function version({ loop, link, plane, systemMac, sysname }: AnswerSources): VersionView {
  const { lateness } = loop;
  const toMilliseconds = (latenessMicros: number): number => (lateness.count === 0 ? 0 : latenessMicros / 1_000);
  return {
    version: programVersion(),
    node: process.version,
    kernel: release(),
    uptime: Math.floor(process.uptime()),
    systemMac: systemMac(),
    sysname: sysname(),
    forwarding: plane.kind,
    forwardingReason: plane.why ?? null,
    link,
    loopDelay: { p99: toMilliseconds(lateness.percentile(99)), max: toMilliseconds(lateness.max) },
  };
}

/** The engine tells `no answer` after a second; should it not, a client need not wait for ever. Milliseconds. */
const MARKER_PATIENCE = 3_000;

/** Sends Markers and waits until each is answered or given up. */
async function markers(id: number, { act, feed }: AnswerSources): Promise<Answers["marker"]> {
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
    const sent = act({ name: "marker", trunk: id });
    if (sent === undefined) throw new Refusal(`there is no Eth-Trunk${id} in mode lacp-static`);
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
