import { expect, it } from "vitest";
import type { Mac } from "../../../src/core/base/address.js";
import type { MemberKey } from "../../../src/core/base/member-key.js";
import { micros, seconds } from "../../../src/core/base/time.js";
import { Peer } from "../../../src/core/etrunk/peer.js";
import { type HelloMember, HelloView, writeHello } from "../../../src/core/wire/etrunk-hello.js";

const system = 0x00e0fc123455 as Mac;
const hello = { flags: 0, etrunk: 1, state: 3, reason: 1, priority: 10, selectMode: 0, failTime: 200 };
const run = { system, revertDelay: 120, epoch: 1, sequence: 1, peerEpoch: 0 };
const plain = { workMode: 0, state: 2, reason: 5, flags: 15, availableLinks: 1, availableBandwidth: 1_000 };
const identity = { systemPriority: 32_768, system, key: 305, revertRemaining: 0 };

type Told = readonly [type: number, localId: number, remoteId: number];

/** A peer whose hello tells of these members. */
function peerWith(...told: readonly Told[]): Peer {
  const members = told.map(
    ([type, localId, remoteId]): HelloMember => ({ ...plain, ...identity, type, localId, remoteId }),
  );
  const bytes = new DataView(new ArrayBuffer(400));
  const { length } = writeHello(
    bytes,
    0,
    { ...hello, ...run },
    { members, software: "", echoes: [], authentication: { mode: 3, keyId: 0 } },
  );
  const view = new HelloView().wrap(bytes, 0, length);
  expect(view.fault()).toBeUndefined();
  return new Peer(view, seconds(20), micros(0), true);
}

const trunk = (id: number): MemberKey => ({ kind: "eth-trunk", id });
const globalVe = (id: number): MemberKey => ({ kind: "global-ve", id });
const ours = { key: trunk(10), remote: trunk(20) };

const rows: readonly [string, Told, typeof ours, "ours" | "halfway" | "another"][] = [
  ["the Eth-Trunk that names ours", [1, 20, 10], ours, "ours"],
  ["our remote one that names another", [1, 20, 99], ours, "halfway"],
  ["another one that names ours", [1, 99, 10], ours, "halfway"],
  ["another pair", [1, 98, 99], ours, "another"],
  ["a Global-VE of the same numbers", [2, 20, 10], ours, "another"],
  ["a Global-VE with our remote number that names another", [2, 20, 99], ours, "another"],
  ["a Global-VE with another number that names ours", [2, 99, 10], ours, "another"],
  ["a type that is not known", [3, 20, 99], ours, "another"],
  ["a type of 0", [0, 20, 10], ours, "another"],
  ["a Global-VE that names our Global-VE", [2, 20, 10], { key: globalVe(10), remote: globalVe(20) }, "ours"],
  ["an Eth-Trunk of our Global-VE's numbers", [1, 20, 10], { key: globalVe(10), remote: globalVe(20) }, "another"],
  ["an Eth-Trunk with one of our Global-VE's", [1, 20, 9], { key: globalVe(10), remote: globalVe(20) }, "another"],
];
it.for(rows)("a member told by the peer: %s", ([, told, member, kind]) => {
  const peer = peerWith(told);
  expect([peer.memberOf(member) !== undefined, peer.fitsHalfway(member)]).toEqual([
    kind === "ours",
    kind === "halfway",
  ]);
});

it("the member that is ours is found among others of its numbers", () => {
  const peer = peerWith([2, 20, 10], [1, 20, 10], [3, 20, 10]);
  expect(peer.memberOf(ours)).toMatchObject({ type: 1 });
  expect(peer.fitsHalfway(ours)).toBe(false);
});
