import { expect, it } from "vitest";
import { seconds } from "../../../src/core/base/time.js";
import type { Desired } from "../../../src/core/contract/desired/desired.js";
import type { DesiredTrunk } from "../../../src/core/contract/desired/trunk.js";
import { EtrunkPair } from "./etrunk-pair.js";

const MODES: readonly (readonly [what: string, parts: Partial<DesiredTrunk>])[] = [
  ["manual load balancing", { mode: "manual" }],
  ["a 1:1 trunk", { mode: "backup", backup: { preemptDelay: undefined, shutsInactive: false } }],
  [
    "a 1:1 trunk that shuts its inactive port",
    { mode: "backup", backup: { preemptDelay: undefined, shutsInactive: true } },
  ],
];

const changed = (desired: Desired, parts: Partial<DesiredTrunk>): Desired => ({
  ...desired,
  trunks: desired.trunks.map((trunk) => ({ ...trunk, ...parts })),
});

/** Without LACP the CE sees by its links alone whom it may send to. */
it.for(MODES)("with %s the links of the PE that waits are down, and come up when it takes over", ([, parts]) => {
  const pair = new EtrunkPair(2);
  for (const pe of pair.pes) pe.desired = changed(pe.desired, parts);
  pair.ce.desired = changed(pair.ce.desired, { mode: "manual" });
  /** Links of the CE with carrier: the first two lead to the first PE. */
  const linked = () => ["eth1", "eth2", "eth3", "eth4"].filter((name) => pair.ce.links.get(name)?.carrier);
  const one = parts.backup?.shutsInactive === true ? 1 : 2;
  pair.world.startAll();
  pair.world.until("pe1 carries alone", () => pair.carries("pe1"), seconds(60));
  pair.world.run(seconds(20));
  expect(linked()).toEqual(["eth1", "eth2"].slice(0, one));
  for (const cable of pair.cables(pair.pe1)) pair.world.pull(cable);
  pair.world.until("pe2 carries alone", () => pair.carries("pe2"), seconds(10));
  pair.world.run(seconds(2));
  expect(linked()).toEqual(["eth3", "eth4"].slice(0, one));
});
