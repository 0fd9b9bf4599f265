import type { IncomingDatagram } from "../../src/core/base/datagram.js";
import { Random } from "../../src/core/base/random.js";
import { later, type Micros, micros, millis, NEVER, seconds } from "../../src/core/base/time.js";
import type { Desired } from "../../src/core/contract/desired/desired.js";
import type { InterfaceWish, LinkState } from "../../src/core/contract/host.js";
import type { EngineEvent } from "../../src/core/engine/news.js";
import type { Protocols } from "../../src/core/engine/protocols.js";
import { macOf } from "../support/desired.js";
import { Cable, GOOD, type Plug } from "./cable.js";
import { type Beginning, type Clock, SimulatedNode, type Surroundings } from "./node.js";
import { SimulatedTcp } from "./tcp.js";

/** A frame that left a node, as golden traces and captures need it. */
export interface SentFrame {
  readonly time: Micros;
  readonly node: string;
  readonly device: string;
  readonly bytes: Uint8Array;
}

/** Looks on; throws when something is not as it must be. */
export interface Checker {
  /** A frame leaves the node now. */
  sent?(node: SimulatedNode, device: string, bytes: Uint8Array): void;
  /** A datagram leaves the node now. */
  told?(node: SimulatedNode): void;
  observed?(node: SimulatedNode, event: EngineEvent): void;
  /** The node has taken a turn and rests. */
  turned?(node: SimulatedNode): void;
}

interface Happening {
  readonly at: Micros;
  readonly order: number;
  readonly run: () => void;
}

export interface WorldOptions {
  readonly seed?: number;
  /** Timers fire up to this late. */
  readonly lag?: Micros;
  /** False keeps neither the sent frames nor the events: for long runs. */
  readonly keeps?: boolean;
  /** What the nodes' engines are made of. */
  readonly protocols?: Protocols;
}

// More turns than this in a second of the world is a node that does not come to rest.
const MOST_TURNS_A_SECOND = 20_000;

/**
 * Engines joined by cables under virtual time, which jumps to the earliest deadline or arrival. Everything random comes
 * from the seed: the same seed and the same calls give the same run.
 */
export class World {
  now: Micros = micros(0);
  readonly nodes: SimulatedNode[] = [];
  readonly cables: Cable[] = [];
  readonly sent: SentFrame[] = [];
  readonly events: { readonly time: Micros; readonly node: string; readonly event: EngineEvent }[] = [];
  readonly checkers: Checker[] = [];
  /** The IP network between all nodes. A cut is one way: `pe1>pe2`. */
  readonly network = { quality: GOOD, cuts: new Set<string>() };
  readonly random: Random;
  readonly tcp: SimulatedTcp;
  readonly #lag: Micros;
  readonly #keeps: boolean;
  readonly #protocols: Protocols | undefined;
  #happenings: Happening[] = [];
  #order = 0;
  /** How often a node took its turn. */
  turns = 0;
  #recent = { second: 0, turns: 0 };

  constructor({ seed = 1, lag = micros(0), keeps = true, protocols }: WorldOptions = {}) {
    this.random = new Random(seed);
    this.tcp = new SimulatedTcp(this);
    this.#lag = lag;
    this.#keeps = keeps;
    this.#protocols = protocols;
  }

  // What the world consists of.

  /** A node that does not run yet: plug in its cables first, then `start` it. */
  addNode(name: string, wanted: Desired, clock: Clock = { offset: 1_000_000_000, drift: 0 }): SimulatedNode {
    const surroundings: Surroundings = {
      now: () => this.now,
      send: (from, device, bytes) => this.#send(from, device, bytes),
      sendDatagram: (from, datagram) => this.#sendDatagram(from, datagram),
      tcp: this.tcp,
      wish: (of, wish) => this.#grant(of, wish),
      observe: (of, event) => {
        if (this.#keeps) this.events.push({ time: this.now, node: of.name, event });
        for (const checker of this.checkers) checker.observed?.(of, event);
      },
      protocols: this.#protocols,
    };
    const node = new SimulatedNode(name, wanted, clock, surroundings);
    this.nodes.push(node);
    return node;
  }

  /** A cable between two interfaces, which come into being with it. Named by both ends: `a.eth1-b.eth1`. */
  connect(a: Plug, b: Plug): Cable {
    const cable = new Cable(`${a.node.name}.${a.device}-${b.node.name}.${b.device}`, [a, b], this.random);
    this.cables.push(cable);
    for (const plug of cable.plugs) plug.node.links.set(plug.device, this.#newLink(plug));
    return cable;
  }

  #newLink({ node, device }: Plug): LinkState {
    // Counted per node, so both ends of a cable often have the same index, as veths in two namespaces do.
    const index = node.newIndex();
    // The last octets tell the node and the interface: two interfaces never share an address.
    const mac = macOf(`0200-00${(this.nodes.indexOf(node) + 1).toString(16).padStart(2, "0")}-${index.toString(16)}`);
    return { index, name: device, present: true, up: true, carrier: true, mac, mtu: 1500, speed: 0 };
  }

  node(name: string): SimulatedNode {
    const node = this.nodes.find((candidate) => candidate.name === name);
    if (!node) throw new Error(`no node ${name}`);
    return node;
  }

  cable(name: string): Cable {
    const cable = this.cables.find((candidate) => candidate.name === name);
    if (!cable) throw new Error(`no cable ${name}`);
    return cable;
  }

  #plugged(node: SimulatedNode, device: string): [Cable, 0 | 1] | undefined {
    for (const cable of this.cables)
      for (const end of [0, 1] as const)
        if (cable.plugs[end].node === node && cable.plugs[end].device === device) return [cable, end];
    return undefined;
  }

  // What happens to it.

  start(node: SimulatedNode, from: Beginning = "nothing"): void {
    // A daemon that continues knows its links before it is told what to be; a fresh one may learn of them later.
    node.start(from, from !== "nothing" || this.random.below(2) === 0);
    this.#rested(node);
  }

  startAll(): void {
    for (const node of this.nodes) this.start(node);
  }

  configure(node: SimulatedNode, wanted: Desired): void {
    node.configure(wanted);
    if (!node.frozen) this.#rested(node);
  }

  /** Both carriers go at once, as when a plug is pulled; `false` puts it back in. */
  pull(cable: Cable, pulled = true): void {
    cable.carrierCuts += pulled ? 1 : -1;
    for (const plug of cable.plugs) this.#carrierChanged(cable, plug);
  }

  /** Frames vanish in both directions and no carrier tells. */
  cut(cable: Cable, cut = true): void {
    cable.silentCuts += cut ? 1 : -1;
  }

  /** What the plug sends vanishes; what it receives arrives. */
  mute(cable: Cable, end: 0 | 1, muted = true): void {
    cable.deafening[end] += muted ? 1 : -1;
  }

  /** The interface is deleted and made anew under the same name: another index, another address. */
  recreate(cable: Cable, end: 0 | 1): void {
    const plug = cable.plugs[end];
    const old = plug.node.links.get(plug.device);
    if (!old) return;
    plug.node.arrives({ kind: "link", link: { ...old, present: false, up: false, carrier: false } });
    const link = { ...this.#newLink(plug), carrier: cable.hasCarrier };
    plug.node.arrives({ kind: "link", link });
  }

  at(time: Micros, run: () => void): void {
    const happening = { at: time, order: this.#order++, run };
    const place = this.#happenings.findLastIndex((other) => other.at <= time);
    this.#happenings.splice(place + 1, 0, happening);
  }

  after(delay: Micros, run: () => void): void {
    this.at(later(this.now, delay), run);
  }

  /** Puts a frame on the wire towards an interface, as an outsider. */
  inject(node: SimulatedNode, device: string, bytes: Uint8Array): void {
    this.after(micros(1), () => node.hears(device, bytes));
  }

  /** Frames on the wires, and plans. */
  get pending(): number {
    return this.#happenings.length;
  }

  // The passing of time.

  run(duration: Micros): void {
    const end = later(this.now, duration);
    while (this.#step(end));
  }

  /** Runs until the condition holds; throws when it does not within the time. Returns how long it took. */
  until(what: string, condition: () => boolean, within: Micros = seconds(60)): Micros {
    const start = this.now;
    const end = later(start, within);
    while (!condition()) if (!this.#step(end)) throw new Error(`not within ${within / 1e6} s: ${what}`);
    return micros(this.now - start);
  }

  /** One jump to the next moment anything happens; false when that is not before the end. */
  #step(end: Micros): boolean {
    let next: Micros = this.#happenings[0]?.at ?? NEVER;
    for (const node of this.nodes) next = micros(Math.min(next, node.wakesAt()));
    if (next > end) {
      this.now = end;
      return false;
    }
    this.now = next;
    while (this.#happenings[0] && this.#happenings[0].at <= next) this.#happenings.shift()?.run();
    for (const node of this.nodes) {
      if (node.wakesAt() > next) continue;
      if (!node.turn()) continue;
      node.lag = micros(this.random.below(this.#lag + 1));
      this.#rested(node);
    }
    return true;
  }

  #rested(node: SimulatedNode): void {
    this.turns += 1;
    const second = Math.floor(this.now / 1e6);
    this.#recent = { second, turns: second === this.#recent.second ? this.#recent.turns + 1 : 0 };
    if (this.#recent.turns > MOST_TURNS_A_SECOND) throw new Error(`${node.name} does not come to rest`);
    for (const checker of this.checkers) checker.turned?.(node);
  }

  #send(node: SimulatedNode, device: string, bytes: Uint8Array): void {
    if (this.#keeps) this.sent.push({ time: this.now, node: node.name, device, bytes });
    for (const checker of this.checkers) checker.sent?.(node, device, bytes);
    const [cable, end] = this.#plugged(node, device) ?? [];
    if (!cable || end === undefined || !node.links.get(device)?.up) return;
    const other = cable.plugs[end === 0 ? 1 : 0];
    for (const arrival of cable.arrivals(end, this.now))
      this.at(arrival, () => {
        const link = other.node.links.get(other.device);
        if (link?.up && cable.hasCarrier) other.node.hears(other.device, bytes);
      });
  }

  /** IP finds the node that has the address; the path between two nodes is the network's. */
  #sendDatagram(from: SimulatedNode, datagram: IncomingDatagram): void {
    for (const checker of this.checkers) checker.told?.(from);
    const to = this.nodes.find(({ addresses }) => addresses.some(({ text }) => text === datagram.destination.text));
    if (to === undefined || this.network.cuts.has(`${from.name}>${to.name}`)) return;
    const { delay, jitter, loss, duplication } = this.network.quality;
    if (this.random.fraction() < loss) return;
    const copies = this.random.fraction() < duplication ? 2 : 1;
    for (let copy = 0; copy < copies; copy++)
      this.after(micros(delay + this.random.below(jitter + 1)), () => to.arrives({ kind: "datagram", datagram }));
  }

  #grant(node: SimulatedNode, wish: InterfaceWish): void {
    const { up } = wish;
    if (up === undefined) return;
    const [cable] = this.#plugged(node, wish.device) ?? [];
    this.after(millis(1), () => {
      const current = node.links.get(wish.device);
      if (!current || current.up === up) return;
      node.arrives({ kind: "link", link: { ...current, up, carrier: false } });
      for (const plug of cable?.plugs ?? []) this.#carrierChanged(cable as Cable, plug);
    });
  }

  /** Tells a plug's node of its carrier, as late as the cable says. */
  #carrierChanged(cable: Cable, { node, device }: Plug): void {
    const tell = () => {
      const link = node.links.get(device);
      if (!link) return;
      const carrier = cable.hasCarrier && cable.plugs.every((plug) => plug.node.links.get(plug.device)?.up);
      if (carrier !== link.carrier) node.arrives({ kind: "link", link: { ...link, carrier } });
    };
    if (cable.quality.newsDelay === 0) tell();
    else this.after(micros(this.random.below(cable.quality.newsDelay + 1)), tell);
  }
}
