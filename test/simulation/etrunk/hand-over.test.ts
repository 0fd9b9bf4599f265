import { expect, test } from "vitest";
import { micros, seconds } from "../../../src/core/base/time.js";
import { readLacpdu } from "../../support/frames.js";
import type { SimulatedNode } from "../node.js";
import { EtrunkPair } from "./etrunk-pair.js";

test("what comes for the CE is sent to it until it has followed to the other PE", () => {
  const pair = new EtrunkPair().up();
  const sends = () => (pair.pe1.dataPlane.planes.get(1)?.distributing.length ?? 0) > 0;
  let moments = 0;
  pair.configure(pair.pe1, { etrunk: { priority: 30 } });
  // The CE follows when it has the LACPDU that says so.
  const handed = seconds(20);
  for (let step = 0; step < handed / 100 && !pair.carries("pe2"); step++) {
    pair.world.run(micros(100));
    const follows = !pair.ceCarries().includes("eth1");
    if (!follows && !pair.carries("pe1")) moments++;
    expect(follows || sends()).toBe(true);
  }
  expect(moments).toBeGreaterThan(0);
  pair.world.run(seconds(2));
  expect(pair.ceCarries()).toEqual(["eth2"]);
  expect(sends()).toBe(false);
});

test("the peer takes frames before the LACPDU that invites them leaves", () => {
  const pair = new EtrunkPair().up();
  const invitations: boolean[] = [];
  pair.world.checkers.push({
    sent(node, _, bytes) {
      const plane = node.dataPlane.planes.get(1);
      const invites = node === pair.pe2 && readLacpdu(bytes)?.actor.state[3] === "1";
      if (invites) invitations.push(plane?.carrier === true && plane.collecting.size > 0);
    },
  });
  pair.world.pull(pair.world.cables[0]!);
  pair.world.until("pe2 carries", () => pair.carries("pe2"), seconds(5));
  pair.world.run(seconds(2));
  expect(invitations.length).toBeGreaterThan(0);
  expect(invitations).not.toContain(false);
});

test("the peer hears what is given up before the data plane follows, and what is taken when it has", () => {
  const pair = new EtrunkPair().up();
  const sends = ({ dataPlane }: SimulatedNode) => (dataPlane.planes.get(1)?.distributing.length ?? 0) > 0;
  const told: { readonly by: string; readonly sends: boolean }[] = [];
  pair.world.checkers.push({ told: (node) => void told.push({ by: node.name, sends: sends(node) }) });
  pair.world.pull(pair.world.cables[0]!);
  pair.world.until("pe2 carries", () => pair.carries("pe2"), seconds(5));
  expect(told.slice(0, 2)).toEqual([
    { by: "pe1", sends: true },
    { by: "pe2", sends: true },
  ]);
  pair.world.run(seconds(2));
  expect([pair.pe1, pair.pe2].map(sends)).toEqual([false, true]);
});
