import { z } from "zod";
import { isGroupMac, parseMac } from "../../../core/base/address.js";
import { LONG_TIMEOUT_TIME, SHORT_TIMEOUT_TIME } from "../../../core/base/lacp.js";
import { type Micros, seconds } from "../../../core/base/time.js";
import { integer, macAddress } from "../../language/parameters.js";
import { setting } from "../../language/setting.js";
import { choice, flag, kept, keptText, number, text } from "../../language/setting-kinds.js";
import { STATIC } from "./rows.js";

const onlyInMode = STATIC;
const userDefined = integer(3, 90);
const priority = integer(0, 65535);

/** 90 s, 3 s, or fast with as many seconds as given. */
type Timeout = "slow" | "fast" | number;

const TIMEOUTS = { slow: LONG_TIMEOUT_TIME, fast: SHORT_TIMEOUT_TIME };
const timeOf = (timeout: Timeout): Micros => (typeof timeout === "number" ? seconds(timeout) : TIMEOUTS[timeout]);

/** All ones, the system ID that stands for the default: the device's own. */
export const ANY_SYSTEM_ID = "ff:ff:ff:ff:ff:ff";

/** A system ID is a unicast address, or stands for the default. */
export function faultOfSystemId(id: string): string | undefined {
  const mac = parseMac(id);
  const isRight = id === ANY_SYSTEM_ID || (mac !== undefined && mac !== 0 && !isGroupMac(mac));
  return isRight ? undefined : "The system ID must be a unicast MAC address other than all zeros.";
}

/** View of an Eth-Trunk: settings of mode lacp-static only. */
export const lacpRows = {
  lacpTimeout: setting("lacp timeout { fast [ user-defined <seconds> ] | slow }", {
    help: "How long a received LACPDU counts, the default value is slow",
    words: { fast: "3 s, or user-defined", slow: "90 s", "user-defined": "Another time than 3 s" },
    parameters: { seconds: { type: userDefined, help: "How long a received LACPDU counts, in seconds" } },
    schema: z.custom<Timeout>(
      (value) => value === "slow" || value === "fast" || userDefined.schema.safeParse(value).success,
      `slow | fast | ${userDefined.text}`,
    ),
    default: "slow",
    onlyInMode,
    read: ({ values, words }): Timeout =>
      (values.seconds as number | undefined) ?? (words.includes("fast") ? "fast" : "slow"),
    print: (value) => [`lacp timeout ${typeof value === "number" ? `fast user-defined ${value}` : value}`],
    desired: (timeout) => ({ fast: timeout !== "slow", timeout: timeOf(timeout) }),
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
    {
      help: "By what active ports are chosen",
      default: "priority",
      onlyInMode,
      desired: (selectBy) => ({ selectBy }),
    },
  ),
  lacpSystemId: text("lacp system-id <mac>", macAddress, {
    help: "LACP system ID of this Eth-Trunk, the default is that of the device",
    default: ANY_SYSTEM_ID,
    onlyInMode,
    faults: faultOfSystemId,
  }),
  lacpPriority: number("lacp priority <priority>", priority, {
    help: "LACP system priority of this Eth-Trunk, the default is that of the device",
    onlyInMode,
  }),
  lacpPortkey: number("lacp portkey <key>", integer(1, 65535), {
    help: "LACP key of all members, the default is made of number and speed",
    onlyInMode,
    desired: (portKey) => ({ portKey }),
  }),
  lacpCollectorDelay: number("lacp collector delay <delay>", integer(0, 65535), {
    help: "CollectorMaxDelay",
    unit: "units of 10 us",
    default: 0,
    onlyInMode,
    desired: (collectorMaxDelay) => ({ collectorMaxDelay }),
  }),
  lacpMixedRateLinkEnable: flag("lacp mixed-rate link enable", {
    help: "Select ports of different speeds together, off by default",
    onlyInMode,
    desired: (mixedRate) => ({ mixedRate }),
  }),
  lacpPortIdExtensionEnable: flag("lacp port-id-extension enable", {
    help: "Add 32768 to the port numbers, off by default",
    onlyInMode,
    desired: (portIdExtension) => ({ portIdExtension }),
  }),
  lacpDampeningStateFlapping: flag("lacp dampening state-flapping", {
    help: "Let ports that flap come back later, off by default",
    onlyInMode,
    desired: (dampsFlapping) => ({ dampsFlapping }),
  }),
  lacpDampeningUnexpectedMacDisable: flag("lacp dampening unexpected-mac disable", {
    help: "Let a stranger's LACPDUs take the place of the partner's",
    onlyInMode,
    desired: (isDisabled) => ({ refusesStrangers: !isDisabled }),
  }),
  lacpIndependentControlEnable: flag("lacp independent-control enable", {
    help: "Collect before distributing, off by default",
    onlyInMode,
    desired: (independentControl) => ({ independentControl }),
  }),
};

/** View of an Eth-Trunk: LACP settings that are kept without effect. */
export const keptRows = {
  lacpUniquePortNumberEnable: kept("lacp unique-port-number enable", "Kept without effect", { onlyInMode }),
  lacpTrunkDownDelayEnable: kept("lacp trunk-down-delay enable", "Kept without effect", { onlyInMode }),
  lacpBackupModeEnable: kept("lacp backup-mode enable", "Kept without effect", { onlyInMode }),
  lacpPortRole: keptText("lacp port-role", "Kept without effect", { onlyInMode }),
  lacpTrackVrrp: keptText("lacp track vrrp", "Kept without effect", { onlyInMode }),
  lacpVrrpPriority: keptText("lacp vrrp priority", "Kept without effect", { onlyInMode }),
};

/** System view: the LACP system of this device. */
export const lacpSystemRows = {
  lacpPriorityCommandMode: choice(
    "lacp priority-command-mode",
    { default: "lacp priority", "system-priority": "lacp system-priority" },
    { help: "Which command sets the LACP system priority", default: "default" },
  ),
  lacpPriority: number("lacp priority <priority>", priority, {
    help: "LACP system priority, the smaller is better",
    default: 32768,
  }),
  lacpSystemPriority: number("lacp system-priority <priority>", priority, {
    help: "LACP system priority, the smaller is better",
    default: 32768,
    needs: {
      attribute: "lacpPriorityCommandMode",
      value: "system-priority",
      command: "lacp priority-command-mode system-priority",
    },
  }),
};
