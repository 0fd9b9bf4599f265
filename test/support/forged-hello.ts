import type { Mac } from "../../src/core/base/address.js";
import { writeHello } from "../../src/core/wire/etrunk-hello.js";
import { type HelloPath, helloDigest, helloKey } from "../../src/core/wire/hello-digest.js";
import { digests } from "../../src/linux/digests.js";

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
  const { length } = writeHello(bytes, 0, fields, {
    members: [],
    software: "etrunkd",
    echoes: [],
    authentication: { mode: 3, keyId: 0 },
  });
  return new Uint8Array(bytes.buffer, 0, length);
}

/** The same, signed with a key in mode 3. */
export function signedHello(key: string, path: HelloPath): Uint8Array {
  const hello = forgedHello();
  const derived = helloKey(digests, 3, new TextEncoder().encode(key), 1, path);
  hello.set(helloDigest(digests, 3, derived, hello, path), hello.length - 32);
  return hello;
}
