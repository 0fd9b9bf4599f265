import { describe, expect, it } from "vitest";
import { type Mac, macToColons } from "../../src/core/base/address.js";
import { type IpAddress, parseIpAddress } from "../../src/core/base/ip-address.js";
import { addressText } from "../../src/core/base/neighbours/address-text.js";
import { ENTRY_OPERATIONS, EntryRows } from "../../src/core/base/neighbours/entry-rows.js";
import type { NeighbourService } from "../../src/core/base/neighbours/tables.js";
import { NO_VLAN } from "../../src/core/base/protocol.js";
import { type Micros, seconds } from "../../src/core/base/time.js";
import type { Desired } from "../../src/core/contract/desired/desired.js";
import type { FrameFilter } from "../../src/core/contract/host.js";
import { Engine } from "../../src/core/engine/engine.js";
import type { EngineEvent } from "../../src/core/engine/news.js";
import type { NeighbourView } from "../../src/core/parts/neighbours/questions.js";
import { ArpView } from "../../src/core/wire/arp.js";
import { quietHost } from "../../src/daemon/recording/quiet-host.js";
import { desired, NOTHING_SAID } from "../support/desired.js";
import { arpPacket, neighbourPacket } from "../support/neighbour-packets.js";
import { RUN } from "../support/run.js";

const TRUNK = 10;
const SUB = 11;
const OURS = 0x00e0fc000001 as Mac;
const HOST = 0x020000000011 as Mac;

const configuration = (mode: "auto" | "force-master" = "auto", expire?: number): Desired => ({
  ...desired("02:00:00:00:0a:00", {
    mode: "manual",
    members: { eth1: {} },
    ...(mode === "force-master" && { etrunk: { etrunk: 1, remoteTrunk: 1, mode, systemId: undefined } as never }),
  }),
  rbsProfiles: [
    { name: "rbp1", backup: undefined, services: ["arp", "nd"], member: undefined, interfaces: ["Eth-Trunk1"] },
  ],
  ...(expire !== undefined && { neighbourExpireTimes: { "Eth-Trunk1": expire } }),
  network: {
    interfaces: [
      {
        ...NOTHING_SAID,
        name: "Eth-Trunk1.20",
        device: "eth-trunk1.20",
        made: { kind: "sub-interface", main: "eth-trunk1", vlan: 20, up: true, alias: undefined },
      } as never,
    ],
    bridge: undefined,
    routes: [],
  },
});

/** A device with a trunk, whose kernel keeps the entries that it is given and may refuse them. */
class Scene {
  readonly kernel = new Map<string, string>();
  readonly taps = new Map<string, readonly number[]>();
  readonly asked: string[] = [];
  readonly probes: string[] = [];
  readonly told: EngineEvent[] = [];
  /** Calls that gave the kernel something. */
  changes = 0;
  refuses = false;
  /** What the kernel had before. */
  left: EntryRows = new EntryRows(0);
  now: Micros = seconds(5_000);
  readonly engine: Engine;

  constructor() {
    const host = quietHost({
      taps: {
        listen: (filter: FrameFilter, interfaces) => void this.taps.set(JSON.stringify(filter), interfaces),
      },
      neighbours: {
        change: (rows) => this.#change(rows),
        list: (index, service) => void this.asked.push(`${service} ${index}`),
      },
      link: { listen: () => {}, send: ({ bytes, start, to }) => this.#sent(bytes, start, to) },
    });
    this.engine = new Engine(host, (event) => this.told.push(event), undefined, RUN);
  }

  #change(rows: EntryRows): void {
    if (rows.count > 0) this.changes++;
    for (let n = 0; n < rows.count; n++) {
      const { index, operation, mac, octets } = rows.at(n);
      const key = `${index} ${addressText(octets)}`;
      if (operation === ENTRY_OPERATIONS.delete) this.kernel.delete(key);
      else if (!this.refuses) this.kernel.set(key, `${macToColons(mac)} ${operation}`);
    }
  }

  #sent(bytes: DataView, start: number, to: number): void {
    if (bytes.getUint16(start + 12) !== 0x0806) return;
    const target = new Uint8Array(4);
    new ArpView().wrap(bytes, start + 14, 28).copyTarget(target);
    this.probes.push(`${to} ${addressText(target)}`);
  }

  start(mode: "auto" | "force-master" = "auto", expire?: number): this {
    for (const [index, name] of [
      [1, "eth1"],
      [TRUNK, "eth-trunk1"],
      [SUB, "eth-trunk1.20"],
    ] as const)
      this.link(index, name);
    for (const [index, text, length] of [
      [TRUNK, "10.1.0.1", 16],
      [TRUNK, "2001:db8::1", 64],
      [SUB, "10.20.0.1", 24],
    ] as const) {
      const address = { index, address: parseIpAddress(text) as IpAddress, prefixLength: length, present: true };
      this.engine.take({ kind: "address", address }, this.now);
    }
    this.engine.take({ kind: "configure", desired: configuration(mode, expire) }, this.now);
    this.run(0);
    return this;
  }

  link(index: number, name: string, present = true): void {
    const link = { index, name, present, up: true, carrier: true, mac: OURS, mtu: 1500, speed: 0 };
    this.engine.take({ kind: "link", link }, this.now);
  }

  /** Answers what was asked of the kernel's table. */
  answer(): void {
    for (const asked of this.asked.splice(0)) {
      const [service, index] = asked.split(" ") as [NeighbourService, string];
      const octets = service === "arp" && Number(index) === TRUNK ? this.left.used : new Uint8Array(0);
      const rows = { bytes: new DataView(Uint8Array.from(octets).buffer), start: 0, length: octets.length };
      this.engine.take({ kind: "kernel-neighbours", index: Number(index), service, rows, isLast: true }, this.now);
    }
    this.run(0);
  }

  /** A frame arrives. */
  frame(type: number, packet: Uint8Array, from = TRUNK, vlan = NO_VLAN): void {
    const bytes = new Uint8Array(14 + packet.length);
    new DataView(bytes.buffer).setUint16(12, type);
    bytes.set(packet, 14);
    const frame = { bytes: new DataView(bytes.buffer), start: 0, length: bytes.length, from, vlan, source: HOST };
    this.engine.frameReceived(frame, this.now);
    this.run(0);
  }

  hear(sender: string, mac = HOST, target = "10.1.0.1", from = TRUNK): void {
    this.frame(0x0806, arpPacket({ operation: 1, senderMac: mac, sender, target }), from);
  }

  /** Time goes on, and everything that is due happens at its time. */
  run(time: number): void {
    const end = this.now + seconds(time);
    for (;;) {
      this.engine.settle(this.now);
      const next = Math.max(this.engine.nextDeadline(), this.now);
      if (next > end) break;
      this.now = next as Micros;
      this.engine.expire(this.now);
    }
    this.now = end as Micros;
    this.engine.expire(this.now);
    this.engine.settle(this.now);
  }

  entries(service: NeighbourService = "arp"): readonly NeighbourView[] {
    const answer = this.engine.ask("neighbours", { service }, { now: this.now, date: String });
    return (answer as { entries: readonly NeighbourView[] }).entries.filter(({ type }) => type !== "interface");
  }

  alarms(): string[] {
    const answer = this.engine.ask("alarms", {}, { now: this.now, date: String }) as {
      alarms: readonly { name: string; text: string }[];
    };
    return answer.alarms.filter(({ name }) => name.startsWith("neighbour")).map(({ name, text }) => `${name}: ${text}`);
  }
}

describe("the neighbours of one PE", () => {
  it("taps trunk and sub-interfaces under a profile, for ARP, solicitations and advertisements", () => {
    const scene = new Scene().start();
    expect(Object.fromEntries(scene.taps)).toMatchObject({
      '{"type":2054}': [TRUNK, SUB],
      '{"icmpv6":135}': [TRUNK, SUB],
      '{"icmpv6":136}': [TRUNK, SUB],
    });
    scene.engine.take({ kind: "configure", desired: desired("02:00:00:00:0a:00") }, scene.now);
    scene.run(0);
    expect([...scene.taps.values()].flat()).toEqual([]);
  });

  it("learns a host, gives it to the kernel, shows it, and follows its move", () => {
    const scene = new Scene().start();
    scene.hear("10.1.0.9");
    scene.hear("10.20.0.9", HOST, "10.20.0.1", SUB);
    const packet = {
      type: 135,
      source: "2001:db8::9",
      destination: "2001:db8::1",
      target: "2001:db8::1",
      option: HOST,
    };
    scene.frame(0x86dd, neighbourPacket(packet));
    expect(Object.fromEntries(scene.kernel)).toEqual({
      "10 10.1.0.9": "02:00:00:00:00:11 1",
      "11 10.20.0.9": "02:00:00:00:00:11 1",
      "10 2001:db8::9": "02:00:00:00:00:11 1",
    });
    expect(scene.entries()).toMatchObject([
      { address: "10.1.0.9", interface: "Eth-Trunk1", vlan: null, type: "dynamic", expiresIn: 1_200, installed: true },
      { address: "10.20.0.9", interface: "Eth-Trunk1.20", vlan: 20 },
    ]);
    expect(scene.entries("nd")).toMatchObject([{ address: "2001:db8::9", isRouter: false }]);
    scene.run(5);
    const before = scene.changes;
    scene.hear("10.1.0.9");
    expect(scene.changes).toBe(before);
    scene.hear("10.1.0.9", 0x020000000022 as Mac, "10.1.0.7");
    expect(scene.kernel.get("10 10.1.0.9")).toBe("02:00:00:00:00:22 1");
    // A tagged frame on the trunk itself is a sub-interface's.
    scene.frame(
      0x0806,
      arpPacket({ operation: 1, senderMac: HOST, sender: "10.1.0.50", target: "10.1.0.1" }),
      TRUNK,
      30,
    );
    expect(scene.entries()).toHaveLength(2);
  });

  it("asks a silent host three times, a second apart, and then it is gone", () => {
    const scene = new Scene().start("auto", 60);
    scene.hear("10.1.0.9");
    scene.hear("10.1.0.10");
    scene.run(59);
    expect(scene.probes).toEqual([]);
    scene.run(1);
    expect(scene.probes.sort()).toEqual(["10 10.1.0.10", "10 10.1.0.9"]);
    scene.hear("10.1.0.10");
    scene.run(3);
    expect(scene.probes.filter((probe) => probe === "10 10.1.0.9")).toHaveLength(3);
    scene.run(1);
    expect([...scene.kernel.keys()]).toEqual(["10 10.1.0.10"]);
    expect(scene.entries()).toHaveLength(1);
    expect(
      scene.engine.ask("neighbour-statistics", { service: "arp" }, { now: scene.now, date: String }),
    ).toMatchObject({
      entries: 1,
      expired: 1,
    });
  });

  it("asks nobody and forgets nobody while the trunk is down, and at most 1,000 in any second", () => {
    const scene = new Scene().start("auto", 60);
    for (let n = 0; n < 3_000; n++) scene.hear(`10.1.${1 + (n >> 8)}.${n & 0xff}`);
    const learned = scene.entries().length;
    scene.engine.take(
      {
        kind: "link",
        link: { index: 1, name: "eth1", present: true, up: true, carrier: false, mac: OURS, mtu: 1500, speed: 0 },
      },
      scene.now,
    );
    scene.run(300);
    expect([scene.probes.length, scene.entries().length]).toEqual([0, learned]);
    scene.link(1, "eth1");
    scene.run(1);
    expect(scene.probes.length).toBeGreaterThan(500);
    expect(scene.probes.length).toBeLessThanOrEqual(1_000);
    scene.run(30);
    expect(scene.entries()).toEqual([]);
    expect(scene.kernel.size).toBe(0);
  });

  it("gives hosts of an active-active trunk to the kernel as validated", () => {
    const scene = new Scene().start("force-master");
    scene.hear("10.1.0.9");
    expect(scene.kernel.get("10 10.1.0.9")).toBe(`02:00:00:00:00:11 ${ENTRY_OPERATIONS.validated}`);
  });

  it("adopts what the kernel has of the process before, and what is heard meanwhile is newer", () => {
    const scene = new Scene();
    scene.left = new EntryRows(2);
    for (const host of [9, 10])
      scene.left.add({ index: TRUNK, operation: 1, mac: HOST, isRouter: false, octets: Uint8Array.of(10, 1, 0, host) });
    scene.start();
    expect(scene.asked.sort()).toEqual(["arp 10", "arp 11", "nd 10", "nd 11"]);
    scene.hear("10.1.0.10", 0x020000000022 as Mac);
    scene.answer();
    expect(scene.entries()).toMatchObject([
      { address: "10.1.0.10", mac: "02:00:00:00:00:22", expiresIn: 1_200 },
      { address: "10.1.0.9", mac: "02:00:00:00:00:11", expiresIn: 600 },
    ]);
    expect(scene.kernel.get("10 10.1.0.10")).toBe("02:00:00:00:00:22 1");
  });

  it("a refusal of the kernel is an alarm, and the entries are given again until they are taken", () => {
    const scene = new Scene().start();
    scene.refuses = true;
    scene.hear("10.1.0.9");
    const refusal = { kind: "refused", what: "neighbours", subject: { service: "arp", index: TRUNK } } as const;
    scene.engine.take({ ...refusal, text: "neighbours: ENOBUFS" }, scene.now);
    scene.run(0);
    expect(scene.alarms()).toEqual([
      "neighbourEntriesRefused: eth-trunk1: the kernel does not take ARP entries: neighbours: ENOBUFS.",
    ]);
    const before = scene.changes;
    scene.run(10);
    expect(scene.changes - before).toBe(3);
    scene.refuses = false;
    scene.run(60);
    expect(scene.kernel.has("10 10.1.0.9")).toBe(true);
    scene.engine.take(refusal, scene.now);
    scene.run(0);
    expect(scene.alarms()).toEqual([]);
  });

  it("a tap that is refused is an alarm, and is asked for again", () => {
    const scene = new Scene().start();
    scene.engine.take({ kind: "refused", what: "tap", subject: TRUNK, text: "packet socket: ENOMEM" }, scene.now);
    scene.run(0);
    expect(scene.alarms()).toEqual([
      "neighboursNotHeard: eth-trunk1: ARP and ND packets cannot be heard: packet socket: ENOMEM.",
    ]);
    scene.taps.clear();
    scene.run(1);
    expect(scene.taps.size).toBe(3);
    scene.engine.take({ kind: "refused", what: "tap", subject: TRUNK }, scene.now);
    scene.run(0);
    expect(scene.alarms()).toEqual([]);
  });

  it("two hosts with one address are one alarm, which ends with them", () => {
    const scene = new Scene().start();
    for (let n = 0; n < 40; n++) scene.hear("10.1.0.9", (HOST + (n % 2)) as Mac);
    expect(scene.alarms()).toEqual([
      "neighbourAddressConflict: Eth-Trunk1: 0200-0000-0011 and 0200-0000-0012 both claim 10.1.0.9.",
    ]);
    expect(scene.changes).toBeLessThan(8);
    scene.run(20);
    expect(scene.alarms()).toEqual([]);
  });

  it("an interface that comes anew is given its entries again; a profile that ends takes them back", () => {
    const scene = new Scene().start();
    scene.hear("10.20.0.9", HOST, "10.20.0.1", SUB);
    scene.link(SUB, "eth-trunk1.20", false);
    scene.run(0);
    scene.kernel.clear();
    expect(scene.entries()).toMatchObject([{ address: "10.20.0.9", interface: "Eth-Trunk1", installed: false }]);
    scene.link(21, "eth-trunk1.20");
    scene.run(0);
    expect([...scene.kernel.keys()]).toEqual(["21 10.20.0.9"]);
    scene.engine.take({ kind: "configure", desired: { ...configuration(), rbsProfiles: [] } }, scene.now);
    scene.run(0);
    expect([scene.kernel.size, scene.entries()]).toEqual([0, []]);
  });

  it("is reset by interface, by address and as a whole", () => {
    const scene = new Scene().start();
    for (const host of [9, 10, 11]) scene.hear(`10.1.0.${host}`);
    scene.hear("10.20.0.9", HOST, "10.20.0.1", SUB);
    const reset = (asks: object): unknown => {
      const answer = scene.engine.take({ kind: "act", action: { name: "reset-neighbours", asks } }, scene.now);
      scene.run(0);
      return answer;
    };
    expect(reset({ service: "arp", interface: "Eth-Trunk1", address: "10.1.0.9" })).toBeNull();
    expect(scene.entries().map(({ address }) => address)).toEqual(["10.1.0.10", "10.1.0.11", "10.20.0.9"]);
    reset({ service: "arp", interface: "Eth-Trunk1" });
    expect([...scene.kernel.keys()]).toEqual(["11 10.20.0.9"]);
    expect(reset({ service: "arp", interface: "Eth-Trunk9" })).toMatchObject({
      text: "No entries are learned on Eth-Trunk9.",
    });
    expect(reset({ service: "arp", address: "::1" })).toMatchObject({ text: "::1 is no address of the kind." });
    reset({ service: "arp" });
    expect(scene.kernel.size).toBe(0);
  });
});
