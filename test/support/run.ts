import type { Run } from "../../src/core/parts/part.js";

/** The run of an engine of which nothing is said. */
export const RUN: Run = { epoch: 1, software: "etrunkd", seed: 1 };
