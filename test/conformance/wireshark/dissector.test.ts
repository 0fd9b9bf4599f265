// The dissector for Wireshark reads what the formats say, from frames made without the daemon's writers (Flush) and with
// them (hello, whose writer is checked elsewhere).
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Mac } from "../../../src/core/base/address.js";
import { writeHello } from "../../../src/core/wire/etrunk-hello.js";
import { type FlushParts, flushFrame } from "../../support/flush-frames.js";
import { toHex } from "../../support/frames.js";
import { COMPLAINTS, dissect } from "../../support/tshark.js";
import { udpFrame } from "../../support/udp-frames.js";

const SCRIPT = fileURLToPath(new URL("../../../examples/wireshark/etrunkd.lua", import.meta.url));
const COLUMNS = ["_ws.col.Protocol", "_ws.col.Info"] as const;

/** The fields as the dissector names them, in the order they are declared. */
const namesOf = (prefix: string): string[] =>
  [...readFileSync(SCRIPT, "utf8").matchAll(/ProtoField\.\w+\("(etrunkd\.[\w.]+)"/g)].flatMap(([, name = ""]) =>
    name.startsWith(`etrunkd.${prefix}.`) ? [name] : [],
  );

const read = <const Field extends string>(frames: readonly Uint8Array[], fields: readonly Field[]) =>
  dissect(
    frames.map((bytes) => ({ time: 0, bytes })),
    fields,
    SCRIPT,
  );

const patched = (frame: Uint8Array, ...patches: readonly (readonly [at: number, octet: number])[]): Uint8Array => {
  const copy = frame.slice();
  for (const [at, octet] of patches) copy[at] = octet;
  return copy;
};

describe("a Flush frame", () => {
  const parts = {
    epoch: 1_700_000_000_000_000,
    sequence: 7,
    vlans: [1, 10, 11, 12, 4094],
    password: "secret",
  } as const;
  const password = { none: "00".repeat(32), simple: "736563726574".padEnd(64, "0") };
  const tagged = 26;

  test("has every field by name", () => {
    const modes: readonly FlushParts["mode"][] = ["none", "simple", "sha", "hmac"];
    const frames = modes.map((mode) => flushFrame({ ...parts, mode }));
    const fields = [...namesOf("flush"), ...COLUMNS, ...COMPLAINTS];
    expect(namesOf("flush")).toHaveLength(11);
    expect(read(frames, fields)).toEqual(
      frames.map((frame, mode) => ({
        "etrunkd.flush.type": "0x01",
        "etrunkd.flush.version": "0x00",
        "etrunkd.flush.device_id": "02:00:00:00:0a:00",
        "etrunkd.flush.control_vlan": "5",
        "etrunkd.flush.auth_mode": String(mode),
        "etrunkd.flush.reserved": "0x00",
        "etrunkd.flush.epoch": "1700000000000000",
        "etrunkd.flush.sequence": "7",
        "etrunkd.flush.password": toHex(frame.slice(tagged + 24, tagged + 56)),
        "etrunkd.flush.vlan_bitmap": toHex(frame.slice(tagged + 56)),
        "etrunkd.flush.vlans": "1,10-12,4094",
        "_ws.col.Protocol": "FLUSH",
        "_ws.col.Info": "Flush of VLANs 1,10-12,4094, control VLAN 5, sequence 7",
        "_ws.malformed": "",
        "_ws.expert.message": "",
      })),
    );
    const [none, simple] = read(frames, ["etrunkd.flush.password"]);
    expect([none, simple]).toEqual([
      { "etrunkd.flush.password": password.none },
      { "etrunkd.flush.password": password.simple },
    ]);
  });

  test("is read without a tag as well, and all its VLANs are one range", () => {
    const [frame] = read(
      [flushFrame({ tag: null })],
      ["etrunkd.flush.vlans", "etrunkd.flush.control_vlan", ...COMPLAINTS],
    );
    expect(frame).toEqual({
      "etrunkd.flush.vlans": "1-4094",
      "etrunkd.flush.control_vlan": "5",
      "_ws.malformed": "",
      "_ws.expert.message": "",
    });
  });

  const good = flushFrame(parts);
  const faults: readonly (readonly [string, Uint8Array, string])[] = [
    ["another type", flushFrame({ type: 2 }), "Unknown control type"],
    ["another version", flushFrame({ version: 1 }), "Unknown control version"],
    ["control VLAN 4095", flushFrame({ tag: 4095, controlVlan: 4095 }), "Control VLAN not in 1-4094"],
    ["another tag than control VLAN", flushFrame({ tag: 6 }), "Tag 6 and control VLAN 5 differ"],
    ["an unknown mode", patched(good, [tagged + 10, 4]), "Unknown authentication mode"],
    ["an epoch above 2^53 - 1", patched(good, [tagged + 12, 0x20]), "Epoch above 2^53 - 1"],
    ["bit 0 of the bitmap", patched(good, [tagged + 56, 0x80]), "Bit 0 or 4095 set"],
    ["bit 4095 of the bitmap", patched(good, [good.length - 1, 0x03]), "Bit 0 or 4095 set"],
    ["ten octets after SNAP", patched(good.slice(0, 36), [16, 0], [17, 18]), "10 octets after SNAP instead of 568"],
  ];
  test.for(faults)("with %s is flagged", ([, frame, message]) => {
    expect(read([frame], ["_ws.expert.message"])).toEqual([{ "_ws.expert.message": message }]);
  });

  test("is not seen in another use of the same experimental EtherType", () => {
    const other = patched(good, [5, 5]);
    expect(read([other], ["etrunkd.flush.type", "_ws.expert.message"])).toEqual([
      { "etrunkd.flush.type": "", "_ws.expert.message": "" },
    ]);
  });
});

describe("an E-Trunk hello", () => {
  const FIELDS = {
    flags: 0x25,
    etrunk: 1,
    state: 3,
    reason: 2,
    priority: 10,
    selectMode: 1,
    failTime: 200,
    system: 0x00e0fc123455 as Mac,
    revertDelay: 120,
    epoch: 1_700_000_000_000_000,
    sequence: 9,
    peerEpoch: 0,
  };
  const MEMBER = {
    type: 1,
    workMode: 2,
    state: 2,
    reason: 14,
    localId: 10,
    remoteId: 20,
    flags: 0x0b,
    availableLinks: 2,
    availableBandwidth: 20_000,
    systemPriority: 100,
    system: 0x00e0fc000001 as Mac,
    key: 305,
    revertRemaining: 60,
  };

  const helloOf = (members: number, mode: number): Uint8Array => {
    const view = new DataView(new ArrayBuffer(4_200));
    const all = Array.from({ length: members }, (_, n) => ({ ...MEMBER, localId: 10 + n }));
    const { length, digestAt } = writeHello(view, 0, FIELDS, {
      members: all,
      software: "etrunkd",
      echoes: [{ epoch: 1_700_000_000_000_001, sequence: 77 }],
      authentication: { mode, keyId: 3 },
    });
    const bytes = new Uint8Array(view.buffer, 0, length);
    if (digestAt !== undefined) bytes.fill(0xab, digestAt);
    return bytes;
  };
  const inIpv4 = (payload: Uint8Array, port = 1_025): Uint8Array =>
    udpFrame({
      source: "192.0.2.1",
      destination: "192.0.2.2",
      sourcePort: port,
      destinationPort: port,
      ttl: 255,
      payload,
    });
  const inIpv6 = (payload: Uint8Array): Uint8Array =>
    udpFrame({
      source: "2001:db8::1",
      destination: "2001:db8::2",
      sourcePort: 1_025,
      destinationPort: 1_025,
      ttl: 255,
      payload,
    });

  test("has every field by name, over IPv4 and IPv6", () => {
    const fields = namesOf("hello").filter((name) => !name.endsWith("tlv.value"));
    const lines = read([inIpv4(helloOf(1, 2)), inIpv6(helloOf(1, 2))], [...fields, ...COLUMNS, ...COMPLAINTS]);
    expect(lines).toEqual([lines[0], lines[0]]);
    expect(lines[0]).toEqual({
      "etrunkd.hello.version": "1",
      "etrunkd.hello.flags": "0x25",
      "etrunkd.hello.flags.sequence_check": "1",
      "etrunkd.hello.flags.revert": "0",
      "etrunkd.hello.flags.bfd_tracked": "1",
      "etrunkd.hello.flags.leaving": "0",
      "etrunkd.hello.flags.higher_first": "0",
      "etrunkd.hello.flags.hearing_you": "1",
      "etrunkd.hello.flags.bfd_up": "0",
      "etrunkd.hello.length": "139",
      "etrunkd.hello.etrunk_id": "1",
      "etrunkd.hello.state": "3",
      "etrunkd.hello.reason": "2",
      "etrunkd.hello.priority": "10",
      "etrunkd.hello.select_mode": "1",
      "etrunkd.hello.fail_time": "200",
      "etrunkd.hello.system_id": "00:e0:fc:12:34:55",
      "etrunkd.hello.revert_delay": "120",
      "etrunkd.hello.epoch": "1700000000000000",
      "etrunkd.hello.sequence": "9",
      "etrunkd.hello.peer_epoch": "0",
      "etrunkd.hello.tlv.type": "1,2,3,65535",
      "etrunkd.hello.tlv.length": "28,7,12,36",
      "etrunkd.hello.member.type": "1",
      "etrunkd.hello.member.work_mode": "2",
      "etrunkd.hello.member.state": "2",
      "etrunkd.hello.member.reason": "14",
      "etrunkd.hello.member.local_id": "10",
      "etrunkd.hello.member.remote_id": "20",
      "etrunkd.hello.member.flags": "0x000b",
      "etrunkd.hello.member.flags.up": "1",
      "etrunkd.hello.member.flags.ready": "1",
      "etrunkd.hello.member.flags.port_offset": "0",
      "etrunkd.hello.member.flags.settled": "1",
      "etrunkd.hello.member.available_links": "2",
      "etrunkd.hello.member.available_bandwidth": "20000",
      "etrunkd.hello.member.lacp_system_priority": "100",
      "etrunkd.hello.member.lacp_system_id": "00:e0:fc:00:00:01",
      "etrunkd.hello.member.lacp_key": "305",
      "etrunkd.hello.member.revert_remaining": "60",
      "etrunkd.hello.software": "etrunkd",
      "etrunkd.hello.echo.epoch": "1700000000000001",
      "etrunkd.hello.echo.sequence": "77",
      "etrunkd.hello.auth.mode": "2",
      "etrunkd.hello.auth.key_id": "3",
      "etrunkd.hello.auth.reserved": "0x0000",
      "etrunkd.hello.auth.digest": "ab".repeat(32),
      "_ws.col.Protocol": "E-TRUNK",
      "_ws.col.Info": "E-Trunk 1 Master, TIMEOUT, priority 10, sequence 9",
      "_ws.malformed": "",
      "_ws.expert.message": "",
    });
  });

  test("may have 40 members, and digests of 20 octets", () => {
    const fields = ["etrunkd.hello.member.local_id", "etrunkd.hello.auth.digest", ...COMPLAINTS] as const;
    expect(read([inIpv4(helloOf(40, 1))], fields)).toEqual([
      {
        "etrunkd.hello.member.local_id": Array.from({ length: 40 }, (_, n) => 10 + n).join(","),
        "etrunkd.hello.auth.digest": "ab".repeat(20),
        "_ws.malformed": "",
        "_ws.expert.message": "",
      },
    ]);
  });

  const good = helloOf(1, 2);
  const member = 40;
  const authentication = good.length - 40;
  const unsigned = patched(good.slice(0, authentication), [3, authentication]);
  const faults: readonly (readonly [string, Uint8Array, string])[] = [
    ["another version", patched(good, [0, 2]), "Unknown version"],
    ["another length", patched(good, [3, 1]), "Length is not that of the datagram"],
    ["30 octets", good.slice(0, 30), "30 octets, at least 40 are needed"],
    ["E-Trunk 513", patched(good, [4, 2], [5, 1]), "E-Trunk ID not in 1-512"],
    ["state 4", patched(good, [6, 4]), "State not in 1-3"],
    ["reason 9", patched(good, [7, 9]), "Reason not in 1-8"],
    ["priority 255", patched(good, [8, 255]), "Priority not in 1-254"],
    ["a fail time of 1.4 s", patched(good, [11, 14]), "Fail time neither 0 nor in 15-30000"],
    ["an epoch above 2^53 - 1", patched(good, [20, 1]), "Above 2^53 - 1"],
    [
      "a TLV longer than what is left",
      patched(good, [authentication + 3, 200]),
      "TLV of 200 octets where 36 are left,No authentication TLV",
    ],
    ["a member state of 7", patched(good, [member + 4 + 2, 7]), "TLV malformed"],
    [
      "a digest that does not fit its mode",
      patched(good, [authentication + 4, 1]),
      "Digest of 32 octets does not fit mode 1",
    ],
    ["no authentication", unsigned, "No authentication TLV"],
  ];
  test.for(faults)("with %s is flagged", ([, payload, message]) => {
    expect(read([inIpv4(payload)], ["_ws.expert.message"])).toEqual([{ "_ws.expert.message": message }]);
  });

  test("shows a TLV that is not known as octets", () => {
    const unknown = patched(good, [member, 0], [member + 1, 77]);
    const fields = ["etrunkd.hello.tlv.type", "etrunkd.hello.tlv.value", "_ws.expert.message"] as const;
    expect(read([inIpv4(unknown)], fields)).toEqual([
      {
        "etrunkd.hello.tlv.type": "77,2,3,65535",
        "etrunkd.hello.tlv.value": toHex(good.slice(member + 4, member + 32)),
        "_ws.expert.message": "",
      },
    ]);
  });

  test("is looked for on the port that is set, and only there", () => {
    expect(read([inIpv4(good, 2_025)], ["etrunkd.hello.version"])).toEqual([{ "etrunkd.hello.version": "" }]);
  });
});
