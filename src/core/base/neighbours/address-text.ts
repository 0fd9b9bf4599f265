import { ipAddressOf } from "../ip-address.js";

const V4_MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255];

/** The text of an address of 4 or 16 octets. */
export const addressText = (octets: Uint8Array): string =>
  ipAddressOf(octets.length === 4 ? Uint8Array.from([...V4_MAPPED, ...octets]) : octets).text;
