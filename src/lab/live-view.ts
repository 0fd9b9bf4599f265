import { setTimeout as delay } from "node:timers/promises";
import { monotonic } from "./clock.js";
import type { Edge, Network, View } from "./network.js";
import { PES, type Pe, type PeName } from "./pe.js";
import { columns, edgeText, picture, streamText } from "./picture.js";

const REDRAW_MS = 200;
const EVENTS_SHOWN = 12;

// ECMA-48: alternate screen, cursor, home, erase to the end of the line and of the screen.
const ENTER = "\x1b[?1049h\x1b[?25l";
const LEAVE = "\x1b[?25h\x1b[?1049l";
const HOME = "\x1b[H";
const END_LINE = "\x1b[K\r\n";
const END_SCREEN = "\x1b[J";

const CTRL_C = "\x03";
const CTRL_D = "\x04";

const KEYS = [
  "1 2 choose the PE   c cut or heal its link to the CE   k kill -9 its daemon, or start it   s stop it, or start it",
  "p its power off, or on   o what is sent to it is lost, or arrives   b every path between the PEs   q quit",
];

function eventLine(edge: Edge, now: number): string {
  const ago = `${((now - edge.mono) / 1_000_000).toFixed(1)} s ago`.padStart(11);
  return `${ago}  ${edgeText(edge)}`;
}

/** The links of the CE, one line each. */
function portTable({ ce }: View): string[] {
  const heading = ["CE", "status", "state", "partner", "port", "partner's state", ""];
  const rows = ce.map((port) => [
    port.name,
    port.status,
    port.portState ?? "-",
    port.partner?.systemId ?? "-",
    `${port.partner?.portNumber ?? "-"}`,
    port.partner?.portState ?? "-",
    port.reason,
  ]);
  return columns([heading, ...rows]);
}

function screen(network: Network, view: View, chosen: PeName, told: string): string[] {
  const now = monotonic();
  const { up, down } = network.streams;
  return [
    "etrunkd: a CE with a link to each of two PEs, which act as one; traffic goes between CE and core",
    "",
    ...picture(network, view),
    "",
    ...portTable(view),
    "",
    `CE to core since the last key: ${streamText(up.sinceMark)}`,
    `core to CE since the last key: ${streamText(down.sinceMark)}`,
    "",
    ...KEYS,
    `${chosen}: ${told}`,
    "",
    ...network.edges
      .slice(-EVENTS_SHOWN)
      .toReversed()
      .map((edge) => eventLine(edge, now)),
  ];
}

/** The effect of a key on a PE in its present state, and the text that says so. */
type Act = { readonly told: string; readonly how: () => Promise<void> };

function actOf(key: string, network: Network, pe: Pe): Act | undefined {
  const start = { told: "its daemon is started", how: () => pe.start() };
  const { state } = pe;
  if (key === "p")
    return state === "off"
      ? { told: "it is powered on", how: () => pe.powerOn() }
      : { told: "it is powered off", how: () => pe.powerOff() };
  if (key === "o" || key === "b") {
    if (network.lostWays.length > 0) return { told: "every path is whole", how: () => network.loseWayTo() };
    return key === "b"
      ? { told: "every path between the PEs is lost", how: () => network.loseWayTo(...PES) }
      : { told: "what the other PE sends to it is lost", how: () => network.loseWayTo(pe.name) };
  }
  if (state === "off") return { told: "it has no power", how: async () => {} };
  if (key === "c")
    return pe.isCut
      ? { told: "its link to the CE is healed", how: () => pe.healCe() }
      : { told: "its link to the CE is cut", how: () => pe.cutCe() };
  if (key === "k") return state === "running" ? { told: "its daemon is killed", how: async () => pe.kill() } : start;
  if (key === "s") return state === "running" ? { told: "its daemon is stopped", how: () => pe.stop() } : start;
  return undefined;
}

/** Shows the network, redrawn in place, with keys that change it; returns when the person quits. */
export async function watch(network: Network): Promise<void> {
  const { stdin, stdout } = process;
  let chosen: PeName = "PE1";
  let told = "chosen";
  let leaving = false;
  // One act at a time, in the order of the keys.
  let acts = Promise.resolve();
  const act = async (key: string, pe: Pe): Promise<void> => {
    const found = actOf(key, network, pe);
    if (!found) return;
    told = found.told;
    await Promise.all([network.streams.up.markNow(), network.streams.down.markNow()]);
    await found.how();
  };
  const press = (key: string): void => {
    const pe = PES[Number(key) - 1];
    if (["q", CTRL_C, CTRL_D].includes(key)) leaving = true;
    else if (pe) [chosen, told] = [pe, "chosen"];
    else {
      const target = network.pe[chosen];
      acts = acts
        .then(() => act(key, target))
        .catch((error: Error) => {
          told = error.message;
        });
    }
  };
  stdin.setRawMode(true);
  stdin.setEncoding("utf8").on("data", (typed) => {
    for (const key of String(typed)) press(key.toLowerCase());
  });
  process.once("exit", restoreTerminal);
  stdout.write(ENTER);
  try {
    while (!leaving) {
      const lines = screen(network, await network.look(), chosen, told).map((line) =>
        line.slice(0, stdout.columns - 1),
      );
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
