import type { EtrunkView, MonitorLine } from "../daemon/questions.js";
import { Carriers } from "./carriers.js";
import { type Ce, type CePort, type StartCe, startEtrunkdCe } from "./ce.js";
import type { Lab } from "./namespaces.js";
import { PES, Pe, type PeName, type PeParts, type PeState, REVERT_DELAY } from "./pe.js";
import { run } from "./programs.js";
import { Stream } from "./traffic.js";
import type { StreamSpec } from "./traffic-frame.js";

const PARTS: { readonly [pe in PeName]: Omit<PeParts, "revertDelay"> } = {
  PE1: {
    name: "PE1",
    priority: 10,
    address: "10.9.0.1",
    peerAddress: "10.9.0.2",
    links: { ce: "eth1", service: "eth3", path: "eth5" },
    path: { own: "10.9.1.1", core: "10.9.1.2" },
  },
  PE2: {
    name: "PE2",
    priority: 20,
    address: "10.9.0.2",
    peerAddress: "10.9.0.1",
    links: { ce: "eth2", service: "eth4", path: "eth6" },
    path: { own: "10.9.2.1", core: "10.9.2.2" },
  },
};

const CE_STATION = "02:00:00:00:00:ce";
const CORE_STATION = "02:00:00:00:00:0c";
const BROADCAST = "ff:ff:ff:ff:ff:ff";

/** The stream from the CE: twelve flows, normally one frame every 3 ms in each, which the CE spreads over its links. */
const upFrom = ({ host, burst = 4 }: Ce): StreamSpec => ({
  from: host.device,
  to: "br0",
  source: CE_STATION,
  flows: Array(12).fill(CORE_STATION),
  burst,
});
/**
 * The stream to the CE: a flow to its address, which follows what the bridges have learned, and a flow to all, of which
 * every forwarding PE makes a copy.
 */
const downTo = ({ host }: Ce): StreamSpec => ({
  from: "br0",
  to: host.device,
  source: CORE_STATION,
  flows: [CE_STATION, BROADCAST],
  burst: 1,
});

export const DIRECTIONS = ["up", "down"] as const;
export type Direction = (typeof DIRECTIONS)[number];

export interface PeView {
  readonly state: PeState;
  /** Its E-Trunk, while the daemon runs. */
  readonly etrunk: EtrunkView | undefined;
}

export interface View {
  readonly pe: { readonly [pe in PeName]: PeView };
  /** The links of the CE. */
  readonly ce: readonly CePort[];
}

/** An event of a PE or of the CE. */
export interface Edge {
  readonly at: PeName | "CE";
  readonly event: string;
  /** Microseconds of CLOCK_MONOTONIC when the daemon decided it. */
  readonly mono: number;
  readonly from: string;
  readonly to: string;
  /** Causation, diagnostic or reason. */
  readonly because: string;
  /** Link of the CE that the event is about; undefined for events of a PE. */
  readonly port: string | undefined;
}

function edgeOf(at: PeName | "CE", line: MonitorLine): Edge {
  const fields = line as MonitorLine & { readonly [field: string]: string | undefined };
  const { from = "", to = "", causation, diagnostic, reason, port } = fields;
  return { at, event: line.event, mono: line.mono, from, to, because: causation ?? diagnostic ?? reason ?? "", port };
}

export interface NetworkOptions {
  readonly startCe?: StartCe;
  /** Revert delay of both PEs in seconds. */
  readonly revertDelay?: number;
}

/** Two PEs, a CE with a link to each, and a core behind both; traffic goes between CE and core both ways. */
export class Network {
  /** All events, in the order of their arrival. */
  readonly edges: readonly Edge[];
  readonly pe: { readonly [pe in PeName]: Pe };
  /** The PEs whose loopback address the core does not reach. */
  lostWays: readonly PeName[] = [];
  readonly #core: string;
  #ce: Promise<Ce> | undefined;
  #streams: { readonly [direction in Direction]: Stream } | undefined;
  #carriers: Carriers<PeName> | undefined;

  private constructor(core: string, pe: { readonly [pe in PeName]: Pe }, edges: readonly Edge[]) {
    this.#core = core;
    this.pe = pe;
    this.edges = edges;
  }

  /** Starts every daemon and both streams; the daemons may not have found each other yet. */
  static async start(
    lab: Lab,
    { startCe = startEtrunkdCe, revertDelay = REVERT_DELAY }: NetworkOptions = {},
  ): Promise<Network> {
    const [ce, core] = [await lab.namespace("ce"), await lab.namespace("core")];
    const edges: Edge[] = [];
    const make = (name: PeName) =>
      Pe.create(lab, { ...PARTS[name], revertDelay }, { ce, core }, (line) => edges.push(edgeOf(name, line)));
    const [pe1, pe2] = [await make("PE1"), await make("PE2")];
    const network = new Network(core, { PE1: pe1, PE2: pe2 }, edges);
    try {
      await network.#configureCore();
      const links = PES.map((name) => PARTS[name].links.ce);
      const heard = (line: MonitorLine): void => void edges.push(edgeOf("CE", line));
      network.#ce = startCe(lab, ce, links, heard);
      const [started] = await Promise.all([network.#ce, pe1.start(), pe2.start()]);
      const up = await Stream.start(upFrom(started), started.host.namespace, core);
      const down = await Stream.start(downTo(started), core, started.host.namespace);
      network.#streams = { up, down };
      network.#carriers = new Carriers(up.receiver, new Map(PES.map((name) => [PARTS[name].links.service, name])));
    } catch (error) {
      await network.stop();
      throw error;
    }
    return network;
  }

  get streams(): { readonly [direction in Direction]: Stream } {
    if (!this.#streams) throw new Error("the streams have not begun");
    return this.#streams;
  }

  get carriers(): Carriers<PeName> {
    if (!this.#carriers) throw new Error("the streams have not begun");
    return this.#carriers;
  }

  /** The displays of both PEs and of the CE. */
  async look(): Promise<View> {
    const [ce, pe1, pe2] = await Promise.all([this.#lookAtCe(), this.#lookAt(this.pe.PE1), this.#lookAt(this.pe.PE2)]);
    return { ce, pe: { PE1: pe1, PE2: pe2 } };
  }

  /** Makes the core drop packets to the loopback addresses of these PEs, and forward those to the others. */
  async loseWayTo(...lost: readonly PeName[]): Promise<void> {
    this.lostWays = lost;
    for (const name of PES) {
      const { address, path } = PARTS[name];
      const way = lost.includes(name) ? ["blackhole", `${address}/32`] : [`${address}/32`, "via", path.own];
      await run("ip", ["-n", this.#core, "route", "replace", ...way]);
    }
  }

  async stop(): Promise<void> {
    this.#carriers?.stop();
    await Promise.all([
      ...Object.values(this.#streams ?? {}).map((stream) => stream.stop()),
      ...PES.map((name) => this.pe[name].close()),
      this.#stopCe(),
    ]);
  }

  /** Makes the core a bridge for the service, and a router between the PEs that forwards no frame of the service. */
  async #configureCore(): Promise<void> {
    const commands = [
      "link set dev lo up",
      "link add name br0 type bridge",
      `link set dev br0 address ${CORE_STATION} up`,
    ];
    for (const name of PES) {
      const { links, path } = PARTS[name];
      commands.push(`link set dev ${links.service} master br0`, `address add ${path.core}/30 dev ${links.path}`);
    }
    await run("ip", ["-n", this.#core, "-batch", "-"], commands.map((command) => `${command}\n`).join(""));
    for (const name of PES) {
      const file = `/proc/sys/net/ipv4/conf/${PARTS[name].links.path}/forwarding`;
      await run("ip", ["netns", "exec", this.#core, "sh", "-c", `echo 1 >${file}`]);
    }
    await this.loseWayTo();
  }

  async #lookAtCe(): Promise<readonly CePort[]> {
    const ce = await this.#ce;
    if (!ce) throw new Error("the CE has not begun");
    return ce.look();
  }

  /** Stops the CE, also one that is just starting. */
  async #stopCe(): Promise<void> {
    const [started] = await Promise.allSettled([this.#ce]);
    if (started.status === "fulfilled") await started.value?.stop();
  }

  async #lookAt(pe: Pe): Promise<PeView> {
    if (pe.state !== "running") return { state: pe.state, etrunk: undefined };
    try {
      const etrunk = (await pe.daemon.ask({ ask: "e-trunk", id: 1 })) as EtrunkView;
      return { state: "running", etrunk };
    } catch (error) {
      // The daemon was killed or stopped during the question.
      if (pe.state !== "running") return { state: pe.state, etrunk: undefined };
      throw new Error(`${pe.name} does not answer: ${(error as Error).message}\n${pe.daemon.lastWords}`);
    }
  }
}
