import { z } from "zod";
import { addressRows, deviceRows } from "./address-rows.js";
import { backupRows } from "./backup-rows.js";
import { flushReceiveRows, flushSendRows } from "./flush-rows.js";
import { description } from "./interface-view.js";
import { integer, macAddress } from "./language/parameters.js";
import { choice, flag, kept, keptText, number, setting, text } from "./language/setting.js";
import { isisRows, pimRows } from "./routing-rows.js";
import { portswitch, switchRows } from "./switch-rows.js";
import { etrunkSystemId } from "./system-view.js";

const links = integer(1, 64);
const userDefined = integer(3, 90);
const onlyInMode = "lacp-static";
/** Every mode but manual backup, in which one link carries. */
export const BALANCING = ["manual load-balance", onlyInMode];

/** 90 s, 3 s, or fast with as many seconds as given. */
type Timeout = "slow" | "fast" | number;

/** Membership in an E-Trunk. */
interface EtrunkMembership {
  readonly id: number;
  /** Number of the peer's Eth-Trunk; without it ours. */
  readonly remoteEthTrunk?: number;
}

/** View of an Eth-Trunk. */
export const trunkSettings = {
  shutdown: flag("shutdown", { help: "Take the Eth-Trunk down; its members stay up" }),
  portswitch,
  description,
  ...deviceRows,
  ...addressRows,
  ...switchRows,
  ...pimRows,
  mode: choice(
    "mode",
    {
      "manual load-balance": "Load balancing without LACP",
      "manual backup": "One of two members works, the other waits",
      "lacp-static": "Static LACP",
    },
    { help: "Working mode", default: "manual load-balance", words: { manual: "Without LACP" } },
  ),
  leastActiveLinknumber: number("least active-linknumber <links>", links, {
    help: "Active links below which the Eth-Trunk is down",
    default: 1,
    onlyInMode: BALANCING,
  }),
  leastActiveBandwidth: number("least active-bandwidth <bandwidth>", integer(1, 4294967295), {
    help: "Bandwidth of the active links below which the Eth-Trunk is down",
    unit: "Mbit/s",
    excludes: ["leastActiveLinknumber"],
    onlyInMode: BALANCING,
  }),
  maxActiveLinknumber: number("max active-linknumber <links>", links, {
    help: "Greatest number of active links",
    default: 16,
    onlyInMode,
  }),
  maxBandwidthAffectedLinknumber: number("max bandwidth-affected-linknumber <links>", links, {
    help: "Greatest number of links that count for the reported bandwidth",
    default: 64,
  }),
  loadBalance: choice(
    "load-balance",
    {
      "src-dst-ip": "By source and destination IP address",
      "src-dst-mac": "By source and destination MAC address",
      "packet-all": "Packet by packet",
      "symmetric-hash": "The same link for both directions",
      "symmetric-hash complement": "Complement of the symmetric hash",
    },
    { help: "How traffic is spread, by flow unless configured" },
  ),
  lacpTimeout: setting<Timeout>("lacp timeout { fast [ user-defined <seconds> ] | slow }", {
    help: "How long a received LACPDU counts, the default value is slow",
    words: { fast: "3 s, or user-defined", slow: "90 s", "user-defined": "Another time than 3 s" },
    parameters: { seconds: { type: userDefined, help: "How long a received LACPDU counts, in seconds" } },
    schema: z.custom<Timeout>(
      (value) => value === "slow" || value === "fast" || userDefined.schema.safeParse(value).success,
      `slow | fast | ${userDefined.text}`,
    ),
    default: "slow",
    onlyInMode,
    read: (match) => (match.values.seconds as number | undefined) ?? (match.words.includes("fast") ? "fast" : "slow"),
    print: (value) => [`lacp timeout ${typeof value === "number" ? `fast user-defined ${value}` : value}`],
  }),
  lacpPreemptEnable: flag("lacp preempt enable", {
    help: "Let a better port replace a worse one, off by default",
    onlyInMode,
  }),
  lacpPreemptDelay: number("lacp preempt delay <delay>", integer(0, 180), {
    help: "Delay before a better port replaces a worse one",
    unit: "seconds",
    default: 30,
    onlyInMode,
    needs: { attribute: "lacpPreemptEnable", value: true, command: "lacp preempt enable" },
  }),
  lacpSelected: choice(
    "lacp selected",
    { priority: "By port priority", speed: "By speed" },
    { help: "By what active ports are chosen", default: "priority", onlyInMode },
  ),
  lacpSystemId: text("lacp system-id <mac>", macAddress, {
    help: "LACP system ID of this Eth-Trunk, the default is that of the device",
    // All ones stand for the default.
    default: "ff:ff:ff:ff:ff:ff",
    onlyInMode,
  }),
  lacpPriority: number("lacp priority <priority>", integer(0, 65535), {
    help: "LACP system priority of this Eth-Trunk, the default is that of the device",
    onlyInMode,
  }),
  lacpPortkey: number("lacp portkey <key>", integer(1, 65535), {
    help: "LACP key of all members, the default is made of number and speed",
    onlyInMode,
  }),
  lacpCollectorDelay: number("lacp collector delay <delay>", integer(0, 65535), {
    help: "CollectorMaxDelay",
    unit: "units of 10 us",
    default: 0,
    onlyInMode,
  }),
  lacpMixedRateLinkEnable: flag("lacp mixed-rate link enable", {
    help: "Select ports of different speeds together, off by default",
    onlyInMode,
  }),
  lacpPortIdExtensionEnable: flag("lacp port-id-extension enable", {
    help: "Add 32768 to the port numbers, off by default",
    onlyInMode,
  }),
  lacpIndependentControlEnable: flag("lacp independent-control enable", {
    help: "Collect before distributing, off by default",
    onlyInMode,
  }),
  lacpUniquePortNumberEnable: kept("lacp unique-port-number enable", "Kept without effect", { onlyInMode }),
  lacpTrunkDownDelayEnable: kept("lacp trunk-down-delay enable", "Kept without effect", { onlyInMode }),
  lacpBackupModeEnable: kept("lacp backup-mode enable", "Kept without effect", { onlyInMode }),
  lacpPortRole: keptText("lacp port-role", "Kept without effect", { onlyInMode }),
  lacpTrackVrrp: keptText("lacp track vrrp", "Kept without effect", { onlyInMode }),
  lacpVrrpPriority: keptText("lacp vrrp priority", "Kept without effect", { onlyInMode }),
  lacpETrunkSystemId: etrunkSystemId("LACP system ID of this member of an E-Trunk, equal at both ends", onlyInMode),
  lacpETrunkPriority: number("lacp e-trunk priority <priority>", integer(0, 65535), {
    help: "LACP system priority of this member of an E-Trunk, equal at both ends",
    onlyInMode,
  }),
  ...backupRows,
  eTrunk: setting<EtrunkMembership>("e-trunk <id> [ remote-eth-trunk <remote> ]", {
    help: "Make the Eth-Trunk a member of an E-Trunk",
    words: { "remote-eth-trunk": "The peer's member has another number" },
    parameters: {
      id: { type: integer(1, 512, "etrunks"), help: "Number of the E-Trunk" },
      remote: { type: integer(0, 65535), help: "Number of the peer's Eth-Trunk, the default is this one's" },
    },
    schema: z.strictObject(
      { id: integer(1, 512).schema, remoteEthTrunk: z.exactOptional(integer(0, 65535).schema) },
      "{ id, remoteEthTrunk }",
    ),
    clears: ["eTrunkMode"],
    read: ({ values }) => ({
      id: values.id as number,
      ...(values.remote === undefined ? {} : { remoteEthTrunk: values.remote as number }),
    }),
    refuses: (value, old) =>
      old === undefined || old.id === value.id
        ? undefined
        : `e-trunk ${value.id} and e-trunk ${old.id} exclude each other.`,
    print: ({ id, remoteEthTrunk: remote }) => [
      `e-trunk ${id}${remote === undefined ? "" : ` remote-eth-trunk ${remote}`}`,
    ],
  }),
  eTrunkMode: choice(
    "e-trunk mode",
    {
      auto: "As the E-Trunk decides",
      "force-master": "Always carries",
      "force-backup": "Never carries",
    },
    { help: "Working mode in the E-Trunk", default: "auto" },
  ),
  standbySignalling: choice(
    "standby-signalling",
    { carrier: "A standby member takes its links down", none: "It only stops forwarding" },
    { help: "How a standby member in a manual mode shows it to the other end", default: "carrier" },
  ),
  ...isisRows,
  ...flushSendRows,
  ...flushReceiveRows,
};
