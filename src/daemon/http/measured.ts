import type { Micros } from "../../core/base/time.js";
import type { Moment } from "../../core/contract/questions.js";
import type { Engine } from "../../core/engine/engine.js";
import type { AlarmView } from "../../core/engine/questions.js";
import type { RbsServiceView } from "../../core/parts/rbs/questions.js";
import type { LacpStatisticsView, TrunkView } from "../../core/parts/trunks/questions.js";
import type { FrameCounters } from "../../linux/capture/frame-link.js";
import type { Transport } from "../../linux/udp/transport.js";
import type { Reload } from "../configuration/reloads.js";
import type { Loop } from "../loop.js";

/** The sources of the metrics. */
export interface MetricSources {
  readonly engine: Engine;
  readonly loop: Loop;
  readonly link: "ring" | "pcap";
  frames(): FrameCounters;
  /** Frames that taps lost. */
  tapDrops(): number;
  transport(): Transport["counters"];
  /** Frames that no member port took, by reason. */
  ignored(): { readonly [reason: string]: number };
  logLinesDropped(): number;
  recordLinesDropped(): number;
  controlRefused(): number;
  controlClients(): number;
  /** The last read of the configuration file; undefined before the first. */
  reload(): Reload | undefined;
}

/** Everything a scrape needs. The transport is asked once: reading the pacer's delay begins it anew. */
export interface Measured extends Omit<MetricSources, "frames" | "transport"> {
  readonly frames: FrameCounters;
  readonly transport: Transport["counters"];
  /** The rows of these are made whenever they are gone through. */
  readonly trunks: Iterable<TrunkView>;
  readonly statistics: Iterable<LacpStatisticsView>;
  readonly alarms: Iterable<AlarmView>;
  readonly backupServices: Iterable<RbsServiceView>;
  /** How many BFD sessions are in each state. */
  readonly sessionStates: { readonly [state: string]: number };
}

/** Metrics have no dates. */
const UNDATED: Moment = { now: 0 as Micros, date: () => "" };

export function measure(sources: MetricSources): Measured {
  const { answers } = sources.engine;
  const sessions = answers["bfd-sessions"]({}, UNDATED);
  return {
    ...sources,
    frames: sources.frames(),
    transport: sources.transport(),
    trunks: again(() => {
      const answer = answers["eth-trunk"]({}, UNDATED);
      return "trunks" in answer ? answer.trunks : [];
    }),
    statistics: again(() => {
      const answer = answers["lacp-statistics"]({}, UNDATED);
      return "trunks" in answer ? answer.trunks : [];
    }),
    backupServices: again(() => {
      const answer = answers["remote-backup-services"]({}, UNDATED);
      return "services" in answer ? answer.services : [];
    }),
    alarms: again(() => {
      const answer = answers.alarms({}, UNDATED);
      return "alarms" in answer ? answer.alarms : [];
    }),
    sessionStates: "states" in sessions ? sessions.states : {},
  };
}

const again = <Row>(rows: () => Iterable<Row>): Iterable<Row> => ({
  [Symbol.iterator]: () => rows()[Symbol.iterator](),
});
