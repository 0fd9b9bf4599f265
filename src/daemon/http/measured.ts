import type { Micros } from "../../core/base/time.js";
import { type Moment, Refusal, rowsOf } from "../../core/contract/questions.js";
import type { Engine } from "../../core/engine/engine.js";
import type { AlarmView } from "../../core/engine/questions.js";
import type { BfdSessionView } from "../../core/parts/bfd/questions.js";
import type { LacpStatisticsView, TrunkView } from "../../core/parts/trunks/questions.js";
import type { FrameCounters } from "../../linux/capture/frame-link.js";
import type { Transport } from "../../linux/udp/transport.js";
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
}

/** Everything a scrape needs, asked once: reading the pacer's delay begins it anew. */
export interface Measured extends Omit<MetricSources, "frames" | "transport"> {
  readonly frames: FrameCounters;
  readonly transport: Transport["counters"];
  readonly trunks: readonly TrunkView[];
  readonly statistics: readonly LacpStatisticsView[];
  readonly sessions: readonly BfdSessionView[];
  readonly alarms: readonly AlarmView[];
}

/** Metrics have no dates. */
const UNDATED: Moment = { now: 0 as Micros, date: () => "" };

export function measure(sources: MetricSources): Measured {
  const { engine } = sources;
  const trunks = engine.ask("eth-trunk", {}, UNDATED);
  const statistics = engine.ask("lacp-statistics", {}, UNDATED);
  const bfd = engine.ask("bfd-sessions", {}, UNDATED);
  const alarms = engine.ask("alarms", {}, UNDATED);
  return {
    ...sources,
    frames: sources.frames(),
    transport: sources.transport(),
    trunks: trunks instanceof Refusal ? [] : rowsOf("trunks", trunks),
    statistics: statistics instanceof Refusal ? [] : rowsOf("trunks", statistics),
    sessions: bfd instanceof Refusal ? [] : bfd.sessions,
    alarms: alarms instanceof Refusal ? [] : alarms.alarms,
  };
}
