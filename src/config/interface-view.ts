import { z } from "zod";
import { trunkName } from "../core/base/trunk-names.js";
import { addressRows, deviceRows } from "./address-rows.js";
import { portMaster } from "./backup-rows.js";
import { flushReceiveRows } from "./flush-rows.js";
import { integer, linuxInterface, restOfLine } from "./language/parameters.js";
import { flag, number, setting, text } from "./language/setting.js";
import { isisRows, pimRows } from "./routing-rows.js";
import { portswitch, switchRows } from "./switch-rows.js";

export const description = text("description <text>", restOfLine(1, 242), {
  help: "Description of the interface",
});

const trunkId = integer(0, 65535, "trunks");

/** Membership in an Eth-Trunk. `mode` only where it is passive. */
interface Membership {
  readonly id: number;
  readonly mode?: "active" | "passive";
}

const membership = (id: number, mode: Membership["mode"]): Membership => (mode === "passive" ? { id, mode } : { id });

/** Help of `mode { active | passive }` behind a member. */
export const MODE_WORDS = {
  mode: "How the port takes part in LACP, the default is active",
  active: "Sends LACPDUs",
  passive: "Sends LACPDUs only while the partner does",
};

/** View of a physical interface, by its VRP name or its Linux name. */
export const physicalSettings = {
  linuxInterface: text("linux-interface <device>", linuxInterface, {
    help: "Linux interface this name is bound to",
  }),
  speed: number("speed <speed>", integer(10, 400_000), {
    help: "Speed for port key, bandwidth and selection",
    unit: "Mbit/s, the default is what the type of the interface says",
  }),
  portswitch,
  shutdown: flag("shutdown", { help: "Take the interface down", printedWhenAbsent: "undo shutdown" }),
  description,
  ...deviceRows,
  ...addressRows,
  ...switchRows,
  ...pimRows,
  ...isisRows,
  ethTrunk: setting<Membership>("eth-trunk <id> [ mode { active | passive } ]", {
    help: "Make the interface a member of an Eth-Trunk",
    words: MODE_WORDS,
    parameters: { id: { type: trunkId, help: "Number of the Eth-Trunk" } },
    schema: z
      .strictObject(
        { id: trunkId.schema, mode: z.exactOptional(z.enum(["active", "passive"], "active | passive")) },
        "{ id, mode }",
      )
      .overwrite((value) => membership(value.id, value.mode)),
    read: (match) => membership(match.values.id as number, match.words.includes("passive") ? "passive" : undefined),
    refuses: (value, old, name) =>
      old === undefined || old.id === value.id ? undefined : `${name} already belongs to ${trunkName(old.id)}.`,
    print: ({ id, mode }) => [mode === "passive" ? `eth-trunk ${id} mode passive` : `eth-trunk ${id}`],
  }),
  portMaster,
  distributeWeight: number("distribute-weight <weight>", integer(1, 64), {
    help: "Share of the member in load balancing",
    default: 1,
  }),
  lacpPriority: number("lacp priority <priority>", integer(0, 65535), {
    help: "LACP port priority, the smaller is better",
    default: 32768,
  }),
  lacpForceUp: flag("lacp force-up", { help: "Forward without LACP while no partner is heard" }),
  ...flushReceiveRows,
};
