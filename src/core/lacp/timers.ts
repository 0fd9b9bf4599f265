import { seconds } from "../base/time.js";

// 802.1AX-2014 6.4.4.
export const FAST_PERIODIC_TIME = seconds(1);
export const SLOW_PERIODIC_TIME = seconds(30);
export const AGGREGATE_WAIT_TIME = seconds(2);
export const CHURN_DETECTION_TIME = seconds(60);
