// `npm run fuzz -- [--frames N] [--seed N] [--kind slow|flush|hello|bfd|rbs|checkpoint]`: ten million mutated frames,
// datagrams or messages of each kind, and a million starts from mutated checkpoints, through the compiled engine.
import { parseArgs } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { Random } from "../../dist/core/base/random.js";
import { Engine } from "../../dist/core/engine/engine.js";
import { quietHost } from "../../dist/daemon/recording/quiet-host.js";
import { printCheckpoint, readCheckpoint } from "../../dist/daemon/state/checkpoint.js";
import { fuzzBfd } from "./fuzz-bfd.js";
import { fuzzCheckpoint } from "./fuzz-checkpoint.js";
import { fuzzFlush } from "./fuzz-flush.js";
import { fuzz } from "./fuzz-frames.js";
import { fuzzHello } from "./fuzz-hello.js";
import { fuzzRbs } from "./fuzz-rbs.js";

// Counters, alarms and one picture of each partner are all that may be kept; a leak of one octet a frame is ten times this.
const MOST_GROWTH = 1_000_000;

setFlagsFromString("--expose_gc");
const collectGarbage = /** @type {() => void} */ (runInNewContext("gc"));
const collect = () => {
  collectGarbage();
  return process.memoryUsage().heapUsed;
};

const { values } = parseArgs({
  options: { frames: { type: "string" }, seed: { type: "string" }, kind: { type: "string" } },
});
const seed = Number(values.seed ?? 1 + Math.floor(Math.random() * 0x7fff_0000));
const core = { Engine, Random, quietHost, printCheckpoint, readCheckpoint };
const kinds = {
  slow: fuzz,
  flush: fuzzFlush,
  hello: fuzzHello,
  bfd: fuzzBfd,
  rbs: fuzzRbs,
  checkpoint: fuzzCheckpoint,
};
if (values.kind !== undefined && !Object.hasOwn(kinds, values.kind))
  throw new Error(`--kind ${values.kind}: not one of ${Object.keys(kinds).join(", ")}`);

for (const [kind, run] of Object.entries(kinds)) {
  if (values.kind !== undefined && values.kind !== kind) continue;
  // A start is the work of many frames.
  const frames = Number(values.frames ?? (kind === "checkpoint" ? 1_000_000 : 10_000_000));
  const start = performance.now();
  const rate = (/** @type {number} */ done) => Math.round(done / ((performance.now() - start) / 1_000));
  process.stdout.write(`${frames} ${kind} frames, seed ${seed}\n`);
  try {
    const progress = (/** @type {number} */ done) => process.stdout.write(`${done} frames, ${rate(done)} a second\n`);
    const outcome = run(core, { frames, seed, collect, progress });
    process.stdout.write(`${frames} ${kind} frames, ${rate(frames)} a second, ${JSON.stringify(outcome)}\n`);
    if (outcome.growth > MOST_GROWTH) throw new Error(`the heap grew by ${outcome.growth} octets`);
  } catch (error) {
    process.stderr.write(
      `FAILED with --kind ${kind} --frames ${frames} --seed ${seed}\n${error instanceof Error ? error.stack : error}\n`,
    );
    process.exitCode = 1;
  }
}
