import { describe, expect, it } from "vitest";
import { later, micros, millis, seconds } from "../../../src/core/base/time.js";
import { type HelloView, MEMBER_READY, REVERT_ENABLED, SEQUENCE_CHECK } from "../../../src/core/wire/etrunk-hello.js";
import { alarmsOf, packetsOf } from "../../support/ask.js";
import { EtrunkDevice } from "./device.js";

const ADDRESS = "192.0.2.1";
const PEER = "192.0.2.2";
const KEY = "security-key cipher the-key";

/** `etrunk`: lines of the E-Trunk view after those all have. */
const configuration = (etrunk: readonly string[] = [], trunk: readonly string[] = []): string[] => [
  "e-trunk 1",
  ` peer-address ${PEER} source-address ${ADDRESS}`,
  ` ${KEY}`,
  ...etrunk.map((line) => ` ${line}`),
  "interface Eth-Trunk1",
  " mode manual load-balance",
  " e-trunk 1",
  ...trunk.map((line) => ` ${line}`),
  ...["eth1", "eth2"].flatMap((name) => [`interface ${name}`, " eth-trunk 1"]),
];

const device = (...lines: readonly string[][]): EtrunkDevice =>
  new EtrunkDevice(ADDRESS, "00e0-fc00-0001", configuration(...lines));

/** Two that hear each other. */
function pair(): readonly [EtrunkDevice, EtrunkDevice] {
  const one = device();
  const lines = configuration().map((line) => line.replace(`${PEER} source-address ${ADDRESS}`, swapped));
  const two = new EtrunkDevice(PEER, "00e0-fc00-0002", lines);
  [one.peer, two.peer] = [two, one];
  return [one, two];
}
/** Of the device, and of each member. */
function rolesOf(pe: EtrunkDevice): string {
  const { state, causation, members } = pe.view();
  return `${state}/${causation}: ${members.map((member) => `${member.state}/${member.causation}`).join(" ")}`;
}

const swapped = `${ADDRESS} source-address ${PEER}`;

/** Both live on, hearing what the other sends. */
function run(devices: readonly EtrunkDevice[], steps: number): void {
  for (let step = 0; step < steps; step++) for (const each of devices) each.run(millis(100));
}

describe("a hello leaves at once", () => {
  const rows: readonly [string, (pe: EtrunkDevice) => void, (hello: HelloView) => unknown, unknown][] = [
    ["the priority", (pe) => pe.configure(configuration(["priority 7"])), (h) => h.priority, 7],
    [
      "the multiplier",
      (pe) => pe.configure(configuration(["timer hold-on-failure multiplier 30"])),
      (h) => h.failTime,
      300,
    ],
    ["the period", (pe) => pe.configure(configuration(["timer hello 50"])), (h) => h.failTime, 1_000],
    ["the revert delay", (pe) => pe.configure(configuration(["timer revert delay 9"])), (h) => h.revertDelay, 9],
    ["revert", (pe) => pe.configure(configuration(["revert disable"])), (h) => h.flags & REVERT_ENABLED, 0],
    ["the selection", (pe) => pe.configure(configuration(["e-trunk select bandwidth"])), (h) => h.selectMode, 2],
    [
      "the sequence check",
      (pe) => pe.configure(configuration(["sequence enable"])),
      (h) => h.flags & SEQUENCE_CHECK,
      SEQUENCE_CHECK,
    ],
    [
      "the authentication",
      (pe) => pe.configure(configuration(["authentication-mode hmac-sha256"])),
      (h) => h.authentication?.mode,
      2,
    ],
    [
      "the key that signs",
      (pe) => pe.configure(configuration(["security-key key-id 5 cipher x", "security-key send-key-id 5"])),
      (h) => h.authentication?.keyId,
      5,
    ],
    [
      "a member's mode",
      (pe) => pe.configure(configuration([], ["e-trunk mode force-backup"])),
      (h) => h.members[0]?.workMode,
      2,
    ],
    ["a member's links", (pe) => pe.link(1, "eth1", false), (h) => h.members[0]?.availableLinks, 1],
    [
      "a member that fails",
      (pe) => {
        pe.link(1, "eth1", false);
        pe.link(2, "eth2", false);
      },
      (h) => (h.members[0]?.flags ?? 0) & MEMBER_READY,
      0,
    ],
  ];
  it.for(rows)("when %s changes", ([, change, field, value]) => {
    const pe = device();
    pe.run(millis(30_300));
    const before = pe.sent.at(-1)!;
    expect(field(before.hello)).not.toEqual(value);
    change(pe);
    // Two changes in a row are ten milliseconds apart.
    pe.run(millis(10));
    const after = pe.sent.at(-1)!;
    expect(after.at - before.at).toBeLessThan(seconds(1));
    expect(field(after.hello)).toEqual(value);
  });

  it("to a new peer", () => {
    const pe = device();
    pe.run(millis(30_300));
    const { length } = pe.sent;
    pe.configure(configuration([`peer-address 192.0.2.9 source-address ${ADDRESS}`]));
    expect(pe.sent.slice(length).map(({ to }) => to)).toEqual(["192.0.2.9"]);
  });

  it("and not when nothing changes", () => {
    const pe = device();
    pe.run(millis(30_300));
    const { length } = pe.sent;
    pe.configure(configuration());
    expect(pe.sent).toHaveLength(length);
  });
});

describe("an E-Trunk", () => {
  it("counts on in one epoch, whether its peer falls silent or it is removed and made again", () => {
    const [one, two] = pair();
    run([one, two], 30);
    const first = one.sent[0]!.hello;
    expect([first.epoch, first.sequence]).toEqual([5_000, 1]);
    one.peer = undefined;
    two.peer = undefined;
    run([one], 250);
    one.configure([]);
    one.configure(configuration());
    run([one], 10);
    expect(one.sent.map(({ hello }) => hello.epoch)).toEqual(one.sent.map(() => 5_000));
    expect(one.sent.map(({ hello }) => hello.sequence)).toEqual(one.sent.map((_, n) => n + 1));
    expect(one.kept.get("epoch")).toBeUndefined();
  });

  it("counts as sent what left, and apart what did not", () => {
    const pe = device();
    pe.run(millis(5_300));
    const { sent, sentDropped } = pe.view();
    expect([sent, sentDropped]).toEqual([pe.sent.length, 0]);
    pe.sends = false;
    pe.run(seconds(4));
    expect(pe.view()).toMatchObject({ sent, sentDropped: 4 });
  });

  it("keeps the last ten moves of itself and of each member", () => {
    const pe = device();
    pe.run(seconds(30));
    for (let n = 0; n < 8; n++)
      for (const up of [false, true]) {
        for (const index of [1, 2]) pe.link(index, `eth${index}`, up);
        pe.run(seconds(10));
      }
    const { history, members } = pe.view();
    expect([history.length, members[0]?.history.length]).toEqual([10, 10]);
    expect(history.at(-1)).toMatchObject({ from: "Init", to: "Master" });
    expect(members[0]?.history.at(-1)).toMatchObject({ to: "Master" });
  });

  it("moves the member that fails, and itself only with the last one", () => {
    const lines = (addresses: string) => [
      "e-trunk 1",
      ` peer-address ${addresses}`,
      ` ${KEY}`,
      ...[1, 2].flatMap((n) => [
        `interface Eth-Trunk${n}`,
        " mode manual load-balance",
        " standby-signalling none",
        " e-trunk 1",
        `interface eth${n}`,
        ` eth-trunk ${n}`,
      ]),
    ];
    const one = new EtrunkDevice(ADDRESS, "00e0-fc00-0001", lines(`${PEER} source-address ${ADDRESS}`));
    const two = new EtrunkDevice(PEER, "00e0-fc00-0002", lines(swapped));
    [one.peer, two.peer] = [two, one];
    const roles = () => [one, two].map(rolesOf);
    run([one, two], 30);
    const settled = [
      "Master/PRI: Master/PEER_MEMBER_DOWN Master/PEER_MEMBER_DOWN",
      "Backup/PRI: Backup/PEER_MEMBER_UP Backup/PEER_MEMBER_UP",
    ];
    expect(roles()).toEqual(settled);
    one.link(2, "eth2", false);
    run([one, two], 3);
    expect(roles()).toEqual([
      "Master/PRI: Master/PEER_MEMBER_DOWN Backup/LINK_DOWN",
      "Backup/PRI: Backup/PEER_MEMBER_UP Master/PEER_MEMBER_DOWN",
    ]);
    one.link(1, "eth1", false);
    run([one, two], 3);
    expect(roles()).toEqual([
      "Init/ALL_MEMBER_DOWN: Backup/ETRUNK_INIT Backup/ETRUNK_INIT",
      "Master/PRI: Master/PEER_MEMBER_DOWN Master/PEER_MEMBER_DOWN",
    ]);
    for (const index of [1, 2]) one.link(index, `eth${index}`, true);
    run([one, two], 900);
    // Those of the Master wait for the default revert delay.
    expect(roles()).toEqual([
      "Master/PRI: Backup/PEER_MEMBER_UP Backup/PEER_MEMBER_UP",
      "Backup/PRI: Master/PEER_MEMBER_DOWN Master/PEER_MEMBER_DOWN",
    ]);
    for (const { revertRemaining } of one.view().members) expect(revertRemaining).toBeGreaterThan(0);
    run([one, two], 300);
    expect(roles()).toEqual(["Master/PRI: Master/PEER_MEMBER_DOWN Master/PEER_MEMBER_DOWN", settled[1]]);
  });

  it("tells its peer of 64 members in one hello", () => {
    const many = (addresses: string) => [
      "e-trunk 1",
      ` peer-address ${addresses}`,
      ` ${KEY}`,
      ...Array.from({ length: 64 }, (_, n) => [`interface Eth-Trunk${n}`, " e-trunk 1"]).flat(),
    ];
    const one = new EtrunkDevice(ADDRESS, "00e0-fc00-0001", many(`${PEER} source-address ${ADDRESS}`));
    const two = new EtrunkDevice(PEER, "00e0-fc00-0002", many(swapped));
    [one.peer, two.peer] = [two, one];
    run([one, two], 30);
    expect(two.view()).toMatchObject({ hearing: true, receivedDropped: 0 });
    const { bytes, hello } = one.sent.at(-1)!;
    // 40 octets, 32 for each member, the software's name, one echo, the authentication.
    expect(bytes.length).toBe(40 + 64 * 32 + 4 + "tested".length + 16 + 40);
    expect(hello.members.map(({ localId }) => localId)).toEqual(Array.from({ length: 64 }, (_, n) => n));
  });

  it("takes the fail time of its peer, not its own", () => {
    const [one, two] = pair();
    two.configure(
      configuration(["timer hold-on-failure multiplier 5"]).map((line) =>
        line.replace(`${PEER} source-address ${ADDRESS}`, swapped),
      ),
    );
    run([two, one], 30);
    expect(one.view()).toMatchObject({ hearing: true, failTime: 200, peerFailTime: 50 });
    const silentAt = later(two.sent.at(-1)!.at, seconds(5));
    one.run(micros(silentAt - one.now - 1));
    expect(one.view().hearing).toBe(true);
    one.run(micros(1));
    expect(one.view()).toMatchObject({ hearing: false, causation: "TIMEOUT" });
  });

  it("refuses the hello of another one, and counts it", () => {
    const [one, two] = pair();
    run([one, two], 30);
    const { bytes } = two.sent.at(-1)!;
    const { received } = one.view();
    const other = bytes.slice();
    other[5] = 2;
    one.hear(PEER, other);
    expect(packetsOf(one.engine)).toMatchObject({ etrunkIdErrors: 1 });
    // The same octets as a hello of a second E-Trunk between the same addresses, with the same key.
    one.configure([...configuration(), "e-trunk 2", ` peer-address ${PEER} source-address ${ADDRESS}`, ` ${KEY}`]);
    one.hear(PEER, other);
    expect(one.view(2)).toMatchObject({ received: 0, drops: { authentication: 1 } });
    expect(one.view().received).toBe(received);
  });

  it("that is removed takes its alarms along", () => {
    const pe = device();
    pe.configure([...configuration(), "e-trunk 2", ` peer-address 192.0.2.9 source-address ${ADDRESS}`]);
    expect(pe.alarms).toEqual([expect.stringMatching(/^E-Trunk 2: No security-key/)]);
    pe.configure(configuration());
    expect(pe.alarms).toEqual([]);
    expect(pe.events.filter(({ event }) => event === "alarm-cleared")).toHaveLength(1);
  });

  it("waits in Init for a source address that was never there, and takes the loss of one for a lost path", () => {
    const [one, two] = pair();
    one.address(ADDRESS, false);
    one.run(seconds(30));
    expect(one.view()).toMatchObject({ state: "Init", causation: "INIT" });
    one.address(ADDRESS, true);
    two.now = one.now;
    run([one, two], 30);
    expect([one, two].map(rolesOf)).toEqual([
      "Master/PRI: Master/PEER_MEMBER_DOWN",
      "Backup/PRI: Backup/PEER_MEMBER_UP",
    ]);
    // Of both: the interface between them went.
    one.address(ADDRESS, false);
    two.address(PEER, false);
    run([one, two], 100);
    expect([one, two].map(rolesOf)).toEqual([
      "Master/PRI: Master/PEER_MEMBER_DOWN",
      "Backup/PRI: Backup/PEER_MEMBER_UP",
    ]);
    run([one, two], 150);
    expect([one, two].map(rolesOf)).toEqual([
      "Master/TIMEOUT: Master/ETRUNK_MASTER",
      "Master/TIMEOUT: Master/ETRUNK_MASTER",
    ]);
    expect(two.view().attention[0]).toBe(`The source address ${PEER} is not on this host.`);
    one.address(ADDRESS, true);
    two.address(PEER, true);
    run([one, two], 30);
    expect([one, two].map(rolesOf)).toEqual([
      "Master/PRI: Master/PEER_MEMBER_DOWN",
      "Backup/PRI: Backup/PEER_MEMBER_UP",
    ]);
    expect([...one.alarms, ...two.alarms]).toEqual([]);
  });

  it("whose own key cannot be opened says that, and nothing of its peer's key", () => {
    const [one, two] = pair();
    run([one, two], 30);
    // The text is one of ours, ciphered with the key file of another time.
    const lost = `security-key cipher %^%#1:${"A".repeat(60)}%^%#`;
    one.configure(configuration().map((line) => line.replace(KEY, lost)));
    run([two, one], 30);
    expect(one.view()).toMatchObject({ state: "Init", causation: "INIT", key: "unreadable" });
    expect(one.view().attention.filter((text) => /key/.test(text))).toEqual([
      expect.stringMatching(/cannot be opened on this host/),
    ]);
  });

  it("whose peer signs with another key says so as long as it hears that, and then that it hears nothing", () => {
    const [one, two] = pair();
    const lines = configuration(["security-key key-id 7 cipher x", "security-key send-key-id 7"]);
    two.configure(lines.map((line) => line.replace(`${PEER} source-address ${ADDRESS}`, swapped)));
    run([one, two], 300);
    expect(one.alarms).toEqual([
      "E-Trunk 1: Hellos of the peer are refused: they are signed with key ID 7, which is not configured here.",
    ]);
    one.run(seconds(35));
    expect(one.alarms).toEqual([expect.stringMatching(/No hello from 192.0.2.2/)]);
  });

  it("whose socket cannot be opened says why, until it can", () => {
    const pe = device();
    const socket = (port: number, text: string | undefined) => {
      const subject = { source: pe.engine.addressesOn(9)[0]!.address, port, vrf: undefined };
      pe.engine.take({ kind: "refused", what: "socket", subject, text }, pe.now);
    };
    socket(1025, "UDP 192.0.2.1 port 1025: EADDRINUSE, another program has it");
    pe.run(seconds(30));
    expect(pe.alarms).toEqual([expect.stringMatching(/No hello can be sent or heard: .*another program has it/)]);
    socket(1025, undefined);
    pe.settle();
    expect(pe.alarms).toEqual([expect.stringMatching(/No hello from 192.0.2.2/)]);
    socket(2025, "of nobody here");
    pe.settle();
    expect(pe.alarms).toHaveLength(1);
  });

  it("that is not what its priority makes it says what it would be", () => {
    const [one, two] = pair();
    run([one, two], 30);
    expect([one.alarms, two.alarms]).toEqual([[], []]);
    one.peer = undefined;
    two.peer = undefined;
    run([one, two], 250);
    const expected = (pe: EtrunkDevice) =>
      alarmsOf(pe.engine).filter(({ name }) => name === "hwETrunkExpectStateChange");
    expect(expected(one)).toEqual([]);
    expect(expected(two)).toMatchObject([
      { level: "Warning", text: "E-Trunk 1: By priority it would be Backup; it is Master (TIMEOUT)." },
    ]);
    [one.peer, two.peer] = [two, one];
    run([one, two], 30);
    expect([one.alarms, two.alarms]).toEqual([[], []]);
  });
});
