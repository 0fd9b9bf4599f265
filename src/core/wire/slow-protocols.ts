/** Slow protocols, 802.3 Annex 57A: the first octet after the EtherType tells which. */
export const SUBTYPE_LACP = 1;
export const SUBTYPE_MARKER = 2;

/** Values 0 and 11 to 255 are illegal, 1 to 10 are reserved for protocols (802.3 Table 57A-3). */
export const GREATEST_LEGAL_SUBTYPE = 10;

/** Subtype of a frame that ends with its EtherType. */
export const NO_SUBTYPE = -1;

export const subtypeOf = (bytes: DataView, start: number, length: number): number =>
  length < 1 ? NO_SUBTYPE : bytes.getUint8(start);
