import { expect, test, vi } from "vitest";
import { Random } from "../../src/core/base/random.js";
import { Engine } from "../../src/core/engine/engine.js";
import { quietHost } from "../../src/daemon/recording/quiet-host.js";
import { printCheckpoint, readCheckpoint } from "../../src/daemon/state/checkpoint.js";
import { fuzzBfd } from "./fuzz-bfd.js";
import { fuzzCheckpoint } from "./fuzz-checkpoint.js";
import { fuzzFlush } from "./fuzz-flush.js";
import { fuzz } from "./fuzz-frames.js";
import { mutate } from "./fuzz-ground.js";
import { fuzzHello } from "./fuzz-hello.js";
import { fuzzRbs } from "./fuzz-rbs.js";

// Seconds of work at most; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

test("mutated slow-protocol frames neither throw nor keep a machine moving, and the engine works afterwards", () => {
  const outcome = fuzz({ Engine, Random, quietHost }, { frames: 50_000, seed: 20_251_120 });
  // The storm reaches every layer: PDUs are accepted, others refused, and ports come up and go down.
  expect(outcome.accepted).toBeGreaterThan(20_000);
  expect(outcome.refused).toBeGreaterThan(10_000);
  expect(outcome.selected).toBeGreaterThan(20);
  expect(outcome.sent).toBeGreaterThan(100);
});

test("mutated Flush frames neither throw nor empty what they may not, and the engine works afterwards", () => {
  const outcome = fuzzFlush({ Engine, Random, quietHost }, { frames: 20_000, seed: 20_251_120 });
  expect(outcome.accepted).toBeGreaterThan(500);
  expect(outcome.refused).toBeGreaterThan(1_000);
  expect(outcome.flushes).toBeGreaterThan(50);
  expect(outcome.sent).toBeGreaterThan(0);
});

test("mutated hellos neither throw nor are believed unsigned, and the engine works afterwards", () => {
  const outcome = fuzzHello({ Engine, Random, quietHost }, { frames: 20_000, seed: 20_251_120 });
  expect(outcome.accepted).toBeGreaterThan(3_000);
  expect(outcome.refused).toBeGreaterThan(5_000);
  expect(outcome.policed).toBeGreaterThan(500);
  expect(outcome.moves).toBeGreaterThan(500);
  expect(outcome.sent).toBeGreaterThan(500);
});

test("mutated BFD packets neither throw nor are heeded unsigned, and the engine works afterwards", () => {
  const outcome = fuzzBfd({ Engine, Random, quietHost }, { frames: 20_000, seed: 20_251_120 });
  expect(outcome.accepted).toBeGreaterThan(5_000);
  expect(outcome.refused).toBeGreaterThan(5_000);
  expect(outcome.strays).toBeGreaterThan(500);
  expect(outcome.ups).toBeGreaterThan(300);
  expect(outcome.paced).toBeGreaterThan(100);
});

test("mutated messages of the remote backup service neither throw nor stay, and a sane peer is connected afterwards", () => {
  const outcome = fuzzRbs({ Engine, Random, quietHost }, { frames: 20_000, seed: 20_251_120 });
  expect(outcome.accepted).toBeGreaterThan(5_000);
  expect(outcome.closed).toBeGreaterThan(2_000);
  // Of one subject few events are told.
  expect(outcome.opened).toBeGreaterThan(20);
  expect(outcome.sent).toBeGreaterThan(3_000);
});

test("starts from mutated and foreign checkpoints succeed, and tell nothing that cannot be", () => {
  const core = { Engine, Random, quietHost, printCheckpoint, readCheckpoint };
  const outcome = fuzzCheckpoint(core, { frames: 1_500, seed: 20_251_120 });
  expect(outcome.starts).toBe(1_500);
  expect(outcome.restored).toBeGreaterThan(500);
  expect(outcome.current).toBeGreaterThan(500);
  expect(outcome.carrying).toBeGreaterThan(200);
  expect(outcome.dropped).toBeGreaterThan(200);
});

test("the same seed mutates the same way", () => {
  const seeds = [new Uint8Array(124).fill(1), new Uint8Array(60).fill(2)];
  const run = (seed: number) => {
    const dice = new Random(seed);
    const out = new Uint8Array(2_000);
    return Array.from({ length: 200 }, () => [mutate(seeds, dice, out, 5, [14, 30]), out[30]]);
  };
  expect(run(3)).toEqual(run(3));
  expect(run(3)).not.toEqual(run(4));
});
