// `npm run soak -- [--seeds N | --minutes M] [--first SEED]`: new fault scripts through the simulated world.
import { spawn } from "node:child_process";
import { parseArgs } from "node:util";

const usage = "usage: npm run soak -- [--seeds N | --minutes M] [--first SEED]";

/** @returns {Record<string, string>} what faults.soak.ts reads from its environment */
function wanted() {
  const options = { seeds: { type: "string" }, minutes: { type: "string" }, first: { type: "string" } };
  const { values } = parseArgs({ options: /** @type {const} */ (options) });
  for (const [name, value] of Object.entries(values))
    if (!(Number(value) > 0)) throw new Error(`--${name} ${value}: a number above 0 is needed`);
  const first = values.first ?? String(1 + Math.floor(Math.random() * 0x7fff_0000));
  const length = values.minutes ? { SOAK_MINUTES: values.minutes } : { SOAK_SEEDS: values.seeds ?? "10000" };
  return { ...length, SOAK_FIRST: first };
}

try {
  const environment = { ...process.env, ...wanted() };
  const vitest = ["vitest", "run", "--config", ".vitest.soak.ts"];
  const child = spawn("npx", vitest, { stdio: "inherit", env: environment });
  child.on("exit", (code) => {
    process.exitCode = code ?? 1;
  });
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : error}\n${usage}\n`);
  process.exitCode = 2;
}
