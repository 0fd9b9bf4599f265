import type { InterfaceIndex } from "../base/protocol.js";
import { trunkDevice } from "../base/trunk-names.js";
import type { DesiredInterface } from "../contract/desired/trunk.js";
import type { LinkState } from "../contract/host.js";

const FATES = { deleted: "interface deleted", moved: "interface moved to another network namespace" } as const;

/** What the data plane does not serve: a member of a trunk, or the trunk as a whole. */
interface Unserved {
  readonly trunk: number;
  readonly member?: InterfaceIndex | undefined;
}

const keyOf = ({ trunk, member }: Unserved): string => (member === undefined ? `${trunk}` : `${trunk} ${member}`);

/**
 * The reasons why interfaces of members cannot carry: their fate where they are gone, what the data plane does not serve, a trunk's
 * device that is down.
 */
export class Obstacles {
  /** The fate of configured interfaces that are gone, by Linux name. */
  readonly #fates = new Map<string, string>();
  /** Reasons of the data plane, by trunk or by trunk and member. */
  readonly #unserved = new Map<string, string>();
  /** Trunks whose device somebody set down. */
  readonly #setDown = new Set<number>();

  linkChanged(before: LinkState | undefined, link: LinkState, isConfigured: (device: string) => boolean): void {
    if (before !== undefined && before.name !== link.name && isConfigured(before.name))
      this.#fates.set(before.name, `interface renamed to ${link.name}`);
    if (link.present) this.#fates.delete(link.name);
    else if (isConfigured(link.name))
      this.#fates.set(link.name, link.fate === undefined ? "interface gone" : FATES[link.fate]);
  }

  forget(device: string): void {
    this.#fates.delete(device);
  }

  /** The data plane does not take frames to and from a member, or any member of a trunk; without a text it does. */
  serve(unserved: Unserved, text: string | undefined): void {
    if (text === undefined) this.#unserved.delete(keyOf(unserved));
    else this.#unserved.set(keyOf(unserved), text);
  }

  setDown(trunk: number, isDown: boolean): void {
    if (isDown) this.#setDown.add(trunk);
    else this.#setDown.delete(trunk);
  }

  /** The reason why an interface cannot carry; undefined where it can. */
  of({ device, shutdown, member }: DesiredInterface, link: LinkState | undefined): string | undefined {
    if (link !== undefined) {
      if (!link.up) return shutdown ? "shut down" : "administratively down";
      if (!link.carrier) return "link down";
      return member === undefined ? undefined : this.ofTrunk(member.trunk, link.index);
    }
    if (device === undefined) return "not bound to a Linux interface";
    return this.#fates.get(device) ?? "no such interface";
  }

  /** The reason why a member cannot carry though its link may be up; undefined where it can. */
  ofTrunk(trunk: number, member: InterfaceIndex): string | undefined {
    const reason = this.#unserved.get(keyOf({ trunk, member })) ?? this.#unserved.get(keyOf({ trunk }));
    if (reason !== undefined) return `data plane: ${reason}`;
    return this.#setDown.has(trunk) ? `${trunkDevice(trunk)} is administratively down` : undefined;
  }
}
