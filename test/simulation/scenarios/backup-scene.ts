import { type Micros, millis } from "../../../src/core/base/time.js";
import type { DesiredFlushSending } from "../../../src/core/contract/desired/flush.js";
import type { DesiredTrunk } from "../../../src/core/contract/desired/trunk.js";
import { desired, type MemberParts } from "../../support/desired.js";
import { readFlush } from "../../support/flush-frames.js";
import type { Cable } from "../cable.js";
import type { SimulatedNode } from "../node.js";
import { World } from "../world.js";

export const A_MAC = "02:00:00:00:0a:00";
const X_MAC = "02:00:00:00:0b:00";
export const BRIDGE = 99;
const NO_KEY = { mode: "none", octets: new Uint8Array(0) } as const;
export const FLUSH: DesiredFlushSending = { controlVlan: 5, isTagged: true, vlans: [5, 10], key: NO_KEY };

export interface Parts {
  readonly backup?: DesiredTrunk["backup"];
  readonly flush?: DesiredFlushSending | undefined;
  readonly eth1?: MemberParts;
  readonly eth2?: MemberParts;
  readonly shutdown?: boolean;
}

const endpoint = ({ eth1 = { isMaster: true }, eth2 = {}, backup, ...parts }: Parts) =>
  desired(A_MAC, {
    mode: "backup",
    leastLinks: undefined,
    backup: backup ?? { preemptDelay: undefined, shutsInactive: false },
    flush: FLUSH,
    ...parts,
    members: { eth1, eth2 },
  });

/** An endpoint with a 1:1 trunk, and a device whose bridge has both its links as ports. */
export class Scene {
  readonly world: World;
  readonly a: SimulatedNode;
  readonly x: SimulatedNode;
  readonly cables: readonly [Cable, Cable];

  constructor(parts: Parts = {}, seed = 7) {
    this.world = new World({ seed });
    this.a = this.world.addNode("a", endpoint(parts));
    const port = (name: string) => ({ interface: name, controlVlans: [5], pvid: undefined, key: NO_KEY });
    this.x = this.world.addNode("x", {
      ...desired(X_MAC, { members: {} }),
      trunks: [],
      interfaces: ["eth1", "eth2"].map((name) => ({
        name,
        device: name,
        shutdown: false,
        description: undefined,
        speed: 1000,
        member: undefined,
      })),
      flushPorts: [port("eth1"), port("eth2")],
    });
    const cable = (device: string) => this.world.connect({ node: this.a, device }, { node: this.x, device });
    this.cables = [cable("eth1"), cable("eth2")];
    for (const [name, link] of this.x.links) this.x.links.set(name, { ...link, master: BRIDGE });
    this.world.startAll();
    this.world.run(millis(1));
  }

  get working(): string | undefined {
    return this.a.trunk().ports.find(({ distributing }) => distributing)?.name;
  }
  get collecting(): string[] {
    return this.a
      .trunk()
      .ports.filter(({ collecting }) => collecting)
      .map(({ name }) => name);
  }
  role(name: string): string {
    const { role, status } = this.a.port(name);
    return `${role} ${status}`;
  }
  pull(n: 1 | 2, pulled = true): void {
    this.world.pull(this.cables[n - 1] as Cable, pulled);
  }
  configure(parts: Parts): void {
    this.world.configure(this.a, endpoint(parts));
  }
  /** Flush frames that left the endpoint since, and after how many milliseconds. */
  flushesSince(start: Micros): { readonly after: number; readonly device: string; readonly sequence: number }[] {
    return this.world.sent.flatMap(({ time, node, device, bytes }) => {
      const flush = node === "a" && time >= start ? readFlush(bytes) : undefined;
      return flush ? [{ after: (time - start) / 1_000, device, sequence: flush.sequence }] : [];
    });
  }
  events(name: string): unknown[] {
    return this.world.events.flatMap(({ node, event }) => (node === "a" && event.event === name ? [event] : []));
  }
}
