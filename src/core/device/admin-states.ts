import type { DesiredInterface } from "../contract/desired/trunk.js";
import type { Links } from "./links.js";
import type { Names } from "./names.js";
import type { TrunkEntry } from "./trunk-entry.js";

/** Without LACP a standby member of an E-Trunk takes its links down: nothing else would tell the CE. */
const signalsStandby = ({ trunk, role }: TrunkEntry): boolean =>
  role !== undefined && !role.carries && trunk.signalsByCarrier;

/**
 * Which links shall be administratively up: as `shutdown` says, but for members whose link is held down, by mode backup
 * (`inactive-port shutdown enable`) or by an E-Trunk (`standby-signalling carrier`).
 */
export class AdminStates {
  readonly #links: Links;
  readonly #names: Names;
  readonly #trunks: ReadonlyMap<number, TrunkEntry>;

  constructor(links: Links, names: Names, trunks: ReadonlyMap<number, TrunkEntry>) {
    this.#links = links;
    this.#names = names;
    this.#trunks = trunks;
  }

  /** Asks for the administrative state and the alias that an interface shall have. */
  apply(desired: DesiredInterface): void {
    const link = desired.device === undefined ? undefined : this.#links.named(desired.device);
    if (link !== undefined) this.#links.set(link, !desired.shutdown && !this.#isHeldDown(desired), desired.description);
  }

  /** Asks for the state that each member of a trunk shall have. */
  applyToMembers(trunk: number): void {
    for (const { name } of this.#trunks.get(trunk)?.trunk.members() ?? []) {
      const desired = this.#names.interface(name);
      if (desired !== undefined) this.apply(desired);
    }
  }

  /** The members that mode backup holds down. */
  inactivePorts(): DesiredInterface[] {
    return [...this.#names.interfaces()].filter((desired) => this.#isInactive(desired));
  }

  /** Asks for the state of an interface that was an inactive port, whether the interface is still configured or not. */
  release(former: DesiredInterface): void {
    this.apply(this.#names.interface(former.name) ?? { ...former, member: undefined });
  }

  /** Takes a member's link down, whatever the configuration says: the partner sees that we leave. */
  takeDown(name: string): void {
    const link = this.#names.linkOf(name);
    if (link !== undefined) this.#links.takeDown(link);
  }

  /** The link of a member is down because another member, or another device, carries. */
  isStandby(name: string): boolean {
    const desired = this.#names.interface(name);
    return desired !== undefined && !desired.shutdown && this.#isHeldDown(desired);
  }

  #isHeldDown(desired: DesiredInterface): boolean {
    return this.#isInactive(desired) || (this.signalsStandby(desired) && !this.isLost(desired.name));
  }

  #isInactive({ name, member }: DesiredInterface): boolean {
    return member !== undefined && this.#trunks.get(member.trunk)?.trunk.shutsDown(name) === true;
  }

  /** Whether an interface shall show by its carrier that its trunk is on standby. */
  signalsStandby({ member }: DesiredInterface): boolean {
    const entry = member && this.#trunks.get(member.trunk);
    return entry !== undefined && signalsStandby(entry);
  }

  /** A link that lost its carrier stays up: held down, it would not be seen when it comes back. */
  isLost(name: string): boolean {
    const link = this.#names.linkOf(name);
    return link?.up === true && !link.carrier;
  }
}
