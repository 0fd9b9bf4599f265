import { trunksOf } from "../support/ask.js";
import { readLacpdu } from "../support/frames.js";
import type { SimulatedNode } from "./node.js";
import type { Checker, World } from "./world.js";

/** Tells a run as lines of text: what was sent, and how the ports changed. For reading a replayed failure. */
export class Narrator implements Checker {
  readonly lines: string[] = [];
  readonly #world: World;
  readonly #last = new Map<string, string>();

  constructor(world: World) {
    this.#world = world;
  }

  #tell(node: SimulatedNode, text: string): void {
    this.lines.push(`${(this.#world.now / 1e6).toFixed(6).padStart(12)} ${node.name} ${text}`);
  }

  sent(node: SimulatedNode, device: string, bytes: Uint8Array): void {
    const pdu = readLacpdu(bytes);
    this.#tell(node, `${device} > ${pdu ? `${pdu.actor.state} ${pdu.partner.state}` : `${bytes.length} octets`}`);
  }

  turned(node: SimulatedNode): void {
    for (const trunk of trunksOf(node.engine) ?? []) {
      this.#tellChange(node, `Eth-Trunk${trunk.id}`, `${trunk.operState} with ${trunk.upPorts}`);
      for (const port of trunk.ports) {
        const { name, linkUp, receiveState, muxState, status, portState, reason, partner } = port;
        const link = linkUp ? "" : " no link";
        this.#tellChange(
          node,
          name,
          `${receiveState} ${muxState} ${status} ${portState}${link} partner ${partner?.portState ?? "none"} (${reason})`,
        );
      }
    }
  }

  #tellChange(node: SimulatedNode, subject: string, state: string): void {
    const key = `${node.name} ${subject}`;
    if (this.#last.get(key) === state) return;
    this.#last.set(key, state);
    this.#tell(node, `${subject}: ${state}`);
  }
}
