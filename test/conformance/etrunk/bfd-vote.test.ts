import { describe, expect, it } from "vitest";
import { type Micros, micros, seconds } from "../../../src/core/base/time.js";
import { BfdVote } from "../../../src/core/etrunk/bfd-vote.js";

/** Seconds of the vote's loss after three refuted falls at this time. */
function loseAt(vote: BfdVote, at: Micros): number {
  for (let n = 0; n < 3; n++) vote.refuted(micros(at + n));
  return Math.round((vote.lostUntil - at) / 1e6);
}

describe("the vote of a BFD session", () => {
  it("is lost by the third fall within a minute that a hello refutes", () => {
    const vote = new BfdVote();
    for (const at of [0, 30, 61, 92]) vote.refuted(seconds(at));
    expect(vote.isLost(seconds(92))).toBe(false);
    vote.refuted(seconds(100));
    expect(vote.isLost(seconds(100))).toBe(true);
    expect([vote.isLost(seconds(129)), vote.isLost(seconds(130))]).toEqual([true, false]);
  });

  it("comes back after a time without a fall", () => {
    const vote = new BfdVote();
    loseAt(vote, seconds(0));
    vote.fellWithout(seconds(29));
    expect([vote.isLost(seconds(58)), vote.isLost(seconds(59))]).toEqual([true, false]);
  });

  it("is lost for twice as long each time, up to 32 minutes, until the session was steady for ten", () => {
    const vote = new BfdVote();
    let at = seconds(100);
    const losses: number[] = [];
    for (let n = 0; n < 8; n++) {
      losses.push(loseAt(vote, at));
      at = micros(vote.lostUntil + seconds(5));
    }
    expect(losses).toEqual([30, 60, 120, 240, 480, 960, 1_920, 1_920]);
    expect(loseAt(vote, micros(vote.lostUntil + seconds(600)))).toBe(30);
  });
});
