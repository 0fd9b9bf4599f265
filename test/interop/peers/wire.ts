import * as lab from "../../../src/lab/wire.js";
import { type Lab, run } from "../../support/lab.js";

/** Which end of a link something happens to. */
export type End = "ours" | "theirs";

const NUMBER: { readonly [E in End]: lab.End } = { ours: 0, theirs: 1 };

/** Links between our namespace and the partner's that can be cut: p1, p2, .. on both sides. */
export class Wire {
  readonly #wire: lab.Wire;

  private constructor(wire: lab.Wire) {
    this.#wire = wire;
  }

  static async create(where: Lab, links: number): Promise<Wire> {
    const ports = Array.from({ length: links }, (_, n) => `p${n + 1}`);
    const wire = await lab.Wire.create(where, [await where.namespace("d"), await where.namespace("p")], ports);
    await wire.connect(...ports);
    return new Wire(wire);
  }

  get ours(): string {
    return this.namespace("ours");
  }

  get theirs(): string {
    return this.namespace("theirs");
  }

  get ports(): readonly string[] {
    return this.#wire.links;
  }

  /** The namespace at an end. */
  namespace(end: End): string {
    return this.#wire.namespaces[NUMBER[end]];
  }

  async macAddress(port: string, end: End): Promise<string> {
    return JSON.parse(await run("ip", ["-j", "-n", this.namespace(end), "link", "show", "dev", port]))[0].address;
  }

  /** Frames of this port vanish in both directions; carrier stays. */
  silence(port: string): Promise<void> {
    return this.#wire.silence(port);
  }

  /** Frames pass and carrier is there at both ends. */
  heal(port: string): Promise<void> {
    return this.#wire.connect(port);
  }

  /** Every link whole again. */
  async restore(): Promise<void> {
    for (const port of this.ports) await this.heal(port);
  }

  /** Sets the carrier that one end sees. */
  carrier(port: string, end: End, on: boolean): Promise<void> {
    return this.#wire.carrier(port, NUMBER[end], on);
  }

  /** Takes an interface away from under whoever uses it. */
  unplug(port: string, end: End): Promise<void> {
    return this.#wire.unplug(port, NUMBER[end]);
  }

  /** The same interface anew, joined to its link again. */
  replug(port: string, end: End): Promise<void> {
    return this.#wire.replug(port, NUMBER[end]);
  }
}
