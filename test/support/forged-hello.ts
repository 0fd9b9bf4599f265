import type { Mac } from "../../src/core/base/address.js";
import { writeHello } from "../../src/core/wire/etrunk-hello.js";

/** A hello of E-Trunk 1, well formed, and signed by nobody. */
export function forgedHello(): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(300));
  const fields = {
    flags: 0,
    etrunk: 1,
    state: 3,
    reason: 1,
    priority: 1,
    selectMode: 0,
    failTime: 50,
    system: 0x02_00_00_66_00_00 as Mac,
    revertDelay: 10,
    epoch: 1,
    sequence: 1,
    peerEpoch: 0,
  };
  const { length } = writeHello(bytes, 0, fields, [], "etrunkd", { mode: 3, keyId: 0 });
  return new Uint8Array(bytes.buffer, 0, length);
}
