import { seconds } from "./time.js";

/** Timeout of a received LACPDU where LACP_Timeout is short (802.1AX-2014 6.4.4). */
export const SHORT_TIMEOUT_TIME = seconds(3);
/** Timeout of a received LACPDU where LACP_Timeout is long. */
export const LONG_TIMEOUT_TIME = seconds(90);

/** The vendor's names and codes of link rates, by Mbit/s (behaviour.md 1.6: port type and port key). */
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
/** The code of a rate without a name, and of a trunk whose rates may differ. */
export const NO_RATE_CODE = 0;

/** `1GE`, `10GE` ...; `-` for a rate without a name. `speed` in Mbit/s. */
export const rateName = (speed: number): string => RATES.get(speed)?.name ?? "-";

/** The code that stands for a rate in a port key. `speed` in Mbit/s. */
export const rateCode = (speed: number): number => RATES.get(speed)?.code ?? NO_RATE_CODE;

/** Every code a port key can hold. */
export const RATE_CODES: readonly number[] = [NO_RATE_CODE, ...[...RATES.values()].map(({ code }) => code)];

/** The port key made of a trunk's ID, of which only 8 bits fit, a rate code, and full duplex. */
export const keyOf = (trunk: number, code: number): number => ((trunk & 0xff) << 8) | (code << 4) | 1;

/** The key of a port where none is configured. `speed` in Mbit/s. */
export const automaticKey = (trunk: number, speed: number, mixedRate: boolean): number =>
  keyOf(trunk, mixedRate ? NO_RATE_CODE : rateCode(speed));
