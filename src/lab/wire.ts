import type { Lab } from "./namespaces.js";
import { run } from "./programs.js";

/** Which end of a link. */
export type End = 0 | 1;
const ENDS: readonly End[] = [0, 1];

/** `silent`: carrier at both ends, and every frame is lost. */
export type LinkState = "whole" | "silent" | "disconnected";

/**
 * Links between two namespaces, each through a third one where it can be cut; an interface has the same name at both ends.
 * AF_PACKET sockets for all protocols see a frame before any drop rule of their own namespace, so a silent cut has to
 * happen on the way.
 */
export class Wire {
  readonly namespaces: readonly [string, string];
  readonly #middle: string;
  readonly #links: readonly string[];
  readonly #silent = new Set<string>();
  readonly #disconnected = new Set<string>();
  // With equal indexes on both ends of a veth the kernel may report a carrier change up to a second late.
  #nextIndex = 101;

  private constructor(namespaces: readonly [string, string], middle: string, links: readonly string[]) {
    this.namespaces = namespaces;
    this.#middle = middle;
    this.#links = links;
    for (const link of links) this.#disconnected.add(link);
  }

  stateOf(link: string): LinkState {
    if (this.#disconnected.has(link)) return "disconnected";
    return this.#silent.has(link) ? "silent" : "whole";
  }

  /** Makes the links without carrier: `connect` plugs them in. */
  static async create(lab: Lab, namespaces: readonly [string, string], links: readonly string[]): Promise<Wire> {
    const wire = new Wire(namespaces, await lab.namespace("w"), links);
    for (const link of links) for (const end of ENDS) await wire.#plug(link, end);
    await wire.#forward();
    return wire;
  }

  /** Frames of these links vanish in both directions; carrier stays. */
  async silence(...links: readonly string[]): Promise<void> {
    for (const link of links) this.#silent.add(link);
    await this.#forward();
  }

  /** Both ends lose carrier. */
  async disconnect(...links: readonly string[]): Promise<void> {
    for (const link of links) this.#disconnected.add(link);
    await this.#setCarrier(links, "down");
  }

  /** Links are whole again: frames pass and carrier is there. */
  async connect(...links: readonly string[]): Promise<void> {
    for (const link of links) this.#silent.delete(link);
    for (const link of links) this.#disconnected.delete(link);
    await this.#forward();
    await this.#setCarrier(links, "up");
  }

  async #plug(link: string, end: End): Promise<void> {
    const [outer, inner] = [String(this.#nextIndex++), String(this.#nextIndex++)];
    const near = ["-n", this.namespaces[end], "link"];
    const peer = ["peer", "name", `${link}.${end}`, "index", inner, "netns", this.#middle];
    await run("ip", [...near, "add", "name", link, "index", outer, "type", "veth", ...peer]);
    await run("ip", [...near, "set", "dev", link, "up"]);
  }

  /** In one process, so that all ends change within a millisecond. */
  async #setCarrier(links: readonly string[], state: "up" | "down"): Promise<void> {
    const lines = links.flatMap((link) => ENDS.map((end) => `link set dev ${link}.${end} ${state}\n`));
    await run("ip", ["-n", this.#middle, "-batch", "-"], lines.join(""));
  }

  async #forward(): Promise<void> {
    const chain = (link: string, from: End, to: End) => {
      const verdict = this.#silent.has(link) ? "drop" : `fwd to "${link}.${to}"`;
      const hook = `type filter hook ingress device "${link}.${from}" priority 0;`;
      return `chain ${link}-${from} { ${hook} ${verdict}; }`;
    };
    const chains = this.#links.flatMap((link) => [chain(link, 0, 1), chain(link, 1, 0)]);
    const rules = `flush ruleset\ntable netdev wire {\n${chains.join("\n")}\n}\n`;
    await run("ip", ["netns", "exec", this.#middle, "nft", "-f", "-"], rules);
  }
}
