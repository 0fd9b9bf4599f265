import type { Micros } from "../core/base/time.js";
import { systemAddon } from "./native/system.js";

/** CLOCK_MONOTONIC in microseconds. */
export const now = (): Micros => systemAddon().now() as Micros;
