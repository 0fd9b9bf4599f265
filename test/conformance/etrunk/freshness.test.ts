import { describe, expect, it } from "vitest";
import { seconds } from "../../../src/core/base/time.js";
import { Freshness, type Verdict } from "../../../src/core/etrunk/hello/freshness.js";
import { HeardEpochs } from "../../../src/core/etrunk/hello/heard-epochs.js";
import { HelloNumbers } from "../../../src/core/etrunk/hello/numbers.js";
import { HelloSchedule } from "../../../src/core/etrunk/hello/sending.js";
import type { HelloEcho, HelloView } from "../../../src/core/wire/etrunk-hello.js";

const EPOCH = 5_000;

/** What of a hello freshness reads. `names`: our number in it; undefined: its sender does not echo. */
const hello = (epoch: number, sequence: number, names: number | undefined, peerEpoch = EPOCH): HelloView =>
  ({
    epoch,
    sequence,
    peerEpoch,
    echoes: names === undefined ? undefined : [{ epoch: EPOCH, sequence: names }],
  }) as Partial<HelloView> as HelloView;

/** An E-Trunk that has sent ten hellos, and believed hello 20 of epoch 900, which named our fifth. */
function heard(names: number | undefined = 5) {
  const numbers = new HelloNumbers(EPOCH);
  const freshness = new Freshness(numbers);
  for (let n = 0; n < 10; n++) numbers.next();
  const take = (given: HelloView): Verdict => {
    const verdict = freshness.judge(given);
    freshness.hear(given, verdict);
    return verdict;
  };
  expect(take(hello(900, 20, names))).toBe("fresh");
  return { numbers, freshness, take };
}

describe("a hello is judged by the number of ours that it names", () => {
  const rows: readonly [string, HelloView, Verdict][] = [
    ["the next one of its epoch", hello(900, 21, 5), "fresh"],
    ["the same again", hello(900, 20, 5), "repeated"],
    ["an earlier one", hello(900, 19, 5), "repeated"],
    ["of a greater epoch, naming no more than the last run did", hello(901, 1, 5), "unproven"],
    ["of a greater epoch, naming more", hello(901, 1, 6), "fresh"],
    ["of a smaller epoch, naming more", hello(3, 1, 6), "fresh"],
    ["of a smaller epoch, naming nothing", hello(3, 1, 0), "unproven"],
    ["naming what we have not sent", hello(901, 1, 11), "unproven"],
  ];
  it.for(rows)("%s", ([, given, verdict]) => {
    expect(heard().take(given)).toBe(verdict);
  });

  const afterSilence: readonly [string, HelloView, Verdict][] = [
    ["the next one, which was on its way", hello(900, 21, 10), "unproven"],
    ["the next one, which names what we sent since", hello(900, 21, 11), "fresh"],
    ["one of a smaller epoch that names what we sent since", hello(3, 1, 11), "fresh"],
    ["one of a greater epoch that was on its way", hello(901, 1, 10), "unproven"],
  ];
  it.for(afterSilence)("after a silence: %s", ([, given, verdict]) => {
    const { numbers, freshness, take } = heard();
    freshness.askProof();
    numbers.next();
    expect(take(given)).toBe(verdict);
  });

  const silentEcho: readonly [string, HelloView, Verdict][] = [
    ["newer and for this run", hello(900, 21, undefined), "fresh"],
    ["newer and for another run", hello(901, 1, undefined, EPOCH - 1), "unproven"],
    ["of a smaller epoch", hello(899, 77, undefined), "repeated"],
  ];
  it.for(silentEcho)("of a peer that does not echo: %s", ([, given, verdict]) => {
    expect(heard(undefined).take(given)).toBe(verdict);
  });

  it("of another peer, whose numbers say nothing of the one before", () => {
    const { numbers, freshness, take } = heard();
    freshness.forget();
    numbers.next();
    expect(take(hello(900, 20, 5))).toBe("unproven");
    expect(take(hello(3, 1, 11))).toBe("fresh");
    expect(freshness.peerEpoch).toBe(3);
  });

  it("and none proves itself by a number of our last epoch", () => {
    const { numbers, take } = heard();
    numbers.sequence = 0xffff_fff0;
    expect(numbers.renewIfUsedUp()).toBe(true);
    expect([numbers.epoch, numbers.next()]).toEqual([EPOCH + 1, 1]);
    expect(take(hello(900, 21, 5))).toBe("unproven");
  });
});

describe("an echo", () => {
  const epochsOf = (echoes: readonly HelloEcho[]) => echoes.map(({ epoch }) => epoch);

  it("goes to the believed epoch in each hello, to the others once for each newer number", () => {
    const epochs = new HeardEpochs();
    epochs.note({ epoch: 7, sequence: 1 });
    epochs.note({ epoch: 9, sequence: 5 });
    epochs.note({ epoch: 9, sequence: 4 });
    expect(epochs.take(7)).toEqual([
      { epoch: 7, sequence: 1 },
      { epoch: 9, sequence: 5 },
    ]);
    expect(epochsOf(epochs.take(7))).toEqual([7]);
    epochs.note({ epoch: 9, sequence: 6 });
    expect(epochsOf(epochs.take(7))).toEqual([7, 9]);
  });

  it("goes at once to an epoch that is new or the greatest, however many recorded ones come", () => {
    for (const own of [3, 100_000]) {
      const epochs = new HeardEpochs();
      for (let turn = 1; turn < 40; turn++) {
        for (let n = 0; n < 50; n++) epochs.note({ epoch: 1_000 + n, sequence: turn });
        expect(epochs.take(0)).toHaveLength(8);
      }
      epochs.note({ epoch: own, sequence: 1 });
      expect(epochsOf(epochs.take(0))[0]).toBe(own);
    }
    const many = new HeardEpochs();
    for (let n = 0; n < 5_000; n++) many.note({ epoch: 1_000 + n, sequence: 1 });
    expect(epochsOf(many.take(0))[0]).toBe(5_999);
  });
});

it("answers are 100 ms apart and do not move the period", () => {
  const schedule = new HelloSchedule();
  const interval = seconds(1);
  const left: number[] = [];
  let answers = 0;
  for (let now = 0; now < 5_000_000; now += 1_000) {
    schedule.answer();
    if (schedule.sendAt(interval, false) > now) continue;
    if (schedule.taken(interval, false, now as never)) answers++;
    else left.push(now);
  }
  expect(left).toEqual([0, 1_000_000, 2_000_000, 3_000_000, 4_000_000]);
  expect(answers).toBeGreaterThan(40);
  expect(answers).toBeLessThanOrEqual(50);
});
