import { integer } from "../../config/language/parameters.js";
import type { AnswerTo } from "../../daemon/questions.js";
import { type Daemon, Refused, Stopped } from "../client.js";
import { type Output, printJson } from "../output.js";
import { pause } from "../pause.js";
import { shellRow } from "./row.js";

/** Slow protocols send at most 10 frames in any second (802.3 Annex 57A); one Marker a second leaves LACP its room. */
const INTERVAL_MS = 1_000;

interface Port {
  readonly name: string;
  /** Milliseconds of each Marker sent so far; null for one without an answer. */
  readonly roundTripsMs: (number | null)[];
}

interface MarkerOptions {
  readonly id: number;
  readonly count: number;
  readonly json: boolean;
  readonly output: Output;
  readonly signal?: AbortSignal | undefined;
}

/**
 * `marker eth-trunk <id> [ <count> ]`: prints each round as it is over, or one JSON document at the end:
 * `{id, count, ports: [{name, roundTripMs, roundTripsMs}]}`, `roundTripMs` of the last. Stopped early, it prints what it has.
 * @internal
 */
export async function runMarker(daemon: Daemon, { id, count, json, output, signal }: MarkerOptions): Promise<void> {
  const ports: Port[] = [];
  let rounds = 0;
  try {
    for (let started = performance.now(); rounds < count; started += INTERVAL_MS) {
      if (rounds > 0) await pause(Math.max(0, started - performance.now()), signal);
      const round = await daemon.ask<"marker">({ ask: "marker", id }, { signal });
      rounds++;
      note(ports, round);
      if (rounds === 1 && round.ports.length === 0) throw new Refused(`Eth-Trunk${id} has no selected port`);
      if (!json) output.print(roundText(round, rounds, count));
    }
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
  }
  if (json) {
    const shown = ports.map((port) => ({ ...port, roundTripMs: port.roundTripsMs.at(-1) ?? null }));
    output.print(printJson({ id, count: rounds, ports: shown }));
  } else if (count > 1) output.print(summary(ports));
}

function note(ports: Port[], round: AnswerTo<"marker">): void {
  for (const { name, roundTripMs } of round.ports) {
    let port = ports.find((each) => each.name === name);
    if (!port) {
      port = { name, roundTripsMs: [] };
      ports.push(port);
    }
    port.roundTripsMs.push(roundTripMs);
  }
}

const milliseconds = (time: number): string => `${time.toFixed(3)} ms`;

function roundText(round: AnswerTo<"marker">, number: number, count: number): string {
  const prefix = count > 1 ? `${number}: ` : "";
  const width = Math.max(...round.ports.map(({ name }) => name.length));
  return round.ports
    .map(({ name, roundTripMs }) => {
      const result = roundTripMs === null ? "no answer" : `round trip ${milliseconds(roundTripMs)}`;
      return `${prefix}${name.padEnd(width)}  ${result}\n`;
    })
    .join("");
}

function summary(ports: readonly Port[]): string {
  return ports
    .map(({ name, roundTripsMs }) => {
      const answered = roundTripsMs.filter((time) => time !== null);
      const counts = `${name}: ${roundTripsMs.length} sent, ${answered.length} answered`;
      if (answered.length === 0) return `${counts}\n`;
      const average = answered.reduce((sum, time) => sum + time, 0) / answered.length;
      const times = [Math.min(...answered), average, Math.max(...answered)].map((time) => time.toFixed(3));
      return `${counts}, round trip min/avg/max ${times.join("/")} ms\n`;
    })
    .join("");
}

export const markerRows = [
  shellRow("marker eth-trunk <id> [ <count> ]", {
    help: "Measure the round trip to the partner with Marker PDUs",
    words: { "eth-trunk": "Eth-Trunk interface" },
    parameters: {
      id: { type: integer(0, 65535, "trunks"), help: "Number of the Eth-Trunk" },
      count: { type: integer(1, 1000), help: "Markers to send on each port, one a second, the default value is 1" },
    },
    run: ({ values: { id, count = 1 } }, { daemon, output, json, signal }) =>
      runMarker(daemon, { id: id as number, count: count as number, json, output, signal }),
  }),
];
