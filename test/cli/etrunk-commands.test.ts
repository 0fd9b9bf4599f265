import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Daemon } from "../../src/cli/client.js";
import { answerTo } from "../../src/cli/run.js";
import { typed } from "../support/typed.js";
import { decision, etrunk, member, session } from "./etrunk-views.js";
import { FakeDaemon, usual } from "./fake-daemon.js";

const MOVES = [{ time: "2026-07-01T22:05:06Z", from: "Init", to: "Master", causation: "TIMEOUT" }];
const MEMBER_MOVES = [{ time: "2026-07-01T22:05:07Z", from: "Backup", to: "Master", causation: "ETRUNK_MASTER" }];
const pair = etrunk({ history: MOVES, members: [member({ history: MEMBER_MOVES })] });
const dynamic = etrunk({ id: 2, dynamicBfd: { minTx: 10, minRx: 10, detectMultiplier: 3, trackInterface: null } });
const sessions = [
  session(),
  session({ name: "six", type: "dynamic", localDiscriminator: 6, peerAddress: "2001:db8::6", state: "Down" }),
];

const fake = new FakeDaemon((request, socket) => {
  if (request.ask === "e-trunk") return request.id === undefined ? { etrunks: [pair, dynamic] } : pair;
  if (request.ask === "bfd-sessions") return { sessions, strays: 0, faults: {} };
  return usual(request, socket);
});
let daemon: Daemon;
beforeAll(async () => {
  await fake.listen();
  daemon = new Daemon(fake.path);
});
afterAll(async () => {
  daemon.close();
  await fake.close();
});

async function type(line: string) {
  const { row, match } = typed(line);
  const answer = await answerTo(row, match, daemon, {});
  return { document: answer.document, text: answer.text() };
}

describe("the document of a display is", () => {
  test.for([
    ["display e-trunk 1", pair],
    ["display e-trunk", { etrunks: [pair, dynamic] }],
    ["display e-trunk brief", { etrunks: [pair, dynamic] }],
    ["display e-trunk bfd session all", { etrunks: [dynamic] }],
    ["display e-trunk 1 state-change", { id: 1, interface: null, moves: MOVES }],
    [
      "display e-trunk 1 state-change member-interface Eth-Trunk10",
      { id: 1, interface: "Eth-Trunk10", moves: MEMBER_MOVES },
    ],
    ["display bfd session all", { sessions }],
    ["display bfd session static verbose", { sessions: [sessions[0]] }],
    ["display bfd session dynamic", { sessions: [sessions[1]] }],
    ["display bfd session discriminator 6", { sessions: [sessions[1]] }],
    ["display bfd session peer-ip 2.2.2.2", { sessions: [sessions[0]] }],
    ["display bfd session peer-ipv6 2001:DB8:0::6", { sessions: [sessions[1]] }],
    ["display bfd session peer-ip 9.9.9.9", { sessions: [] }],
    ["why e-trunk 1", decision()],
  ] as const)("%s", async ([line, document]) => {
    expect((await type(line)).document).toEqual(document);
  });
});

test.for([
  ["display e-trunk", "The E-Trunk information"],
  ["display e-trunk brief", "Total:2       Master:2     Backup:0         Init:0"],
  ["display e-trunk bfd session all", "Total BFD session(s): 1"],
  ["display e-trunk packet-statistics", "E-Trunk-ID errors : 0"],
  ["display e-trunk 1 state-change", "TIMEOUT"],
  ["display bfd session all", "Total UP/DOWN Session Number : 1/1"],
  ["display bfd session all verbose", "Bind Application       : E-TRUNK"],
  ["display bfd statistics", "Total Up/Down Session Number            : 1/1"],
  ["display cpu-defend whitelist session-car e-trunk-ipv4 statistics", "R-Packets    : 3"],
  ["why e-trunk 1", "E-Trunk 1 is Master: PRI"],
])("the text of %s says %s", async ([line, words]) => {
  expect((await type(line!)).text).toContain(words);
});

test.for([
  ["reset e-trunk packet-statistics", { ask: "reset-e-trunk-statistics" }],
  ["reset e-trunk packet-statistics e-trunk-id 1", { ask: "reset-e-trunk-statistics", id: 1 }],
  ["reset bfd statistics all", { ask: "reset-bfd-statistics" }],
  ["reset bfd statistics discriminator 60", { ask: "reset-bfd-statistics", discriminator: 60 }],
  [
    "reset cpu-defend whitelist-v6 session-car e-trunk-ipv6 statistics",
    { ask: "reset-session-car", protocol: "e-trunk-ipv6" },
  ],
] as const)("%s asks for that and prints nothing", async ([line, request]) => {
  expect(await type(line)).toEqual({ document: null, text: "" });
  expect(fake.requests.at(-1)).toEqual(request);
});

test.for([
  ["display bfd session discriminator 7", "There is no BFD session with the local discriminator 7"],
  ["display e-trunk 1 state-change member-interface Eth-Trunk11", "Eth-Trunk11 is no member of E-Trunk 1"],
  ["why e-trunk 9", "E-Trunk 9 does not exist"],
])("%s is refused: %s", async ([line, reason]) => {
  await expect(type(line!)).rejects.toThrow(reason);
});
