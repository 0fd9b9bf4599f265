import { macToColons } from "../../src/core/base/address.js";
import type { PortView, TrunkView } from "../../src/core/parts/trunks/questions.js";
import { trunksOf } from "../support/ask.js";
import { readLacpdu } from "../support/frames.js";
import type { Cable, Plug } from "./cable.js";
import type { SimulatedNode } from "./node.js";
import type { Checker, World } from "./world.js";

/** A rule of the protocol does not hold. */
/** A restored port listens for 1.5 s at least, when its timeout was over 1.5 s ago at most. */
const BEGINNING = 3_000_000;

export class Violation extends Error {
  override readonly name = "Violation";
}

function require(condition: boolean, what: () => string): void {
  if (!condition) throw new Violation(what());
}

// 802.1AX-2014 6.4.16: no more than three LACPDUs in any Fast_Periodic_Time.
const MOST_LACPDUS = 3;
// 802.3 Annex 57A.2: no more than ten slow-protocol frames of all kinds in a second.
const MOST_SLOW_FRAMES = 10;
const SECOND = 1_000_000;
/** Frames on all wires and plans of the world together: more is a storm. */
const MOST_UNDER_WAY = 2_000;

const SYNCHRONIZATION = 3;
const COLLECTING = 4;
const DISTRIBUTING = 5;
const has = (state: string | null | undefined, bit: number): boolean => state?.[bit] === "1";

/** What one port has sent in this life of its node, by the node's own clock. */
class Sent {
  readonly lacpdus: number[] = [];
  readonly all: number[] = [];
  lastState = "00000000";
  /** The link was lost since: the partner has forgotten what it was told. */
  isForgotten = false;
}

/** Must hold after every step, whatever the faults. */
export class Invariants implements Checker {
  readonly #world: World;
  readonly #sent = new Map<string, Sent>();
  /** Every system ID a node has had: its partner may show an older one until the next PDU arrives. */
  readonly #systems = new Map<SimulatedNode, Set<string>>();
  /** The longest timeout a node has had. */
  readonly #timeouts = new Map<SimulatedNode, number>();

  constructor(world: World) {
    this.#world = world;
  }

  #of(node: SimulatedNode, device: string): Sent {
    const key = `${node.name}/${node.life}/${device}`;
    const known = this.#sent.get(key);
    if (known) return known;
    const fresh = new Sent();
    this.#sent.set(key, fresh);
    return fresh;
  }

  sent(node: SimulatedNode, device: string, bytes: Uint8Array): void {
    const sent = this.#of(node, device);
    const now = node.localNow;
    countWithin(sent.all, MOST_SLOW_FRAMES, now, () => `${node.name} ${device}: more than 10 slow frames in a second`);
    const pdu = readLacpdu(bytes);
    if (!pdu) return;
    countWithin(sent.lacpdus, MOST_LACPDUS, now, () => `${node.name} ${device}: more than 3 LACPDUs in a second`);
    sent.lastState = pdu.actor.state;
    sent.isForgotten = false;
  }

  turned(node: SimulatedNode): void {
    const { engine } = node;
    if (!engine) return;
    require(engine.nextDeadline() > node.localNow, () => `${node.name} has taken its turn and does not rest`);
    require(this.#world.pending < MOST_UNDER_WAY, () => `${this.#world.pending} frames are under way`);
    this.#remember(node);
    this.#forget();
    for (const trunk of trunksOf(engine)) {
      checkTrunk(node, trunk);
      checkCarrier(node, trunk);
      for (const port of trunk.ports) this.#checkPort(node, trunk, port);
    }
  }

  #remember(node: SimulatedNode): void {
    const known = this.#systems.get(node) ?? new Set();
    for (const { lacp } of node.desired.trunks) known.add(macToColons(lacp.systemId));
    this.#systems.set(node, known);
    const timeouts = node.desired.trunks.map(({ lacp }) => lacp.timeout);
    this.#timeouts.set(node, Math.max(this.#timeouts.get(node) ?? 0, ...timeouts));
  }

  #forget(): void {
    for (const cable of this.#world.cables)
      if (!cable.hasCarrier) for (const { node, device } of cable.plugs) this.#of(node, device).isForgotten = true;
  }

  /** A member that the data plane does not serve, as the node was told, invites nobody and carries nothing. */
  #checkServed(node: SimulatedNode, trunk: TrunkView, port: PortView): void {
    const index = node.links.get(port.name)?.index;
    if (index === undefined || !node.dataPlane.isToldUnserved(trunk.id, index)) return;
    const here = () => `${node.name} ${port.name}: ${JSON.stringify(port)}`;
    require(!port.distributing, () => `carries what the data plane does not serve; ${here()}`);
    if (trunk.mode !== "static") return;
    const { lastState, lacpdus, isForgotten } = this.#of(node, port.name);
    const limited = (lacpdus[0] ?? 0) + SECOND > node.localNow && lacpdus.length === MOST_LACPDUS;
    const invites = has(lastState, COLLECTING) || has(lastState, DISTRIBUTING);
    const link = node.links.get(port.name);
    const isHeard = link?.up === true && link.carrier && !isForgotten;
    require(!invites || limited || !isHeard, () => `invites what the data plane does not serve; ${here()}`);
  }

  #checkPort(node: SimulatedNode, trunk: TrunkView, port: PortView): void {
    this.#checkServed(node, trunk, port);
    const here = () => `${node.name} ${port.name}: ${JSON.stringify(port)}`;
    // Without a partner LACP has no say.
    if (trunk.mode !== "static" || port.status === "ForceUp") return;
    this.#checkHeard(node, port);
    const { portState, partner } = port;
    const up = trunk.operState === "up";
    // What is told to a partner is what the data plane does (6.4.2.3). A member that has to stop goes on collecting what is on its
    // way.
    require(port.distributing === has(portState, DISTRIBUTING), () => `Distributing told is not done; ${here()}`);
    require(!has(portState, COLLECTING) || port.collecting, () => `Collecting told is not done; ${here()}`);
    checkPlane(node, trunk, port);
    require(!port.distributing || port.collecting, () => `distributes without collecting; ${here()}`);
    require(!has(portState, COLLECTING) || has(portState, SYNCHRONIZATION), () => `collects out of sync; ${here()}`);
    require(port.linkUp || !port.collecting, () => `collects without a link; ${here()}`);
    require(!up || (port.status === "Selected") === port.distributing, () => `Selected is not distributing; ${here()}`);
    if (!has(portState, COLLECTING)) return;
    require(has(partner?.portState, SYNCHRONIZATION), () => `collects towards a partner out of sync; ${here()}`);
    const independent = node.desired.trunks.find(({ id }) => id === trunk.id)?.lacp.independentControl ?? false;
    if (independent && port.distributing)
      require(has(partner?.portState, COLLECTING), () => `distributes to a partner that does not collect; ${here()}`);
    // Coupled: whoever gets our traffic was told to collect, or will be as soon as the limit of three allows.
    const sent = this.#of(node, port.name);
    const limited = (sent.lacpdus[0] ?? 0) + SECOND > node.localNow && sent.lacpdus.length === MOST_LACPDUS;
    const told = has(sent.lastState, SYNCHRONIZATION) || limited;
    require(told, () => `distributes without having told the partner to collect; ${here()}`);
    const cable = this.#world.cables.find(({ plugs }) => plugs.some((p) => p.node === node && p.device === port.name));
    const far = cable?.plugs.find((plug) => plug.node !== node);
    const farSystems = far && this.#systems.get(far.node);
    require(farSystems?.has(partner?.systemId ?? "") ?? true, () => `carries traffic to a stranger; ${here()}`);
  }

  /**
   * Who is current was heard on the very interface that is under the port, and not longer ago than its timeout, or than a process
   * that has just begun listens for its partner.
   */
  #checkHeard(node: SimulatedNode, port: PortView): void {
    if (port.receiveState !== "CURRENT") return;
    const heard = node.lacpduHeard.get(node.links.get(port.name)?.index ?? 0);
    const timeout = this.#timeouts.get(node) ?? 0;
    require(heard !== undefined && node.localNow - heard <= timeout + BEGINNING, () =>
      `${node.name} ${port.name} is current, its partner was heard ${heard === undefined ? "elsewhere" : node.localNow - heard}`);
  }
}

/** The trunk's device has carrier while the trunk is up, or still takes what is on its way. */
function checkCarrier(node: SimulatedNode, trunk: TrunkView): void {
  const carrier = node.dataPlane.planes.get(trunk.id)?.carrier ?? false;
  const needed = trunk.operState === "up" || trunk.ports.some((port) => port.collecting);
  require(carrier === needed, () => `${node.name} Eth-Trunk${trunk.id} is ${trunk.operState}, its carrier ${carrier}`);
}

/** Who sends and who takes in the data plane is what displays say; but a partner that has yet to follow is still sent to. */
function checkPlane(node: SimulatedNode, trunk: TrunkView, port: PortView): void {
  const here = () => `${node.name} ${port.name}: ${JSON.stringify(port)}`;
  const index = node.links.get(port.name)?.index;
  const plane = node.dataPlane.planes.get(trunk.id);
  if (!plane || index === undefined) return;
  const sends = plane.distributing.some((share) => share.index === index);
  const isLast = port.collecting && trunk.ports.every(({ distributing }) => !distributing);
  require(sends === port.distributing || (sends && isLast), () =>
    `the data plane ${sends ? "sends" : "does not send"}; ${here()}`);
  const takes = plane.collecting.has(index);
  require(takes === port.collecting, () => `the data plane ${takes ? "collects" : "does not collect"}; ${here()}`);
}

function countWithin(times: number[], most: number, now: number, complaint: () => string): void {
  require(times.length < most || now - (times[0] as number) >= SECOND, complaint);
  times.push(now);
  if (times.length > most) times.shift();
}

function checkTrunk(node: SimulatedNode, trunk: TrunkView): void {
  const here = () => `${node.name} Eth-Trunk${trunk.id}: ${JSON.stringify({ ...trunk, ports: trunk.ports.length })}`;
  const wanted = node.desired.trunks.find(({ id }) => id === trunk.id);
  if (!wanted) throw new Violation(`shows a trunk nobody configured; ${here()}`);
  const up = trunk.ports.filter(({ status }) => ["Selected", "Indep", "ForceUp", "Up"].includes(status));
  require(trunk.upPorts === up.length, () => `counts its ports wrong; ${here()}`);
  const distributing = trunk.ports.filter((port) => port.distributing).length;
  require(distributing <= wanted.lacp.maxLinks, () => `distributes on more than max active-linknumber; ${here()}`);
  const speedOf = (name: string): number => node.desired.interfaces.find((i) => i.name === name)?.speed ?? 0;
  // With independent control a port that only collects counts too: both ends are in sync.
  const counted = trunk.ports.filter((port) => up.includes(port) || has(port.portState, COLLECTING));
  const bandwidth = counted.reduce((sum, port) => sum + speedOf(port.name), 0);
  const enough =
    up.length > 0 &&
    counted.length >= Math.max(1, wanted.leastLinks ?? 1) &&
    bandwidth >= (wanted.leastBandwidth ?? 0) &&
    !wanted.shutdown;
  require((trunk.operState === "up") === enough, () => `is ${trunk.operState} against its thresholds; ${here()}`);
}

const portOf = ({ node, device }: Plug): PortView => node.port(device);

/** What one end says of itself, in the fields the other end shows of its partner. */
function actorOf(plug: Plug): object {
  const port = portOf(plug);
  const trunk = trunksOf(plug.node.engine).find(({ ports }) => ports.some(({ name }) => name === plug.device));
  return {
    systemPriority: trunk?.systemPriority,
    systemId: trunk?.systemId,
    portPriority: port.portPriority,
    portNumber: port.portNumber,
    portKey: port.portKey,
    portState: port.portState,
  };
}

/** Must hold once all faults are over and the world has been quiet for long enough. */
export function checkQuiet(world: World): void {
  const carrying = world.cables.filter((cable) => cable.plugs.every((plug) => portOf(plug).distributing));
  for (const cable of world.cables) {
    const [a, b] = cable.plugs;
    const ends = `${cable.name}: ${JSON.stringify([portOf(a), portOf(b)], undefined, 1)}`;
    require(portOf(a).distributing === portOf(b).distributing, () => `one end carries, the other does not; ${ends}`);
    require(same(portOf(a).partner, actorOf(b)), () => `the first end's partner is not what the second is; ${ends}`);
    require(same(portOf(b).partner, actorOf(a)), () => `the second end's partner is not what the first is; ${ends}`);
  }
  const [first] = world.nodes;
  const seats = Math.min(...world.nodes.map((node) => node.desired.trunks[0]?.lacp.maxLinks ?? 0), world.cables.length);
  require(carrying.length === seats, () => `${carrying.length} of ${world.cables.length} links carry, not ${seats}`);
  for (const node of world.nodes) require(node.trunk().operState === "up", () => `the trunk of ${node.name} is down`);
  if (first && world.nodes.every((node) => node.desired.trunks[0]?.lacp.preemptDelay !== undefined))
    checkBest(world, carrying, seats);
}

const same = (a: object | null, b: object): boolean =>
  a !== null && Object.entries(b).every(([key, value]) => (a as Record<string, unknown>)[key] === value);

/** With preemption everywhere the better system's best ports carry. */
function checkBest(world: World, carrying: readonly Cable[], seats: number): void {
  const [decider] = [...world.nodes].sort((a, b) => {
    const [x, y] = [a.desired.trunks[0]?.lacp, b.desired.trunks[0]?.lacp];
    return (x?.systemPriority ?? 0) - (y?.systemPriority ?? 0) || (x?.systemId ?? 0) - (y?.systemId ?? 0);
  });
  const rank = (cable: Cable): number => {
    const plug = cable.plugs.find(({ node }) => node === decider) as Plug;
    const { portPriority, portNumber } = portOf(plug);
    return (portPriority ?? 0) * 0x1_0000 + (portNumber ?? 0);
  };
  const best = [...world.cables].sort((a, b) => rank(a) - rank(b)).slice(0, seats);
  const names = (cables: readonly Cable[]): string =>
    cables
      .map(({ name }) => name)
      .sort()
      .join(", ");
  require(names(best) === names(carrying), () => `${names(carrying)} carry, the best are ${names(best)}`);
}
