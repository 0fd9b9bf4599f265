import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Mac, NO_MAC } from "../../src/core/base/address.js";
import { micros } from "../../src/core/base/time.js";
import { Engine } from "../../src/core/engine/engine.js";
import type { EngineEvent } from "../../src/core/engine/news.js";
import { Inputs } from "../../src/daemon/inputs.js";
import { quietHost } from "../../src/daemon/recording/quiet-host.js";
import { Recorder } from "../../src/daemon/recording/recorder.js";
import { DamagedRecording, playFile, RecordingPlayer } from "../../src/daemon/recording/recording-player.js";
import { ip, sessionOf } from "../conformance/bfd/station.js";
import { bfdPacket, signedPacket } from "../support/bfd-packets.js";
import { desired } from "../support/desired.js";

const BEGIN =
  '{"kind":"begin","recording":2,"program":"0.1.0","time":"2026-11-20T00:00:00.000Z","run":{"epoch":1,"software":"etrunkd","seed":1}}';
const RUN = { epoch: 1, software: "etrunkd", seed: 1 };
const CONFIGURE =
  '{"kind":"call","at":1,"call":{"kind":"configure","desired":{"deviceMac":2,"lacpPriority":32768,"interfaces":[],"trunks":[]}}}';
const SETTLE = '{"kind":"call","at":2,"call":{"kind":"settle"}}';
const EVENT = '{"kind":"event","at":2,"event":{"event":"trunk-state","trunk":1,"from":"down","to":"up"}}';

const REPLAY = fileURLToPath(new URL("../../dist/daemon/recording/replay.js", import.meta.url));

const replay = (...words: string[]): Promise<{ code: number; stdout: string; stderr: string }> =>
  new Promise((resolve) => {
    execFile(process.execPath, [REPLAY, ...words], (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });

describe("a recording", () => {
  let folder: string;
  let path: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "etrunkd-recording-"));
    path = join(folder, "file");
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test("that is redacted holds no key, neither in the configuration nor in packets, and says so", async () => {
    const KEY = "YsHsjx_202206";
    const octets = Buffer.from(KEY);
    const recorder = new Recorder(path, true);
    recorder.begin(RUN, undefined);
    const authentication = { type: "simple", id: 1, octets } as const;
    const sessions = [1, 2].map((n) => sessionOf({ name: `s${n}`, localDiscriminator: n, authentication }));
    recorder.call(
      { kind: "configure", desired: { ...desired("02:00:00:00:00:01"), bfdSessions: sessions } },
      micros(1),
    );
    const packet = signedPacket({ state: "Up" }, { type: "simple", id: 1, text: KEY }, 0);
    const path4 = { source: ip("10.0.0.1"), destination: ip("10.0.0.2"), sourcePort: 50_000, destinationPort: 3784 };
    const bytes = new DataView(packet.buffer, packet.byteOffset);
    const datagram = { ...path4, bytes, start: 0, length: packet.length, ttl: 255, from: 1 };
    recorder.call({ kind: "datagram", datagram }, micros(2));
    await recorder.flush(1_000);
    const lines = readFileSync(path, "utf8").trim().split("\n");
    const isIn = (line: string) =>
      [...line.matchAll(/"(?:octets|pdu)":"([^"]*)"/g)].map(([, text = ""]) => Buffer.from(text, "base64"));
    const found = lines.flatMap(isIn);
    expect(found).toHaveLength(3);
    for (const each of found) expect(each.includes(octets)).toBe(false);
    // Equal keys are equal still, and the packet has the same one.
    expect(found[0]).toEqual(found[1]);
    expect(found[2]?.includes(found[0] as Buffer)).toBe(true);
    expect(JSON.parse(lines[0] ?? "")).toMatchObject({ redacted: true });
  });

  test("is readable by its owner alone, also where a file stood", async () => {
    writeFileSync(path, "old", { mode: 0o644 });
    const recorder = new Recorder(path);
    recorder.begin(RUN, undefined);
    await recorder.flush(5_000);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readFileSync(path, "utf8")).toMatch(/^\{"kind":"begin".*\}\n$/);
  });

  test("holds the octets of a frame, not of the ring around it", async () => {
    const recorder = new Recorder(path);
    const ring = Buffer.from("------0123456789------");
    const bytes = new DataView(ring.buffer, ring.byteOffset, ring.length);
    const frame = { bytes, start: 6, length: 10, from: 7, vlan: -1, source: 5 as Mac };
    recorder.call({ kind: "frame", frame }, micros(3));
    ring.fill(0);
    await recorder.flush(5_000);
    expect(JSON.parse(readFileSync(path, "utf8"))).toEqual({
      kind: "call",
      at: 3,
      call: {
        kind: "frame",
        frame: { from: 7, vlan: -1, source: 5, pdu: Buffer.from("0123456789").toString("base64") },
      },
    });
  });

  test("of addresses, datagrams and the pacer's reports plays as the same run", async () => {
    const recorder = new Recorder(path);
    recorder.begin(RUN, undefined);
    const events: EngineEvent[] = [];
    const engine = new Engine(
      quietHost(),
      (event, at) => {
        events.push(event);
        recorder.event(event, at);
      },
      undefined,
      RUN,
    );
    const inputs = new Inputs(engine, recorder, () => micros(4));
    const session = sessionOf({ peer: "fd00::2", source: "fd00::1", localDiscriminator: 5 });
    const address = { index: 3, address: ip("fd00::1"), prefixLength: 64, present: true };
    inputs.take({ kind: "configure", desired: { ...desired("02:00:00:00:0a:00"), bfdSessions: [session] } }, micros(1));
    inputs.take({ kind: "address", address }, micros(2));
    for (const state of ["Down", "Init"] as const) {
      const ring = Buffer.from([...Buffer.from("ring"), ...bfdPacket({ state, yourDiscriminator: 5 })]);
      const bytes = new DataView(ring.buffer, ring.byteOffset, ring.length);
      const ports = { sourcePort: 50_000, destinationPort: 4784, ttl: 255, from: 3, vrf: undefined };
      const addresses = { source: ip("fd00::2"), destination: ip("fd00::1") };
      inputs.datagramReceived({ bytes, start: 4, length: 24, ...addresses, ...ports }, micros(3));
      ring.fill(0);
      inputs.settle(micros(4));
    }
    inputs.take({ kind: "pacer", report: { session: 5, handover: 1 } }, micros(5));
    inputs.settle(micros(6));
    await recorder.flush(5_000);
    expect(events.map((event) => ("to" in event ? event.to : event.event))).toEqual(["Init", "Up"]);
    expect(await playFile(path, () => {})).toMatchObject({ inputs: 10, events: 2, difference: undefined });
  });

  test("says why it cannot be written", () => {
    expect(() => new Recorder(join(folder, "no", "file"))).toThrow(/--record .*: no such file or directory \(ENOENT\)/);
  });

  test.each([
    ["text", "2: not a JSON document"],
    ["null", "2: not a JSON object"],
    ['{"kind":"surprise"}', '2: unknown kind "surprise"'],
    ['{"kind":"constructor"}', '2: unknown kind "constructor"'],
    ['{"kind":"call","call":{"kind":"settle"}}', '2: call: "at" is no number'],
    ['{"kind":"call","at":1}', '2: call: "call" is missing'],
    ['{"kind":"call","at":1,"call":{"kind":"surprise"}}', '2: call: unknown kind "surprise"'],
    ['{"kind":"call","at":1,"call":{"kind":"configure","desired":{}}}', "2: the engine stops here: "],
    ['{"kind":"call","at":1,"call":{"kind":"address","address":{"ip":"10.0.0"}}}', '2: "10.0.0" is no IP address'],
    [BEGIN, '2: a second "begin"'],
  ])("with the line %s is refused, and the line named", (line, why) => {
    const player = new RecordingPlayer(() => {});
    player.read(BEGIN);
    expect(() => player.read(line)).toThrow(DamagedRecording);
    const again = new RecordingPlayer(() => {});
    again.read(BEGIN);
    expect(() => again.read(line)).toThrow(why);
  });

  test("that does not begin, or began with another version, is refused", () => {
    expect(() => new RecordingPlayer(() => {}).read(SETTLE)).toThrow('1: "call" before "begin"');
    expect(() => new RecordingPlayer(() => {}).end(false)).toThrow("1: no recording begins here");
    const other = BEGIN.replace('"recording":2', '"recording":1');
    expect(() => new RecordingPlayer(() => {}).read(other)).toThrow("1: recording version 1; 2 is known");
  });

  test("that tells another event than the engine raises is told apart by its line", () => {
    const player = new RecordingPlayer(() => {});
    for (const line of [BEGIN, CONFIGURE, SETTLE, EVENT]) player.read(line);
    expect(player.end(false).difference).toBe(
      'line 4: recorded {"event":"trunk-state","trunk":1,"from":"down","to":"up"}, raised nothing',
    );
  });

  test("that ends within a line is played up to there", async () => {
    writeFileSync(path, [BEGIN, CONFIGURE, SETTLE, SETTLE.slice(0, 9)].join("\n"));
    expect(await playFile(path, () => {})).toEqual({ inputs: 2, events: 0, lost: 0, cut: true, difference: undefined });
  });

  test("plays frames of any octets without harm", async () => {
    const recorder = new Recorder(path);
    recorder.begin(RUN, undefined);
    const bytes = new DataView(new ArrayBuffer(0));
    const frame = { bytes, start: 0, length: 0, from: 1, vlan: -1, source: NO_MAC };
    recorder.call({ kind: "frame", frame }, micros(1));
    await recorder.flush(5_000);
    expect(await playFile(path, () => {})).toMatchObject({ inputs: 1, events: 0 });
  });

  describe("given to replay", () => {
    test("exits 0 when it is the same run", async () => {
      writeFileSync(path, `${[BEGIN, CONFIGURE, SETTLE].join("\n")}\n`);
      expect(await replay(path)).toEqual({
        code: 0,
        stdout: "",
        stderr: `${path}: 2 inputs, 0 events, the same as recorded\n`,
      });
    });

    test("exits 1 when it is not, and tells lost lines", async () => {
      writeFileSync(path, `${[BEGIN, CONFIGURE, SETTLE, '{"kind":"lost","count":3}', EVENT].join("\n")}\n`);
      const { code, stderr } = await replay(path);
      expect(code).toBe(1);
      expect(stderr).toMatch(/3 lines were lost while recording.*\n.*not the same run: line 5/);
    });

    test("exits 2 and names the line when it is damaged", async () => {
      writeFileSync(path, `${[BEGIN, "{"].join("\n")}\n`);
      expect(await replay(path)).toEqual({ code: 2, stdout: "", stderr: `${path}:2: not a JSON document\n` });
    });

    test("exits with one line when there is no file", async () => {
      expect(await replay(join(folder, "none"))).toMatchObject({ code: 1, stderr: expect.stringContaining("ENOENT") });
      expect(await replay()).toMatchObject({ code: 2, stderr: "usage: npm run replay -- FILE\n" });
    });
  });
});
