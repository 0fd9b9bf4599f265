/** Name of the BFD session that `e-trunk bfd enable` makes. */
export const dynamicName = (etrunk: number): string => `dyn_etrunk_${etrunk}`;
