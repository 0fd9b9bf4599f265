import type { InterfaceIndex } from "../base/protocol.js";
import type { DesiredInterface } from "../contract/desired/trunk.js";
import type { LinkState } from "../contract/host.js";

const FATES = { deleted: "interface deleted", moved: "interface moved to another network namespace" } as const;

/** Why the interfaces of members cannot carry: what became of those that are gone, and what the data plane refused. */
export class Obstacles {
  /** By Linux name, of configured interfaces only. */
  readonly #fates = new Map<string, string>();
  readonly #refused = new Map<InterfaceIndex, string>();

  linkChanged(before: LinkState | undefined, link: LinkState, isConfigured: (device: string) => boolean): void {
    if (before !== undefined && before.name !== link.name && isConfigured(before.name))
      this.#fates.set(before.name, `interface renamed to ${link.name}`);
    if (link.present) this.#fates.delete(link.name);
    else {
      this.#refused.delete(link.index);
      if (isConfigured(link.name))
        this.#fates.set(link.name, link.fate === undefined ? "interface gone" : FATES[link.fate]);
    }
  }

  forget(device: string): void {
    this.#fates.delete(device);
  }

  /** The data plane cannot take frames to and from an interface: what came here would be lost. */
  refuse(index: InterfaceIndex, text: string): void {
    this.#refused.set(index, text);
  }

  /** It is to be tried again. */
  retry(index: InterfaceIndex): void {
    this.#refused.delete(index);
  }

  /** Undefined when nothing is in the way. */
  of({ device, shutdown }: DesiredInterface, link: LinkState | undefined): string | undefined {
    if (link !== undefined) {
      if (!link.up) return shutdown ? "shut down" : "administratively down";
      if (!link.carrier) return "link down";
      const refusal = this.#refused.get(link.index);
      return refusal === undefined ? undefined : `data plane: ${refusal}`;
    }
    if (device === undefined) return "not bound to a Linux interface";
    return this.#fates.get(device) ?? "no such interface";
  }
}
