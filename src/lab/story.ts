import { constants } from "node:os";
import { watch } from "./live-view.js";
import { Lab, removeLeftovers } from "./namespaces.js";
import { Pair } from "./pair.js";
import { performAll } from "./steps.js";

/**
 * What `npm start` shows: a PE and a CE, each an etrunkd in a network namespace of its own, with two links between them.
 * On a terminal one watches and cuts links; with `--script`, or without a terminal, the story performs itself.
 * Exit: 0 done, every step as it should be; 1 not so; 2 bad arguments; 128 + n after signal n.
 */
const USAGE = "usage: npm start [-- --script]";
const print = (line: string): void => void process.stdout.write(`${line}\n`);

let lab: Lab | undefined;
let starting: Promise<Pair> | undefined;

/** Nothing of the lab is left after it. */
async function leave(): Promise<void> {
  // Also while it starts: a daemon that begins after the clean-up would stay.
  const [pair] = await Promise.allSettled([starting]);
  if (pair.status === "fulfilled") await pair.value?.stop();
  await lab?.close();
}

async function play(scripted: boolean): Promise<number> {
  const removed = await removeLeftovers();
  if (removed.length > 0) print(`Removed what a killed run had left: ${removed.join(", ")}`);
  lab = new Lab();
  if (scripted) print("A PE and a CE start, each an etrunkd in a network namespace of its own.\n");
  starting = Pair.start(lab);
  const pair = await starting;
  if (scripted) return (await performAll(pair, print)) ? 0 : 1;
  await watch(pair);
  return 0;
}

async function main(words: readonly string[]): Promise<number> {
  if (words.some((word) => word !== "--script")) {
    process.stderr.write(`${USAGE}\n`);
    return 2;
  }
  if (process.getuid?.() !== 0) {
    process.stderr.write("npm start makes network namespaces, which only root may: run it as root.\n");
    return 1;
  }
  let leaving = false;
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => {
      if (leaving) return;
      leaving = true;
      leave().finally(() => process.exit(128 + constants.signals[signal]));
    });
  try {
    return await play(words.length > 0 || !process.stdin.isTTY || !process.stdout.isTTY);
  } catch (error) {
    // What fails because everything is being taken away is no news.
    if (leaving) return await new Promise<never>(() => {});
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  } finally {
    if (!leaving) await leave();
  }
}

process.exitCode = await main(process.argv.slice(2));
