import { SESSION_STATES } from "../../core/wire/bfd-names.js";
import { programVersion } from "../version.js";
import { type Metric, one } from "./metric.js";

export const GAUGES: readonly Metric[] = [
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
    *samples({ sessionStates }) {
      for (const state of SESSION_STATES) yield [{ state }, sessionStates[state] ?? 0];
    },
  },
  {
    name: "etrunkd_bfd_paced_sessions",
    help: "BFD sessions that a thread of their own sends and watches",
    samples: ({ transport }) => one(transport.bfd.sessions),
  },
  {
    name: "etrunkd_bfd_thread_delay_seconds",
    help: "Greatest delay of the thread of fast BFD since the scrape before",
    samples: ({ transport }) => one(transport.bfd.worstLateness / 1e6),
  },
  {
    name: "etrunkd_rbs_connected",
    help: "1 while the remote backup service is connected",
    labels: ["service"],
    *samples({ backupServices }) {
      for (const { name, tcpState } of backupServices) yield [{ service: name }, tcpState === "connected" ? 1 : 0];
    },
  },
  {
    name: "etrunkd_rbs_mismatches",
    help: "Differences between the configurations of the remote backup service at its two ends",
    labels: ["service"],
    *samples({ backupServices }) {
      for (const { name, mismatches } of backupServices) yield [{ service: name }, mismatches.length];
    },
  },
  {
    name: "etrunkd_alarms",
    help: "Active alarms, by level",
    labels: ["level"],
    *samples({ alarms }) {
      const counts = { Critical: 0, Major: 0, Minor: 0, Warning: 0 };
      for (const { level } of alarms) counts[level]++;
      for (const [level, count] of Object.entries(counts)) yield [{ level }, count];
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
    name: "etrunkd_config_last_reload_successful",
    help: "0 while the configuration file was refused when it was read last",
    samples: ({ reload }) => one(reload()?.outcome === "refused" ? 0 : 1),
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
