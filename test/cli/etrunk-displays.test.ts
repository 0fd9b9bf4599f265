import { expect, test, vi } from "vitest";
import { shown } from "../support/typed.js";
import { car, decision, etrunk, member, session } from "./etrunk-views.js";

vi.stubEnv("TZ", "Europe/Berlin");

/** An E-Trunk over IPv6 that has heard nobody yet, and much to tell. */
const lonely = etrunk({
  id: 512,
  peerAddress: "2001:db8:33::33",
  sourceAddress: "2001:db8:11::11",
  vpnInstance: null,
  state: "Init",
  causation: "INIT",
  received: 0,
  receivedDropped: 7,
  key: "default",
  priorityOrder: "higher-first",
  peerState: null,
  peerCausation: null,
  hearing: false,
  heard: false,
  attention: [
    "No security-key is set: the default key is known to everybody and authenticates nobody.",
    "The peer is Master too.",
  ],
  peerPriority: null,
  peerSystemId: null,
  peerFailTime: null,
  peerSoftware: null,
  bfdSession: "dyn_etrunk_512",
  bfdState: "Down",
  dynamicBfd: { minTx: 40, minRx: 20, detectMultiplier: 8, trackInterface: null },
  description: null,
  sequence: true,
  authenticationMode: "hmac-sha1",
  members: [
    member({ id: 65535, remoteId: 0, physicalState: "Down", workMode: "force-backup", state: "Negotiation" }),
    member({ state: "Backup", causation: "PEER_MEMBER_UP", revertRemaining: 77 }),
  ],
});
const twoAddresses = { peerAddress: "2.2.2.2", sourceAddress: "1.1.1.1" };

const DROPS = {
  version: 1,
  length: 2,
  etrunkId: 3,
  peerAddress: 4,
  authentication: 5,
  tlv: 6,
  priority: 7,
  failTime: 8,
  state: 9,
  reason: 10,
  systemId: 11,
  bfd: 12,
  sequence: 13,
  sessionCar: 14,
};

const idle = session({
  name: "bfd1",
  localDiscriminator: null,
  notUpReason: "No local discriminator, or a key that cannot be opened",
  remoteDiscriminator: null,
  peerAddress: null,
  destination: "224.0.0.184",
  interface: "Eth-Trunk1",
  multihop: false,
  state: "Down",
  actualTx: 0,
  actualRx: 0,
  remoteMultiplier: 0,
  detectionTime: 0,
  offloaded: false,
  sent: 0,
  received: 0,
  applications: [],
});
const six = session({
  name: "six",
  localDiscriminator: 70_000,
  remoteDiscriminator: 4_294_967_295,
  type: "dynamic",
  peerAddress: "2001:db8:33::1:33",
  destination: "2001:db8:33::1:33",
  state: "AdminDown",
  drops: { authentication: 4, ttl: 0 },
});
const restoring = session({ restoring: true, wtr: 60_000, description: "to PE2" });

test.for([
  ["e-trunk", shown("display e-trunk 1", etrunk())],
  ["e-trunk-lonely", shown("display e-trunk", { etrunks: [lonely, etrunk({ revertEnabled: false })] })],
  [
    "e-trunk-brief",
    shown("display e-trunk brief", { etrunks: [etrunk({ peerAddress: "1.1.1.1", sourceAddress: "2.2.2.2" })] }),
  ],
  [
    "e-trunk-bfd",
    shown("display e-trunk bfd session all", {
      etrunks: [
        etrunk({
          ...twoAddresses,
          bfdState: "Up",
          dynamicBfd: { minTx: 40, minRx: 20, detectMultiplier: 8, trackInterface: null },
        }),
        etrunk({ id: 2 }),
      ],
    }),
  ],
  [
    "e-trunk-packet-statistics",
    shown("display e-trunk packet-statistics", {
      etrunkIdErrors: 100,
      lengthErrors: 200,
      etrunks: [
        {
          id: 1,
          sent: 1182,
          sentDropped: 1,
          received: 1149,
          receivedDropped: 105,
          drops: DROPS,
          wentBackwards: 2,
          halfwayMembers: 3,
        },
      ],
    }),
  ],
  [
    "e-trunk-state-change",
    shown(
      "display e-trunk 1 state-change",
      etrunk({
        history: [
          { time: "2026-07-01T22:05:06Z", from: "Negotiation", to: "Backup", causation: "ETRUNK_BACKUP" },
          { time: "2026-12-01T22:05:06Z", from: "Backup", to: "Master", causation: "PEER_MEMBER_DOWN" },
        ],
      }),
    ),
  ],
  ["bfd-session", shown("display bfd session all", { sessions: [session()] })],
  ["bfd-session-wide", shown("display bfd session all", { sessions: [idle, six, restoring] })],
  ["bfd-session-verbose", shown("display bfd session all verbose", { sessions: [restoring, idle] })],
  [
    "bfd-statistics",
    shown("display bfd statistics", { sessions: [session(), idle, six], strays: 3, faults: { version: 2, length: 0 } }),
  ],
  [
    "session-car",
    shown("display cpu-defend whitelist session-car e-trunk-ipv4 statistics", {
      sessions: [
        car(),
        car({
          protocol: "e-trunk-ipv6",
          sourceAddress: "2001:db8:33::33",
          destinationAddress: "2001:db8:11::11",
          cir: 64,
        }),
      ],
    }),
  ],
  ["why", shown("why e-trunk 1", decision())],
  [
    "why-selected",
    shown(
      "why e-trunk 1",
      decision({
        state: "Backup",
        comparison: {
          ours: { priority: 10, systemId: "00:e0:fc:12:34:57", available: 2_000 },
          theirs: { priority: 20, systemId: "00:e0:fc:12:34:56", available: 3_000 },
          priorityOrder: "higher-first",
          selectMode: "bandwidth",
        },
        inputs: { ...decision().inputs!, comparison: 1_000, peerDeaf: "timeout", resumed: "Backup" },
        attention: ["The peer is Master too."],
        members: [
          {
            ...decision().members[0]!,
            side: null,
            revertRemaining: 12,
            inputs: { ...decision().members[0]!.inputs!, peer: null, negotiating: true },
          },
        ],
      }),
    ),
  ],
] as const)("%s prints as its golden text, line by line", async ([name, text]) => {
  await expect(text).toMatchFileSnapshot(`golden/${name}.txt`);
});
