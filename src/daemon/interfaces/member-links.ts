import type { InterfaceIndex } from "../../core/base/protocol.js";
import type { Desired } from "../../core/contract/desired/desired.js";
import type { LinkState } from "../../core/contract/host.js";

/** A Linux interface that carries a member of a trunk. */
export interface MemberLink {
  readonly index: InterfaceIndex;
  readonly name: string;
}

/**
 * The present interfaces that carry members: the frame link hears them, and their carrier is polled. The set follows the
 * configuration and the interfaces: late ones, renamed ones, and re-made ones with another index.
 */
export class MemberLinks {
  readonly #links = new Map<InterfaceIndex, LinkState>();
  readonly #tell: (members: readonly MemberLink[]) => void;
  #devices: ReadonlySet<string> = new Set();
  #told: readonly MemberLink[] = [];

  constructor(tell: (members: readonly MemberLink[]) => void) {
    this.#tell = tell;
  }

  /** The devices of the configured members are now these. */
  configure(desired: Desired): void {
    this.#devices = new Set(
      desired.interfaces.flatMap(({ member, device }) =>
        member !== undefined && device !== undefined ? [device] : [],
      ),
    );
    this.#follow();
  }

  linkChanged(link: LinkState): void {
    if (link.present) this.#links.set(link.index, link);
    else this.#links.delete(link.index);
    // At once and not at the end of a batch: an interface re-made with the same index has lost its group memberships.
    this.#follow();
  }

  #follow(): void {
    const members: MemberLink[] = [];
    for (const { index, name } of this.#links.values()) if (this.#devices.has(name)) members.push({ index, name });
    const same = (one: MemberLink, at: number): boolean =>
      one.index === this.#told[at]?.index && one.name === this.#told[at]?.name;
    if (members.length === this.#told.length && members.every(same)) return;
    this.#told = members;
    this.#tell(members);
  }
}
