// `npm run bench [-- NAME...]`: runs benchmarks one after the other and writes their results into bench/results.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg, release } from "node:os";
import { fileURLToPath } from "node:url";
import { runnerImport } from "vite";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const all = readdirSync(here("."), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== "results")
  .map(({ name }) => name)
  .sort();
const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !all.includes(name));
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(", ")}; there are: ${all.join(", ")}`);
  process.exit(2);
}

const git = (...words) => execFileSync("git", words, { cwd: here("."), encoding: "utf8" }).trim();

/** The circumstances without which a figure means nothing. */
const circumstances = () => ({
  commit: git("rev-parse", "--short", "HEAD"),
  clean: git("status", "--porcelain", "--", "../src", "../native") === "",
  date: new Date().toISOString(),
  node: process.version,
  kernel: release(),
  cpu: cpus()[0]?.model,
  cpus: cpus().length,
  loadBefore: loadavg()[0],
});

/**
 * Loads a benchmark. One that times single calls is plain JavaScript, since the loader of TypeScript makes code slower.
 */
async function load(name) {
  const plain = here(`${name}/${name}.bench.js`);
  if (existsSync(plain)) return import(plain);
  return (await runnerImport(here(`${name}/${name}.bench.ts`))).module;
}

mkdirSync(here("results"), { recursive: true });
for (const name of wanted.length > 0 ? wanted : all) {
  console.log(`== ${name}`);
  const before = circumstances();
  const { run, variant } = await load(name);
  const measured = await run();
  const result = { name, ...before, loadAfter: loadavg()[0], measured };
  console.log(JSON.stringify(measured, null, 2));
  const file = [name, ...(variant?.split(" ") ?? [])].join("-");
  writeFileSync(here(`results/${file}.json`), `${JSON.stringify(result, null, 2)}\n`);
}
// A benchmark may leave handles of the addon open.
process.exit(0);
