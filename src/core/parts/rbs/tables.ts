import type { NeighbourTable } from "../../base/neighbours/table.js";
import type { RbsService } from "../../base/rbs.js";
import type { Micros } from "../../base/time.js";
import type { DesiredRbsProfile } from "../../contract/desired/rbs.js";
import type { Device } from "../../device/device.js";
import type { OwnTables } from "../../rbs/own-side.js";
import { type ProfileRole, TableRoles } from "../../rbs/table-roles.js";
import { Wholeness } from "../../rbs/wholeness.js";
import type { HostService } from "../../wire/rbs/host-records.js";

const HOST_SERVICES: readonly HostService[] = ["arp", "nd"];

/** The tables of all profiles, and whose their entries are. */
export class ProfileTables {
  readonly #device: Device;
  /** Names of profiles by backup-id and service. */
  #named: ReadonlyMap<string, string> = new Map();
  readonly #roles = new Map<string, TableRoles>();
  readonly #wholeness = new Wholeness();

  constructor(device: Device) {
    this.#device = device;
  }

  apply(profiles: readonly DesiredRbsProfile[], now: Micros): void {
    this.#named = new Map(
      profiles.flatMap(({ name, backup }) => (backup ? [[`${backup.id} ${backup.service}`, name] as const] : [])),
    );
    for (const { name } of profiles) for (const [, table] of this.tablesOf(name)) this.#wholeness.begins(table, now);
    const names = new Set(profiles.map(({ name }) => name));
    for (const name of this.#roles.keys()) if (!names.has(name)) this.#roles.delete(name);
  }

  /** The tables of a profile, by service. */
  *tablesOf(profile: string): Generator<readonly [service: HostService, table: NeighbourTable]> {
    for (const service of HOST_SERVICES) {
      const table = this.#device.neighbours.of(profile, service);
      if (table !== undefined) yield [service, table];
    }
  }

  /** The role of a profile is now this. */
  follow(
    profile: string,
    { unheard, ...role }: Omit<ProfileRole, "unheard"> & { readonly unheard: readonly RbsService[] },
  ): void {
    const roles = this.#roles.get(profile) ?? new TableRoles();
    this.#roles.set(profile, roles);
    const tables = [...this.tablesOf(profile)];
    const blocked = tables.flatMap(([service, table]) => (unheard.includes(service) ? [table] : []));
    roles.follow(
      { ...role, unheard: blocked },
      tables.map(([, table]) => table),
    );
  }

  /** A table was restored from the kernel, and the role of its profile does not know yet. */
  get hasRestored(): boolean {
    for (const roles of this.#roles.values()) if (roles.hasRestored) return true;
    return false;
  }

  /** As a remote backup service sees them. */
  ofService(name: string): OwnTables {
    return {
      wholeness: this.#wholeness,
      of: (backupId, service) => {
        const profile = this.#named.get(`${backupId} ${name}`);
        return profile === undefined ? undefined : this.#device.neighbours.of(profile, service);
      },
    };
  }
}
