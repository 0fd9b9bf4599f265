import { millis } from "../../src/core/base/time.js";
import type { PortView } from "../../src/core/parts/trunks/questions.js";
import { desired, type MemberParts, type TrunkParts } from "../support/desired.js";
import type { Cable } from "./cable.js";
import { Invariants } from "./invariants.js";
import type { SimulatedNode } from "./node.js";
import { World, type WorldOptions } from "./world.js";

/** One end as a scenario writes it: settings of its trunk, of all members, and of single ones. */
export interface EndParts extends Partial<Omit<TrunkParts, "members">> {
  readonly each?: MemberParts;
  readonly members?: { readonly [name: string]: MemberParts };
}

export const FAST: EndParts = { lacp: { fast: true } };

const PE_MAC = "02:00:00:01:00:00";
const CE_MAC = "02:00:00:02:00:00";

/** The trunk of an end with so many members, `eth1` on. */
const trunkOf = (links: number, { each, members, ...trunk }: EndParts): TrunkParts => ({
  ...trunk,
  members: Object.fromEntries(
    Array.from({ length: links }, (_, n) => [`eth${n + 1}`, { ...each, ...members?.[`eth${n + 1}`] }]),
  ),
});

/** A PE and a CE with so many links between their trunks; the invariants hold in every scenario. */
export class Pair {
  readonly world: World;
  readonly pe: SimulatedNode;
  readonly ce: SimulatedNode;
  readonly links: number;

  constructor(links: number, pe: EndParts = {}, ce: EndParts = {}, options: WorldOptions = {}) {
    this.links = links;
    this.world = new World(options);
    this.pe = this.world.addNode("pe", desired(PE_MAC, trunkOf(links, pe)));
    this.ce = this.world.addNode("ce", desired(CE_MAC, trunkOf(links, ce)), { offset: 77_000_000, drift: 50 });
    for (let n = 1; n <= links; n++)
      this.world.connect({ node: this.pe, device: `eth${n}` }, { node: this.ce, device: `eth${n}` });
    this.world.checkers.push(new Invariants(this.world));
  }

  cable(n: number): Cable {
    return this.world.cables[n - 1] as Cable;
  }

  reconfigure(node: SimulatedNode, parts: EndParts): void {
    this.world.configure(node, desired(node === this.pe ? PE_MAC : CE_MAC, trunkOf(this.links, parts)));
  }

  get ends(): readonly [SimulatedNode, SimulatedNode] {
    return [this.pe, this.ce];
  }

  /** Which links carry, by number, as both ends say; throws where they differ. */
  carrying(): number[] {
    const [pe, ce] = this.ends.map((node) => selected(node));
    if (JSON.stringify(pe) !== JSON.stringify(ce)) throw new Error(`the PE carries on ${pe}, the CE on ${ce}`);
    return (pe ?? []).map((name) => Number(name.slice(3)));
  }

  agrees(links: readonly number[]): boolean {
    const wanted = JSON.stringify(links.map((n) => `eth${n}`));
    return this.ends.every((node) => node.isRunning && JSON.stringify(selected(node)) === wanted);
  }

  /** Both ends start and all links carry. */
  up(): this {
    this.world.startAll();
    const all = Array.from({ length: this.links }, (_, n) => n + 1);
    this.world.until("all links carry", () => this.agrees(all));
    this.world.run(millis(1));
    return this;
  }
}

export const selected = (node: SimulatedNode): string[] =>
  node
    .trunk()
    .ports.filter(({ status }) => status === "Selected")
    .map(({ name }) => name);

/** What a port says of itself, as its partner should show it. */
export function identity(node: SimulatedNode, port: PortView): object {
  const trunk = node.trunk();
  const { systemPriority, systemId } = trunk;
  const { portPriority, portNumber, portKey, portState } = port;
  return { systemPriority, systemId, portPriority, portNumber, portKey, portState };
}
