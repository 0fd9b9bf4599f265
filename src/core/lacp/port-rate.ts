/** The vendor's names and codes of link rates (behaviour.md 1.6: port type and port key). */
const RATES: ReadonlyMap<number, { readonly name: string; readonly code: number }> = new Map([
  [10, { name: "10M", code: 1 }],
  [100, { name: "100M", code: 2 }],
  [1_000, { name: "1GE", code: 3 }],
  [10_000, { name: "10GE", code: 4 }],
  [25_000, { name: "25GE", code: 12 }],
  [40_000, { name: "40GE", code: 10 }],
  [50_000, { name: "50GE", code: 14 }],
  [100_000, { name: "100GE", code: 5 }],
  [200_000, { name: "200GE", code: 13 }],
  [400_000, { name: "400GE", code: 11 }],
]);

/** `1GE`, `10GE` ...; `-` for a rate without a name. */
export const rateName = (speed: number): string => RATES.get(speed)?.name ?? "-";

/** Key of a port: trunk, rate, full duplex. Only 8 bits of the trunk's ID fit; with mixed rates the rate is left out. */
export const automaticKey = (trunk: number, speed: number, mixedRate: boolean): number =>
  ((trunk & 0xff) << 8) | ((mixedRate ? 0 : (RATES.get(speed)?.code ?? 0)) << 4) | 1;
