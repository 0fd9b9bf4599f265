/** A 48-bit MAC address as a number: it fits a double, so comparing is one instruction. */
export type Mac = number & { readonly kind: "mac" };

export const NO_MAC = 0 as Mac;

/** 01-80-C2-00-00-02, where slow protocols are sent (802.3 Annex 57A.3). */
export const SLOW_PROTOCOLS_GROUP = 0x0180c2000002 as Mac;

export const isGroupMac = (mac: Mac): boolean => Math.floor(mac / 0x1_00_0000_0000) % 2 === 1;

const hex = (mac: Mac): string => mac.toString(16).padStart(12, "0");

/** `00:e0:fc:12:34:55`, the form of JSON. */
export const macToColons = (mac: Mac): string => hex(mac).replace(/..(?=.)/g, "$&:");

/** `00e0-fc12-3455`, the form of displays and configuration. */
export const macToDashes = (mac: Mac): string => hex(mac).replace(/....(?=.)/g, "$&-");

const DASHED = /^([0-9a-f]{1,4})-([0-9a-f]{1,4})-([0-9a-f]{1,4})$/i;
const PAIRED = /^[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}$/i;

/** Reads `H-H-H` (each H 1 to 4 digits) and six pairs with colons or dashes; undefined when it is neither. */
export function parseMac(text: string): Mac | undefined {
  const groups = DASHED.exec(text);
  if (groups)
    return Number.parseInt(
      groups
        .slice(1)
        .map((group) => group.padStart(4, "0"))
        .join(""),
      16,
    ) as Mac;
  if (PAIRED.test(text)) return Number.parseInt(text.replace(/[:-]/g, ""), 16) as Mac;
  return undefined;
}
