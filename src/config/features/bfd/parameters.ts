import { integer, word } from "../../language/parameters.js";

/** A name of a BFD session; case does not count. */
export const sessionName = word(1, 64, /^(?!__proto__$)[!-~]+$/i);

export const vpnInstance = word(1, 31, /^[!-~]+$/);

/** Milliseconds. */
export const interval = integer(3, 20_000);
export const multiplier = integer(3, 50);

/** Milliseconds. Below it the host's own floor is used. */
export const DEFAULT_INTERVAL = 10;
export const DEFAULT_MULTIPLIER = 3;

export const warnsOfFloor = (milliseconds: number | undefined): string | undefined =>
  milliseconds !== undefined && milliseconds < DEFAULT_INTERVAL
    ? `This host's floor of ${DEFAULT_INTERVAL} ms is used instead of ${milliseconds} ms.`
    : undefined;
