import { join } from "node:path";
import type { Answers, MonitorLine } from "../daemon/control-messages.js";
import { Daemon } from "./daemon.js";
import type { Lab } from "./namespaces.js";
import { Stream } from "./traffic.js";
import type { StreamSpec } from "./traffic-frame.js";
import { Wire } from "./wire.js";

export const NAMES = ["PE", "CE"] as const;
export type Name = (typeof NAMES)[number];
export const LINKS = ["eth1", "eth2"] as const;
export type Link = (typeof LINKS)[number];

/**
 * One Eth-Trunk of both links. With the short timeout a partner that is not heard for 3 s is gone; with independent control an
 * end sends over a link only when the other one collects there, so that a link that joins loses nothing.
 */
const configuration = (name: Name): string => `sysname ${name}
#
interface Eth-Trunk1
 mode lacp-static
 lacp timeout fast
 lacp independent-control enable
#
${LINKS.map((link) => `interface ${link}\n eth-trunk 1\n#\n`).join("")}return
`;

/** Eight flows, each with a frame every 2 ms; the trunk spreads them over its links. */
const STREAM: StreamSpec = {
  from: "eth-trunk1",
  to: "eth-trunk1",
  source: "02:00:00:00:00:ce",
  flows: Array(8).fill("02:00:00:00:00:fe"),
  burst: 4,
};

export type Trunk = Extract<Answers["eth-trunk"], { id: number }>;

/** An event at one end. */
export interface Edge {
  readonly at: Name;
  readonly event: "port-state" | "trunk-state";
  /** Microseconds of CLOCK_MONOTONIC when the daemon decided it. */
  readonly mono: number;
  /** The link it is about; undefined for the trunk. */
  readonly link: string | undefined;
  readonly from: string;
  readonly to: string;
  readonly reason: string;
}

/** Microseconds of the clock that the daemons' events carry. */
export const monotonic = (): number => Number(process.hrtime.bigint() / 1000n);

function edgeOf(at: Name, line: MonitorLine): Edge {
  const { port, from, to, reason } = line as MonitorLine & { port?: string; from: string; to: string; reason?: string };
  const event = line.event === "trunk-state" ? "trunk-state" : "port-state";
  return { at, event, mono: line.mono, link: port, from, to, reason: reason ?? "" };
}

/** A PE and a CE, an etrunkd each, with two links between them that are not plugged in yet, and a stream through them. */
export class Pair {
  readonly wire: Wire;
  /** Everything that happened to ports and trunks, in the order it was heard. */
  readonly edges: Edge[] = [];
  readonly #daemons: ReadonlyMap<Name, Daemon>;
  #stream: Stream | undefined;

  private constructor(wire: Wire, daemons: ReadonlyMap<Name, Daemon>) {
    this.wire = wire;
    this.#daemons = daemons;
  }

  static async start(lab: Lab): Promise<Pair> {
    const namespaces = [await lab.namespace("pe"), await lab.namespace("ce")] as const;
    const wire = await Wire.create(lab, namespaces, LINKS);
    const daemons = new Map<Name, Daemon>();
    const pair = new Pair(wire, daemons);
    try {
      for (const [end, name] of NAMES.entries()) {
        const namespace = namespaces[end] as string;
        const options = { namespace, folder: join(lab.folder, name), configuration: configuration(name) };
        const daemon = await Daemon.start(options);
        daemons.set(name, daemon);
        await daemon.monitor(["port-state", "trunk-state"], (line) => {
          if (line.event === "port-state" || line.event === "trunk-state") pair.edges.push(edgeOf(name, line));
        });
      }
      pair.#stream = await Stream.start(STREAM, namespaces[1], namespaces[0]);
    } catch (error) {
      await pair.stop();
      throw error;
    }
    return pair;
  }

  /** From CE to PE, through the trunk. */
  get stream(): Stream {
    if (!this.#stream) throw new Error("the stream has not begun");
    return this.#stream;
  }

  /** What one end displays of its trunk; throws with the daemon's last log lines when it is gone. */
  async trunk(name: Name): Promise<Trunk> {
    const daemon = this.#daemons.get(name) as Daemon;
    try {
      return (await daemon.ask({ ask: "eth-trunk", id: 1 })) as Trunk;
    } catch (error) {
      throw new Error(`${name} does not answer: ${(error as Error).message}\n${daemon.lastWords}`);
    }
  }

  async stop(): Promise<void> {
    await Promise.all([this.#stream?.stop(), ...[...this.#daemons.values()].map((daemon) => daemon.stop())]);
  }
}

/** Carries traffic both ways, as LACP sees it. */
export const carries = (port: Trunk["ports"][number]): boolean =>
  port.status === "Selected" && port.collecting && port.distributing;
