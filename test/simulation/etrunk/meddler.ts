import { type Micros, micros, millis, seconds } from "../../../src/core/base/time.js";
import type { Call } from "../../../src/core/contract/input.js";
import type { EngineEvent } from "../../../src/core/engine/news.js";
import { bfdPacket } from "../../support/bfd-packets.js";
import { forgedHello } from "../../support/forged-hello.js";
import { Violation } from "../invariants.js";
import { LOOPBACK, pduOf, type SimulatedNode } from "../node.js";
import type { Checker } from "../world.js";
import { address, type EtrunkPair } from "./etrunk-pair.js";

const HELLO_PORT = 1_025;
const BFD_PORT = 4_784;
/** Hellos, and BFD packets, of each direction that are recorded. */
const TAPE = 300;
const REPLAY_PERIOD = millis(20);
/** The longest that a late datagram is held. */
export const LATEST = seconds(3);

export const PATH_FAULTS = ["hello-late", "hello-replayed", "bfd-late", "bfd-replayed", "bfd-lossy", "forged"] as const;
export type PathFault = (typeof PATH_FAULTS)[number];

type Datagram = Extract<Call, { kind: "datagram" }>;

/** Who sits on the path of hellos and BFD: what is late, comes again, in another order, is forged or lost there. */
export class Meddler implements Checker {
  readonly #pair: EtrunkPair;
  readonly #active = new Map<PathFault, number>();
  readonly #tapes = new Map<SimulatedNode, { readonly hello: Datagram[]; readonly bfd: Datagram[] }>();
  readonly #ears = new Map<SimulatedNode, (call: Call) => void>();
  /** When a hello passed here first; it was sent before. */
  readonly #passed = new WeakMap<Datagram["datagram"], Micros>();
  /** When a PE that hears nothing became Master. */
  readonly #took = new Map<SimulatedNode, Micros>();
  /** The same, in the turn that is under way. */
  readonly #taking = new Map<SimulatedNode, Micros>();
  /** Hellos that reach a node in its next turn, and how many it had believed before. */
  readonly #delivered = new Map<SimulatedNode, { readonly hellos: Datagram[]; readonly believed: number }>();

  constructor(pair: EtrunkPair) {
    this.#pair = pair;
    for (const pe of pair.pes) {
      const arrives = pe.arrives.bind(pe);
      this.#tapes.set(pe, { hello: [], bfd: [] });
      this.#ears.set(pe, arrives);
      pe.arrives = (call) => {
        if (call.kind === "datagram") this.#pass(pe, call);
        else arrives(call);
      };
    }
  }

  strike(kind: PathFault): () => void {
    this.#active.set(kind, (this.#active.get(kind) ?? 0) + 1);
    if (kind === "hello-replayed" || kind === "bfd-replayed" || kind === "forged") this.#play(kind);
    return () => this.#active.set(kind, (this.#active.get(kind) ?? 0) - 1);
  }
  #is(kind: PathFault): boolean {
    return (this.#active.get(kind) ?? 0) > 0;
  }

  #pass(pe: SimulatedNode, call: Datagram): void {
    const { world } = this.#pair;
    const isBfd = call.datagram.destinationPort === BFD_PORT;
    const tape = this.#tapes.get(pe)?.[isBfd ? "bfd" : "hello"] ?? [];
    tape.push(call);
    if (tape.length > TAPE) tape.splice(world.random.below(TAPE), 1);
    this.#passed.set(call.datagram, world.now);
    if (isBfd && this.#is("bfd-lossy") && world.random.below(10) >= 2) return;
    if (!this.#is(isBfd ? "bfd-late" : "hello-late")) this.#deliver(pe, call);
    else world.after(micros(world.random.below(LATEST)), () => this.#deliver(pe, call));
  }

  #play(kind: "hello-replayed" | "bfd-replayed" | "forged"): void {
    if (!this.#is(kind)) return;
    const { world, pes } = this.#pair;
    const [pe, other] = world.random.below(2) === 0 ? pes : [pes[1], pes[0]];
    const tape = this.#tapes.get(pe)?.[kind === "bfd-replayed" ? "bfd" : "hello"] ?? [];
    const [old] = tape.slice(world.random.below(Math.max(1, tape.length)));
    if (kind === "forged") this.#forge(pe, other);
    else if (old !== undefined) this.#deliver(pe, old);
    world.after(REPLAY_PERIOD, () => this.#play(kind));
  }

  #forge(pe: SimulatedNode, other: SimulatedNode): void {
    const state = this.#pair.world.random.below(2) === 0 ? "Down" : "AdminDown";
    const bfd = bfdPacket({ state, myDiscriminator: 0x1234, yourDiscriminator: 0, desiredMinTx: 1_000_000 });
    for (const [port, octets] of [
      [HELLO_PORT, forgedHello()],
      [BFD_PORT, bfd],
    ] as const) {
      const [source, destination] = [other, pe].map(({ addresses }) => addresses[0] ?? address("0.0.0.0"));
      if (source === undefined || destination === undefined) continue;
      const path = { source, destination, sourcePort: port, destinationPort: port, ttl: 255, from: LOOPBACK };
      this.#ears.get(pe)?.({ kind: "datagram", datagram: { ...path, ...pduOf(octets) } });
    }
  }

  #deliver(pe: SimulatedNode, call: Datagram): void {
    if (pe.engine !== undefined && call.datagram.destinationPort === HELLO_PORT) {
      const waiting = this.#delivered.get(pe) ?? { hellos: [], believed: this.#pair.etrunk(pe).received };
      waiting.hellos.push(call);
      this.#delivered.set(pe, waiting);
    }
    this.#ears.get(pe)?.(call);
  }

  observed(pe: SimulatedNode, event: EngineEvent): void {
    if (event.event !== "e-trunk-state" || event.to !== "Master") return;
    if (event.causation === "TIMEOUT" || event.causation === "BFD_DOWN") this.#taking.set(pe, this.#pair.world.now);
  }

  /** No takeover is undone by what was sent before it. */
  turned(pe: SimulatedNode): void {
    const took = this.#took.get(pe);
    const taking = this.#taking.get(pe);
    // What the same turn believed before it took over is no matter of proof.
    this.#taking.delete(pe);
    if (took === undefined && taking !== undefined) this.#took.set(pe, taking);
    const waiting = this.#delivered.get(pe);
    if (waiting === undefined || pe.frozen) return;
    this.#delivered.delete(pe);
    if (pe.engine === undefined) return;
    const { received, state, causation, hearing, sequence } = this.#pair.etrunk(pe);
    const old = waiting.hellos.filter(({ datagram }) => (this.#passed.get(datagram) ?? 0) < (took ?? 0));
    const isProofAsked = sequence && took !== undefined;
    if (isProofAsked && received - waiting.believed > waiting.hellos.length - old.length)
      throw new Violation(`${pe.name} believes a hello that was sent before it took over: ${state} ${causation}`);
    if (hearing) this.#took.delete(pe);
  }
}
