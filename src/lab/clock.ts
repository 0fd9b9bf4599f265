/** Microseconds of CLOCK_MONOTONIC, which the daemons' events carry too. */
export const monotonic = (): number => Number(process.hrtime.bigint() / 1000n);
