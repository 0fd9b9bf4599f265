import { type StreamEndpoint, streamName } from "../../src/core/base/protocol.js";
import type { Random } from "../../src/core/base/random.js";
import { type Micros, micros, millis } from "../../src/core/base/time.js";
import type { Streams } from "../../src/core/contract/host.js";
import type { SimulatedNode } from "./node.js";

/** What the TCP of the world needs of it. */
interface Surroundings {
  readonly random: Random;
  readonly nodes: readonly SimulatedNode[];
  readonly network: { readonly cuts: ReadonlySet<string> };
  after(delay: Micros, run: () => void): void;
}

interface End {
  readonly node: SimulatedNode;
  readonly id: number;
  readonly endpoint: StreamEndpoint;
  /** The node has not closed it. */
  isOpen: boolean;
  /** Octets on their way from this end, in order. */
  readonly underway: Uint8Array[];
  isBlocked: boolean;
  /** So many octets of this end still arrive before the connection breaks. */
  breaksAfter: number;
}

interface Connection {
  readonly ends: readonly [End, End];
}

const DELAY = millis(2);
/** How often a path that is cut is tried again. */
const RETRANSMISSION = millis(200);
/** Octets underway beyond which the sender is told to wait. */
const WINDOW = 64 * 1024;

const mirrored = ({ source, peer, port }: StreamEndpoint): StreamEndpoint => ({ source: peer, peer: source, port });

/** TCP between the nodes of a world. Octets arrive in order, cut anywhere; a path that is cut holds them back. */
export class SimulatedTcp {
  readonly #world: Surroundings;
  readonly #listeners = new Map<string, SimulatedNode>();
  readonly #attempts = new Map<string, number>();
  readonly #connections = new Map<number, Connection>();
  #newest = 0;
  /** The next connection breaks after so many octets from the end that connects. */
  nextBreaksAfter: number | undefined;
  /** Octets that arrived, of all connections. */
  delivered = 0;
  /** Endpoints that may not be listened on, and why. */
  readonly refuses = new Map<string, string>();

  constructor(world: Surroundings) {
    this.#world = world;
  }

  /** The Host of a node. */
  hostOf(node: SimulatedNode): Streams {
    return {
      listen: (endpoint) => {
        const text = this.refuses.get(endpoint.source.text);
        if (text === undefined) this.#listeners.set(streamName(endpoint), node);
        node.refuse("listener", endpoint, text);
      },
      ignore: (endpoint) => this.#listeners.delete(streamName(endpoint)),
      connect: (endpoint) => this.#connect(node, endpoint),
      giveUp: (endpoint) => this.#attempts.delete(streamName(endpoint)),
      send: (connection, octets) => this.#send(connection, octets),
      close: (connection) => this.#close(connection, "the peer closed the connection"),
      strangers: () => ({ count: 0, last: undefined }),
    };
  }

  #isCut(from: SimulatedNode, to: SimulatedNode): boolean {
    const { cuts } = this.#world.network;
    return cuts.has(`${from.name}>${to.name}`) || cuts.has(`${to.name}>${from.name}`);
  }

  #connect(node: SimulatedNode, endpoint: StreamEndpoint): void {
    const attempt = ++this.#newest;
    this.#attempts.set(streamName(endpoint), attempt);
    this.#world.after(DELAY, () => {
      const to = this.#world.nodes.find(({ addresses }) => addresses.some(({ text }) => text === endpoint.peer.text));
      // Nobody answers: the attempt goes on until it is given up.
      if (to === undefined || this.#isCut(node, to) || this.#attempts.get(streamName(endpoint)) !== attempt) return;
      this.#attempts.delete(streamName(endpoint));
      if (this.#listeners.get(streamName(mirrored(endpoint))) !== to) {
        node.arrives({ kind: "stream-closed", endpoint, text: "connection refused" });
        return;
      }
      this.#open(node, to, endpoint);
    });
  }

  #open(from: SimulatedNode, to: SimulatedNode, endpoint: StreamEndpoint): void {
    const end = (node: SimulatedNode, own: StreamEndpoint): End => ({
      ...{ node, id: ++this.#newest, endpoint: own, isOpen: true, underway: [], isBlocked: false },
      breaksAfter: Number.POSITIVE_INFINITY,
    });
    const ends = [end(from, endpoint), end(to, mirrored(endpoint))] as const;
    if (this.nextBreaksAfter !== undefined) ends[0].breaksAfter = this.nextBreaksAfter;
    this.nextBreaksAfter = undefined;
    for (const each of ends) {
      this.#connections.set(each.id, { ends });
      each.node.arrives({ kind: "stream-opened", endpoint: each.endpoint, connection: each.id });
    }
  }

  #endsOf(connection: number): readonly [own: End, other: End] | undefined {
    const ends = this.#connections.get(connection)?.ends;
    if (ends === undefined) return undefined;
    return ends[0].id === connection ? ends : [ends[1], ends[0]];
  }

  #send(connection: number, octets: DataView): boolean {
    const [own, other] = this.#endsOf(connection) ?? [];
    if (own === undefined || other === undefined || !own.isOpen) return true;
    const copy = new Uint8Array(octets.buffer, octets.byteOffset, octets.byteLength).slice();
    const cut = this.#world.random.below(copy.length + 1);
    for (const piece of [copy.slice(0, cut), copy.slice(cut)]) {
      if (piece.length === 0) continue;
      own.underway.push(piece);
      this.#world.after(DELAY, () => this.#arrive(own, other));
    }
    own.isBlocked = own.underway.reduce((sum, { length }) => sum + length, 0) > WINDOW;
    return !own.isBlocked;
  }

  /** The next piece of an end arrives, unless the path is cut. */
  #arrive(own: End, other: End): void {
    if (own.underway.length === 0 || !other.isOpen) return;
    if (this.#isCut(own.node, other.node)) {
      this.#world.after(RETRANSMISSION, () => this.#arrive(own, other));
      return;
    }
    const piece = own.underway.shift()?.slice(0, own.breaksAfter) as Uint8Array;
    own.breaksAfter -= piece.length;
    this.delivered += piece.length;
    const bytes = new DataView(piece.buffer);
    if (piece.length > 0)
      other.node.arrives({ kind: "stream", stream: { connection: other.id, bytes, start: 0, length: piece.length } });
    if (own.breaksAfter <= 0) this.break(own.id);
    if (own.isBlocked && own.underway.length === 0) {
      own.isBlocked = false;
      own.node.arrives({ kind: "stream-writable", connection: own.id });
    }
  }

  /** What was sent arrives first. */
  #close(connection: number, text: string): void {
    const [own, other] = this.#endsOf(connection) ?? [];
    if (own === undefined || other === undefined) return;
    own.isOpen = false;
    const tell = (): void => {
      if (own.underway.length > 0 && other.isOpen) this.#world.after(RETRANSMISSION, tell);
      else this.#tellClosed(other, text);
    };
    this.#world.after(micros(DELAY + 1), tell);
  }

  #tellClosed(end: End, text: string): void {
    if (!end.isOpen) return;
    end.isOpen = false;
    end.node.arrives({ kind: "stream-closed", endpoint: end.endpoint, connection: end.id, text });
  }

  /** A connection breaks for both ends at once; without a number all of them. */
  break(connection?: number): void {
    for (const [id, { ends }] of this.#connections)
      if (connection === undefined || id === connection) for (const end of ends) this.#tellClosed(end, "reset");
  }

  /** The process of a node is gone: its kernel closes what it had. */
  ended(node: SimulatedNode): void {
    for (const [key, owner] of this.#listeners) if (owner === node) this.#listeners.delete(key);
    for (const [id, { ends }] of this.#connections)
      if (ends.some((end) => end.node === node && end.id === id && end.isOpen)) this.#close(id, "reset");
  }
}
