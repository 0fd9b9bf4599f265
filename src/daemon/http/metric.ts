import type { Measured } from "./measured.js";

export type Sample = readonly [labels: { readonly [name: string]: string | number }, value: number];

/** One metric of Prometheus, as a row. */
export interface Metric {
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  samples(measured: Measured): Iterable<Sample>;
}

export const one = (value: number): Sample[] => [[{}, value]];
