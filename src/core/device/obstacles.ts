import type { InterfaceIndex } from "../base/protocol.js";
import type { DesiredInterface } from "../contract/desired/trunk.js";
import type { LinkState } from "../contract/host.js";

const FATES = { deleted: "interface deleted", moved: "interface moved to another network namespace" } as const;

/** The reasons why interfaces of members cannot carry: their fate where they are gone, and refusals of the data plane. */
export class Obstacles {
  /** The fate of configured interfaces that are gone, by Linux name. */
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

  /** The data plane cannot take frames to and from an interface: frames that came in would be lost. */
  refuse(index: InterfaceIndex, text: string): void {
    this.#refused.set(index, text);
  }

  /** The data plane will be asked again for an interface. */
  retry(index: InterfaceIndex): void {
    this.#refused.delete(index);
  }

  /** The reason why an interface cannot carry; undefined where it can. */
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
