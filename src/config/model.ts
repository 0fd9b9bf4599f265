import type { Feature, Path } from "./feature.js";
import type { FEATURES } from "./features.js";

type SliceOf<F> = F extends Feature<infer Slice> ? Slice : never;
type Together<Union> = (Union extends unknown ? (each: Union) => void : never) extends (all: infer All) => void
  ? All
  : never;

/**
 * The one configuration model: plain data, only what is set, defaults left out. Its JSON form is the same object. It is
 * the slices of all features together: the attributes of system view, and the objects of each collection by name.
 */
export type Model = Together<SliceOf<(typeof FEATURES)[number]>>;

/** An interface of the model; its name says which of the attributes it can have. @internal */
export type InterfaceModel = NonNullable<Model["interfaces"]>[string];

export const pathText = (path: Path): string => path.join(".");
