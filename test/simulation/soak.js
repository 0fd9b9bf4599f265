// `npm run soak -- [--kind links|etrunk|rbs] [--seeds N] [--minutes M] [--from SEED]`: one new fault script of each seed
// through the simulated world. Bundled first, since the runner of the tests takes ten times as long for the same script.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { rolldown } from "rolldown";

const usage = "usage: npm run soak -- [--kind links|etrunk|rbs] [--seeds N] [--minutes M] [--from SEED]";
const PROGRESS = 100;

/** Each exports `playAll`, which throws what the failed run was and how it is seen again. */
const KINDS = { links: "faults.ts", etrunk: "etrunk/faults.ts", rbs: "rbs/faults.ts" };

/** @typedef {(count: number, seed: number) => number} PlayAll */

function wanted() {
  const options = {
    kind: { type: "string" },
    seeds: { type: "string" },
    minutes: { type: "string" },
    from: { type: "string" },
  };
  const { kind, ...numbers } = parseArgs({ options: /** @type {const} */ (options) }).values;
  for (const [name, value] of Object.entries(numbers))
    if (!(Number(value) > 0)) throw new Error(`--${name} ${value}: a number above 0 is needed`);
  if (kind !== undefined && !Object.hasOwn(KINDS, kind))
    throw new Error(`--kind ${kind}: not one of ${Object.keys(KINDS).join(", ")}`);
  const { seeds, minutes, from = 1 + Math.floor(Math.random() * 0x7fff_0000) } = numbers;
  return {
    kinds: Object.entries(KINDS).filter(([name]) => kind === undefined || name === kind),
    seeds: Number(seeds ?? (minutes === undefined ? 10_000 : Number.POSITIVE_INFINITY)),
    minutes: Number(minutes ?? Number.POSITIVE_INFINITY),
    from: Number(from),
  };
}

/**
 * @param {string} file in this folder
 * @returns {Promise<PlayAll>}
 */
async function bundled(file) {
  const input = fileURLToPath(new URL(file, import.meta.url));
  const bundle = await rolldown({ input, platform: "node", resolve: { extensionAlias: { ".js": [".ts", ".js"] } } });
  const folder = mkdtempSync(join(tmpdir(), "etrunkd-soak-"));
  try {
    const output = join(folder, "soak.mjs");
    await bundle.write({ file: output, format: "esm", sourcemap: "inline" });
    return (await import(pathToFileURL(output).href)).playAll;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const line = (/** @type {string} */ text) => process.stdout.write(`${text}\n`);

/**
 * Plays seed after seed and goes on after one that failed. Returns how many did.
 * @param {string} kind
 * @param {PlayAll} playAll
 * @param {{ from: number, seeds: number, minutes: number }} wanted
 */
function soak(kind, playAll, { from, seeds, minutes }) {
  const start = performance.now();
  const failed = [];
  let played = 0;
  const say = () => {
    const elapsed = ((performance.now() - start) / 1_000).toFixed(0);
    const failures = failed.length === 0 ? "all held" : `failed: seeds ${failed.join(", ")}`;
    line(`${played} ${kind} scripts in ${elapsed} s, seeds ${from} to ${from + played - 1}, ${failures}`);
  };
  for (; played < seeds && performance.now() - start < minutes * 60_000; played++) {
    if (played % PROGRESS === 0 && played > 0) say();
    try {
      playAll(1, from + played);
    } catch (error) {
      failed.push(from + played);
      line(`seed ${from + played}: ${error instanceof Error ? error.message : error}`);
    }
  }
  say();
  return failed.length;
}

process.setSourceMapsEnabled(true);
try {
  const { kinds, ...length } = wanted();
  for (const [kind, file] of kinds) if (soak(kind, await bundled(file), length) > 0) process.exitCode = 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`);
  process.exitCode = 2;
}
