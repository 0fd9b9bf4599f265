import { setTimeout as delay } from "node:timers/promises";
import { type Edge, LINKS, type Link, monotonic, NAMES, type Name, type Pair, type Trunk } from "./pair.js";
import { cabling, streamText, table } from "./picture.js";

const REDRAW_MS = 200;
const EVENTS_SHOWN = 8;

// ECMA-48: alternate screen, cursor, home, erase to the end of the line and of the screen.
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const END_LINE = "\x1b[K\r\n";
const END_SCREEN = "\x1b[J";

const CTRL_C = "\x03";
const CTRL_D = "\x04";

function eventLine(edge: Edge, now: number): string {
  const ago = `${((now - edge.mono) / 1_000_000).toFixed(1)} s ago`.padStart(11);
  const reason = edge.reason ? ` (${edge.reason})` : "";
  return `${ago}  ${edge.at} ${edge.link ?? "Eth-Trunk1"}: ${edge.from} -> ${edge.to}${reason}`;
}

function screen(pair: Pair, trunks: ReadonlyMap<Name, Trunk>, chosen: Link, told: string): string[] {
  const now = monotonic();
  const states = NAMES.map((name) => {
    const trunk = trunks.get(name) as Trunk;
    return `${name}: Eth-Trunk1 is ${trunk.operState}, ${trunk.upPorts} of ${trunk.ports.length} links carry`;
  });
  const events = pair.edges.slice(-EVENTS_SHOWN).toReversed();
  return [
    "etrunkd: a PE and a CE, LACP with the short timeout",
    "",
    ...cabling(pair.wire),
    "",
    ...states,
    "",
    ...table(trunks),
    "",
    `stream from CE to PE, since the last key: ${streamText(pair.stream.sinceMark)}`,
    "",
    ...events.map((edge) => eventLine(edge, now)),
    "",
    `1 2 choose the link (${chosen})   s cut it silently   c cut its carrier   h heal it   q quit`,
    told,
  ];
}

/** A view of both ends, redrawn in place, with keys for what may happen to the links; returns when the person leaves. */
export async function watch(pair: Pair): Promise<void> {
  const { stdin, stdout } = process;
  let chosen: Link = LINKS[0];
  let told = "";
  let leaving = false;
  // One act at a time, in the order of the keys.
  let acts = Promise.resolve();
  const act = (what: string, how: () => Promise<void>) => {
    told = what;
    acts = acts
      .then(() => pair.stream.markNow())
      .then(how)
      .catch((error: Error) => {
        told = error.message;
      });
  };
  const keys: { readonly [key: string]: () => void } = {
    "1": () => (chosen = LINKS[0]),
    "2": () => (chosen = LINKS[1]),
    s: () => act(`${chosen} is silent: carrier stays, frames are lost`, () => pair.wire.silence(chosen)),
    c: () => act(`${chosen} has no carrier`, () => pair.wire.disconnect(chosen)),
    h: () => act(`${chosen} is healed`, () => pair.wire.connect(chosen)),
    q: () => (leaving = true),
    [CTRL_C]: () => (leaving = true),
    [CTRL_D]: () => (leaving = true),
  };
  stdin.setRawMode(true);
  stdin.setEncoding("utf8").on("data", (typed) => {
    for (const key of String(typed)) keys[key.toLowerCase()]?.();
  });
  process.once("exit", restoreTerminal);
  stdout.write(ENTER);
  try {
    act("the links are plugged in", () => pair.wire.connect(...LINKS));
    while (!leaving) {
      const trunks = new Map<Name, Trunk>();
      for (const name of NAMES) trunks.set(name, await pair.trunk(name));
      const lines = screen(pair, trunks, chosen, told).map((line) => line.slice(0, stdout.columns - 1));
      stdout.write(HOME + lines.slice(0, stdout.rows - 1).join(END_LINE) + END_LINE + END_SCREEN);
      await delay(REDRAW_MS);
    }
    await acts;
  } finally {
    restoreTerminal();
    process.off("exit", restoreTerminal);
    stdin.pause();
  }
}

function restoreTerminal(): void {
  process.stdin.setRawMode(false);
  process.stdout.write(LEAVE);
}
