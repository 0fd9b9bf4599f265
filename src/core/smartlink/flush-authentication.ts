import type { Digests } from "../base/digests.js";
import type { DesiredFlushKey } from "../contract/desired/flush.js";
import {
  AUTHENTICATION_HMAC,
  AUTHENTICATION_NONE,
  AUTHENTICATION_SHA,
  AUTHENTICATION_SIMPLE,
  type FlushView,
  PASSWORD_LENGTH,
} from "../wire/flush.js";

const CODES: { readonly [mode in DesiredFlushKey["mode"]]: number } = {
  none: AUTHENTICATION_NONE,
  simple: AUTHENTICATION_SIMPLE,
  sha: AUTHENTICATION_SHA,
  hmac: AUTHENTICATION_HMAC,
};

/** Content of the password field of a Flush whose other fields are set (formats/flush.md 3). */
function passwordOf(view: FlushView, mode: DesiredFlushKey["mode"], octets: Uint8Array, digests: Digests): Uint8Array {
  const field = new Uint8Array(PASSWORD_LENGTH);
  if (mode === "simple") field.set(octets.subarray(0, PASSWORD_LENGTH));
  if (mode === "sha") field.set(digests.sha256(octets));
  if (mode === "hmac") {
    const signed = view.signed.slice();
    signed.fill(0, view.passwordAt, view.passwordAt + PASSWORD_LENGTH);
    field.set(digests.hmac("sha256", octets, signed));
  }
  return field;
}

/** Signs a Flush whose other fields are set; false where the key cannot be read. */
export function sign(view: FlushView, { mode, octets }: DesiredFlushKey, digests: Digests): boolean {
  if (octets === undefined) return false;
  view.authentication = CODES[mode];
  view.password.set(passwordOf(view, mode, octets, digests));
  return true;
}

/** Whether a Flush has the configured mode and the right password field. */
export function isAuthentic(view: FlushView, { mode, octets }: DesiredFlushKey, digests: Digests): boolean {
  if (octets === undefined || view.authentication !== CODES[mode]) return false;
  return digests.equal(passwordOf(view, mode, octets, digests), view.password.slice());
}
