import { z } from "zod";
import { integer, macAddress } from "../../language/parameters.js";
import { setting } from "../../language/setting.js";
import { choice, number, text } from "../../language/setting-kinds.js";
import { ANY_SYSTEM_ID, faultOfSystemId } from "../eth-trunk/lacp-rows.js";
import { STATIC } from "../eth-trunk/rows.js";

export const etrunkId = integer(1, 512, "etrunks");
const remote = integer(0, 65535);
const priority = integer(0, 65535);

/** Membership in an E-Trunk. */
interface Membership {
  readonly id: number;
  /** Number of the peer's Eth-Trunk; without it ours. */
  readonly remoteEthTrunk?: number;
}

const systemId = (help: string, onlyInMode?: string) =>
  text("lacp e-trunk system-id <mac>", macAddress, {
    help,
    default: ANY_SYSTEM_ID,
    onlyInMode,
    faults: faultOfSystemId,
  });

/** System view: LACP system ID and priority of E-Trunk members, unless a trunk has its own. */
export const identityRows = {
  lacpETrunkSystemId: systemId("LACP system ID of E-Trunk members, equal at both ends"),
  lacpETrunkPriority: number("lacp e-trunk priority <priority>", priority, {
    help: "LACP system priority of E-Trunk members, equal at both ends",
    default: 32768,
  }),
};

/** View of an Eth-Trunk: its membership, and its LACP system ID and priority as a member. */
export const membershipRows = {
  lacpETrunkSystemId: systemId("LACP system ID of this member of an E-Trunk, equal at both ends", STATIC),
  lacpETrunkPriority: number("lacp e-trunk priority <priority>", priority, {
    help: "LACP system priority of this member of an E-Trunk, equal at both ends",
    onlyInMode: STATIC,
  }),
  eTrunk: setting<Membership>("e-trunk <id> [ remote-eth-trunk <remote> ]", {
    help: "Make the Eth-Trunk a member of an E-Trunk",
    words: { "remote-eth-trunk": "The peer's member has another number" },
    parameters: {
      id: { type: etrunkId, help: "Number of the E-Trunk" },
      remote: { type: remote, help: "Number of the peer's Eth-Trunk, the default is this one's" },
    },
    schema: z.strictObject(
      { id: etrunkId.schema, remoteEthTrunk: z.exactOptional(remote.schema) },
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
    print: ({ id, remoteEthTrunk }) => [
      `e-trunk ${id}${remoteEthTrunk === undefined ? "" : ` remote-eth-trunk ${remoteEthTrunk}`}`,
    ],
  }),
};

/** View of an Eth-Trunk: settings of its membership. */
export const memberRows = {
  eTrunkMode: choice(
    "e-trunk mode",
    {
      auto: "As the E-Trunk decides",
      "force-master": "Always carries",
      "force-backup": "Never carries",
    },
    { help: "Working mode in the E-Trunk", default: "auto", desired: (mode) => ({ mode }) },
  ),
  standbySignalling: choice(
    "standby-signalling",
    { carrier: "A standby member takes its links down", none: "It only stops forwarding" },
    {
      help: "How a standby member in a manual mode shows it to the other end",
      default: "carrier",
      desired: (by) => ({ standbyByCarrier: by === "carrier" }),
    },
  ),
};
