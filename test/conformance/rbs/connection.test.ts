// One connection of the remote backup service against messages built by the tables of formats/rbs.md.
import { describe, expect, test } from "vitest";
import { later, type Micros, millis, NEVER, seconds } from "../../../src/core/base/time.js";
import { RbsConnection } from "../../../src/core/rbs/connection.js";
import { OwnSide } from "../../../src/core/rbs/own-side.js";
import type { RbsBody } from "../../../src/core/wire/rbs/bodies.js";
import { LONGEST_RBS_MESSAGE, RbsView } from "../../../src/core/wire/rbs/message.js";
import { RbsWriter } from "../../../src/core/wire/rbs/writer.js";
import { entriesBody, everyMessage, NO_TABLES, openBody, rbsMessage, recordHex } from "../../support/rbs-messages.js";

const PROFILE = { backupId: 10, state: 2, mode: 1, etrunk: 1, trunk: 1, remoteTrunk: 1, workMode: 0, services: [5] };
const START = seconds(1_000);

/** A connection, its clock, and what it sends. */
class Bench {
  now: Micros = START;
  readonly own = new OwnSide(7, NO_TABLES);
  readonly counters = { messagesSent: 0, messagesReceived: 0, octetsSent: 0, octetsReceived: 0 };
  readonly connection: RbsConnection;
  readonly #octets = new DataView(new ArrayBuffer(LONGEST_RBS_MESSAGE));
  readonly #writer = new RbsWriter(this.#octets);
  #sequence = 0;

  constructor(isOpen = true) {
    this.own.set([PROFILE]);
    this.connection = new RbsConnection(1, this.own, this.counters, START, () => {});
    if (!isOpen) return;
    this.sent();
    this.hears("OPEN", openBody([PROFILE]));
    this.run(millis(100));
    this.hears("ACK", "0000000000000001");
    this.sent();
  }

  /** What is due now: the bodies, with their sequence numbers. */
  sent(): (RbsBody & { readonly sequence: number })[] {
    const all: (RbsBody & { readonly sequence: number })[] = [];
    for (
      let n = this.connection.write(this.#writer, this.now);
      n > 0;
      n = this.connection.write(this.#writer, this.now)
    ) {
      const view = new RbsView().wrap(this.#octets, 0, n);
      expect(view.fault()).toBeUndefined();
      all.push({ ...(view.body as RbsBody), sequence: view.sequence });
    }
    return all;
  }

  /** The next message of the peer. */
  hears(type: Parameters<typeof rbsMessage>[0], body = ""): void {
    this.octets(rbsMessage(type, ++this.#sequence, body));
  }
  octets(octets: Uint8Array): void {
    this.connection.receive(new DataView(octets.buffer, octets.byteOffset, octets.length), 0, octets.length, this.now);
  }

  run(time: Micros): void {
    this.now = later(this.now, time);
    this.connection.expire(this.now);
  }

  /** The code and text of the CLOSE that it sends, after which it is over. */
  closes(): string {
    const [close, ...more] = this.sent();
    expect(more).toEqual([]);
    expect(this.connection.isOver).toBe(true);
    return close?.kind === "CLOSE" ? `${close.code} ${close.text}` : "no CLOSE";
  }
}

describe("opening", () => {
  test("OPEN is the first message, and says what this end is", () => {
    const [open, ...more] = new Bench(false).sent();
    expect(open).toEqual({
      ...{ kind: "OPEN", sequence: 1, epoch: 7, keepalive: 20, multiplier: 8, goesOn: false },
      profiles: [PROFILE],
    });
    expect(more).toEqual([]);
  });

  test("it is open when both have opened", () => {
    const bench = new Bench(false);
    bench.hears("OPEN", openBody([PROFILE]));
    expect(bench.connection.isOpen).toBe(false);
    bench.sent();
    expect(bench.connection.isOpen).toBe(true);
  });

  test("a list in parts is whole with its last part", () => {
    const bench = new Bench(false);
    bench.sent();
    bench.hears("OPEN", openBody([PROFILE], { flags: 1 }));
    expect(bench.connection.peer).toBeUndefined();
    bench.hears("OPEN", openBody([{ ...PROFILE, backupId: 11 }]));
    expect([...(bench.connection.peer?.profiles.keys() ?? [])]).toEqual([10, 11]);
  });

  test("without OPEN for 10 s it is closed", () => {
    const bench = new Bench(false);
    bench.sent();
    bench.run(millis(9_999));
    expect(bench.connection.reason).toBeUndefined();
    expect(bench.connection.nextDeadline()).toBe(later(START, seconds(10)));
    bench.run(millis(1));
    expect(bench.closes()).toBe("4 no OPEN for 10 s");
  });
});

describe("telling", () => {
  test("a state that changes is told alone, with a generation that counts", () => {
    const bench = new Bench();
    for (const [n, state] of [1, 0, 2].entries()) {
      bench.own.set([{ ...PROFILE, state }]);
      const [told, ...more] = bench.sent();
      expect(told).toMatchObject({ kind: "PROFILE-STATE", backupId: 10, state, generation: n + 1 });
      expect(more).toEqual([]);
    }
  });

  test("a list that changes is told whole", () => {
    const bench = new Bench();
    bench.own.set([PROFILE, { ...PROFILE, backupId: 11 }]);
    expect(bench.sent()).toMatchObject([{ kind: "OPEN", sequence: 3, profiles: [{ backupId: 10 }, { backupId: 11 }] }]);
    expect(bench.sent()).toEqual([]);
  });

  test("while the machine takes no more, changes become the newest one", () => {
    const bench = new Bench();
    bench.connection.isBlocked = true;
    for (const state of [1, 0, 1]) bench.own.set([{ ...PROFILE, state }]);
    expect(bench.sent()).toEqual([]);
    bench.connection.isBlocked = false;
    expect(bench.sent()).toMatchObject([{ kind: "PROFILE-STATE", state: 1, generation: 1 }]);
  });

  test("what the peer tells takes the place of what it told", () => {
    const bench = new Bench();
    bench.hears("PROFILE-STATE", "000a 01 00 00000001");
    expect(bench.connection.peer?.profiles.get(10)?.state).toBe(1);
    // Of a profile that is not in the list.
    bench.hears("PROFILE-STATE", "000b 01 00 00000001");
    bench.hears("OPEN", openBody([]));
    expect(bench.connection.peer?.profiles.size).toBe(0);
    expect(bench.connection.isOpen).toBe(true);
  });
});

describe("acknowledging", () => {
  test("100 ms after a message, once for all that came by then", () => {
    const bench = new Bench();
    bench.hears("PROFILE-STATE", "000a 01 00 00000001");
    bench.run(millis(60));
    bench.hears("PROFILE-STATE", "000a 02 00 00000002");
    expect(bench.connection.nextDeadline()).toBe(later(bench.now, millis(40)));
    expect(bench.sent()).toEqual([]);
    bench.run(millis(40));
    expect(bench.sent()).toMatchObject([{ kind: "ACK", acknowledged: 4 }]);
    bench.run(seconds(1));
    expect(bench.sent()).toEqual([]);
  });

  test("at once after 256 KiB", () => {
    const bench = new Bench();
    for (let n = 0; n < 4; n++) bench.hears(77, "00".repeat(65_520));
    expect(bench.sent()).toMatchObject([{ kind: "ACK" }]);
  });

  test("ACK and KEEPALIVE ask for none", () => {
    const bench = new Bench();
    bench.hears("ACK", "0000000000000001");
    bench.hears("KEEPALIVE", "0000000000000002");
    bench.run(seconds(1));
    expect(bench.sent()).toEqual([]);
  });

  test("what is not acknowledged for the time of silence closes it, though the peer speaks", () => {
    const bench = new Bench();
    bench.own.set([{ ...PROFILE, state: 1 }]);
    const [told] = bench.sent();
    expect(bench.connection.unacknowledgedOctets).toBe(24);
    for (let n = 0; n < 15; n++) {
      bench.run(seconds(10));
      bench.hears("KEEPALIVE", "0000000000000002");
      bench.sent();
    }
    expect(bench.connection.isOpen).toBe(true);
    bench.run(seconds(10));
    expect(told?.sequence).toBe(3);
    expect(bench.closes()).toBe("4 nothing acknowledged for 160 s");
  });

  test("what was never sent cannot be acknowledged", () => {
    const bench = new Bench();
    bench.hears("ACK", "0000000000000009");
    expect(bench.closes()).toBe("3 acknowledges 9 of 2");
  });
});

describe("keeping alive", () => {
  test("KEEPALIVE leaves when nothing left for 20 s", () => {
    const bench = new Bench();
    const { now } = bench;
    bench.run(millis(19_999));
    expect(bench.sent()).toEqual([]);
    expect(bench.connection.nextDeadline()).toBe(later(now, seconds(20)));
    bench.run(millis(1));
    expect(bench.sent()).toMatchObject([{ kind: "KEEPALIVE", acknowledged: 2 }]);
  });

  test("the peer's own times say how long it may be silent", () => {
    const bench = new Bench();
    bench.hears("OPEN", openBody([PROFILE], { keepalive: 2, multiplier: 3 }));
    bench.run(millis(5_999));
    bench.sent();
    expect(bench.connection.isOpen).toBe(true);
    bench.run(millis(1));
    expect(bench.closes()).toBe("4 nothing heard for 6 s");
  });
});

describe("closing", () => {
  test("the peer's CLOSE ends it without an answer", () => {
    const bench = new Bench();
    bench.hears("CLOSE", `0007${Buffer.from("bye").toString("hex")}`);
    expect(bench.connection.reason).toBe("closed by the peer, leaving: bye");
    expect(bench.connection.isOver).toBe(true);
    expect(bench.sent()).toEqual([]);
    expect(bench.connection.nextDeadline()).toBe(NEVER);
  });

  test("a CLOSE that cannot leave is not waited for", () => {
    const bench = new Bench();
    bench.connection.isBlocked = true;
    bench.connection.end("shut down", "x");
    expect(bench.connection.isOver).toBe(true);
  });

  test("the first reason stands, and nothing is heard after it", () => {
    const bench = new Bench();
    bench.connection.end("shut down", "first");
    bench.connection.end("leaving", "second");
    bench.hears("CLOSE", "0007");
    expect(bench.closes()).toBe("1 first");
  });
});

describe("what is malformed closes it:", () => {
  const open = rbsMessage("OPEN", 1, openBody([PROFILE]));
  const faults: readonly (readonly [what: string, octets: readonly Uint8Array[], close: string])[] = [
    ["another magic", [Uint8Array.of(0x53, 0x42)], "3 wrong magic of a message"],
    ["version 2", [rbsMessage("OPEN", 1, openBody([]), { version: 2 })], "2 wrong version of a message"],
    ["a length that no message has", [rbsMessage("OPEN", 1, "", { length: 70_000 })], "3 wrong length of a message"],
    ["KEEPALIVE before OPEN", [rbsMessage("KEEPALIVE", 1, "0000000000000000")], "3 type 2 where OPEN must stand"],
    ["sequence 2 first", [rbsMessage("OPEN", 2, openBody([]))], "3 sequence 2 after 0"],
    ["a sequence left out", [open, rbsMessage("ACK", 3, "0000000000000000")], "3 sequence 3 after 1"],
    ["a backup-id twice", [rbsMessage("OPEN", 1, openBody([PROFILE, PROFILE]))], "3 a backup-id twice in OPEN"],
    [
      "a backup-id twice in parts",
      [rbsMessage("OPEN", 1, openBody([PROFILE], { flags: 1 })), rbsMessage("OPEN", 2, openBody([PROFILE]))],
      "3 a backup-id twice in OPEN",
    ],
    [
      "something else in a list of parts",
      [rbsMessage("OPEN", 1, openBody([PROFILE], { flags: 1 })), rbsMessage("ACK", 2, "0000000000000000")],
      "3 type 7 where OPEN must stand",
    ],
    ["a body cut short", [open, rbsMessage("PROFILE-STATE", 2, "000a")], "3 message 2: wrong body"],
    ["a record cut short", [open, rbsMessage("ENTRIES", 2, entriesBody(5, ["010000c8"]))], "3 message 2: wrong record"],
  ];
  test.for(faults)("%s", ([, octets, close]) => {
    const bench = new Bench(false);
    bench.sent();
    for (const each of octets) bench.octets(each);
    expect(bench.closes()).toBe(close);
  });
});

test("messages about entries are read past: this version keeps none", () => {
  const bench = new Bench(false);
  bench.sent();
  // The last one is CLOSE.
  for (const message of everyMessage().slice(0, -1)) bench.octets(message.slice());
  const reason = bench.connection.reason;
  // Its KEEPALIVE and ACK name messages that were not sent.
  expect(reason).toBe("acknowledges 4 of 1");
  const other = new Bench();
  other.hears("BATCH-BEGIN", "000a 05 00 00000002 00000001");
  other.hears("ENTRIES", entriesBody(5, [recordHex("00".repeat(24))], 1));
  other.hears("BATCH-END", "000a 05 00 00000002 00000001 0000000000000000");
  other.hears(200, "0102");
  expect(other.connection.isOpen).toBe(true);
  expect(other.counters.messagesReceived).toBe(6);
});
