import type { Micros } from "../core/base/time.js";
import { addon } from "./addon.js";

/** CLOCK_MONOTONIC in microseconds. */
export const now = (): Micros => addon().now() as Micros;
