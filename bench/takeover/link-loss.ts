import { setTimeout as pause } from "node:timers/promises";
import { percentile, spread } from "../spread.js";
import type { Rival } from "./rival.js";
import type { Seen, Stalls, Teller } from "./teller.js";

/** Result of one cut link. */
export interface Loss {
  /** Lost frames. */
  readonly lost: number;
  /** Longest time in milliseconds between two frames. */
  readonly longest: number;
}

/** The same, and the greatest lateness of the bare timer meanwhile in milliseconds. */
export interface WatchedLoss extends Loss {
  readonly stall: number;
}

/** Rates in frames a second, tried in this order. */
const RATES = [100_000, 75_000, 50_000, 35_000, 25_000, 15_000];
/** Seconds after which the sender stops in any case. */
const MOST_SECONDS = 20;
/** Milliseconds by which the bare timer is late when the machine itself stood still. */
const STALLED = 2;

/** Sends frames while `action` runs; returns how many did not arrive. */
export async function lostDuring(rival: Rival, rate: number, action: () => Promise<unknown>): Promise<number> {
  await rival.seen();
  const sending = rival.send(MOST_SECONDS, rate);
  const early = await firstFrames(rival);
  await action();
  sending.stop();
  const sent = await sending.sent;
  return lostOf(sent, early, await lastFrames(rival));
}

/**
 * The highest rate that the rival carries without loss, three times in a row; a stall of the machine does not count.
 */
export async function rateOf(rival: Rival): Promise<number> {
  for (const rate of RATES) {
    let inRow = 0;
    for (let tries = 0; tries < 6 && inRow < 3; tries++)
      inRow = (await lostDuring(rival, rate, () => pause(500))) === 0 ? inRow + 1 : 0;
    if (inRow === 3) return rate;
  }
  return RATES.at(-1) as number;
}

/** Cuts the link that carries the flow, and heals it. The rival must have taken over within `patience` milliseconds. */
export async function cut(rival: Rival, rate: number, patience: number, timer: Teller<Stalls>): Promise<WatchedLoss> {
  await rival.membersUp();
  await rival.seen();
  const sending = rival.send(MOST_SECONDS, rate);
  const before = await firstFrames(rival);
  await timer.ask();
  // A gap needs a frame after the question before the cut; the random part lets the cut fall on any moment.
  await pause(5 + Math.random() * 10);
  await rival.setLink(before.last, false);
  await pause(patience);
  sending.stop();
  const sent = await sending.sent;
  const after = await lastFrames(rival);
  const { longest: stall } = await timer.ask();
  await rival.setLink(before.last, true);
  if (after.last === before.last) throw new Error(`${rival.name} did not take over in ${patience} ms`);
  return { lost: lostOf(sent, before, after), longest: after.longest / 1000, stall };
}

/** Waits until the flow arrives; returns what has arrived. */
async function firstFrames(rival: Rival): Promise<Seen> {
  for (const end = Date.now() + MOST_SECONDS * 1000; Date.now() < end; await pause(10)) {
    const seen = await rival.seen();
    if (seen.frames > 0) return seen;
  }
  throw new Error(`${rival.name} carries nothing`);
}

/** Waits for frames on their way; returns what has arrived since the last question. */
async function lastFrames(rival: Rival): Promise<Seen> {
  let all = await rival.seen();
  for (;;) {
    await pause(20);
    const more = await rival.seen();
    if (more.frames === 0) return all;
    const [frames, dropped] = [all.frames + more.frames, all.dropped + more.dropped];
    all = { frames, dropped, longest: Math.max(all.longest, more.longest), last: more.last };
  }
}

function lostOf(sent: number, ...seen: readonly Seen[]): number {
  const dropped = seen.reduce((sum, each) => sum + each.dropped, 0);
  if (dropped > 0) throw new Error(`the receiver lost ${dropped} frames`);
  return sent - seen.reduce((sum, { frames }) => sum + frames, 0);
}

/** The result for one rival, from its losses. */
export const told = (losses: readonly Loss[], rate: number) => {
  const longest = losses.map((loss) => loss.longest);
  return {
    rate,
    losses: losses.length,
    longest: { p50: percentile(longest, 0.5), p99: percentile(longest, 0.99), max: Math.max(...longest) },
    lost: spread(losses.map((loss) => loss.lost)),
  };
};

/** Number of losses during which the machine stood still, and its longest stall. */
export const stallsOf = (losses: readonly WatchedLoss[]) => {
  const stalls = losses.map(({ stall }) => stall);
  return { losses: stalls.filter((stall) => stall > STALLED).length, longest: Math.max(...stalls) };
};
