import { type Lab, run } from "../../support/lab.js";

/** Which end of a link something happens to. */
export type End = "ours" | "theirs";

/**
 * Links between our namespace and the partner's, each through a third namespace where it can be cut: p1, p2, .. on both
 * sides. AF_PACKET sockets for all protocols (Open vSwitch, user-mode-linux, tcpdump) see a frame before any drop rule of
 * their own namespace, so a silent cut has to happen on the way.
 */
export class Wire {
  readonly ours: string;
  readonly theirs: string;
  readonly ports: readonly string[];
  readonly #middle: string;
  readonly #cut = new Set<string>();

  private constructor(ours: string, theirs: string, middle: string, links: number) {
    this.ours = ours;
    this.theirs = theirs;
    this.#middle = middle;
    this.ports = Array.from({ length: links }, (_, n) => `p${n + 1}`);
  }

  static async create(lab: Lab, links: number): Promise<Wire> {
    const wire = new Wire(await lab.namespace("d"), await lab.namespace("p"), await lab.namespace("w"), links);
    for (const port of wire.ports) for (const end of ["ours", "theirs"] as const) await wire.plug(port, end);
    await wire.#forward();
    return wire;
  }

  /** The namespace at an end. */
  namespace(end: End): string {
    return end === "ours" ? this.ours : this.theirs;
  }

  /** Frames of this port vanish in both directions; carrier stays. */
  async silence(port: string): Promise<void> {
    this.#cut.add(port);
    await this.#forward();
  }

  async heal(port: string): Promise<void> {
    this.#cut.delete(port);
    await this.#forward();
  }

  /** Sets the carrier that one end sees. */
  async carrier(port: string, end: End, on: boolean): Promise<void> {
    await run("ip", ["-n", this.#middle, "link", "set", "dev", this.#inner(port, end), on ? "up" : "down"]);
  }

  /** The address of the interface at an end, as `02:00:00:00:00:01`. */
  async macAddress(port: string, end: End): Promise<string> {
    const [link] = JSON.parse(await run("ip", ["-n", this.namespace(end), "-j", "link", "show", "dev", port]));
    return link.address;
  }

  /** Takes an interface away from under whoever uses it. */
  async unplug(port: string, end: End): Promise<void> {
    await run("ip", ["-n", this.namespace(end), "link", "del", "dev", port]);
  }

  /** Makes the interface of one end, up. Its index differs from the other veth end's and from that of an earlier one. */
  async plug(port: string, end: End): Promise<void> {
    const inner = this.#inner(port, end);
    const outerIndex = String(this.#nextIndex++);
    const innerIndex = String(this.#nextIndex++);
    const outer = ["link", "add", "name", port, "index", outerIndex, "type", "veth"];
    const peer = ["peer", "name", inner, "index", innerIndex, "netns", this.#middle];
    await run("ip", ["-n", this.namespace(end), ...outer, ...peer]);
    await run("ip", ["-n", this.namespace(end), "link", "set", "dev", port, "up"]);
    await run("ip", ["-n", this.#middle, "link", "set", "dev", inner, "up"]);
  }

  /** The same interface anew, joined to its link again: the rules of the old one went with it. */
  async replug(port: string, end: End): Promise<void> {
    await this.plug(port, end);
    await this.#forward();
  }

  // With equal indexes on both veth ends the kernel may report a carrier change up to a second late.
  #nextIndex = 101;

  #inner(port: string, end: End): string {
    return `${end}-${port}`;
  }

  async #forward(): Promise<void> {
    const chain = (from: string, to: string, cut: boolean): string =>
      `chain ${from} { type filter hook ingress device "${from}" priority 0; ${cut ? "drop" : `fwd to "${to}"`}; }`;
    const chains = this.ports.flatMap((port) => {
      const [a, b] = [this.#inner(port, "ours"), this.#inner(port, "theirs")];
      const cut = this.#cut.has(port);
      return [chain(a, b, cut), chain(b, a, cut)];
    });
    const rules = `flush ruleset\ntable netdev wire {\n${chains.join("\n")}\n}\n`;
    await run("ip", ["netns", "exec", this.#middle, "nft", "-f", "-"], rules);
  }
}
