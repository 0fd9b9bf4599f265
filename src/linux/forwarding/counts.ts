import type { TrafficCounters } from "../../core/contract/host.js";
import type { Counts } from "./plane.js";

export const NOTHING_COUNTED: Counts = [0, 0, 0, 0, 0];

export const sum = (one: Counts, other: Counts): Counts => one.map((count, at) => count + (other[at] ?? 0));

export const named = ([
  framesReceived = 0,
  bytesReceived = 0,
  framesSent = 0,
  bytesSent = 0,
  framesDropped = 0,
]: Counts): TrafficCounters => ({
  framesReceived,
  bytesReceived,
  framesSent,
  bytesSent,
  framesDropped,
});
