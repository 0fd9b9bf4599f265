import { describe, expect, it } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import type { DesiredEtrunkBfd } from "../../../src/core/contract/desired/etrunk.js";
import type { NetworkInterface, NetworkWish } from "../../../src/core/contract/desired/network.js";
import { macOf, NOTHING_SAID } from "../../support/desired.js";
import { address, EtrunkPair, outage } from "./etrunk-pair.js";

const ms = (duration: number): number => duration / 1_000;

const vlanif = (vlan: number): NetworkInterface => ({
  ...NOTHING_SAID,
  name: `Vlanif${vlan}`,
  device: `vlanif${vlan}`,
  made: { kind: "vlanif", vlan, up: true, alias: undefined },
});

/** The trunk carries VLAN 10 of two. */
const BRIDGED: NetworkWish = {
  interfaces: [vlanif(10), vlanif(20)],
  bridge: { device: "br0", ports: [{ device: "eth-trunk1", vlans: { untagged: 10, tagged: [] } }] },
  routes: [],
};

describe("two PEs and a CE", () => {
  it("show the CE one partner with two sides, and one of them carries", () => {
    const pair = new EtrunkPair(2).up();
    const partners = pair.ce.trunk().ports.map(({ partner }) => partner);
    expect(new Set(partners.map((partner) => `${partner?.systemId} ${partner?.portKey}`)).size).toBe(1);
    expect(partners.map((partner) => partner?.portNumber)).toEqual([1, 2, 0x8001, 0x8002]);
    expect(pair.ceCarries()).toEqual(["eth1", "eth2"]);
    expect(pair.etrunk(pair.pe1)).toMatchObject({ state: "Master", causation: "PRI", attention: [] });
    expect(pair.etrunk(pair.pe2)).toMatchObject({ state: "Backup", causation: "PRI", attention: [] });
    expect(pair.pe2.trunk()).toMatchObject({ operState: "down", systemIdSource: "Remote" });
    expect(pair.pe2.port("eth1")).toMatchObject({ status: "Unselect", portState: "11100000", actorChurn: false });
  });

  it("take over in one LACPDU when the master's link is pulled, and go back after the revert delay", () => {
    const pair = new EtrunkPair(1).up();
    const [cable] = pair.cables(pair.pe1);
    const lost = outage(pair, seconds(2), () => cable && pair.world.pull(cable));
    expect(ms(lost)).toBeLessThanOrEqual(5);
    expect(pair.carries("pe2")).toBe(true);
    if (cable) pair.world.pull(cable, false);
    pair.world.run(seconds(8));
    expect(pair.carries("pe2")).toBe(true);
    expect(pair.etrunk(pair.pe1).members[0]?.revertRemaining).toBeGreaterThan(0);
    const reverting = outage(pair, seconds(10), () => {});
    expect(ms(reverting)).toBe(0);
    expect(pair.carries("pe1")).toBe(true);
  });

  it("stay where they are with revert disable, until the peer's member goes down", () => {
    const parts = { etrunk: { revert: false } };
    const pair = new EtrunkPair(1, parts, parts).up();
    const [one] = pair.cables(pair.pe1);
    const [two] = pair.cables(pair.pe2);
    if (!one || !two) throw new Error("no cables");
    pair.world.pull(one);
    pair.world.until("pe2 carries", () => pair.carries("pe2"));
    pair.world.run(seconds(1));
    pair.world.pull(one, false);
    pair.world.run(seconds(60));
    expect(pair.carries("pe2")).toBe(true);
    pair.world.pull(two);
    pair.world.until("pe1 carries", () => pair.carries("pe1"), seconds(6));
  });

  it("hand over on a planned stop before the ports close", () => {
    const pair = new EtrunkPair(1).up();
    const { pe1, world } = pair;
    const lost = outage(pair, seconds(2), () => {
      pe1.engine?.take({ kind: "leave" }, pe1.localNow);
      pe1.engine?.settle(pe1.localNow);
    });
    expect(ms(lost)).toBe(0);
    expect(pe1.engine?.hasLeft).toBe(true);
    world.run(seconds(1));
    expect(pair.etrunk(pair.pe2)).toMatchObject({ state: "Master", causation: "PEER_NODE_DOWN" });
  });

  it("take over after the fail time when the master is gone, and give back to it when it is there again", () => {
    const pair = new EtrunkPair(1).up();
    pair.pe1.crash();
    pair.pe1.dataPlane.begin();
    for (const cable of pair.cables(pair.pe1)) pair.world.pull(cable);
    pair.world.run(millis(100));
    expect(pair.carries()).toBe(true);
    const took = pair.world.until("pe2 carries", () => pair.carries("pe2"), seconds(7));
    expect(took).toBeGreaterThan(seconds(3.8));
    expect(pair.etrunk(pair.pe2)).toMatchObject({ state: "Master", causation: "TIMEOUT" });
    for (const cable of pair.cables(pair.pe1)) pair.world.pull(cable, false);
    pair.world.start(pair.pe1);
    expect(ms(outage(pair, seconds(25), () => {}))).toBe(0);
    expect(pair.carries("pe1")).toBe(true);
  });

  it("restart from the checkpoint without the CE or the peer noticing", () => {
    const pair = new EtrunkPair(1).up();
    const before = pair.world.events.length;
    pair.pe1.crash();
    pair.world.run(millis(400));
    pair.world.start(pair.pe1, "checkpoint");
    expect(ms(outage(pair, seconds(20), () => {}))).toBe(0);
    const others = pair.world.events.slice(before).filter(({ node }) => node !== "pe1");
    expect(others.map(({ node, event }) => `${node} ${event.event}`)).toEqual([]);
    expect(pair.carries("pe1")).toBe(true);
  });

  it("go on in the role of the moment they were killed in: the next process takes back nothing that was told", () => {
    const pair = new EtrunkPair(1).up();
    const [one] = pair.cables(pair.pe1);
    if (one === undefined) throw new Error("no cable");
    pair.world.pull(one);
    pair.world.until("pe2 carries", () => pair.carries("pe2"));
    pair.pe2.crash();
    pair.world.run(millis(400));
    const before = pair.world.events.length;
    pair.world.start(pair.pe2, "checkpoint");
    pair.world.run(seconds(20));
    const atCe = pair.world.events.slice(before).filter(({ node }) => node === "ce");
    expect(atCe.map(({ event }) => event.event)).toEqual([]);
    expect(pair.etrunk(pair.pe2)).toMatchObject({ state: "Master", members: [{ state: "Master" }] });
  });

  it("both carry while every path between them is lost, and the one that stays announces itself afterwards", () => {
    const pair = new EtrunkPair(1).up();
    pair.split();
    pair.world.until("both carry", () => pair.carries("pe1", "pe2"), seconds(10));
    pair.split(false);
    pair.world.until("pe1 carries alone", () => pair.carries("pe1"), seconds(5));
    expect(ms(outage(pair, seconds(5), () => {}))).toBe(0);
    expect(pair.etrunk(pair.pe1)).toMatchObject({ state: "Master", causation: "PRI", attention: [] });
  });

  it("announce what stands on the trunk, on its sub-interfaces and on Vlanif of its VLANs", () => {
    const pair = new EtrunkPair(1).up();
    pair.pe1.configure({ ...pair.pe1.desired, network: BRIDGED });
    const { engine, localNow } = pair.pe1;
    const device = { present: true, up: true, carrier: true, mac: macOf("0200-0001-00ee"), mtu: 1500, speed: 0 };
    for (const [n, name] of ["eth-trunk1", "eth-trunk1.10", "et1-ul", "et1", "vlanif10", "vlanif20"].entries()) {
      engine?.take({ kind: "link", link: { ...device, index: 901 + n, name } }, localNow);
      for (const host of Array(n + 1).keys())
        engine?.take(
          {
            kind: "address",
            address: {
              index: 901 + n,
              address: address(`198.51.100.${10 * n + host}`),
              prefixLength: 32,
              present: true,
            },
          },
          localNow,
        );
    }
    pair.split();
    pair.world.until("both carry", () => pair.carries("pe1", "pe2"), seconds(10));
    // The hello that pe1 misses next tells it as well that it is alone.
    pair.world.run(millis(500));
    pair.split(false);
    const before = pair.world.events.length;
    pair.world.until("pe1 carries alone", () => pair.carries("pe1"), seconds(5));
    pair.world.run(seconds(1));
    const announced = pair.world.events
      .slice(before)
      .flatMap(({ node, event }) => (node === "pe1" && event.event === "announced" ? [event.count] : []));
    expect(announced).toEqual([1, 2, 5]);
  });

  it("follow the end that hears nothing when the path is lost one way", () => {
    const pair = new EtrunkPair(1).up();
    pair.cutWay("pe1>pe2");
    pair.world.until("pe2 carries alone", () => pair.carries("pe2"), seconds(12));
    expect(pair.etrunk(pair.pe1)).toMatchObject({ state: "Backup", causation: "PEER_TIMEOUT" });
    expect(pair.etrunk(pair.pe2)).toMatchObject({ state: "Master", causation: "TIMEOUT" });
    pair.cutWay("pe1>pe2", false);
    pair.world.until("pe1 carries alone", () => pair.carries("pe1"), seconds(20));
  });

  it("both carry in active-active", () => {
    const parts = { member: { mode: "force-master" } } as const;
    const pair = new EtrunkPair(1, parts, parts);
    pair.world.startAll();
    pair.world.until("both carry", () => pair.carries("pe1", "pe2") && pair.ceCarries().length === 2, seconds(30));
    const members = pair.pes.map((pe) => pair.etrunk(pe).members[0]);
    expect(members.map((member) => [member?.state, member?.causation])).toEqual([
      ["Master", "FORCE_MASTER"],
      ["Master", "FORCE_MASTER"],
    ]);
  });

  it("elect by available links when both are told to", () => {
    const parts = { etrunk: { select: "link-number", revertDelay: 0 } } as const;
    const pair = new EtrunkPair(2, parts, parts).up();
    const [cable] = pair.cables(pair.pe1);
    if (!cable) throw new Error("no cable");
    pair.world.pull(cable);
    pair.world.until("pe2 carries alone", () => pair.carries("pe2"), seconds(10));
    pair.world.pull(cable, false);
    pair.world.until("pe1 carries alone", () => pair.carries("pe1"), seconds(15));
  });

  it("let the larger priority win where both ends say higher-first, as seed 004 prints it", () => {
    const pair = new EtrunkPair(
      1,
      { etrunk: { priority: 20, higherFirst: true } },
      { etrunk: { priority: 10, higherFirst: true } },
    );
    pair.up();
    expect(pair.etrunk(pair.pe1)).toMatchObject({ state: "Master", attention: [] });
  });
});

describe("two PEs with BFD", () => {
  /** As `bfd-ends` at 300 ms x 3: this world has no pacer. */
  const bfd: DesiredEtrunkBfd = {
    kind: "dynamic",
    trackInterface: undefined,
    minTx: millis(300),
    minRx: millis(300),
    multiplier: 3,
    authenticated: true,
  };

  it("forget what the session was when they follow it no more", () => {
    const pair = new EtrunkPair(1, { etrunk: { bfd } }, { etrunk: { bfd } }).up();
    pair.world.until("BFD is up", () => pair.pes.every((pe) => pair.etrunk(pe).bfdState === "Up"), seconds(10));
    pair.split();
    pair.world.until("pe2 is alone", () => pair.etrunk(pair.pe2).causation === "BFD_DOWN", seconds(2));
    for (const pe of pair.pes) pair.configure(pe, {});
    expect(pair.etrunk(pair.pe2)).toMatchObject({ state: "Master", causation: "TIMEOUT" });
    pair.split(false);
    pair.world.run(seconds(3));
    expect(pair.pes.map((pe) => pair.etrunk(pe).causation)).toEqual(["PRI", "PRI"]);
  });
});

describe("members without LACP", () => {
  const manual = { mode: "manual" } as const;

  it("show a CE that knows nothing but carrier one PE at a time, and both only while they hand over", () => {
    const pair = new EtrunkPair(2, manual, manual).up();
    const { world, pe1, pe2 } = pair;
    expect(pair.ceCarries()).toEqual(["eth1", "eth2"]);
    expect([...pe2.links.values()].map(({ up }) => up)).toEqual([false, false]);
    for (const cable of pair.cables(pe1)) world.pull(cable);
    world.until("pe2 carries", () => pair.carries("pe2") && pair.ceCarries().join() === "eth3,eth4", seconds(1));
    const before = world.events.length;
    world.run(seconds(60));
    expect(world.events.slice(before).map(({ node, event }) => `${node} ${event.event}`)).toEqual([]);
    expect(pair.etrunk(pe1)).toMatchObject({ state: "Init", causation: "ALL_MEMBER_DOWN" });
    for (const cable of pair.cables(pe1)) world.pull(cable, false);
    world.until("pe1 carries", () => pair.carries("pe1") && pair.ceCarries().join() === "eth1,eth2", seconds(20));
  });

  it("lose their carrier when their PE leaves, and get it when it is back", () => {
    const pair = new EtrunkPair(1, manual, manual).up();
    const { world, pe1 } = pair;
    const lost = outage(pair, seconds(3), () => {
      pe1.engine?.take({ kind: "leave" }, pe1.localNow);
      pe1.engine?.settle(pe1.localNow);
    });
    expect(ms(lost)).toBe(0);
    expect(pe1.engine?.hasLeft).toBe(true);
    expect(pair.ceCarries()).toEqual(["eth2"]);
    pe1.leave();
    world.start(pe1);
    world.until("pe1 carries", () => pair.carries("pe1") && pair.ceCarries().join() === "eth1", seconds(30));
  });
});

const alarms = (pair: EtrunkPair, since: number): string[] =>
  pair.world.events
    .slice(since)
    .flatMap(({ node, event }) => (event.event === "alarm" ? [`${node} ${event.text}`] : []));

describe("alarms", () => {
  it("of a takeover name the link that was lost and the state that is not the expected one, and nothing else", () => {
    const pair = new EtrunkPair(1).up();
    const [one] = pair.cables(pair.pe1);
    if (one === undefined) throw new Error("no cable");
    pair.world.run(seconds(20));
    const before = pair.world.events.length;
    pair.world.pull(one);
    pair.world.run(seconds(20));
    expect(pair.carries("pe2")).toBe(true);
    expect(alarms(pair, before).sort()).toEqual([
      // Its ports to pe2 have yet to come into sync.
      "ce Eth-Trunk1 eth1 is down: link down.",
      "ce Eth-Trunk1 is down: no member is Selected (link down, partner is not in sync).",
      "pe1 E-Trunk 1: By priority it would be Master; it is Init (ALL_MEMBER_DOWN).",
      "pe1 Eth-Trunk1 eth1 is down: link down.",
      "pe2 E-Trunk 1: By priority it would be Backup; it is Master (PRI).",
    ]);
  });

  it("of a planned stop: none at the PE that stops", () => {
    const pair = new EtrunkPair(1).up();
    const before = pair.world.events.length;
    pair.pe1.leave();
    pair.world.run(seconds(3));
    expect(alarms(pair, before).filter((text) => text.startsWith("pe1"))).toEqual([]);
  });
});

describe("two Masters", () => {
  it("are no trouble while a hello is under way: a link that heals alarms nobody", () => {
    const pair = new EtrunkPair(1).up();
    const [one] = pair.cables(pair.pe1);
    if (one === undefined) throw new Error("no cable");
    pair.world.pull(one);
    pair.world.until("pe2 carries", () => pair.carries("pe2"));
    pair.world.run(seconds(1));
    const before = pair.world.events.length;
    pair.world.pull(one, false);
    pair.world.until("pe1 carries alone", () => pair.carries("pe1"), seconds(20));
    pair.world.run(seconds(3));
    expect(alarms(pair, before).filter((text) => !text.startsWith("ce"))).toEqual([]);
  });

  it("are told after a second", () => {
    const same = { mac: "0200-00aa-0000", etrunk: { priority: 50 } };
    const pair = new EtrunkPair(1, same, same);
    pair.world.startAll();
    const master = () => pair.pes.every((pe) => pair.etrunk(pe).state === "Master" && pair.etrunk(pe).hearing);
    pair.world.until("both are Master", master, seconds(10));
    const told = () => pair.pes.filter((pe) => pair.etrunk(pe).attention.includes("The peer is Master too.")).length;
    pair.world.run(millis(900));
    expect(told()).toBe(0);
    pair.world.run(millis(200));
    expect(told()).toBe(2);
  });
});

describe("a takeover right after a hand-over", () => {
  it("is one LACPDU too: the ports that were just held back do not wait again", () => {
    const pair = new EtrunkPair(1).up();
    const [one] = pair.cables(pair.pe1);
    if (one === undefined) throw new Error("no cable");
    pair.world.pull(one);
    pair.world.until("pe2 carries", () => pair.carries("pe2"));
    pair.world.run(seconds(1));
    pair.world.pull(one, false);
    pair.world.until("pe1 carries alone", () => pair.carries("pe1"), seconds(20));
    pair.world.run(millis(1_200));
    const lost = outage(pair, seconds(2), () => pair.world.pull(one));
    expect(ms(lost)).toBeLessThanOrEqual(5);
  });
});

describe("an operator", () => {
  it("who takes a link down by hand finds it down after the takeover", () => {
    const pair = new EtrunkPair(1).up();
    const link = pair.pe1.links.get("eth1");
    if (link === undefined) throw new Error("no link");
    pair.pe1.arrives({ kind: "link", link: { ...link, up: false, carrier: false } });
    pair.world.until("pe2 carries", () => pair.carries("pe2"));
    pair.world.run(seconds(30));
    expect(pair.pe1.links.get("eth1")?.up).toBe(false);
  });
});
