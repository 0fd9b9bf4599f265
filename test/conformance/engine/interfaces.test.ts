import { expect, it } from "vitest";
import { type Micros, seconds } from "../../../src/core/base/time.js";
import type { DesiredInterface } from "../../../src/core/contract/desired/trunk.js";
import { Engine } from "../../../src/core/engine/engine.js";
import { quietHost } from "../../../src/daemon/recording/quiet-host.js";
import { alarmsOf } from "../../support/ask.js";
import { desired } from "../../support/desired.js";
import { RUN } from "../../support/run.js";

const plain = (name: string, parts: Partial<DesiredInterface> = {}): DesiredInterface => ({
  name,
  ...{ device: name, shutdown: false, description: undefined, speed: undefined, member: undefined },
  ...parts,
});

it("a configured interface that is bound to none, or to one that does not come, has an alarm after ten seconds", () => {
  const engine = new Engine(quietHost(), () => {}, undefined, RUN);
  const interfaces = [
    plain("GigabitEthernet0/1/1", { device: undefined }),
    plain("eth7"),
    plain("eth8", { shutdown: true }),
    plain("eth9"),
  ];
  const link = (name: string, present: boolean, at: Micros) => {
    const state = { index: 9, name, present, up: present, carrier: present, mac: 1 as never, mtu: 1500, speed: 0 };
    engine.take({ kind: "link", link: state }, at);
    engine.settle(at);
  };
  const alarms = () => alarmsOf(engine).map(({ text }) => text);
  link("eth9", true, seconds(1));
  engine.take({ kind: "configure", desired: { ...desired("02:00:00:00:0a:00"), interfaces } }, seconds(1));
  engine.settle(seconds(1));
  expect([alarms(), engine.nextDeadline()]).toEqual([[], seconds(11)]);
  engine.settle(seconds(11));
  expect(alarms()).toEqual([
    "GigabitEthernet0/1/1 has no Linux interface: it is bound to none.",
    "eth7 has no Linux interface: there is no eth7.",
  ]);
  link("eth7", true, seconds(12));
  expect(alarms()).toEqual(["GigabitEthernet0/1/1 has no Linux interface: it is bound to none."]);
});
