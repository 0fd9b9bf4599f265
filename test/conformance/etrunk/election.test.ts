import { describe, expect, it, test } from "vitest";
import { type ElectionInputs, elect, election } from "../../../src/core/etrunk/election.js";
import { decideMember, type MemberInputs, memberTable } from "../../../src/core/etrunk/member.js";

/** Two PEs that hear each other, and we win. */
const WINNING: ElectionInputs = {
  canSpeak: true,
  allMembersDown: false,
  bfdDown: false,
  bfdSessionDown: false,
  hearing: true,
  waiting: false,
  resumed: undefined,
  peerLeaves: false,
  peerHasNoMember: false,
  peerDeaf: undefined,
  comparison: -1,
};

describe("the election, behaviour.md 3.4 and formats/e-trunk-hello.md 8", () => {
  const rows: readonly [string, Partial<ElectionInputs>, string, string][] = [
    ["no addresses, no source address here, or no key", { canSpeak: false }, "Init", "INIT"],
    ["no member is ready", { allMembersDown: true }, "Init", "ALL_MEMBER_DOWN"],
    ["the peer leaves", { peerLeaves: true, comparison: 1 }, "Master", "PEER_NODE_DOWN"],
    ["the BFD session went down", { bfdDown: true, comparison: 1 }, "Master", "BFD_DOWN"],
    ["the process before was Master", { waiting: true, hearing: false, resumed: "Master" }, "Master", "PRI"],
    ["the process before was Backup", { waiting: true, hearing: false, resumed: "Backup" }, "Backup", "PRI"],
    ["the first fail time runs", { waiting: true, hearing: false }, "Init", "INIT"],
    ["no hello for the fail time", { hearing: false, comparison: 1 }, "Master", "TIMEOUT"],
    ["the peer has no member left", { peerHasNoMember: true, comparison: 1 }, "Master", "PRI"],
    ["the peer timed out on us", { peerDeaf: "timeout" }, "Backup", "PEER_TIMEOUT"],
    ["the peer lost its BFD session with us", { peerDeaf: "bfd" }, "Backup", "PEER_BFD_DOWN"],
    ["we win", {}, "Master", "PRI"],
    ["all is equal", { comparison: 0 }, "Master", "PRI"],
    ["we win while the BFD session is down", { bfdSessionDown: true }, "Master", "BFD_DOWN"],
    ["the peer wins", { comparison: 1 }, "Backup", "PRI"],
    ["the peer wins while the BFD session is down", { comparison: 1, bfdSessionDown: true }, "Backup", "PEER_BFD_DOWN"],
  ];
  it.for(rows)("%s", ([, given, state, cause]) => {
    expect(elect({ ...WINNING, ...given })).toEqual({ state, cause });
  });

  test("every row of the table has a case here", () => {
    const used = new Set(rows.map(([, given]) => election.find((row) => row.when({ ...WINNING, ...given }))));
    expect(used.size).toBe(election.length);
  });
});

/** A ready member in auto mode whose peer's is not up. */
const READY: MemberInputs = {
  mode: "auto",
  device: "Master",
  negotiating: false,
  peerUnknown: false,
  ready: true,
  carries: false,
  forwards: false,
  peer: { up: false, ready: false, state: "Backup" },
  revert: true,
  revertOver: false,
  waitOver: false,
  byBandwidth: false,
};
const UP = { up: true, ready: true, state: "Master" } as const;
const COMING = { up: false, ready: true, state: "Master" } as const;

describe("a member, behaviour.md 3.5 and 3.7", () => {
  const rows: readonly [string, Partial<MemberInputs>, string, string][] = [
    ["force-master", { mode: "force-master", ready: false }, "Master", "FORCE_MASTER"],
    ["force-backup", { mode: "force-backup" }, "Backup", "FORCE_BACKUP"],
    ["the device has not heard the peer yet", { device: "Init", negotiating: true }, "Negotiation", "ETRUNK_INIT"],
    ["the device is in Init", { device: "Init" }, "Backup", "ETRUNK_INIT"],
    ["its links are gone", { ready: false }, "Backup", "LINK_DOWN"],
    ["it carried before a restart", { peerUnknown: true, carries: true, forwards: true }, "Master", "ETRUNK_MASTER"],
    ["it carried nothing before a restart", { peerUnknown: true }, "Backup", "ETRUNK_BACKUP"],
    ["the revert delay runs", { peer: UP }, "Backup", "PEER_MEMBER_UP"],
    ["revert is disabled", { peer: UP, revert: false, revertOver: true }, "Backup", "PEER_MEMBER_UP"],
    [
      "it came to carry but its trunk is not up, and the peer's is",
      { peer: UP, carries: true },
      "Backup",
      "PEER_MEMBER_UP",
    ],
    ["bandwidth made the device Master", { byBandwidth: true }, "Master", "LOCAL_BANDWIDTH_LARGE"],
    ["the peer's member is down", {}, "Master", "PEER_MEMBER_DOWN"],
    ["nothing is heard of the peer's member", { peer: undefined }, "Master", "ETRUNK_MASTER"],
    ["the revert delay is over", { peer: UP, revertOver: true }, "Master", "ETRUNK_MASTER"],
    [
      "Backup by bandwidth, the peer's is up",
      { device: "Backup", peer: UP, byBandwidth: true },
      "Backup",
      "PEER_BANDWIDTH_LARGE",
    ],
    [
      "Backup, the peer's is up",
      { device: "Backup", peer: UP, carries: true, forwards: true },
      "Backup",
      "PEER_MEMBER_UP",
    ],
    ["Backup, the peer's is about to come", { device: "Backup", peer: COMING }, "Backup", "ETRUNK_BACKUP"],
    [
      "Backup that carries, the peer's is merely ready",
      { device: "Backup", peer: COMING, carries: true, forwards: true },
      "Master",
      "PEER_MEMBER_DOWN",
    ],
    [
      "Backup, the peer's did not come in time",
      { device: "Backup", peer: COMING, waitOver: true },
      "Master",
      "PEER_MEMBER_DOWN",
    ],
    ["Backup, the peer's is down", { device: "Backup" }, "Master", "PEER_MEMBER_DOWN"],
  ];
  it.for(rows)("%s", ([, given, state, cause]) => {
    expect(decideMember({ ...READY, ...given })).toMatchObject({ state, cause });
  });

  test("every row of the table has a case here", () => {
    const used = new Set(rows.map(([, given]) => memberTable.find((row) => row.when({ ...READY, ...given }))));
    expect(used.size).toBe(memberTable.length);
  });
});
