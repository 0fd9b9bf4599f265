import type { InterfaceIndex } from "../../core/base/protocol.js";
import { isObject, parseRecord } from "../record.js";
import type { BackendName, Counts } from "./plane.js";

/** What a member was before it became one. */
export interface Original {
  readonly promiscuous: boolean;
  /** It had a clsact or ingress qdisc. */
  readonly qdisc: boolean;
  /** Undefined while its MTU is as it was found. */
  readonly mtu: number | undefined;
  /** Paths below /proc/sys/net/, a `*` in place of the interface's name, and the values found. */
  readonly sysctls: { readonly [path: string]: string };
}

/** What the next process has to know of a member. The MAC address tells whether the interface is still the same one. */
export interface RecordedMember {
  readonly index: InterfaceIndex;
  readonly mac: number;
  readonly trunk: number;
  readonly slot: number;
  readonly original: Original;
  readonly counts: Counts;
}

export interface RecordedTrunk {
  readonly trunk: number;
  /** Slot of each bucket, two hexadecimal digits each: flows must not move because the process changes. */
  readonly buckets: string;
  /** VLAN IDs of its sub-interfaces. */
  readonly vlans: readonly number[];
  /** Counted by members that left, and by earlier processes. */
  readonly counts: Counts;
}

export interface ForwardingRecord {
  /** Which backend forwards; undefined when nothing is recorded. */
  readonly backend: BackendName | undefined;
  readonly trunks: readonly RecordedTrunk[];
  readonly members: readonly RecordedMember[];
}

const NOTHING: ForwardingRecord = { backend: undefined, trunks: [], members: [] };

/** What an earlier process recorded; nothing when it was in another boot or network namespace, or is not to be read. */
export function readRecord(text: string | undefined): ForwardingRecord {
  const { backend, trunks, members } = parseRecord(text) ?? {};
  if (!Array.isArray(trunks) || !Array.isArray(members)) return NOTHING;
  if (backend !== "ebpf" && backend !== "nftables") return NOTHING;
  return { backend, trunks: trunks.filter(isTrunk), members: members.filter(isMember) };
}

const isNumber = (value: unknown): value is number => typeof value === "number" && Number.isFinite(value);
const isCounts = (value: unknown): boolean => Array.isArray(value) && value.length === 5 && value.every(isNumber);

function isOriginal(value: unknown): boolean {
  if (!isObject(value) || !isObject(value.sysctls)) return false;
  const { promiscuous, qdisc, mtu, sysctls } = value;
  const texts = Object.values(sysctls).every((text) => typeof text === "string");
  const flags = typeof promiscuous === "boolean" && typeof qdisc === "boolean";
  return flags && (mtu === undefined || isNumber(mtu)) && texts;
}

function isMember(value: unknown): value is RecordedMember {
  if (!isObject(value)) return false;
  const { index, mac, trunk, slot, original, counts } = value;
  return [index, mac, trunk, slot].every(isNumber) && isCounts(counts) && isOriginal(original);
}

function isTrunk(value: unknown): value is RecordedTrunk {
  if (!isObject(value)) return false;
  const { trunk, counts, buckets, vlans } = value;
  const numbers = isNumber(trunk) && isCounts(counts) && Array.isArray(vlans) && vlans.every(isNumber);
  return numbers && typeof buckets === "string";
}
