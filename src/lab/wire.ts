import type { Lab } from "./namespaces.js";
import { run } from "./programs.js";

/** One of the two ends of a link. */
export type End = 0 | 1;
const ENDS: readonly End[] = [0, 1];

/** `silent`: carrier at both ends, and every frame is lost. */
export type LinkState = "whole" | "silent" | "disconnected";

/**
 * Next interface index. Indexes of one lab differ, since with equal indexes at both ends of a veth the kernel may
 * report a carrier change up to a second late, and since wires may share a namespace.
 */
let nextIndex = 101;

/**
 * Links between two namespaces. Each link passes a third namespace, where it can be cut; its interface has the same
 * name at both ends. A silent cut needs this third namespace: AF_PACKET sockets for all protocols (Open vSwitch,
 * user-mode-linux, tcpdump) see a frame before any drop rule of their own namespace.
 */
export class Wire {
  readonly namespaces: readonly [string, string];
  readonly links: readonly string[];
  readonly #middle: string;
  readonly #silent = new Set<string>();
  readonly #disconnected: Set<string>;
  /** Links with an interface missing at one end. */
  readonly #unplugged = new Set<string>();

  private constructor(namespaces: readonly [string, string], middle: string, links: readonly string[]) {
    this.namespaces = namespaces;
    this.links = links;
    this.#middle = middle;
    this.#disconnected = new Set(links);
  }

  /** Makes the links, without carrier until `connect`. A lab with several wires gives each a label. */
  static async create(
    lab: Lab,
    namespaces: readonly [string, string],
    links: readonly string[],
    label = "w",
  ): Promise<Wire> {
    const wire = new Wire(namespaces, await lab.namespace(label), links);
    for (const link of links) for (const end of ENDS) await wire.#makeVeth(link, end);
    await wire.#forward();
    return wire;
  }

  stateOf(link: string): LinkState {
    if (this.#disconnected.has(link)) return "disconnected";
    return this.#silent.has(link) ? "silent" : "whole";
  }

  /** Frames of these links vanish in both directions; carrier stays. */
  async silence(...links: readonly string[]): Promise<void> {
    for (const link of links) this.#silent.add(link);
    await this.#forward();
  }

  /** Both ends lose carrier. */
  async disconnect(...links: readonly string[]): Promise<void> {
    for (const link of links) this.#disconnected.add(link);
    await this.#setCarrier(links, ENDS, "down");
  }

  /** Links are whole again: frames pass and carrier is there. */
  async connect(...links: readonly string[]): Promise<void> {
    for (const link of links) {
      this.#silent.delete(link);
      this.#disconnected.delete(link);
    }
    await this.#forward();
    await this.#setCarrier(links, ENDS, "up");
  }

  /** Sets the carrier that one end sees, and nothing else. */
  async carrier(link: string, end: End, on: boolean): Promise<void> {
    await this.#setCarrier([link], [end], on ? "up" : "down");
  }

  /** Deletes the interface at one end, while somebody may be using it. */
  async unplug(link: string, end: End): Promise<void> {
    this.#unplugged.add(link);
    await run("ip", ["-n", this.namespaces[end], "link", "del", "dev", link]);
  }

  /** Makes the interface of that end again, with another index and with carrier. */
  async replug(link: string, end: End): Promise<void> {
    await this.#makeVeth(link, end);
    this.#unplugged.delete(link);
    // The kernel removed the rules of the old interface with it.
    await this.#forward();
    await this.carrier(link, end, true);
  }

  async #makeVeth(link: string, end: End): Promise<void> {
    const [outer, inner] = [String(nextIndex++), String(nextIndex++)];
    const near = ["-n", this.namespaces[end], "link"];
    const peer = ["peer", "name", `${link}.${end}`, "index", inner, "netns", this.#middle];
    await run("ip", [...near, "add", "name", link, "index", outer, "type", "veth", ...peer]);
    await run("ip", [...near, "set", "dev", link, "up"]);
  }

  /** Sets all ends by one process, so that they change within a millisecond. */
  async #setCarrier(links: readonly string[], ends: readonly End[], state: "up" | "down"): Promise<void> {
    const lines = links.flatMap((link) => ends.map((end) => `link set dev ${link}.${end} ${state}\n`));
    await run("ip", ["-n", this.#middle, "-batch", "-"], lines.join(""));
  }

  async #forward(): Promise<void> {
    const chain = (link: string, from: End, to: End) => {
      const verdict = this.#silent.has(link) ? "drop" : `fwd to "${link}.${to}"`;
      const hook = `type filter hook ingress device "${link}.${from}" priority 0;`;
      return `chain ${link}-${from} { ${hook} ${verdict}; }`;
    };
    const whole = this.links.filter((link) => !this.#unplugged.has(link));
    const chains = whole.flatMap((link) => [chain(link, 0, 1), chain(link, 1, 0)]);
    const rules = `flush ruleset\ntable netdev wire {\n${chains.join("\n")}\n}\n`;
    await run("ip", ["netns", "exec", this.#middle, "nft", "-f", "-"], rules);
  }
}
