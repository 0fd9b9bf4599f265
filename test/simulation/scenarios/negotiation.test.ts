import { describe, expect, test, vi } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import { type Cable, GOOD, type Plug } from "../cable.js";
import { type EndParts, FAST, identity, Pair } from "../pair.js";

// Seconds of work at most; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const PASSIVE: EndParts = { each: { active: false } };
/** One link at a time, the first rather than the second, from this end's choice. */
const ONE_SEAT: EndParts = {
  lacp: { fast: true, maxLinks: 1, systemPriority: 1, preemptDelay: millis(0) },
  members: { eth1: { priority: 1 } },
};

/** Each end shows of its partner exactly what the partner shows of itself. */
function expectAgreement(pair: Pair): void {
  for (const [here, there] of [pair.ends, [pair.ce, pair.pe] as const])
    for (const port of here.trunk().ports) expect(port.partner).toEqual(identity(there, there.port(port.name)));
}

describe("two systems with two links form one group", () => {
  /** Modes of both ends, and the port states both must show. */
  const MODES: readonly [what: string, pe: EndParts, ce: EndParts, peState: string, ceState: string][] = [
    ["active, active", {}, {}, "10111100", "10111100"],
    ["active, passive", {}, PASSIVE, "10111100", "00111100"],
    ["passive, active", PASSIVE, {}, "00111100", "10111100"],
    ["fast, fast", FAST, FAST, "11111100", "11111100"],
    ["fast, slow", FAST, {}, "11111100", "10111100"],
    ["slow, fast", {}, FAST, "10111100", "11111100"],
    ["fast passive, slow active", { ...FAST, ...PASSIVE }, {}, "01111100", "10111100"],
    ["independent, coupled", { lacp: { independentControl: true } }, {}, "10111100", "10111100"],
    [
      "independent, independent",
      { lacp: { independentControl: true } },
      { lacp: { independentControl: true } },
      "10111100",
      "10111100",
    ],
  ];

  test.for(MODES)("%s", ([, pe, ce, peState, ceState]) => {
    const pair = new Pair(2, pe, ce).up();
    pair.world.run(seconds(61));
    expect(pair.carrying()).toEqual([1, 2]);
    expect(pair.pe.trunk().ports.map(({ portState }) => portState)).toEqual([peState, peState]);
    expect(pair.ce.trunk().ports.map(({ portState }) => portState)).toEqual([ceState, ceState]);
    expectAgreement(pair);
  });

  test("and it stays for three long periods, without a change and with a PDU each 30 seconds", () => {
    const pair = new Pair(2).up();
    pair.world.run(seconds(31));
    const [events, sent] = [pair.world.events.length, pair.world.sent.length];
    pair.world.run(seconds(270));
    expect(pair.carrying()).toEqual([1, 2]);
    expect(pair.world.events.length).toBe(events);
    expect(pair.world.sent.length - sent).toBe((2 * 2 * 270) / 30);
  });

  test("two passive ends never speak, and carry nothing", () => {
    const pair = new Pair(2, PASSIVE, PASSIVE);
    pair.world.startAll();
    pair.world.run(seconds(600));
    expect(pair.world.sent).toEqual([]);
    expect(pair.carrying()).toEqual([]);
  });

  test("within five seconds of the start of both", () => {
    const pair = new Pair(2, FAST, FAST);
    pair.world.startAll();
    expect(pair.world.until("all carry", () => pair.agrees([1, 2]))).toBeLessThan(seconds(5));
  });

  test.for([0, 1, 10, 100])("whichever starts first, the other %i seconds later", (wait) => {
    for (const order of [0, 1]) {
      const pair = new Pair(2);
      const [first, second] = order === 0 ? pair.ends : ([pair.ce, pair.pe] as const);
      pair.world.start(first);
      pair.world.run(seconds(wait));
      pair.world.start(second);
      expect(pair.world.until("all carry", () => pair.agrees([1, 2]))).toBeLessThan(seconds(35));
    }
  });

  test("also over links that take a second each way, with timers that fire late", () => {
    const pair = new Pair(2, FAST, FAST, { lag: millis(400) });
    for (const cable of pair.world.cables) cable.quality = { ...GOOD, delay: seconds(1), jitter: millis(500) };
    pair.world.startAll();
    pair.world.until("all carry", () => pair.agrees([1, 2]), seconds(30));
    pair.world.run(seconds(300));
    expect(pair.carrying()).toEqual([1, 2]);
  });

  test("also while a third of all frames is lost", () => {
    const pair = new Pair(2);
    for (const cable of pair.world.cables) cable.quality = { ...GOOD, loss: 0.33 };
    pair.world.startAll();
    pair.world.until("all carry", () => pair.agrees([1, 2]), seconds(600));
  });

  test("links of another rate stay out on both ends", () => {
    const rates: EndParts = { members: { eth2: { speed: 100 } } };
    const pair = new Pair(3, rates, rates);
    pair.world.startAll();
    pair.world.run(seconds(30));
    expect(pair.carrying()).toEqual([1, 3]);
  });
});

describe("what is configured is what the partner sees", () => {
  test("a single port without a partner: its own flags, no partner, nothing carried", () => {
    const pair = new Pair(1);
    pair.world.start(pair.pe);
    pair.world.run(millis(300));
    expect(pair.pe.trunk()).toMatchObject({ systemId: "02:00:00:01:00:00", systemPriority: 32768, operState: "down" });
    expect(pair.pe.port("eth1")).toMatchObject({ partner: null, collecting: false, distributing: false });
    expect(pair.pe.port("eth1").portState?.[0]).toBe("1");
  });

  test("system ID, system priority, key, port priority and the extended port number arrive", () => {
    const pair = new Pair(2, {
      lacp: {
        systemId: 0x020000abcdef as never,
        systemPriority: 54_321,
        portKey: 4_321,
        portIdExtension: true,
        fast: true,
      },
      members: { eth1: { priority: 111 }, eth2: { priority: 222 } },
    }).up();
    expect(pair.ce.trunk().ports.map(({ partner }) => partner)).toMatchObject([
      { systemId: "02:00:00:ab:cd:ef", systemPriority: 54_321, portKey: 4_321, portPriority: 111, portNumber: 32_769 },
      { systemId: "02:00:00:ab:cd:ef", systemPriority: 54_321, portKey: 4_321, portPriority: 222, portNumber: 32_770 },
    ]);
  });

  test("the two cables may be crossed: port numbers need not be equal", () => {
    const pair = new Pair(2).up();
    const [a, b] = pair.world.cables;
    expect([a?.plugs[1].device, b?.plugs[1].device]).toEqual(["eth1", "eth2"]);
    const crossed = new Pair(0);
    const { world, pe, ce } = crossed;
    world.connect({ node: pe, device: "eth1" }, { node: ce, device: "eth2" });
    world.connect({ node: pe, device: "eth2" }, { node: ce, device: "eth1" });
    for (const node of crossed.ends) node.configure(pair.world.node(node.name).desired);
    world.startAll();
    world.until("all carry", () => crossed.agrees([1, 2]));
    expect(pe.port("eth1").partner?.portNumber).toBe(2);
  });
});

/** How often an end sends by a link whose far end takes nothing, while another link carries. */
function watchJoins(pair: Pair): { readonly lost: string[] } {
  const lost: string[] = [];
  const sends = (plug: Plug): boolean => plug.node.isRunning && plug.node.port(plug.device).distributing;
  const isOpen = ({ plugs: [a, b] }: Cable): boolean => [a, b].every((end) => sends(end));
  const turned = () => {
    if (!pair.world.cables.some(isOpen)) return;
    for (const { name, plugs } of pair.world.cables)
      for (const [here, there] of [plugs, [...plugs].reverse()] as [Plug, Plug][])
        if (sends(here) && !there.node.port(there.device).collecting) lost.push(`${here.node.name} ${name}`);
  };
  pair.world.checkers.push({ turned });
  return { lost };
}

describe("a member joins a trunk that carries, on wires of 5 ms", () => {
  const KINDS: readonly [what: string, pe: EndParts, ce: EndParts][] = [
    ["coupled, coupled", FAST, FAST],
    ["coupled, independent", FAST, { lacp: { fast: true, independentControl: true } }],
    ["slow", {}, {}],
    ["one seat, a better port", ONE_SEAT, FAST],
  ];
  const seeds = [1, 2, 3, 4, 5];

  test.for(KINDS.flatMap((kind) => seeds.map((seed) => [...kind, seed] as const)))(
    "%s: nothing is sent to an end that does not take it",
    ([, pe, ce, seed]) => {
      const pair = new Pair(2, pe, ce, { seed });
      for (const cable of pair.world.cables) cable.quality = { ...GOOD, delay: millis(5), jitter: millis(1) };
      pair.world.pull(pair.cable(1));
      pair.world.startAll();
      pair.world.until("one link carries", () => pair.agrees([2]));
      const { lost } = watchJoins(pair);
      pair.world.run(millis(137 * seed));
      pair.world.pull(pair.cable(1), false);
      const last = pe === ONE_SEAT ? [1] : [1, 2];
      pair.world.until("the link carries", () => pair.agrees(last), seconds(35));
      expect(lost).toEqual([]);
    },
  );
});
