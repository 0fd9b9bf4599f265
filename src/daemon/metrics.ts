import { createServer, type Server, type ServerResponse } from "node:http";
import { isIPv6 } from "node:net";
import { Counter, Gauge, Registry } from "prom-client";
import type { Micros } from "../core/base/time.js";
import { type Moment, Refusal, rowsOf } from "../core/contract/questions.js";
import type { Engine } from "../core/engine/engine.js";
import type { AlarmView } from "../core/engine/questions.js";
import type { BfdSessionView } from "../core/parts/bfd/questions.js";
import type { LacpStatisticsView, PortStatisticsView, TrunkView } from "../core/parts/trunks/questions.js";
import { SESSION_STATES } from "../core/wire/bfd-names.js";
import type { FrameCounters } from "../linux/capture/frame-link.js";
import type { Transport } from "../linux/udp/transport.js";
import type { Loop } from "./loop.js";
import { StartFailure, systemReason } from "./start-failure.js";
import { programVersion } from "./version.js";

/** What is measured. */
export interface MetricSources {
  readonly engine: Engine;
  readonly loop: Loop;
  readonly link: "ring" | "pcap";
  frames(): FrameCounters;
  transport(): Transport["counters"];
  /** Frames no member port took, by why. */
  ignored(): { readonly [reason: string]: number };
  logLinesDropped(): number;
  recordLinesDropped(): number;
  controlRefused(): number;
  controlClients(): number;
}

/** What the engine answers, asked once for a scrape. */
interface Measured extends MetricSources {
  readonly trunks: readonly TrunkView[];
  readonly statistics: readonly LacpStatisticsView[];
  readonly sessions: readonly BfdSessionView[];
  readonly alarms: readonly AlarmView[];
}

/** Metrics have no dates. */
const UNDATED: Moment = { now: 0 as Micros, date: () => "" };

function measure(sources: MetricSources): Measured {
  const { engine } = sources;
  const trunks = engine.ask("eth-trunk", {}, UNDATED);
  const statistics = engine.ask("lacp-statistics", {}, UNDATED);
  const bfd = engine.ask("bfd-sessions", {}, UNDATED);
  const alarms = engine.ask("alarms", {}, UNDATED);
  return {
    ...sources,
    trunks: trunks instanceof Refusal ? [] : rowsOf("trunks", trunks),
    statistics: statistics instanceof Refusal ? [] : rowsOf("trunks", statistics),
    sessions: bfd instanceof Refusal ? [] : bfd.sessions,
    alarms: alarms instanceof Refusal ? [] : alarms.alarms,
  };
}

type Sample = readonly [labels: { readonly [name: string]: string | number }, value: number];

interface Metric {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  samples(measured: Measured): Iterable<Sample>;
}

const one = (value: number): Sample[] => [[{}, value]];

/** A counter of IEEE8023-LAG-MIB, one per member port. */
const portCounter = (name: string, object: string, field: keyof PortStatisticsView): Metric => ({
  name: `etrunkd_lacp_${name}_total`,
  help: `dot3adAggPort${object} of IEEE8023-LAG-MIB`,
  labels: ["trunk", "port"],
  *samples({ statistics }) {
    for (const { id, ports } of statistics)
      for (const port of ports) yield [{ trunk: id, port: port.name }, Number(port[field])];
  },
});

/** A counter of UDP, one for E-Trunk's hellos and one for BFD. */
const datagramCounter = (name: string, help: string, field: "received" | "dropped" | "sendErrors"): Metric => ({
  name: `etrunkd_datagrams_${name}_total`,
  help,
  labels: ["protocol"],
  *samples({ transport }) {
    const { datagrams, bfd } = transport();
    yield [{ protocol: "e-trunk" }, datagrams[field]];
    yield [{ protocol: "bfd" }, bfd[field]];
  },
});

const COUNTERS: readonly Metric[] = [
  portCounter("lacpdus_rx", "StatsLACPDUsRx", "lacpduReceived"),
  portCounter("lacpdus_tx", "StatsLACPDUsTx", "lacpduSent"),
  portCounter("marker_pdus_rx", "StatsMarkerPDUsRx", "markerReceived"),
  portCounter("marker_pdus_tx", "StatsMarkerPDUsTx", "markerSent"),
  portCounter("marker_response_pdus_rx", "StatsMarkerResponsePDUsRx", "markerResponsesReceived"),
  portCounter("marker_response_pdus_tx", "StatsMarkerResponsePDUsTx", "markerResponsesSent"),
  portCounter("unknown_rx", "StatsUnknownRx", "unknownReceived"),
  portCounter("illegal_rx", "StatsIllegalRx", "illegalReceived"),
  portCounter("actor_churns", "DebugActorChurnCount", "actorChurnCount"),
  portCounter("partner_churns", "DebugPartnerChurnCount", "partnerChurnCount"),
  portCounter("actor_sync_transitions", "DebugActorSyncTransitionCount", "actorSyncTransitions"),
  portCounter("partner_sync_transitions", "DebugPartnerSyncTransitionCount", "partnerSyncTransitions"),
  portCounter("partner_changes", "DebugPartnerChangeCount", "partnerChanges"),
  {
    name: "etrunkd_lacp_faults_total",
    help: "LACPDUs dropped, by what was wrong with them",
    labels: ["trunk", "port", "fault"],
    *samples({ statistics }) {
      for (const { id, ports } of statistics)
        for (const { name, faults } of ports)
          for (const [fault, count] of Object.entries(faults)) yield [{ trunk: id, port: name, fault }, count];
    },
  },
  {
    name: "etrunkd_frames_received_total",
    help: "Frames taken from the link",
    samples: ({ frames }) => one(frames().received),
  },
  {
    name: "etrunkd_ring_drops_total",
    help: "Frames the kernel dropped because the receive ring was full",
    samples: ({ frames }) => one(frames().dropped),
  },
  {
    name: "etrunkd_send_errors_total",
    help: "Frames the kernel refused to send",
    samples: ({ frames }) => one(frames().sendErrors),
  },
  datagramCounter("received", "Datagrams taken from the sockets; of fast BFD only what is news", "received"),
  datagramCounter("dropped", "Datagrams the kernel dropped for want of room, or from strangers in a flood", "dropped"),
  datagramCounter("send_errors", "Datagrams the kernel refused to send", "sendErrors"),
  {
    name: "etrunkd_bfd_reports_lost_total",
    help: "News of fast BFD that nobody took from its thread in time",
    samples: ({ transport }) => one(transport().bfd.lost),
  },
  {
    name: "etrunkd_link_restarts_total",
    help: "How often the receiving side had to be started anew",
    samples: ({ frames }) => one(frames().restarts),
  },
  {
    name: "etrunkd_frames_ignored_total",
    help: "Frames that no member port took, by why",
    labels: ["reason"],
    *samples({ ignored }) {
      for (const [reason, count] of Object.entries(ignored())) yield [{ reason }, count];
    },
  },
  {
    name: "etrunkd_log_lines_dropped_total",
    help: "Log lines dropped because nobody read stderr",
    samples: ({ logLinesDropped }) => one(logLinesDropped()),
  },
  {
    name: "etrunkd_record_lines_dropped_total",
    help: "Lines of the recording dropped because the disk was too slow",
    samples: ({ recordLinesDropped }) => one(recordLinesDropped()),
  },
  {
    name: "etrunkd_control_refused_total",
    help: "Requests refused and clients turned away on the control socket",
    samples: ({ controlRefused }) => one(controlRefused()),
  },
  {
    name: "process_cpu_seconds_total",
    help: "Time spent on a CPU, in seconds",
    samples: () => {
      const { user, system } = process.cpuUsage();
      return one((user + system) / 1e6);
    },
  },
];

const GAUGES: readonly Metric[] = [
  {
    name: "etrunkd_build_info",
    help: "Always 1; the labels say what runs",
    labels: ["version", "node", "link"],
    samples: ({ link }) => [[{ version: programVersion(), node: process.version, link }, 1]],
  },
  {
    name: "etrunkd_trunk_up",
    help: "1 while the Eth-Trunk is up",
    labels: ["trunk"],
    *samples({ trunks }) {
      for (const { id, operState } of trunks) yield [{ trunk: id }, operState === "up" ? 1 : 0];
    },
  },
  {
    name: "etrunkd_ports",
    help: "Member ports of the Eth-Trunk, by status",
    labels: ["trunk", "status"],
    *samples({ trunks }) {
      for (const { id, ports } of trunks) {
        const counts = new Map<string, number>();
        for (const { status } of ports) counts.set(status, (counts.get(status) ?? 0) + 1);
        for (const [status, count] of counts) yield [{ trunk: id, status }, count];
      }
    },
  },
  {
    name: "etrunkd_bfd_sessions",
    help: "BFD sessions, by state",
    labels: ["state"],
    *samples({ sessions }) {
      for (const state of SESSION_STATES)
        yield [{ state }, sessions.filter((session) => session.state === state).length];
    },
  },
  {
    name: "etrunkd_bfd_paced_sessions",
    help: "BFD sessions that a thread of their own sends and watches",
    samples: ({ transport }) => one(transport().bfd.sessions),
  },
  {
    name: "etrunkd_alarms",
    help: "Active alarms, by level",
    labels: ["level"],
    *samples({ alarms }) {
      for (const level of ["Critical", "Major", "Minor", "Warning"])
        yield [{ level }, alarms.filter((alarm) => alarm.level === level).length];
    },
  },
  {
    name: "etrunkd_loop_delay_seconds",
    help: "How late deadlines were met since the start, by quantile; 1 is the latest",
    labels: ["quantile"],
    samples: ({ loop: { lateness } }) =>
      lateness.count === 0
        ? []
        : [0.5, 0.99, 0.999, 1].map((quantile) => [{ quantile }, lateness.percentile(quantile * 100) / 1e6]),
  },
  {
    name: "etrunkd_control_clients",
    help: "Clients connected to the control socket",
    samples: ({ controlClients }) => one(controlClients()),
  },
  {
    name: "process_resident_memory_bytes",
    help: "Resident memory, in octets",
    samples: () => one(process.memoryUsage.rss()),
  },
  {
    name: "process_start_time_seconds",
    help: "Start of the process, in seconds since 1970",
    samples: () => one(Math.round(Date.now() / 1_000 - process.uptime())),
  },
];

/** The whole in Prometheus' text form. @internal */
export async function metricsText(sources: MetricSources): Promise<string> {
  const registry = new Registry();
  const measured = measure(sources);
  for (const { name, help, labels = [], samples } of COUNTERS) {
    const counter = new Counter({ name, help, labelNames: labels, registers: [registry] });
    for (const [values, value] of samples(measured)) counter.inc(values, value);
  }
  for (const { name, help, labels = [], samples } of GAUGES) {
    const gauge = new Gauge({ name, help, labelNames: labels, registers: [registry] });
    for (const [values, value] of samples(measured)) gauge.set(values, value);
  }
  return registry.metrics();
}

/** Serves `/metrics`. Throws StartFailure. */
export async function serveMetrics(
  at: { readonly address: string; readonly port: number },
  sources: MetricSources,
): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url?.split("?")[0] !== "/metrics") end(response, 404, "see /metrics\n");
    else if (request.method !== "GET" && request.method !== "HEAD") end(response, 405, "GET only\n");
    else
      metricsText(sources).then(
        (text) => end(response, 200, text),
        (error: Error) => end(response, 500, `${error.message}\n`),
      );
  });
  server.maxConnections = 16;
  // Those of a pipeline would all be answered in one turn of the event loop.
  server.maxRequestsPerSocket = 1;
  server.requestTimeout = 10_000;
  // Nor does one who never reads the answer hold a connection.
  server.setTimeout(10_000);
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(at.port, at.address, resolve);
    });
  } catch (error) {
    const where = isIPv6(at.address) ? `[${at.address}]:${at.port}` : `${at.address}:${at.port}`;
    throw new StartFailure(`--metrics ${where}: ${systemReason(error)}; choose another address or port`);
  }
  return server;
}

function end(response: ServerResponse, status: number, text: string): void {
  const type = status === 200 ? "text/plain; version=0.0.4; charset=utf-8" : "text/plain";
  response.writeHead(status, { "content-type": type }).end(text);
}
