import { z } from "zod";
import { trunkName } from "../../../core/base/trunk-names.js";
import { integer } from "../../language/parameters.js";
import { setting } from "../../language/setting.js";
import { flag, number } from "../../language/setting-kinds.js";
import { MEMBER } from "../interfaces/rows.js";

const traits = [MEMBER];

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

/** View of a physical interface: membership in an Eth-Trunk. */
export const membershipRows = {
  ethTrunk: setting<Membership>("eth-trunk <id> [ mode { active | passive } ]", {
    help: "Make the interface a member of an Eth-Trunk",
    words: MODE_WORDS,
    traits,
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
};

/** View of a physical interface: settings of members only. */
export const memberRows = {
  portMaster: flag("port-master", {
    help: "Make the interface the master of its 1:1 Eth-Trunk",
    traits,
    desired: (isMaster) => ({ isMaster }),
  }),
  distributeWeight: number("distribute-weight <weight>", integer(1, 64), {
    help: "Share of the member in load balancing",
    default: 1,
    traits,
    desired: (weight) => ({ weight }),
  }),
  lacpPriority: number("lacp priority <priority>", integer(0, 65535), {
    help: "LACP port priority, the smaller is better",
    default: 32768,
    traits,
    desired: (priority) => ({ priority }),
  }),
  lacpForceUp: flag("lacp force-up", {
    help: "Forward without LACP while no partner is heard",
    traits,
    desired: (forceUp) => ({ forceUp }),
  }),
};
