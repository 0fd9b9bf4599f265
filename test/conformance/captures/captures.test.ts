import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test, vi } from "vitest";
import { macToColons } from "../../../src/core/base/address.js";
import { later, micros } from "../../../src/core/base/time.js";
import { ethernet } from "../../../src/core/wire/ethernet.js";
import { LacpduView } from "../../../src/core/wire/lacpdu.js";
import { readLacpdu, stateOctet, stateText } from "../../support/frames.js";
import { type CapturedFrame, readPcap } from "../../support/pcap.js";
import { COMPLAINTS, tshark } from "../../support/tshark.js";
import { Station } from "../lacp/station.js";

// Seconds of work at most; a busy machine may take its time.
vi.setConfig({ testTimeout: 60_000 });

const FOLDER = fileURLToPath(new URL(".", import.meta.url));
const NAMES = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".pcap"))
  .map((name) => name.replace(".pcap", ""));

/** The system ID etrunkd had in all captures. */
const OURS = "02:00:00:00:0a:01";

/** A frame as our own views read it, one line. */
function decoded({ time, bytes }: CapturedFrame, start: number): string {
  const octets = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const pdu = new LacpduView().wrap(octets, ethernet.size, bytes.length - ethernet.size);
  const actor = `${pdu.actorSystemPriority}/${macToColons(pdu.actorSystem)} key ${pdu.actorKey} port ${pdu.actorPortPriority}/${pdu.actorPort} ${stateText(pdu.actorState)}`;
  const partner = `${pdu.partnerSystemPriority}/${macToColons(pdu.partnerSystem)} key ${pdu.partnerKey} port ${pdu.partnerPortPriority}/${pdu.partnerPort} ${stateText(pdu.partnerState)}`;
  const fault = pdu.fault() ?? "no fault";
  return `${((time - start) / 1e6).toFixed(3)} version ${pdu.version} actor ${actor} partner ${partner} delay ${pdu.collectorMaxDelay} ${fault}`;
}

/** States of both halves of each LACPDU of ours, repetitions left out. */
function story(frames: readonly Uint8Array[]): string[] {
  const states = frames.flatMap((bytes) => {
    const pdu = readLacpdu(bytes);
    return pdu?.actor.system === OURS ? [`${pdu.actor.state} ${pdu.partner.state}`] : [];
  });
  return states.filter((state, n) => state !== states[n - 1]);
}

test("there is a capture of each partner, and beside it what it is", () => {
  expect(NAMES).toEqual(["linux-bonding-slow", "open-vswitch-fast", "teamd-slow"]);
  for (const name of NAMES) expect(readdirSync(FOLDER)).toContain(`${name}.md`);
});

describe.for(NAMES)("%s", (name) => {
  const path = `${FOLDER}${name}.pcap`;
  const frames = readPcap(path);
  const start = frames[0]?.time ?? 0;

  test("reads as it always did", async () => {
    const text = frames.map((frame) => `${decoded(frame, start)}\n`).join("");
    await expect(text).toMatchFileSnapshot(`./${name}.txt`);
  });

  test("reads as tshark reads it", () => {
    const fields = [
      "lacp.actor.sysid",
      "lacp.actor.key",
      "lacp.actor.state",
      "lacp.partner.port",
      "lacp.partner.state",
    ] as const;
    const read = tshark(path, [...fields, ...COMPLAINTS]);
    const hex = (state: string): string => `0x${stateOctet(state).toString(16).padStart(2, "0")}`;
    const ours = frames.map(({ bytes }) => {
      const pdu = readLacpdu(bytes);
      if (!pdu) throw new Error("no LACPDU");
      const { actor, partner } = pdu;
      return [actor.system, String(actor.key), hex(actor.state), String(partner.port), hex(partner.state), "", ""];
    });
    expect(read.map((row) => Object.values(row))).toEqual(ours);
  });

  test("put in again, brings the port up as it did, and is answered with the same states", () => {
    const isOurs = ({ bytes }: CapturedFrame): boolean => readLacpdu(bytes)?.actor.system === OURS;
    // We began with our first PDU; what the partner said before that nobody heard.
    const began = frames.find(isOurs)?.time ?? 0;
    const station = new Station({ members: { eth1: {} } }, { mac: OURS });
    const begin = station.now;
    const passUntil = (time: number) => station.pass(micros(later(begin, micros(time - began)) - station.now));
    for (const frame of frames) {
      if (frame.time < began) continue;
      passUntil(frame.time);
      if (!isOurs(frame)) station.hear("eth1", frame.bytes);
    }
    expect(station.port("eth1")).toMatchObject({ status: "Selected", portState: "10111100" });
    expect(story(station.log.map(({ bytes }) => bytes))).toEqual(story(frames.map(({ bytes }) => bytes)));
  });
});
