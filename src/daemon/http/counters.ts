import type { PortStatisticsView } from "../../core/parts/trunks/questions.js";
import { type Metric, one } from "./metric.js";

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
    const { datagrams, bfd } = transport;
    yield [{ protocol: "e-trunk" }, datagrams[field]];
    yield [{ protocol: "bfd" }, bfd[field]];
  },
});

/** A counter of remote backup services. */
const backupCounter = (
  name: string,
  help: string,
  field: "messagesSent" | "messagesReceived" | "bytesSent" | "bytesReceived" | "attempts" | "strangers",
): Metric => ({
  name: `etrunkd_rbs_${name}_total`,
  help,
  labels: ["service"],
  *samples({ backupServices }) {
    for (const service of backupServices) yield [{ service: service.name }, service[field]];
  },
});

export const COUNTERS: readonly Metric[] = [
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
  backupCounter("messages_sent", "Messages of the remote backup service sent", "messagesSent"),
  backupCounter("messages_received", "Messages of the remote backup service received", "messagesReceived"),
  backupCounter("bytes_sent", "Octets of the remote backup service sent", "bytesSent"),
  backupCounter("bytes_received", "Octets of the remote backup service received", "bytesReceived"),
  backupCounter("attempts", "Attempts to connect to the peer", "attempts"),
  backupCounter("strangers", "Connections of others than the peer, which were refused", "strangers"),
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
    name: "etrunkd_member_link_downs_total",
    help: "How often the link of a member went down",
    labels: ["trunk", "port"],
    *samples({ trunks }) {
      for (const { id, ports } of trunks)
        for (const { name, linkDowns } of ports) yield [{ trunk: id, port: name }, linkDowns];
    },
  },
  {
    name: "etrunkd_frames_received_total",
    help: "Frames taken from the link",
    samples: ({ frames }) => one(frames.received),
  },
  {
    name: "etrunkd_ring_drops_total",
    help: "Frames dropped: the receive ring was full, or an interface flooded it",
    samples: ({ frames }) => one(frames.dropped),
  },
  {
    name: "etrunkd_tap_drops_total",
    help: "Frames that taps lost because they came faster than they were taken",
    samples: ({ tapDrops }) => one(tapDrops()),
  },
  {
    name: "etrunkd_send_errors_total",
    help: "Frames the kernel refused to send",
    samples: ({ frames }) => one(frames.sendErrors),
  },
  datagramCounter("received", "Datagrams taken from the sockets; of fast BFD only what is news", "received"),
  datagramCounter("dropped", "Datagrams the kernel dropped for want of room, or in a flood", "dropped"),
  datagramCounter("send_errors", "Datagrams the kernel refused to send", "sendErrors"),
  {
    name: "etrunkd_datagrams_too_long_total",
    help: "Datagrams longer than any PDU of etrunkd",
    labels: ["protocol"],
    samples: ({ transport }) => [[{ protocol: "e-trunk" }, transport.datagrams.tooLong]],
  },
  {
    name: "etrunkd_bfd_reports_lost_total",
    help: "News of fast BFD that nobody took from its thread in time",
    samples: ({ transport }) => one(transport.bfd.lost),
  },
  {
    name: "etrunkd_link_restarts_total",
    help: "How often the receiving side had to be started anew",
    samples: ({ frames }) => one(frames.restarts),
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
