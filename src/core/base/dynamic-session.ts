/** The name under which the BFD session of `e-trunk bfd enable` runs. */
export const dynamicName = (etrunk: number): string => `dyn_etrunk_${etrunk}`;
