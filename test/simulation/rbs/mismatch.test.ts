import { describe, expect, test } from "vitest";
import { seconds } from "../../../src/core/base/time.js";
import type { PeParts } from "../etrunk/etrunk-pair.js";
import { profileOf, RbsPair, type RbsParts } from "./rbs-pair.js";

/** What each PE names, the second configured as given, and the first as a rule. */
function named(pe2: RbsParts, pe1: RbsParts = {}, parts: readonly PeParts[] = []): string[][] {
  const pair = new RbsPair(pe1, pe2, {}, parts).connected();
  pair.world.run(seconds(30));
  const shown = pair.pes.map((pe) => pair.service(pe).mismatches);
  const texts = shown.map((list) => list.map(({ backupId, text }) => `${backupId}: ${text}`));
  // Each of them is an alarm, and nothing else is.
  const alarm = "rbsConfigurationMismatch: Remote backup service service1, backup-id ";
  expect(pair.pes.map((pe) => pair.alarms(pe))).toEqual(texts.map((list) => list.map((text) => `${alarm}${text}.`)));
  // What is made alike clears them.
  pair.reconfigure(pair.pe2, pe1);
  if (parts.length === 0) {
    pair.world.run(seconds(1));
    expect(pair.pes.flatMap((pe) => pair.alarms(pe))).toEqual([]);
  }
  return texts;
}

describe("both PEs name", () => {
  test("another backup-id", () => {
    expect(named({ profile: { backup: { id: 11, service: "service1" } } })).toEqual([
      ["10: is configured at this device and not at the peer", "11: is configured at the peer and not at this device"],
      ["10: is configured at the peer and not at this device", "11: is configured at this device and not at the peer"],
    ]);
  });

  test("a service that one of them lacks, and one that the other lacks", () => {
    expect(named({ profile: { services: ["arp", "mld"] } }, { profile: { services: ["mld", "nd"] } })).toEqual([
      [
        "10: service-type nd is configured here and not at the peer; service-type arp is configured at the peer and not here",
      ],
      [
        "10: service-type arp is configured here and not at the peer; service-type nd is configured at the peer and not here",
      ],
    ]);
  });

  test("a profile that is bound to no E-Trunk", () => {
    expect(named({ profile: { member: undefined } })).toEqual([
      ["10: e-trunk is 1 here and none at the peer"],
      ["10: e-trunk is none here and 1 at the peer"],
    ]);
  });

  test("Eth-Trunks that are not each other's remote one", () => {
    expect(named({}, {}, [{}, { member: { remoteTrunk: 5 } }])).toEqual([
      [
        "10: it is bound to Eth-Trunk 1 with remote Eth-Trunk 1 here and to Eth-Trunk 1 with remote Eth-Trunk 5 at the peer",
      ],
      [
        "10: it is bound to Eth-Trunk 1 with remote Eth-Trunk 5 here and to Eth-Trunk 1 with remote Eth-Trunk 1 at the peer",
      ],
    ]);
  });

  test("force-master at one end alone", () => {
    expect(named({}, {}, [{}, { member: { mode: "force-master" } }])).toEqual([
      ["10: e-trunk mode is auto here and force-master at the peer"],
      ["10: e-trunk mode is force-master here and auto at the peer"],
    ]);
  });
});

test("force-master at both ends and force-backup at one are no difference", () => {
  const active = { member: { mode: "force-master" } } as const;
  const reserve = { member: { mode: "force-backup" } } as const;
  for (const parts of [
    [active, active],
    [active, reserve],
  ])
    expect(named({}, {}, parts)).toEqual([[], []]);
});

test("another port: each says that the other does not come, or is not there", () => {
  const pair = new RbsPair({}, { port: 1_026 });
  pair.world.startAll();
  pair.world.run(seconds(20));
  expect(pair.pes.map((pe) => pair.alarms(pe))).toEqual([
    [
      "rbsConnectionDown: Remote backup service service1 is not connected to 192.0.2.2: the peer does not connect to port 1025: its service is down, or has another port or address.",
    ],
    ["rbsConnectionDown: Remote backup service service1 is not connected to 192.0.2.1: connection refused."],
  ]);
});

test("4,095 profiles are told, in as many messages as that takes, and a change of one costs one message", () => {
  const profiles = Array.from({ length: 4_095 }, (_, n) =>
    profileOf({ name: `p${n}`, backup: { id: n + 1, service: "service1" }, services: ["arp", "nd", "igmp", "mld"] }),
  );
  const pair = new RbsPair({ profiles }, { profiles }).connected();
  pair.world.until("roles are known", () => `${pair.roles}` === "master/slave,slave/master");
  pair.world.run(seconds(1));
  expect(pair.pes.map((pe) => pair.service(pe).mismatches)).toEqual([[], []]);
  const shown = pair.pes.map((pe) => pair.service(pe).bytesReceived);
  for (const octets of shown) expect(octets).toBeGreaterThan(4_095 * 18);
  pair.reconfigure(pair.pe2, { profiles: profiles.slice(0, 4_094) });
  pair.world.run(seconds(1));
  expect(pair.service(pair.pe1).mismatches).toEqual([
    { backupId: 4_095, what: "backup-id", text: "is configured at this device and not at the peer" },
  ]);
});
