import { setTimeout as pause } from "node:timers/promises";
import { percentile, spread } from "../spread.js";
import type { Rival } from "./rival.js";
import type { Seen, Stalls, Teller } from "./teller.js";

/** One cut link. */
export interface Loss {
  /** Frames. */
  readonly lost: number;
  /** Milliseconds between two frames. */
  readonly longest: number;
}

/** With how late the bare timer was meanwhile, in milliseconds. */
export interface WatchedLoss extends Loss {
  readonly stall: number;
}

/** Frames a second, tried from the first. */
const RATES = [100_000, 75_000, 50_000, 35_000, 25_000, 15_000];
/** Nothing that frames are sent for takes longer. */
const MOST_SECONDS = 20;
/** A timer later than this, and the machine itself stood still, in milliseconds. */
const STALLED = 2;

/** Sends while something is done; how many frames did not arrive. */
export async function lostDuring(rival: Rival, rate: number, action: () => Promise<unknown>): Promise<number> {
  await rival.seen();
  const sending = rival.send(MOST_SECONDS, rate);
  const early = await firstFrames(rival);
  await action();
  sending.stop();
  const sent = await sending.sent;
  return lostOf(sent, early, await lastFrames(rival));
}

/** The highest rate the rival carries without loss, three times in a row: a stall of the machine is none of its own. */
export async function rateOf(rival: Rival): Promise<number> {
  for (const rate of RATES) {
    let inRow = 0;
    for (let tries = 0; tries < 6 && inRow < 3; tries++)
      inRow = (await lostDuring(rival, rate, () => pause(500))) === 0 ? inRow + 1 : 0;
    if (inRow === 3) return rate;
  }
  return RATES.at(-1) as number;
}

/** Cuts the link that carries the flow, and heals it; so many milliseconds later the rival has to have taken over. */
export async function cut(rival: Rival, rate: number, patience: number, timer: Teller<Stalls>): Promise<WatchedLoss> {
  await rival.membersUp();
  await rival.seen();
  const sending = rival.send(MOST_SECONDS, rate);
  const before = await firstFrames(rival);
  await timer.ask();
  // A gap is between two frames, and one has to come after the question; and the cut shall fall on any moment.
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

/** Waits until the flow arrives; all that did. */
async function firstFrames(rival: Rival): Promise<Seen> {
  for (const end = Date.now() + MOST_SECONDS * 1000; Date.now() < end; await pause(10)) {
    const seen = await rival.seen();
    if (seen.frames > 0) return seen;
  }
  throw new Error(`${rival.name} carries nothing`);
}

/** What is still on its way arrives, too; all that did since the question before. */
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

/** What is told of the losses of one rival. */
export const told = (losses: readonly Loss[], rate: number) => {
  const longest = losses.map((loss) => loss.longest);
  return {
    rate,
    losses: losses.length,
    longest: { p50: percentile(longest, 0.5), p99: percentile(longest, 0.99), max: Math.max(...longest) },
    lost: spread(losses.map((loss) => loss.lost)),
  };
};

/** During how many losses the machine stood still, and for how long at most. */
export const stallsOf = (losses: readonly WatchedLoss[]) => {
  const stalls = losses.map(({ stall }) => stall);
  return { losses: stalls.filter((stall) => stall > STALLED).length, longest: Math.max(...stalls) };
};
