import { trunkOf } from "../base/member-key.js";
import type { Micros } from "../base/time.js";
import type { LacpIdentity } from "../etrunk/identity.js";
import type { SelectionLimits } from "../lacp/selection.js";
import type { AdminStates } from "./admin-states.js";
import type { EtrunkCheckpoint } from "./checkpoint.js";
import type { Members } from "./members.js";
import type { Names } from "./names.js";
import type { EtrunkRole, TrunkEntry } from "./trunk-entry.js";

/** Before the E-Trunk has decided anything. */
const UNDECIDED: EtrunkRole = { carries: false, state: "Negotiation", cause: "ETRUNK_INIT", identity: undefined };

/** The role in the checkpoint, until the E-Trunk says otherwise. */
const resumedRole = (carries: boolean, identity: LacpIdentity): EtrunkRole =>
  carries
    ? { carries, state: "Master", cause: "ETRUNK_MASTER", identity }
    : { carries, state: "Backup", cause: "ETRUNK_BACKUP", identity };

/** The limits that a trunk's settings and its role set to LACP. */
export const limitsOf = ({ trunk, role }: TrunkEntry): SelectionLimits => ({
  shutdown: trunk.desired.shutdown,
  leastLinks: trunk.desired.leastLinks,
  leastBandwidth: trunk.desired.leastBandwidth,
  standby: role !== undefined && !role.carries,
  silent: role !== undefined && role.identity === undefined,
});

/** The roles of trunks that are members of an E-Trunk: a role decides whether the trunk carries, and its LACP identity. */
export class Roles {
  readonly #names: Names;
  readonly #members: Members;
  readonly #adminStates: AdminStates;
  /** Roles of the process before, until the first configuration has been applied. */
  readonly #restored = new Map<number, EtrunkRole>();

  constructor(names: Names, members: Members, adminStates: AdminStates, restored: readonly EtrunkCheckpoint[]) {
    this.#names = names;
    this.#members = members;
    this.#adminStates = adminStates;
    for (const etrunk of restored)
      for (const { member, carries, identity } of etrunk.members) {
        const trunk = trunkOf(member);
        if (trunk !== undefined) this.#restored.set(trunk, resumedRole(carries, identity));
      }
  }

  /** Gives a trunk its first role where the configuration makes it a member of an E-Trunk, and none where it does not. */
  begin(entry: TrunkEntry): void {
    const { id, desired } = entry.trunk;
    if (desired.etrunk === undefined) entry.role = undefined;
    else entry.role ??= this.#restored.get(id) ?? UNDECIDED;
  }

  /** The first configuration has been applied: a restored role that no trunk took up is forgotten. */
  configured(): void {
    this.#restored.clear();
  }

  /** The E-Trunk gave a trunk another role. */
  change(entry: TrunkEntry, role: EtrunkRole, now: Micros): void {
    if (entry.role === undefined) return;
    const carriesAnew = entry.role.carries !== role.carries;
    entry.role = role;
    this.play(entry, now);
    for (const { name } of entry.trunk.members()) {
      const desired = this.#names.interface(name);
      if (desired === undefined) continue;
      if (desired.member !== undefined) this.#members.set(name, desired.member, now);
      // A trunk with LACP holds no link down, so an operator's change of a link stays.
      if (carriesAnew && entry.trunk.desired.mode !== "static") this.#adminStates.apply(desired);
    }
  }

  /** Brings a trunk and its LACP to what the configuration and the role make of them. */
  play({ trunk, aggregator, role }: TrunkEntry, now: Micros): void {
    const { lacp } = trunk.desired;
    const identity = role?.identity;
    const shown =
      identity === undefined
        ? lacp
        : {
            ...lacp,
            systemPriority: identity.systemPriority,
            systemId: identity.systemId,
            portKey: identity.key ?? lacp.portKey,
          };
    trunk.hold(role !== undefined && !role.carries, now);
    aggregator?.configure(shown, limitsOf({ trunk, aggregator, role }), now);
  }
}
