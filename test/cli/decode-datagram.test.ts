import { createHmac, hkdfSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { frameText } from "../../src/cli/decode/decode.js";
import { type DecodedFrame, decodeFrame } from "../../src/cli/decode/frame.js";
import { RbsStreams } from "../../src/cli/decode/rbs.js";
import type { Mac } from "../../src/core/base/address.js";
import { writeHello } from "../../src/core/wire/etrunk-hello.js";
import { bfdPacket } from "../support/bfd-packets.js";
import { patched } from "../support/frames.js";
import { udpFrame } from "../support/udp-frames.js";

const KEY = new TextEncoder().encode("YsHsjx_202206");
const V4 = ["192.0.2.1", "192.0.2.2"] as const;
const V6 = ["2001:db8::1", "2001:db8::2"] as const;

const decode = (bytes: Uint8Array, key?: Uint8Array): DecodedFrame =>
  decodeFrame(
    {
      number: 1,
      time: undefined,
      linkType: 1,
      bytes: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength),
      originalLength: bytes.length,
    },
    { key, streams: new RbsStreams() },
  );

const octetsOf = (address: string): number[] =>
  address.includes(":")
    ? [0x20, 1, 0xd, 0xb8, ...new Array<number>(11).fill(0), Number(address.at(-1))]
    : [...new Array<number>(10).fill(0), 255, 255, ...address.split(".").map(Number)];

/** Signed as formats/e-trunk-hello.md 4 says, by node:crypto alone. */
function hello(mode: number, [source, destination]: readonly [string, string], port = 1025): Uint8Array {
  const bytes = new DataView(new ArrayBuffer(300));
  const fields = {
    flags: 0x26,
    etrunk: 300,
    state: 3,
    reason: 1,
    priority: 10,
    selectMode: 2,
    failTime: 50,
    system: 0x02_00_00_66_00_00 as Mac,
    revertDelay: 120,
    epoch: 1_795_170_481_123_456,
    sequence: 7,
    peerEpoch: 9,
  };
  const member = {
    type: 1,
    workMode: 0,
    state: 2,
    reason: 6,
    localId: 10,
    remoteId: 11,
    flags: 0x0b,
    availableLinks: 2,
    availableBandwidth: 2_000,
    systemPriority: 32_768,
    system: 0x02_00_00_66_00_01 as Mac,
    key: 2_609,
    revertRemaining: 5,
  };
  const { length, digestAt } = writeHello(bytes, 0, fields, {
    members: [member],
    software: "etrunkd",
    echoes: [{ epoch: 9, sequence: 4_000 }],
    authentication: { mode, keyId: 4 },
  });
  const octets = new Uint8Array(bytes.buffer, 0, length);
  const [from, to] = [octetsOf(source), octetsOf(destination)];
  const info = Uint8Array.from([300 >> 8, 300 & 255, ...from, ...to]);
  const secret = mode === 3 ? Buffer.from(hkdfSync("sha256", KEY, "etrunkd hello 1", info, 32)) : KEY;
  const signed = Uint8Array.from([...from, ...to, port >> 8, port & 255, ...octets]);
  octets.set(
    createHmac(mode === 1 ? "sha1" : "sha256", secret)
      .update(signed)
      .digest(),
    digestAt,
  );
  return octets;
}

const framed = (payload: Uint8Array, [source, destination]: readonly [string, string], port: number, ttl = 255) =>
  udpFrame({ source, destination, sourcePort: port, destinationPort: port, ttl, payload });

describe("a hello", () => {
  test("is read, every field by its name", () => {
    expect(decode(framed(hello(3, V4), V4, 1025))).toMatchObject({
      what: "E-Trunk hello",
      hello: {
        source: V4[0],
        destination: V4[1],
        destinationPort: 1025,
        ttl: 255,
        etrunk: 300,
        flags: ["revert", "BFD tracked", "hearing you"],
        state: "Master",
        causation: "PRI",
        priority: 10,
        selectMode: "bandwidth",
        failTime: 50,
        systemId: "02:00:00:66:00:00",
        revertDelay: 120,
        epoch: 1_795_170_481_123_456,
        sequence: 7,
        peerEpoch: 9,
        echoes: [{ epoch: 9, sequence: 4_000 }],
        software: "etrunkd",
        members: [
          {
            type: 1,
            id: 10,
            remoteId: 11,
            workMode: "auto",
            state: "Master",
            causation: "PEER_MEMBER_DOWN",
            flags: ["up", "ready", "settled"],
            links: 2,
            bandwidth: 2_000,
            systemPriority: 32_768,
            systemId: "02:00:00:66:00:01",
            portKey: 2_609,
            revertRemaining: 5,
          },
        ],
        authentication: { mode: "enhanced-hmac-sha256", keyId: 4, digest: "not checked" },
      },
      fault: null,
    });
  });

  test.for([1, 2, 3])("of mode %i has its digest checked, over IPv4 and IPv6", (mode) => {
    for (const ends of [V4, V6]) {
      const frame = framed(hello(mode, ends), ends, 1025);
      expect(decode(frame, KEY)).toMatchObject({ hello: { authentication: { digest: "right" } }, fault: null });
      expect(decode(frame, new TextEncoder().encode("another"))).toMatchObject({
        hello: { authentication: { digest: "wrong" } },
        fault: { name: "digest", text: "the digest is not that of ETRUNK_KEY" },
      });
    }
  });

  test("is known by its look at another port, and nothing else is", () => {
    expect(decode(framed(hello(2, V4, 2025), V4, 2025), KEY)).toMatchObject({ what: "E-Trunk hello", fault: null });
    expect(decode(framed(new Uint8Array(60), V4, 2025))).toMatchObject({ what: "IPv4", hello: null, fault: null });
    expect(decode(framed(new Uint8Array(60), V6, 2025))).toMatchObject({ what: "IPv6", hello: null, fault: null });
  });

  test.for<[what: string, octets: Record<number, number>, text: string]>([
    ["another version", { 0: 2 }, "the version is 2, 1 is known"],
    ["another length", { 3: 1 }, "the length is 1, the datagram has 139 octets"],
    ["E-Trunk 556", { 4: 2 }, "the E-Trunk ID is 556, must be 1 to 512"],
    ["state 0", { 6: 0 }, "the state is 0, must be 1 to 3"],
    ["reason 9", { 7: 9 }, "the reason is 9, must be 1 to 8"],
    ["priority 0", { 8: 0 }, "the priority is 0, must be 1 to 254"],
    ["a fail time of 1 s", { 11: 10 }, "the fail time is 10, must be 0 or 15 to 30000"],
    ["an epoch above 2^53", { 20: 1 }, "an epoch is more than 2^53 - 1"],
    ["a member in state 9", { 46: 9 }, "a TLV is cut short, has a value out of range, or follows the authentication"],
  ])("with %s has a fault", ([, octets, text]) => {
    const bytes = hello(3, V4);
    for (const [at, octet] of Object.entries(octets)) bytes[Number(at)] = octet;
    // One that was read before leaves nothing behind.
    decode(framed(hello(3, V4), V4, 1025));
    const { hello: read, fault } = decode(framed(bytes, V4, 1025));
    expect(fault).toMatchObject({ text, clause: "E-Trunk hello of etrunkd, version 1" });
    expect(read?.members ?? []).toEqual([]);
  });

  test("is printed as text", () => {
    expect(
      frameText(decode(framed(hello(2, V4), V4, 1025), KEY))
        .split("\n")
        .slice(1),
    ).toEqual([
      "       192.0.2.1 > 192.0.2.2, UDP port 1025, TTL 255",
      "       E-Trunk 300, State Master (PRI), Priority 10, System 0200-0066-0000, Fail Time 50, Revert Delay 120, Select bandwidth",
      "       Flags revert, BFD tracked, hearing you",
      "       Epoch 1795170481123456, Sequence 7, Peer Epoch 9, Software etrunkd",
      "       Echoes 9/4000",
      "       Eth-Trunk 10, Remote 11, auto, Master (PEER_MEMBER_DOWN), up, ready, settled, 2 links, 2000 Mbit/s, LACP 32768 0200-0066-0001 Key 2609, Revert 5 s",
      "       Authentication hmac-sha256, Key ID 4, Digest right",
      "",
    ]);
  });
});

describe("a BFD packet", () => {
  const packet = bfdPacket({
    state: "Up",
    flags: "PA",
    yourDiscriminator: 9,
    authentication: "05".concat("1c07", "00".repeat(25)),
  });

  test("is read, every field by its name", () => {
    expect(decode(framed(packet, V6, 4784, 254))).toMatchObject({
      what: "BFD",
      bfd: {
        source: V6[0],
        destinationPort: 4784,
        ttl: 254,
        state: "Up",
        diagnostic: "No Diagnostic",
        flags: ["Poll", "Authentication"],
        multiplier: 3,
        myDiscriminator: 1,
        yourDiscriminator: 9,
        desiredMinTx: 1_000_000,
        requiredMinRx: 1_000_000,
        requiredMinEchoRx: 0,
        authentication: { type: "met-sha1", keyId: 7 },
      },
      fault: null,
    });
    expect(
      frameText(decode(framed(packet, V6, 4784)))
        .split("\n")
        .slice(2),
    ).toEqual([
      "       State Up, No Diagnostic, Flags Poll, Authentication, Multiplier 3, My Discriminator 1, Your Discriminator 9",
      "       Desired Min Tx 1000 ms, Required Min Rx 1000 ms, Required Min Echo Rx 0 ms",
      "       Authentication met-sha1, Key ID 7",
      "",
    ]);
  });

  test.for<[what: string, bytes: Uint8Array, ttl: number, text: string, clause: string]>([
    ["another version", bfdPacket({ version: 2 }), 255, "the version is not 1", "RFC 5880 6.8.6"],
    [
      "less than 24 octets",
      bfdPacket({}).slice(0, 23),
      255,
      "there are 23 octets, must be 24 or more",
      "RFC 5880 6.8.6",
    ],
    ["another length", bfdPacket({ length: 25 }), 255, "the length is 25, there are 24 octets", "RFC 5880 6.8.6"],
    ["multiplier 0", bfdPacket({ multiplier: 0 }), 255, "Detect Mult is 0", "RFC 5880 6.8.6"],
    ["the Multipoint bit", bfdPacket({ flags: "M" }), 255, "the Multipoint bit is set", "RFC 5880 6.8.6"],
    ["no discriminator", bfdPacket({ myDiscriminator: 0 }), 255, "My Discriminator is 0", "RFC 5880 6.8.6"],
    [
      "state Up to nobody",
      bfdPacket({ state: "Up" }),
      255,
      "Your Discriminator is 0, and the state is neither Down nor AdminDown",
      "RFC 5880 6.8.6",
    ],
    [
      "a section too long",
      bfdPacket({ flags: "A", authentication: "0103" }),
      255,
      "the authentication section of 3 octets is longer than the packet",
      "RFC 5880 6.8.6",
    ],
    ["TTL 254 over one hop", bfdPacket({}), 254, "the TTL is 254, must be 255", "RFC 5881 5"],
  ])("with %s has a fault", ([, bytes, ttl, text, clause]) => {
    expect(decode(framed(bytes, V4, 3784, ttl)).fault).toMatchObject({ text, clause });
  });
});

test("a fragment, another protocol and half a header are no PDU of ours", () => {
  const frame = framed(hello(2, V4), V4, 1025);
  expect(decode(patched(frame, { 20: 0x20 }))).toMatchObject({ what: "IPv4", fault: null });
  expect(decode(patched(frame, { 23: 6 }))).toMatchObject({ what: "IPv4", fault: null });
  for (let length = 14; length < 42; length++) expect(decode(frame.slice(0, length))).toMatchObject({ fault: null });
});

test("no octets make it throw", () => {
  const frames = [framed(hello(3, V4), V4, 1025), framed(hello(1, V6), V6, 1025), framed(bfdPacket({}), V4, 3784)];
  const changes = fc.array(fc.tuple(fc.nat(200), fc.integer({ min: 0, max: 255 })), { maxLength: 8 });
  fc.assert(
    fc.property(fc.constantFrom(...frames), changes, fc.nat(200), (frame, octets, length) => {
      const broken = frame.slice(0, length);
      for (const [at, octet] of octets) if (at < broken.length) broken[at] = octet;
      frameText(decode(broken, KEY));
    }),
  );
});
