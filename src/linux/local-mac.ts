import { createHash } from "node:crypto";
import type { Mac } from "../core/base/address.js";

/** A locally administered address, the same for a text each time. */
export function localMac(text: string): Mac {
  const digest = createHash("sha256").update(text).digest();
  // Bit 1 of the first octet says locally administered, bit 0 would say group.
  return (((digest[0] as number) & 0xfc) * 2 ** 40 + 2 ** 41 + digest.readUIntBE(1, 5)) as Mac;
}
