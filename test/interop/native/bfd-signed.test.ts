import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { SteadySession } from "../../../src/core/contract/pacing.js";
import { type BfdParts, bfdPacket, signedPacket } from "../../support/bfd-packets.js";
import { isRoot, Lab } from "../../support/lab.js";
import { twoHosts } from "../../support/namespace.js";
import { block, End, MIRROR, PATIENT, until } from "./bfd-end.js";

const KEY = { type: "met-sha1", id: 9, text: "YsHsjx_202206" } as const;
const octets = new Uint8Array(20);
octets.set(Buffer.from(KEY.text));
const SIGNS: Partial<SteadySession> = { ...PATIENT, key: { id: KEY.id, octets } };

/** The 24 octets before the section. */
const fixed = (parts: Partial<BfdParts>): Uint8Array => signedPacket(parts, KEY, 0).slice(0, 24);
const OURS = { state: "Up", myDiscriminator: 1, yourDiscriminator: 2 } as const;
const THEIRS = { state: "Up", ...MIRROR.parts } as const;

describe.runIf(isRoot)("a session that the pacer signs", () => {
  let lab: Lab;
  let ours: End;
  let theirs: End;
  let places: { near: string; far: string };

  beforeAll(async () => {
    lab = new Lab();
    places = await twoHosts(lab);
  });
  afterAll(() => lab?.close());
  beforeEach(() => {
    ours = new End(places.near, "10.8.0.1");
    theirs = new End(places.far, "10.8.0.2");
    for (const end of [ours, theirs]) end.listen();
  });
  afterEach(() => {
    for (const end of [ours, theirs]) end.sockets.end();
  });
  const pace = (steady: Partial<SteadySession> = {}, numbers = { sent: 70, taken: 99 }) =>
    ours.pace("10.8.0.2", { ...SIGNS, packet: fixed(OURS), ...steady }, {}, numbers);
  const received = (): number => ours.sockets.counts(1)?.received ?? 0;
  const taken = (): number => ours.sockets.counts(1)?.numbers.taken ?? 0;
  const sendRaw = (packet: Uint8Array): void => theirs.sendOctets("10.8.0.1", packet);

  test("is kept up by both ends while JavaScript stands still, and each packet has a number of its own", async () => {
    pace({}, { sent: 0xffff_fff0, taken: 0x7fff_ffff });
    const packet = fixed(THEIRS);
    theirs.pace("10.8.0.1", { ...SIGNS, ...MIRROR.steady, packet }, {}, { sent: 0x7fff_ffff, taken: 0xffff_fff0 });
    await until(() => expect(ours.heard).toHaveLength(1));
    block(1_500);
    expect(ours.sockets.drain()).toBe(0);
    const [one, other] = [ours.sockets.counts(1), theirs.sockets.counts(2)];
    expect(one?.received).toBeGreaterThan(100);
    expect((one?.numbers.taken ?? 0) - 0x7fff_ffff).toBeGreaterThan(100);
    // Past the end of 32 bits.
    expect(other?.numbers.taken).toBeLessThan(10_000);
    expect(ours.sockets.nextNumber(1)).toBeGreaterThan((one?.numbers.sent ?? 0) % 0x1_0000_0000);
  });

  test("counts what is authentic and newer, and hands everything else to JavaScript", async () => {
    pace();
    sendRaw(signedPacket(THEIRS, KEY, 100));
    await until(() => expect(ours.heard).toHaveLength(1));
    sendRaw(signedPacket(THEIRS, KEY, 101));
    await until(() => expect([received(), taken()]).toEqual([1, 101]));
    const refused = [
      signedPacket(THEIRS, KEY, 101),
      signedPacket(THEIRS, KEY, 99),
      signedPacket(THEIRS, KEY, 111),
      signedPacket(THEIRS, { ...KEY, text: "another" }, 102),
      signedPacket(THEIRS, { ...KEY, id: 8 }, 102),
      signedPacket(THEIRS, { ...KEY, type: "sha1" }, 102),
      signedPacket(THEIRS, { ...KEY, type: "met-md5" }, 102),
      bfdPacket(THEIRS),
      signedPacket({ ...THEIRS, state: "Down" }, KEY, 102),
    ];
    for (const packet of refused) sendRaw(packet);
    await until(() => expect(ours.heard).toHaveLength(1 + refused.length));
    expect([received(), taken()]).toEqual([1, 101]);
    sendRaw(signedPacket(THEIRS, KEY, 110));
    await until(() => expect([received(), taken()]).toEqual([2, 110]));
  });

  test("goes on with its numbers when it is handed over again, and begins with new ones under another key", async () => {
    pace();
    sendRaw(signedPacket(THEIRS, KEY, 100));
    await until(() => expect(taken()).toBe(100));
    const { sent } = ours.sockets.counts(1)?.numbers ?? { sent: 0 };
    expect(sent).toBeGreaterThan(70);
    pace({ handover: 8 }, { sent: 5, taken: 5 });
    expect(ours.sockets.counts(1)?.numbers.sent).toBeGreaterThanOrEqual(sent);
    expect(taken()).toBe(100);
    pace({ handover: 9, key: { id: 9, octets: new Uint8Array(20) }, interval: 0 as never }, { sent: 5, taken: 6 });
    expect(ours.sockets.release(1)?.numbers).toEqual({ sent: 5, taken: 6 });
  });
});
