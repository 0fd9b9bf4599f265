import type { Words } from "../../config/language/match.js";
import { bfdRows } from "./bfd.js";
import { commitPointRows } from "./commit-points.js";
import { configurationRows } from "./configuration.js";
import { etrunkRows } from "./e-trunk.js";
import { ethTrunkRows } from "./eth-trunk.js";
import { interfaceRows } from "./interface.js";
import { lacpRows } from "./lacp.js";
import { markerRows } from "./marker.js";
import { neighbourRows } from "./neighbours.js";
import { remoteBackupRows } from "./remote-backup.js";
import type { CommandRow } from "./row.js";
import { sessionCarRows } from "./session-car.js";
import { shellRows } from "./shell.js";
import { flushRows } from "./smart-link.js";
import { systemRows } from "./system.js";
import { vlanRows } from "./vlan.js";

/** Every command of the shell, in whichever view. */
export const COMMANDS: readonly CommandRow[] = [
  ...etrunkRows,
  ...bfdRows,
  ...sessionCarRows,
  ...interfaceRows,
  ...vlanRows,
  ...ethTrunkRows,
  ...lacpRows,
  ...flushRows,
  ...neighbourRows,
  ...remoteBackupRows,
  ...systemRows,
  ...markerRows,
  ...configurationRows,
  ...commitPointRows,
  ...shellRows,
];

/** Help of keywords that begin several of the rows. */
export const WORDS: Words = {
  active: "Active alarms",
  alarm: "Alarms",
  all: "All of them",
  arp: "ARP entries",
  bfd: "Bidirectional Forwarding Detection",
  candidate: "What this session typed and did not commit",
  clear: "Drop something",
  configuration: "The configuration",
  "cpu-defend": "Sessions that are policed",
  discriminator: "Discriminators of the session",
  display: "Show information",
  "e-trunk": "E-Trunks",
  "eth-trunk": "Eth-Trunk interface",
  ipv6: "IPv6",
  lacp: "Link Aggregation Control Protocol",
  nd: "IPv6 neighbours",
  "remote-backup-profile": "What is backed up, and where",
  "remote-backup-service": "Connections to the other PE",
  reset: "Clear statistics",
  "smart-link": "Smart Link Flush frames",
  statistics: "Statistics of LACP",
};
