import { describe, expect, test } from "vitest";
import { millis, seconds } from "../../../src/core/base/time.js";
import { act } from "../../support/ask.js";
import { lacpduFrame, patched, tagged, toHex } from "../../support/frames.js";
import { PARTNER_MAC, Partner, STATION_MAC, Station } from "./station.js";

const ONE_LINK = { members: { eth1: {} } };

/** Octets of a frame, counted from the destination address: where the PDU begins, and fields of it. */
const PDU = 14;
const VERSION = PDU + 1;

describe("C1 frames we send", () => {
  test("C1.1 go to the slow protocols' group with their EtherType, subtype 1, the TLV lengths, and zeros elsewhere", () => {
    const station = new Station({
      members: { eth1: { priority: 100 } },
      lacp: { collectorMaxDelay: 5, systemPriority: 10 },
    });
    const [first] = station.taken();
    const frame = toHex(first?.bytes ?? new Uint8Array());
    expect(frame.slice(0, 28)).toBe("0180c2000002" + "020000000101" + "8809");
    // Active, aggregatable, defaulted and expired; of a partner nothing is assumed but that it wants fast PDUs.
    expect(frame.slice(28)).toBe(
      `0101${"0114"}${"000a"}${"020000000a00"}${"0131"}${"0064"}${"0001"}${"c5"}${"000000"}` +
        `0214${"0000".repeat(7)}${"02"}${"000000"}` +
        `0310${"0005"}${"00".repeat(12)}` +
        `0000${"00".repeat(50)}`,
    );
    expect(first?.bytes.length).toBe(124);
  });

  test("C1.2 bear no VLAN tag and C1.3 the port's own address", () => {
    const station = new Station({ members: { eth1: {}, eth2: {} } });
    const sources = station.taken().map(({ port, bytes }) => [port, toHex(bytes.slice(6, 14))]);
    expect(sources).toEqual([
      ["eth1", "0200000001018809"],
      ["eth2", "0200000001028809"],
    ]);
  });

  test("C1.4 are version 1, also towards a partner of version 2", () => {
    const station = new Station(ONE_LINK);
    new Partner(station, "eth1").say("11100000", { version: 2 });
    station.pass(seconds(1));
    expect(station.pdus("eth1").map(({ version }) => version)).toEqual([1, 1]);
  });

  test("a port with a number above 32767 says so when port numbers are extended", () => {
    const station = new Station({ ...ONE_LINK, lacp: { portIdExtension: true } });
    expect(station.pdus("eth1")[0]?.actor.port).toBe(1 + 0x8000);
  });
});

/** What an LACPDU may look like and count all the same. */
const ACCEPTED = [
  ["C1.5", "version 2", { [VERSION]: 2 }],
  ["C1.5", "version 255", { [VERSION]: 255 }],
  ["C1.5", "a further TLV of version 2 where version 1 ends", { [PDU + 58]: 4, [PDU + 59]: 10, [PDU + 60]: 0xff }],
  ["C1.6", "reserved octets of the actor", { [PDU + 19]: 1, [PDU + 20]: 2, [PDU + 21]: 3 }],
  ["C1.6", "reserved octets of the partner", { [PDU + 39]: 1, [PDU + 40]: 2, [PDU + 41]: 3 }],
  ["C1.6", "reserved octets of the collector", { [PDU + 46]: 0xff, [PDU + 57]: 0xff }],
  ["C1.6", "padding that is not zero", { [PDU + 60]: 0xff, [PDU + 109]: 0xff }],
  ["C1.6", "another TLV type for the actor", { [PDU + 2]: 0x7f }],
  ["C1.6", "another TLV type for the partner", { [PDU + 22]: 0x7f }],
] as const;

describe("C1 frames we accept", () => {
  test.for(ACCEPTED)("%s: an LACPDU with %s makes the port CURRENT", ([, , octets]) => {
    const station = new Station(ONE_LINK);
    station.hear("eth1", patched(new Partner(station, "eth1").frame(), octets));
    expect(station.port("eth1").receiveState).toBe("CURRENT");
    expect(station.port("eth1").partner?.systemId).toBe(PARTNER_MAC);
    expect(station.statistics("eth1")).toMatchObject({ lacpduReceived: 1, lacpduErrors: 0 });
  });

  test("C1.11 an oversize LACPDU is read as far as version 1 goes", () => {
    const station = new Station(ONE_LINK);
    const frame = new Partner(station, "eth1").frame();
    const long = new Uint8Array(1514).fill(0xab);
    long.set(frame);
    station.hear("eth1", long);
    expect(station.port("eth1").receiveState).toBe("CURRENT");
  });

  test("C1.2 a priority tag (VLAN 0) does not hide an LACPDU", () => {
    const station = new Station(ONE_LINK);
    station.hear("eth1", new Partner(station, "eth1").frame(), 0);
    expect(station.port("eth1").receiveState).toBe("CURRENT");
  });

  test("C1.12 key 0 counts as a key, is counted apart and told once", () => {
    const station = new Station(ONE_LINK);
    const partner = new Partner(station, "eth1", { key: 0 });
    partner.say();
    partner.say();
    expect(station.port("eth1").receiveState).toBe("CURRENT");
    expect(station.statistics("eth1")).toMatchObject({ keyZeroReceived: 2, lacpduErrors: 0 });
    expect(station.events.filter(({ event }) => event === "partner-key-zero")).toHaveLength(1);
  });
});

/** What is dropped, how it is counted, and by which counter of the MIB. */
const DROPPED = [
  ["C1.7", "an actor TLV of 19 octets", "actor-length", "lacpduErrors", { [PDU + 3]: 19 }],
  ["C1.7", "a partner TLV of 0 octets", "partner-length", "lacpduErrors", { [PDU + 23]: 0 }],
  ["C1.7", "a collector TLV of 255 octets", "collector-length", "lacpduErrors", { [PDU + 43]: 255 }],
  ["C1.8", "the subtype of OSSP", "subtype-unknown", "unknownReceived", { [PDU]: 10 }],
  ["C1.8", "the subtype of OAM", "subtype-unknown", "unknownReceived", { [PDU]: 3 }],
  ["C1.9", "subtype 0", "subtype-illegal", "illegalReceived", { [PDU]: 0 }],
  ["C1.9", "subtype 11", "subtype-illegal", "illegalReceived", { [PDU]: 11 }],
  ["C1.9", "subtype 255", "subtype-illegal", "illegalReceived", { [PDU]: 255 }],
  ["C1.12", "port number 0", "port-zero", "lacpduErrors", { [PDU + 16]: 0, [PDU + 17]: 0 }],
  ["C1.1", "another destination", "destination", "lacpduErrors", { 5: 0x03 }],
] as const;

describe("C1 frames we drop", () => {
  test.for(DROPPED)("%s: %s is dropped and counted as %s under %s", ([, , fault, counter, octets]) => {
    const station = new Station(ONE_LINK);
    station.taken();
    const before = station.port("eth1");
    station.hear("eth1", patched(new Partner(station, "eth1").frame(), octets));
    const statistics = station.statistics("eth1");
    expect(statistics.faults).toMatchObject({ [fault]: 1 });
    expect(statistics[counter]).toBe(1);
    expect(statistics.lacpduReceived).toBe(0);
    expect(station.port("eth1")).toEqual(before);
    expect(station.taken()).toEqual([]);
  });

  test.for([15, 60, 123])("C1.10 a frame of %i octets is truncated", (length) => {
    const station = new Station(ONE_LINK);
    station.hear("eth1", new Partner(station, "eth1").frame().slice(0, length));
    expect(station.statistics("eth1").faults).toMatchObject({ truncated: 1 });
    expect(station.port("eth1").receiveState).toBe("EXPIRED");
  });

  test.for([0, 1, 13])("C1.10 a frame of %i octets, less than an Ethernet header, disturbs nothing", (length) => {
    const station = new Station(ONE_LINK);
    const before = station.port("eth1");
    station.hear("eth1", new Partner(station, "eth1").frame().slice(0, length));
    expect(station.port("eth1")).toEqual(before);
  });

  test("C1.9 a slow frame that ends with its EtherType has no legal subtype", () => {
    const station = new Station(ONE_LINK);
    station.hear("eth1", new Partner(station, "eth1").frame().slice(0, 14));
    expect(station.statistics("eth1")).toMatchObject({ illegalReceived: 1, lacpduReceived: 0 });
  });

  test("C1.2 an LACPDU in a VLAN is dropped, whether the kernel took the tag off or not", () => {
    const station = new Station(ONE_LINK);
    const frame = new Partner(station, "eth1").frame();
    station.hear("eth1", frame, 100);
    expect(station.statistics("eth1").faults).toMatchObject({ tagged: 1 });
    station.hear("eth1", tagged(frame, 100));
    expect(station.port("eth1").receiveState).toBe("EXPIRED");
    expect(station.statistics("eth1").lacpduReceived).toBe(0);
  });

  test("a frame on an interface that is no member disturbs nobody", () => {
    const station = new Station(ONE_LINK);
    const before = station.trunk();
    const bytes = new DataView(lacpduFrame({ source: PARTNER_MAC }).buffer);
    station.engine.frameReceived(
      { bytes, start: 0, length: 124, from: 999, vlan: -1, source: 0 as never },
      station.now,
    );
    station.settle();
    expect(station.trunk()).toEqual(before);
  });

  test("a flood of faults is told once a minute and counted whole", () => {
    const station = new Station(ONE_LINK);
    const partner = new Partner(station, "eth1");
    const bad = patched(partner.frame(), { [PDU + 3]: 19 });
    const told = () => station.events.filter(({ event }) => event === "pdu-refused").length;
    for (let n = 0; n < 100; n++) {
      station.hear("eth1", bad);
      station.pass(millis(20));
    }
    expect(told()).toBe(1);
    expect(station.statistics("eth1").faults).toMatchObject({ "actor-length": 100 });
    station.pass(seconds(61));
    station.hear("eth1", bad);
    expect(told()).toBe(2);
    expect(station.events.find(({ event }) => event === "pdu-refused")).toMatchObject({
      port: "eth1",
      fault: "actor-length",
      source: "02:00:00:00:02:01",
    });
  });
});

test("counters start at 0 again when they are reset, and only those asked for", () => {
  const station = new Station({ members: { eth1: {}, eth2: {} } });
  for (const name of ["eth1", "eth2"]) new Partner(station, name).say();
  const reset = (asks: { id?: number; interface?: string }) =>
    act(station.engine, "reset-lacp-statistics", asks, station.now);
  expect(reset({ id: 1, interface: "eth1" })).toBeNull();
  expect([station.statistics("eth1").lacpduReceived, station.statistics("eth2").lacpduReceived]).toEqual([0, 1]);
  expect(reset({ id: 9 })).toEqual({ text: "Eth-Trunk9 does not exist" });
  expect(reset({})).toBeNull();
  expect(station.statistics("eth2").lacpduReceived).toBe(0);
});

test("each PDU says what we are and what we know of the partner", () => {
  const station = new Station({ members: { eth1: { priority: 100 } }, lacp: { systemPriority: 10, portKey: 77 } });
  const partner = new Partner(station, "eth1", { systemPriority: 20, key: 33, portPriority: 44, port: 55 });
  partner.say("10100000");
  station.pass(seconds(2));
  const pdu = station.lastPdu("eth1");
  expect(pdu?.actor).toMatchObject({ systemPriority: 10, system: STATION_MAC, key: 77, portPriority: 100, port: 1 });
  expect(pdu?.partner).toEqual(partner.end);
});
