import { macToColons } from "../../core/base/address.js";
import { WORK_MODES } from "../../core/wire/etrunk-names.js";
import type { RbsBody, RbsProfile } from "../../core/wire/rbs/bodies.js";
import { BACKUP_MODES, CLOSE_CODES, PROFILE_STATES, REFRESH_REASONS, rbsService } from "../../core/wire/rbs/names.js";
import type { GroupRecord, HostRecord, RbsRecord } from "../../core/wire/rbs/records.js";
import { printMac } from "../layout.js";

/** The body of a message with its numbers in words, as JSON has it. */
type DecodedBody = { readonly [field: string]: unknown };

const service = (code: number): string => rbsService(code) ?? String(code);

const decodedProfile = (profile: RbsProfile) => ({
  backupId: profile.backupId,
  state: PROFILE_STATES[profile.state] as string,
  mode: BACKUP_MODES[profile.mode - 1] as string,
  etrunk: profile.etrunk,
  ethTrunk: profile.trunk,
  remoteEthTrunk: profile.remoteTrunk,
  workMode: WORK_MODES[profile.workMode] as string,
  services: profile.services.map(service),
});

function decodedRecord(record: RbsRecord): DecodedBody {
  const { operation, trunk: ethTrunk, outerVlan, innerVlan } = record;
  const key = { operation, ethTrunk, outerVlan, innerVlan };
  return record.kind === "host" ? { ...key, ...decodedHost(record) } : { ...key, ...decodedGroup(record) };
}

const decodedHost = ({ address, mac, isRouter, sinceHeard }: HostRecord) => ({
  address: address.text,
  mac: macToColons(mac),
  router: isRouter,
  sinceHeard,
});

const decodedGroup = (record: GroupRecord) => ({
  group: record.group.text,
  filterMode: ["include", "exclude"][record.filterMode - 1] ?? null,
  compatibility: record.compatibility,
  lastReporter: record.lastReporter.text,
  groupTimer: record.groupTimer,
  olderHostTimer: record.olderHostTimer,
  sources: record.sources.map(({ address, timer }) => ({ address: address.text, timer })),
});

/** The fields of a body for JSON. */
export function decodedBody(body: RbsBody): DecodedBody {
  const { kind: _, ...fields } = body;
  const named = "service" in body ? { ...fields, service: service(body.service) } : fields;
  switch (body.kind) {
    case "OPEN":
      return { ...named, profiles: body.profiles.map(decodedProfile) };
    case "PROFILE-STATE":
      return { ...named, state: PROFILE_STATES[body.state] };
    case "ENTRIES":
      return { ...named, hosts: undefined, records: body.records?.map(decodedRecord) ?? null };
    case "BATCH-END":
    case "DIGEST":
      return { ...named, digest: digestText(body.digest) };
    case "REFRESH":
      return { ...named, reason: REFRESH_REASONS[body.reason - 1] };
    case "CLOSE":
      return { ...named, reason: CLOSE_CODES[body.code - 1] };
    default:
      return named;
  }
}

const digestText = (sums: readonly number[]): string => sums.map((sum) => sum.toString(16).padStart(8, "0")).join("");

/** A body as text: what stands in the line of its message, then lines of their own. */
export function bodyLines(body: RbsBody): readonly [first: string, ...more: readonly string[]] {
  const of = "service" in body ? `Backup-ID ${body.backupId}, ${service(body.service)}` : "";
  switch (body.kind) {
    case "OPEN": {
      const { epoch, keepalive, multiplier, goesOn, profiles } = body;
      const rest = goesOn ? ", the list goes on" : "";
      return [`Epoch ${epoch}, Keepalive ${keepalive} s x ${multiplier}${rest}`, ...profiles.map(profileLine)];
    }
    case "KEEPALIVE":
    case "ACK":
      return [`Acknowledged ${body.acknowledged}`];
    case "PROFILE-STATE":
      return [`Backup-ID ${body.backupId}, ${PROFILE_STATES[body.state]}, Generation ${body.generation}`];
    case "BATCH-BEGIN":
      return [`${of}, Generation ${body.generation}, ${body.entries} entries expected`];
    case "ENTRIES": {
      const { inBatch, generation, records = [] } = body;
      return [`${of}, Generation ${generation}${inBatch ? ", part of a batch" : ""}`, ...records.map(recordLine)];
    }
    case "BATCH-END":
    case "DIGEST":
      return [`${of}, Generation ${body.generation}, ${body.entries} entries, Digest ${digestText(body.digest)}`];
    case "REFRESH":
      return [`${of}, ${REFRESH_REASONS[body.reason - 1]}`];
    case "CLOSE":
      return [`${CLOSE_CODES[body.code - 1]}${body.text === "" ? "" : `: ${body.text}`}`];
    case "RELAY":
      return [`${of}, ${placeText(body)}, packet of ${body.packet} octets`];
  }
}

const profileLine = (profile: RbsProfile): string => {
  const { backupId, state, mode, etrunk, ethTrunk, remoteEthTrunk, workMode, services } = decodedProfile(profile);
  const place =
    etrunk === 0 ? "no E-Trunk" : `E-Trunk ${etrunk}, Eth-Trunk ${ethTrunk}, Remote ${remoteEthTrunk}, ${workMode}`;
  return `Backup-ID ${backupId}, ${state}, ${mode}, ${place}, Services ${services.join(" ") || "none"}`;
};

const placeText = ({ trunk, outerVlan, innerVlan }: Pick<RbsRecord, "trunk" | "outerVlan" | "innerVlan">): string =>
  `Eth-Trunk ${trunk}${outerVlan === 0 ? "" : `, VLAN ${outerVlan}${innerVlan === 0 ? "" : `/${innerVlan}`}`}`;

function recordLine(record: RbsRecord): string {
  const place = `${record.operation} ${placeText(record)}`;
  if (record.kind === "group") return `${place}, ${groupText(record)}`;
  const { address, mac, isRouter, sinceHeard } = record;
  return `${place}, ${address.text} ${printMac(macToColons(mac))}, heard ${sinceHeard} s ago${isRouter ? ", router" : ""}`;
}

function groupText({ group, filterMode, compatibility, groupTimer, sources }: GroupRecord): string {
  const mode = ["include", "exclude"][filterMode - 1] ?? "no filter mode";
  const list = sources.map(({ address, timer }) => `${address.text} ${timer} ms`).join(", ");
  return `${group.text} ${mode} {${list}}, version ${compatibility}, ${groupTimer} ms left`;
}
