// The dissector for Wireshark reads the messages of formats/rbs.md, also where they are cut by segments.
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { entriesBody, everyMessage, openBody, rbsMessage, recordHex } from "../../support/rbs-messages.js";
import { tcpStream } from "../../support/tcp-frames.js";
import { COMPLAINTS, dissect } from "../../support/tshark.js";

const SCRIPT = fileURLToPath(new URL("../../../examples/wireshark/etrunkd.lua", import.meta.url));

const NAMES = [...readFileSync(SCRIPT, "utf8").matchAll(/ProtoField\.\w+\("(etrunkd\.rbs\.[\w.]+)"/g)].map(
  ([, name = ""]) => name,
);

const read = <const Field extends string>(frames: readonly Uint8Array[], fields: readonly Field[]) =>
  dissect(
    frames.map((bytes, n) => ({ time: n, bytes })),
    fields,
    SCRIPT,
  );

const stream = new Uint8Array(Buffer.concat(everyMessage().map((message) => Buffer.from(message))));
const whole = tcpStream(stream, []);

test("every field of every message and record has its name", () => {
  const [fields] = read(whole, [...NAMES, "_ws.col.Protocol", "_ws.col.Info", ...COMPLAINTS]);
  expect(fields).toMatchSnapshot();
  const empty = NAMES.filter((name) => fields?.[name] === "");
  expect(empty).toEqual(["etrunkd.rbs.record.attributes", "etrunkd.rbs.unknown"]);
});

test("the same is read wherever segments end", () => {
  const kinds = ["type", "sequence", "backup_id", "record.operation", "record.mac", "record.group6", "close.text"];
  const fields = [...kinds.map((name) => `etrunkd.rbs.${name}`), ...COMPLAINTS];
  const joined = (frames: readonly Uint8Array[]) => {
    const lines = read(frames, fields);
    return Object.fromEntries(
      fields.map((field) => [
        field,
        lines
          .map((line) => line[field])
          .filter(Boolean)
          .join(","),
      ]),
    );
  };
  const expected = joined(whole);
  for (const length of [17, 64, 100]) {
    const cuts = Array.from({ length: Math.ceil(stream.length / length) }, (_, n) => n * length + 16);
    expect(joined(tcpStream(stream, cuts))).toEqual(expected);
  }
});

describe("a message with", () => {
  const profile = { backupId: 10 };
  const faults: readonly (readonly [string, Uint8Array, string])[] = [
    ["version 2", rbsMessage("KEEPALIVE", 1, "0000000000000001", { version: 2 }), "Version is not 1"],
    ["a number above 2^53 - 1", rbsMessage("ACK", 1, "0020000000000000"), "Above 2^53 - 1"],
    ["half a body", rbsMessage("ACK", 1, "0000"), "Body of 2 octets instead of 8"],
    [
      "fewer profiles than it counts",
      rbsMessage("OPEN", 1, openBody([profile]).replace(/0001000f/, "0002000f")),
      "Profile 2 is cut short",
    ],
    ["backup-id 0", rbsMessage("OPEN", 1, openBody([{ backupId: 0 }])), "Value out of its range"],
    ["a record longer than it", rbsMessage("ENTRIES", 1, entriesBody(5, ["010000c8"])), "Record 1 is cut short"],
    [
      "operation 3",
      rbsMessage("ENTRIES", 1, entriesBody(5, [recordHex("00".repeat(24), 3)])),
      "Record cut short, or with a value out of its range",
    ],
  ];
  test.for(faults)("%s is flagged", ([, message, text]) => {
    expect(read(tcpStream(message, []), ["_ws.expert.message"])).toEqual([{ "_ws.expert.message": text }]);
  });
});

test("what it does not know stands as octets", () => {
  const messages = [rbsMessage(77, 1, "0102"), rbsMessage("ENTRIES", 2, entriesBody(99, ["0a0b"]))];
  const octets = new Uint8Array(Buffer.concat(messages.map((message) => Buffer.from(message))));
  expect(read(tcpStream(octets, []), ["etrunkd.rbs.unknown", ...COMPLAINTS])).toEqual([
    { "etrunkd.rbs.unknown": "0102,0a0b", "_ws.malformed": "", "_ws.expert.message": "" },
  ]);
});

test("attributes behind a record are shown", () => {
  const record = recordHex(`${"00".repeat(24)}0901aa`);
  const [line] = read(tcpStream(rbsMessage("ENTRIES", 1, entriesBody(5, [record])), []), [
    "etrunkd.rbs.record.attributes",
    ...COMPLAINTS,
  ]);
  expect(line).toEqual({ "etrunkd.rbs.record.attributes": "0901aa", "_ws.malformed": "", "_ws.expert.message": "" });
});
