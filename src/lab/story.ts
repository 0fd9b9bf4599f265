import { constants } from "node:os";
import { watch } from "./live-view.js";
import { Lab, removeLeftovers } from "./namespaces.js";
import { Network } from "./network.js";
import { performAll } from "./script.js";

/**
 * The program of `npm start`: a CE with a link to each of two PEs, which act as one, and a core behind them, each in a
 * network namespace of its own. On a terminal it is a live view with keys that cut, kill and power off. With
 * `--script`, or without a terminal, the story performs itself.
 * Exit: 0 every step went as expected; 1 not so; 2 bad arguments; 128 + n after signal n.
 */
const USAGE = "usage: npm start [-- --script]";
const print = (line: string): void => void process.stdout.write(`${line}\n`);

let lab: Lab | undefined;
let starting: Promise<Network> | undefined;

/** Stops the network and removes the lab. */
async function leave(): Promise<void> {
  // A start under way is waited for, since a daemon that begins after the clean-up would stay.
  const [network] = await Promise.allSettled([starting]);
  if (network.status === "fulfilled") await network.value?.stop();
  await lab?.close();
}

async function play(scripted: boolean): Promise<number> {
  const removed = await removeLeftovers();
  if (removed.length > 0) print(`Removed what a killed run had left: ${removed.join(", ")}`);
  lab = new Lab();
  if (scripted)
    print("Two PEs and a CE start, each an etrunkd in a network namespace of its own, and a core behind the PEs.\n");
  starting = Network.start(lab);
  const network = await starting;
  if (scripted) return (await performAll(network, print)) ? 0 : 1;
  await watch(network);
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
    // An error that comes from taking everything away is not reported.
    if (leaving) return await new Promise<never>(() => {});
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  } finally {
    if (!leaving) await leave();
  }
}

process.exitCode = await main(process.argv.slice(2));
