import { seconds } from "../../../src/core/base/time.js";
import type { Desired } from "../../../src/core/contract/desired/desired.js";
import type { DesiredRbs, DesiredRbsProfile } from "../../../src/core/contract/desired/rbs.js";
import { Refusal } from "../../../src/core/contract/questions.js";
import type { RbsProfileView, RbsServiceView } from "../../../src/core/parts/rbs/questions.js";
import { address, EtrunkPair, type PeParts } from "../etrunk/etrunk-pair.js";
import type { SimulatedNode } from "../node.js";

/** The services and profiles of one PE as a scenario writes them. */
export interface RbsParts {
  readonly rbs?: Partial<DesiredRbs>;
  readonly port?: number;
  readonly profile?: Partial<DesiredRbsProfile>;
  /** In place of the one profile. */
  readonly profiles?: readonly DesiredRbsProfile[];
}

const PORT = 1_025;

export const profileOf = (own: Partial<DesiredRbsProfile> = {}): DesiredRbsProfile => ({
  name: "profile1",
  backup: { id: 10, service: "service1" },
  services: ["mld"],
  member: { etrunk: 1, trunk: 1 },
  interfaces: ["Eth-Trunk1"],
  ...own,
});

/** Two PEs of an E-Trunk with a service between their addresses. The first has the lower address and listens. */
export class RbsPair extends EtrunkPair {
  readonly #parts = new Map<SimulatedNode, RbsParts>();

  constructor(
    pe1: RbsParts = {},
    pe2: RbsParts = {},
    options: { readonly seed?: number } = {},
    parts: readonly PeParts[] = [],
  ) {
    super(1, parts[0], parts[1], {}, options);
    this.#parts.set(this.pe1, pe1);
    this.#parts.set(this.pe2, pe2);
    for (const pe of this.pes) pe.desired = this.desiredOf(pe);
  }

  desiredOf(pe: SimulatedNode, parts = this.#parts.get(pe) ?? {}): Desired {
    const [source, peer] = pe === this.pe1 ? ["192.0.2.1", "192.0.2.2"] : ["192.0.2.2", "192.0.2.1"];
    const endpoint = { source: address(source as string), peer: address(peer as string), port: parts.port ?? PORT };
    return {
      ...pe.desired,
      rbs: [
        {
          name: "service1",
          endpoint,
          shutdown: false,
          track: undefined,
          blocked: { send: [], receive: [] },
          ...parts.rbs,
        },
      ],
      rbsProfiles: parts.profiles ?? [profileOf(parts.profile)],
    };
  }

  /** The service of a PE is now configured like this. */
  reconfigure(pe: SimulatedNode, parts: RbsParts): void {
    this.world.configure(pe, this.desiredOf(pe, parts));
  }

  service(pe: SimulatedNode): RbsServiceView {
    const answer = pe.engine?.ask("remote-backup-services", {}, this.#moment(pe));
    if (answer === undefined || answer instanceof Refusal) throw new Error("no answer");
    return answer.services[0] as RbsServiceView;
  }

  profile(pe: SimulatedNode): RbsProfileView {
    const answer = pe.engine?.ask("remote-backup-profiles", {}, this.#moment(pe));
    if (answer === undefined || answer instanceof Refusal) throw new Error("no answer");
    return answer.profiles[0] as RbsProfileView;
  }

  alarms(pe: SimulatedNode): string[] {
    const answer = pe.engine?.ask("alarms", {}, this.#moment(pe));
    if (answer === undefined || answer instanceof Refusal) throw new Error("no answer");
    return answer.alarms.filter(({ name }) => name.startsWith("rbs")).map(({ name, text }) => `${name}: ${text}`);
  }

  #moment = (pe: SimulatedNode) => ({ now: pe.localNow, date: (at: number) => String(at) });

  get states(): string[] {
    return this.pes.map((pe) => (pe.engine === undefined ? "gone" : this.service(pe).tcpState));
  }

  get isConnected(): boolean {
    return this.states.every((state) => state === "connected");
  }

  /** Everybody starts, and the services are connected. */
  connected(): this {
    this.world.startAll();
    this.world.until("both are connected", () => this.isConnected, seconds(60));
    return this;
  }

  /** Local and peer state of the profile at both PEs. */
  get roles(): string[] {
    return this.pes.map((pe) => `${this.profile(pe).localState}/${this.profile(pe).peerState}`);
  }

  /** Time until both are connected again. */
  untilConnected(within = seconds(60)): number {
    return this.world.until("both are connected", () => this.isConnected, within) / 1e6;
  }

  /** Events of services, as `pe1 listening>connected opened`. */
  changes(): string[] {
    return this.world.events.flatMap(({ node, event }) =>
      event.event === "rbs-state" ? [`${node} ${event.from}>${event.to} ${event.reason}`] : [],
    );
  }
}
