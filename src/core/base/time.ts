/** Microseconds of a clock that never goes back (CLOCK_MONOTONIC, or the simulator's). */
export type Micros = number & { readonly unit: "microseconds" };

/** A deadline that is not armed. */
export const NEVER = Number.POSITIVE_INFINITY as Micros;

export const micros = (n: number): Micros => n as Micros;
export const millis = (n: number): Micros => (n * 1_000) as Micros;
export const seconds = (n: number): Micros => (n * 1_000_000) as Micros;
/** Whole seconds of the clock. */
export const secondsOf = (at: Micros): number => Math.floor(at / 1_000_000);

export const later = (from: Micros, by: Micros): Micros => (from + by) as Micros;
export const earliest = (a: Micros, b: Micros): Micros => (a < b ? a : b);
