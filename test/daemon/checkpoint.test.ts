import { describe, expect, test } from "vitest";
import type { Mac } from "../../src/core/base/address.js";
import { type Micros, millis, seconds } from "../../src/core/base/time.js";
import type { Checkpoint, PortCheckpoint } from "../../src/core/device/checkpoint.js";
import { printCheckpoint, readCheckpoint } from "../../src/daemon/state/checkpoint.js";
import { CHECKPOINT, CheckpointKeeper } from "../../src/daemon/state/checkpoint-keeper.js";

const BOOT = "5ad7c2f4-0000-4000-8000-000000000001";
const SHORT = 0x3f;
const LONG = 0x3d;

const port = (name: string, partnerState: number | undefined): PortCheckpoint => ({
  trunk: 1,
  name,
  portNumber: 1,
  saved: {
    index: 7,
    actor: { systemPriority: 1, system: 0x020000000002 as Mac, key: 1, port: 1 },
    selected: "SELECTED",
    muxState: "COLLECTING_DISTRIBUTING",
    hasWaited: true,
    partner:
      partnerState === undefined
        ? undefined
        : { systemPriority: 1, system: 0x020000000001 as Mac, key: 0, portPriority: 1, port: 1, state: partnerState },
    heardAt: partnerState === undefined ? undefined : seconds(999),
  },
});

const stored = (stamp: Micros, ...ports: PortCheckpoint[]): string =>
  printCheckpoint(JSON.stringify({ ports }), BOOT, stamp);
const names = ({ checkpoint }: { readonly checkpoint: Checkpoint | undefined }): string[] | undefined =>
  checkpoint?.ports.map(({ name }) => name);

describe("a stored checkpoint", () => {
  const stamp = seconds(1_000);
  const aged = (age: Micros): Micros => (stamp + age) as Micros;

  test("comes back as it was saved", () => {
    const ports = [port("a", SHORT), port("b", LONG), port("c", undefined)];
    const { checkpoint, told } = readCheckpoint(stored(stamp, ...ports), BOOT, aged(millis(500)));
    expect(checkpoint).toEqual({ ports, etrunks: [], pairs: [], flushSenders: [] });
    expect(told).toBeUndefined();
  });

  test("which member of a 1:1 trunk works holds until the machine's next boot", () => {
    const pairs = [{ trunk: 1, working: "eth2", natural: "eth1" }];
    const text = printCheckpoint(JSON.stringify({ ports: [port("a", SHORT)], pairs }), BOOT, stamp);
    expect(readCheckpoint(text, BOOT, aged(seconds(3_600))).checkpoint).toMatchObject({
      ports: [],
      etrunks: [],
      pairs,
    });
    expect(readCheckpoint(text, `${BOOT}2`, aged(seconds(1))).checkpoint).toBeUndefined();
  });

  test("the last Flush of a sender is remembered until the next boot, but not one of a time to come", () => {
    const sender = { device: 0x0200_0000_0001, epoch: 2 ** 52, sequence: 7 };
    const [past, future] = [
      { ...sender, place: 4, at: stamp },
      { ...sender, place: "eth1", at: stamp + 1 },
    ];
    const text = printCheckpoint(JSON.stringify({ ports: [], flushSenders: [past, future] }), BOOT, stamp);
    expect(readCheckpoint(text, BOOT, aged(seconds(3_600))).checkpoint?.flushSenders).toEqual([past]);
    expect(readCheckpoint(text, `${BOOT}2`, aged(seconds(1))).checkpoint).toBeUndefined();
  });

  test("a pair that names no member is no pair", () => {
    const text = printCheckpoint(JSON.stringify({ ports: [], pairs: [{ trunk: 1, working: 7 }] }), BOOT, stamp);
    expect(readCheckpoint(text, BOOT, stamp).told).toBe("1 of its rows do not have the form of a checkpoint");
  });

  test("holds 3 s for a partner that asked for PDUs each second, 90 s for another", () => {
    const text = stored(stamp, port("fast", SHORT), port("slow", LONG));
    expect(names(readCheckpoint(text, BOOT, aged(millis(2_999))))).toEqual(["fast", "slow"]);
    expect(names(readCheckpoint(text, BOOT, aged(seconds(3))))).toEqual(["slow"]);
    expect(readCheckpoint(text, BOOT, aged(seconds(3))).told).toContain("partners of 1 ports");
    expect(names(readCheckpoint(text, BOOT, aged(millis(89_999))))).toEqual(["slow"]);
    expect(names(readCheckpoint(text, BOOT, aged(seconds(90))))).toBeUndefined();
  });

  test("holds the role of an E-Trunk for 3 s", () => {
    const identity = { side: "second", systemPriority: 1, systemId: 2, remote: true };
    const member = { kind: "eth-trunk", id: 1 };
    const etrunks = [{ etrunk: 1, state: "Master", members: [{ member, carries: true, identity }] }];
    const text = printCheckpoint(JSON.stringify({ ports: [port("slow", LONG)], etrunks }), BOOT, stamp);
    expect(readCheckpoint(text, BOOT, aged(millis(2_999))).checkpoint?.etrunks).toEqual(etrunks);
    expect(readCheckpoint(text, BOOT, aged(seconds(3))).checkpoint?.etrunks).toEqual([]);
    for (const [good, bad] of [
      ['"second"', '"third"'],
      ['"eth-trunk"', '"eth-bunk"'],
    ] as const)
      expect(readCheckpoint(text.replace(good, bad), BOOT, aged(seconds(1))).told).toContain("not have the form");
  });

  test("of an earlier version names the Eth-Trunk of a member by its number", () => {
    const identity = { side: "first", systemPriority: 1, systemId: 2, remote: false };
    const saved = (member: object) => [
      { etrunk: 1, state: "Master", members: [{ ...member, carries: true, identity }] },
    ];
    const text = printCheckpoint(JSON.stringify({ ports: [], etrunks: saved({ trunk: 7 }) }), BOOT, stamp);
    const { checkpoint } = readCheckpoint(text, BOOT, aged(seconds(1)));
    expect(checkpoint?.etrunks).toEqual(saved({ member: { kind: "eth-trunk", id: 7 } }));
  });

  test.each([
    ["of another boot", stored(stamp, port("a", LONG)).replace("5ad7", "6ad7"), "last boot"],
    ["of the future", stored(aged(seconds(2)), port("a", LONG)), "future"],
    ["cut off", stored(stamp, port("a", LONG)).slice(0, -9), "not a JSON document"],
    ["empty", "{}", "not have the form"],
    ["null", "null", "not have the form"],
  ])("%s is ignored and told", (_, text, why) => {
    const { checkpoint, told } = readCheckpoint(text, BOOT, aged(seconds(1)));
    expect(checkpoint).toBeUndefined();
    expect(told).toContain(why);
  });
});

describe("a row of a checkpoint", () => {
  const stamp = seconds(1_000);
  const good = port("b", LONG);
  const text = stored(stamp, port("a", LONG), good);

  test.each([
    ["is nothing", `{"boot":"${BOOT}","stamp":${stamp},"checkpoint":{"ports":[null,${JSON.stringify(good)}]}}`],
    ["has a word for a number", text.replace('"portNumber":1', '"portNumber":"1"')],
    ["has a number that no port can have", text.replace('"portNumber":1', '"portNumber":32768')],
    ["has no name", text.replace('"name":"a"', '"nome":"a"')],
  ])("that %s is dropped and told, and the others hold", (_, given) => {
    const { checkpoint, told } = readCheckpoint(given, BOOT, stamp);
    expect(checkpoint?.ports).toEqual([good]);
    expect(told).toBe("1 of its rows do not have the form of a checkpoint");
  });

  test.each([
    ["an unknown selection", text.replace("SELECTED", "CHOSEN")],
    ["an unknown box", text.replace("COLLECTING_DISTRIBUTING", "DANCING")],
    ["half a partner", text.replace('"key":0,', "")],
    ["a key that no LACPDU can carry", text.replace('"key":0,', '"key":65536,')],
    ["nothing of where and when, as versions before", text.replace('"index":7,', "")],
  ])("whose port has %s keeps its number and begins anew", (_, given) => {
    expect(readCheckpoint(given, BOOT, stamp).checkpoint?.ports).toEqual([
      { trunk: 1, name: "a", portNumber: 1, saved: undefined },
      good,
    ]);
  });
});

describe("the checkpoint keeper", () => {
  function keeper() {
    const start = seconds(50);
    const state = { ports: [port("a", LONG)] };
    const saved: { boot: string; stamp: number; checkpoint: Checkpoint }[] = [];
    const save = (name: string, text: string): void => {
      expect(name).toBe(CHECKPOINT);
      saved.push(JSON.parse(text));
    };
    const made = new CheckpointKeeper(() => ({ ports: state.ports }), { save, keep: save }, BOOT, start);
    /** Runs it to a time, as the loop does. */
    const runTo = (end: Micros): void => {
      for (let due = made.nextDeadline(); due <= end; due = made.nextDeadline()) made.expire(due);
    };
    const at = (milliseconds: number): Micros => (start + millis(milliseconds)) as Micros;
    return { made, state, saved, at, runTo };
  }

  test("stamps every second", () => {
    const { saved, at, runTo } = keeper();
    runTo(at(3_500));
    expect(saved.map(({ stamp }) => stamp)).toEqual([at(1_000), at(2_000), at(3_000)]);
  });

  test("saves a change within 100 ms, and not before one", () => {
    const { made, state, saved, at, runTo } = keeper();
    runTo(at(1_000));
    made.touched();
    runTo(at(1_200));
    expect(saved).toHaveLength(1);
    state.ports = [port("a", SHORT)];
    made.touched();
    expect(made.nextDeadline()).toBeLessThanOrEqual(at(1_300));
    runTo(at(1_300));
    expect(saved.at(-1)?.checkpoint.ports).toEqual([port("a", SHORT)]);
  });

  test("keeps what must not wait at once, and does not write it again", () => {
    const { made, state, saved, at, runTo } = keeper();
    state.ports = [port("a", SHORT)];
    made.keep(at(10));
    expect(saved).toMatchObject([{ checkpoint: { ports: [port("a", SHORT)] } }]);
    made.touched();
    runTo(at(900));
    expect(saved).toHaveLength(1);
  });

  test("has a last word", () => {
    const { made, saved, at } = keeper();
    made.save(at(10));
    expect(saved).toEqual([{ boot: BOOT, stamp: at(10), checkpoint: { ports: [port("a", LONG)] } }]);
  });
});
