import { type IpAddress, parseIpAddress } from "../../../src/core/base/ip-address.js";
import { type Micros, micros, seconds } from "../../../src/core/base/time.js";
import type { Desired } from "../../../src/core/contract/desired/desired.js";
import type { DesiredEtrunk, DesiredEtrunkMember } from "../../../src/core/contract/desired/etrunk.js";
import type { DesiredLacp } from "../../../src/core/contract/desired/trunk.js";
import type { EtrunkView } from "../../../src/core/parts/etrunk/questions.js";
import { etrunksOf } from "../../support/ask.js";
import { desired } from "../../support/desired.js";
import type { Cable } from "../cable.js";
import type { SimulatedNode } from "../node.js";
import { World, type WorldOptions } from "../world.js";

export const address = (text: string): IpAddress => {
  const parsed = parseIpAddress(text);
  if (parsed === undefined) throw new Error(`no address: ${text}`);
  return parsed;
};

export const key = (text: string): Uint8Array => new TextEncoder().encode(text);

/** One PE as a scenario writes it. */
export interface PeParts {
  readonly etrunk?: Partial<DesiredEtrunk>;
  readonly member?: Partial<DesiredEtrunkMember>;
  readonly lacp?: Partial<DesiredLacp>;
  readonly mac?: string;
  /** Of the trunk; the CE's is that of the first PE. */
  readonly mode?: "static" | "manual";
}

const ADDRESSES = { pe1: "192.0.2.1", pe2: "192.0.2.2" } as const;
type PeName = keyof typeof ADDRESSES;

const MACS: { readonly [name in PeName | "ce"]: string } = {
  pe1: "0200-0001-0000",
  pe2: "0200-0002-0000",
  ce: "0200-0003-0000",
};

function peDesired(name: PeName, links: number, parts: PeParts): Desired {
  const peer = name === "pe1" ? "pe2" : "pe1";
  const etrunk: DesiredEtrunk = {
    id: 1,
    priority: name === "pe1" ? 10 : 20,
    higherFirst: false,
    addresses: { source: address(ADDRESSES[name]), peer: address(ADDRESSES[peer]), vrf: undefined },
    udpPort: 1025,
    keys: [{ id: 0, octets: key("YsHsjx_202206"), origin: "configured" }],
    sendKeyId: 0,
    authentication: "enhanced-hmac-sha256",
    sequenceCheck: false,
    helloInterval: seconds(1),
    multiplier: 5,
    revert: true,
    revertDelay: 10,
    select: "default",
    description: undefined,
    bfd: undefined,
    ...parts.etrunk,
  };
  const member: DesiredEtrunkMember = {
    etrunk: 1,
    remoteTrunk: 1,
    mode: "auto",
    systemId: undefined,
    systemPriority: undefined,
    standbyByCarrier: true,
    ...parts.member,
  };
  const members = Object.fromEntries(Array.from({ length: links }, (_, n) => [`eth${n + 1}`, {}]));
  const trunk = { mode: parts.mode ?? "static", members, etrunk: member, lacp: { fast: true, ...parts.lacp } };
  return { ...desired(parts.mac ?? MACS[name], trunk), etrunks: [etrunk] };
}

/** Two PEs that are one E-Trunk, and a CE with so many links to each of them. */
export class EtrunkPair {
  readonly world: World;
  readonly pe1: SimulatedNode;
  readonly pe2: SimulatedNode;
  readonly ce: SimulatedNode;
  readonly links: number;

  constructor(
    links = 1,
    pe1: PeParts = {},
    pe2: PeParts = {},
    ce: Partial<DesiredLacp> = {},
    options: WorldOptions = {},
  ) {
    this.links = links;
    this.world = new World(options);
    this.pe1 = this.world.addNode("pe1", peDesired("pe1", links, pe1));
    this.pe2 = this.world.addNode("pe2", peDesired("pe2", links, pe2), { offset: 55_000_000, drift: 80 });
    const members = Object.fromEntries(Array.from({ length: 2 * links }, (_, n) => [`eth${n + 1}`, {}]));
    const trunk = { mode: pe1.mode ?? "static", members, lacp: { fast: true, ...ce } };
    this.ce = this.world.addNode("ce", desired(MACS.ce, trunk), { offset: 9_000_000, drift: -60 });
    this.pe1.addresses.push(address(ADDRESSES.pe1));
    this.pe2.addresses.push(address(ADDRESSES.pe2));
    for (const [at, pe] of [this.pe1, this.pe2].entries())
      for (let n = 1; n <= links; n++)
        this.world.connect({ node: pe, device: `eth${n}` }, { node: this.ce, device: `eth${at * links + n}` });
  }

  /** The cables of a PE. */
  cables(pe: SimulatedNode): readonly Cable[] {
    return this.world.cables.filter(({ plugs }) => plugs[0].node === pe);
  }

  get pes(): readonly [SimulatedNode, SimulatedNode] {
    return [this.pe1, this.pe2];
  }

  etrunk(pe: SimulatedNode): EtrunkView {
    const [view] = etrunksOf(pe.engine, pe.localNow) ?? [];
    if (view === undefined) throw new Error(`${pe.name} has no E-Trunk`);
    return view;
  }

  /** The PEs whose data plane sends to the CE; a PE without its daemon forwards headless. */
  distributing(): string[] {
    return this.pes.filter((pe) => distributes(pe)).map(({ name }) => name);
  }

  /** Members of the CE's trunk that carry. */
  ceCarries(): string[] {
    return this.ce
      .trunk()
      .ports.filter(({ distributing }) => distributing)
      .map(({ name }) => name);
  }

  carries(...names: readonly string[]): boolean {
    return JSON.stringify(this.distributing()) === JSON.stringify(names);
  }

  /** Everybody starts, and the first PE carries. */
  up(): this {
    this.world.startAll();
    this.world.until(
      "pe1 carries alone",
      () => this.carries("pe1") && this.ceCarries().length === this.links,
      seconds(60),
    );
    this.world.run(seconds(3));
    return this;
  }

  /** No datagram passes in either direction. */
  split(isSplit = true): void {
    for (const way of ["pe1>pe2", "pe2>pe1"]) this.cutWay(way, isSplit);
  }
  cutWay(way: string, isCut = true): void {
    if (isCut) this.world.network.cuts.add(way);
    else this.world.network.cuts.delete(way);
  }

  configure(pe: SimulatedNode, parts: PeParts): void {
    this.world.configure(pe, peDesired(pe.name as PeName, this.links, parts));
  }
}

export const distributes = (pe: SimulatedNode): boolean =>
  pe.engine !== undefined && pe.trunk().ports.some(({ distributing }) => distributing);

/** How long the CE had no link that carries, over a run that `act` begins. */
export function outage(pair: EtrunkPair, duration: Micros, act: () => void): Micros {
  let lost = 0;
  const start = pair.world.now;
  act();
  const step = 1_000;
  for (let at = start; at < start + duration; at = micros(at + step)) {
    pair.world.run(micros(step));
    if (pair.ceCarries().length === 0) lost += step;
  }
  return micros(lost);
}
