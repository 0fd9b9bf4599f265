import type { Collection } from "./feature.js";
import type { ParameterType } from "./language/parameters.js";

/** Objects by number, opened by `<view> <number>`. */
export const numberedObjects = (
  attribute: string,
  view: string,
  type: ParameterType<number>,
  more: Pick<Collection, "dropsEmpty" | "kept"> = {},
): Collection => ({
  attribute,
  viewLine: (id) => `${view} ${id}`,
  positionOf: (name) => ({ view, name }),
  compare: (a, b) => Number(a) - Number(b),
  misnamed: (name) =>
    type.schema.safeParse(Number(name)).success && `${Number(name)}` === name ? undefined : type.text,
  ...more,
});

/** An object of which there is one at most, opened by the name of its view. */
export const singleObject = (attribute: string, view: string, more: Pick<Collection, "kept"> = {}): Collection => ({
  attribute,
  isSingle: true,
  viewLine: () => view,
  positionOf: () => ({ view, name: "" }),
  compare: () => 0,
  misnamed: () => undefined,
  ...more,
});
