import type { Digests } from "../base/digests.js";
import {
  AUTHENTICATION_HMAC,
  AUTHENTICATION_NONE,
  AUTHENTICATION_SHA,
  AUTHENTICATION_SIMPLE,
  type FlushView,
  PASSWORD_LENGTH,
} from "../wire/flush.js";

export type FlushAuthenticationMode = "none" | "simple" | "sha" | "hmac";

export interface FlushKey {
  readonly mode: FlushAuthenticationMode;
  readonly octets: Uint8Array;
}

export const NO_KEY: FlushKey = { mode: "none", octets: new Uint8Array(0) };

const CODES: { readonly [mode in FlushAuthenticationMode]: number } = {
  none: AUTHENTICATION_NONE,
  simple: AUTHENTICATION_SIMPLE,
  sha: AUTHENTICATION_SHA,
  hmac: AUTHENTICATION_HMAC,
};

/** What belongs into the password field of a Flush whose other fields are set. */
function passwordOf(view: FlushView, key: FlushKey, digests: Digests): Uint8Array {
  const field = new Uint8Array(PASSWORD_LENGTH);
  if (key.mode === "simple") field.set(key.octets.subarray(0, PASSWORD_LENGTH));
  if (key.mode === "sha") field.set(digests.sha256(key.octets));
  if (key.mode === "hmac") {
    const signed = view.signed.slice();
    signed.fill(0, view.passwordAt, view.passwordAt + PASSWORD_LENGTH);
    field.set(digests.hmac("sha256", key.octets, signed));
  }
  return field;
}

export function sign(view: FlushView, key: FlushKey, digests: Digests): void {
  view.authentication = CODES[key.mode];
  view.password.set(passwordOf(view, key, digests));
}

/** A receiver takes its own mode and no other. */
export function isAuthentic(view: FlushView, key: FlushKey, digests: Digests): boolean {
  return (
    view.authentication === CODES[key.mode] && digests.equal(passwordOf(view, key, digests), view.password.slice())
  );
}
