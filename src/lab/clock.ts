/** Microseconds of CLOCK_MONOTONIC, the clock of the daemons' events. */
export const monotonic = (): number => Number(process.hrtime.bigint() / 1000n);
