import { hkdfSync, randomBytes } from "node:crypto";

/** A shorter key is not looked for in packets: its octets stand everywhere. */
const LEAST_KEY = 4;

/**
 * Keys in a recording that is handed on. Each is replaced by octets that tell nothing of it, equal keys by equal ones; also where a
 * packet has it in clear, as simple passwords of BFD and Flush are. What was signed with a key stays, so a replay refuses it.
 */
export class Redaction {
  readonly #secret = randomBytes(32);
  readonly #instead = new Map<string, Buffer>();

  key(octets: Uint8Array): Buffer {
    const key = Buffer.from(octets).toString("latin1");
    let instead = this.#instead.get(key);
    if (instead === undefined) {
      instead = Buffer.from(hkdfSync("sha256", octets, this.#secret, "", octets.length));
      this.#instead.set(key, instead);
    }
    return instead;
  }

  packet(octets: Uint8Array): Buffer {
    const packet = Buffer.from(octets);
    for (const [key, instead] of this.#instead) {
      if (key.length < LEAST_KEY) continue;
      for (let at = packet.indexOf(key, 0, "latin1"); at >= 0; at = packet.indexOf(key, at + 1, "latin1"))
        instead.copy(packet, at);
    }
    return packet;
  }
}
