import { word } from "../../config/language/parameters.js";
import type { RbsProfileView, RbsServiceView, RbsTableView } from "../../daemon/questions.js";
import { Refused } from "../client.js";
import { columns, localTime } from "../layout.js";
import { action, display, shellRow } from "./row.js";

const LABEL = 17;
const PROFILE_LABEL = 21;
const rules = "-".repeat(58);

const field = (label: string, value: string | number | null): string => ` ${label.padEnd(LABEL)}: ${value ?? "--"}`;

/** IPv6 addresses in upper case, none as `--`. */
const addressText = (address: string | null): string => address?.toUpperCase() ?? "--";

const timeText = (iso: string | null): string => {
  if (iso === null) return "--";
  const { date, time } = localTime(iso);
  return `${date} ${time}`;
};

/** One service, as the vendor's guides show it. */
function serviceText(service: RbsServiceView, isVerbose: boolean): string {
  const { index, name, tcpState, peerAddress, sourceAddress, port, trackBfd, lastUp, lastDown, lastDownReason } =
    service;
  return [
    rules,
    field("Service-Index", index),
    field("Service-Name", name),
    field("TCP-State", tcpState),
    field("Peer-ip", addressText(peerAddress)),
    field("Source-ip", addressText(sourceAddress)),
    field("TCP-Port", port),
    field("Track-BFD", trackBfd),
    field("SSL-Policy-Name", null),
    field("SSL-State", null),
    ...blockLines(service),
    ...(lastUp === null ? [] : [field("Last up time", timeText(lastUp))]),
    ...(lastDown === null ? [] : [field("Last down time", timeText(lastDown))]),
    ...(lastDownReason === null ? [] : [field("Last down reason", lastDownReason)]),
    ...(isVerbose ? verboseLines(service) : []),
    rules,
    "",
  ].join("\n");
}

const blockLines = ({ blockedSend, blockedReceive }: RbsServiceView): string[] => [
  ...(blockedSend.length === 0 ? [] : [field("Blocked on TX", blockedSend.map(typeText).join(" "))]),
  ...(blockedReceive.length === 0 ? [] : [field("Blocked on RX", blockedReceive.map(typeText).join(" "))]),
];

function verboseLines(service: RbsServiceView): string[] {
  const { role, attempts, peerKeepalive, peerMultiplier, notUpReason, strangers, lastStranger, mismatches } = service;
  return [
    field("Role", role),
    field("Shutdown", service.shutdown ? "yes" : "no"),
    field("Not up because", notUpReason),
    field("Attempts", attempts),
    field("Peer keepalive", peerKeepalive === null ? null : `${peerKeepalive} s x ${peerMultiplier}`),
    field("Messages sent", service.messagesSent),
    field("Messages received", service.messagesReceived),
    field("Messages ignored", service.messagesIgnored),
    field("Octets sent", service.bytesSent),
    field("Octets received", service.bytesReceived),
    field("Unacknowledged", service.unacknowledged),
    field("Strangers", lastStranger === null ? strangers : `${strangers}, the last ${lastStranger}`),
    ...mismatches.map(({ backupId, text }) => field("Mismatch", `backup-id ${backupId}: ${text}`)),
  ];
}

function serviceList(services: readonly RbsServiceView[]): string {
  const row = columns(8, 19);
  const line = ` ${"-".repeat(40)}`;
  return [
    `${"-".repeat(9)}REMOTE-BACKUP-SERVICE${"-".repeat(10)}`,
    "        SERVER ID  SERVER NAME",
    line,
    ...services.map(({ index, name }) => row(String(index).padStart(9), name)),
    line,
    `  Total ${services.length},${services.length} printed`,
    "",
  ].join("\n");
}

const profileField = (label: string, value: string | number | null): string =>
  ` ${label.padEnd(PROFILE_LABEL)}: ${value ?? "--"}`;

const hexIndex = (index: number): string => `0x${index.toString(16)}`;

/** As guides print them: MLD in upper case, the others in lower case. */
const typeText = (type: string): string => (type === "mld" ? "MLD" : type);

const stateText = (state: string | null): string | null => state && `${state[0]?.toUpperCase()}${state.slice(1)}`;

/** One profile, as the vendor's guides show it. */
function profileText(profile: RbsProfileView, isVerbose: boolean): string {
  const { services, etrunk, ethTrunk, interfaces, forwarding, localState, peerState } = profile;
  return [
    ` ${"-".repeat(47)}`,
    profileField("Profile-Index", hexIndex(profile.index)),
    profileField("Profile-Name", profile.name),
    profileField("Service", services.length === 0 ? null : services.map(typeText).join(" ")),
    profileField("Remote-backup-service", profile.remoteBackupService),
    profileField("Backup-ID", profile.backupId),
    profileField("track protocol", profile.trackProtocol),
    profileField("    E-Trunk  ID", etrunk),
    profileField("    Eth-trunk ID", ethTrunk),
    ...(isVerbose
      ? [profileField("    State", stateText(localState)), profileField("    Peer State", stateText(peerState))]
      : []),
    ` ${"Interface".padEnd(PROFILE_LABEL)}:`,
    ...interfaces.map((name) => `${" ".repeat(24)}${name}`),
    ...(forwarding === null ? [] : [profileField("Forwarding Configured", forwarding)]),
    profileField("Backup mode", profile.mode),
    profileField("Slot-Number", null),
    profileField("Card-Number", null),
    profileField("Port-Number", null),
    ...(isVerbose ? profile.tables.flatMap(tableLines) : []),
    "",
  ].join("\n");
}

const TROUBLES = {
  differs: "the tables of the two ends differ",
  full: "too many entries: some were dropped, and the tables are not compared",
};

/** What is backed up of one service, and what was told of it. */
function tableLines({ service, local, remoteBackup, sent, received, trouble }: RbsTableView): string[] {
  const { batches, puts, deletes, digests, mismatches, dropped, ignored, strayDeletes, cut } = received;
  return [
    profileField(`${service} entries`, `local ${local}, remote-backup ${remoteBackup}`),
    profileField("    Sent", `${sent.batches} batches, ${sent.puts} puts, ${sent.deletes} deletes`),
    profileField("    Received", `${batches} batches (${cut} cut), ${puts} puts, ${deletes} deletes`),
    profileField("    Not applied", `${dropped} dropped, ${ignored} ignored, ${strayDeletes} deletes of nothing`),
    profileField("    Audits", `${digests}, ${mismatches} of them differed`),
    ...(trouble === null ? [] : [profileField("    Trouble", TROUBLES[trouble])]),
  ];
}

function profileList(profiles: readonly RbsProfileView[]): string {
  const row = columns(9, 21);
  const line = `  ${"-".repeat(41)}`;
  return [
    `${"-".repeat(10)}REMOTE-BACKUP-PROFILE${"-".repeat(10)}`,
    "         PROFILE-ID  PROFILE-NAME",
    line,
    ...profiles.map(({ index, name }) => row(hexIndex(index), name)),
    line,
    `  Total ${profiles.length} printed.`,
    "",
  ].join("\n");
}

const name = word(1, 128, /^[!-~]+$/);
const called = ({ values }: { readonly values: { readonly name?: unknown } }): { readonly name?: string } =>
  values.name === undefined ? {} : { name: values.name as string };

const serviceParameters = { name: { type: name, help: "Name of the remote backup service" } };
const profileParameters = { name: { type: name, help: "Name of the remote backup profile" } };
const VERBOSE = "Counters, and what the two ends differ in";

export const remoteBackupRows = [
  display("display remote-backup-service [ <name> [ verbose ] ]", {
    help: "Connections to the other PE",
    words: { verbose: VERBOSE },
    parameters: serviceParameters,
    ask: (match) => ["remote-backup-services", called(match)],
    show: ({ services }, { values, words }) =>
      values.name === undefined
        ? serviceList(services)
        : services.map((service) => serviceText(service, words.includes("verbose"))).join(""),
  }),
  display("display remote-backup-profile [ <name> [ verbose ] ]", {
    help: "What is backed up, and the role of this device",
    words: { verbose: "Its state at both ends, and what was told of its entries" },
    parameters: profileParameters,
    ask: (match) => ["remote-backup-profiles", called(match)],
    show: ({ profiles }, { values, words }) =>
      values.name === undefined
        ? profileList(profiles)
        : profiles.map((profile) => profileText(profile, words.includes("verbose"))).join(""),
  }),
  shellRow("batch-backup service-type { all | arp | nd } now", {
    in: "configuration",
    help: "Send fresh batches to the peer",
    words: { "service-type": "What is sent", all: "All of it", arp: "ARP entries", nd: "ND entries", now: "At once" },
    async run({ words }, { configuring: { position }, daemon, signal }) {
      if (position?.view !== "remote-backup-service")
        throw new Refused("The command belongs to the view of a remote backup service.");
      const service = (["arp", "nd"] as const).find((type) => words.includes(type));
      const asks = { name: position.name, ...(service === undefined ? {} : { service }) };
      await daemon.ask({ ask: "batch-backup", ...asks }, { signal });
    },
  }),
  action("reset remote-backup-service [ <name> ] statistic", {
    help: "Clear the counters of remote backup services",
    words: { statistic: "Clear the counters" },
    parameters: serviceParameters,
    ask: (match) => ["reset-remote-backup-service", called(match)],
  }),
];
