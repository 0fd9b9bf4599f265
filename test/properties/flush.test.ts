import fc from "fast-check";
import { expect, test } from "vitest";
import type { Mac } from "../../src/core/base/address.js";
import type { Outgoing } from "../../src/core/base/protocol.js";
import { RateLimit } from "../../src/core/base/rate-limit.js";
import { micros } from "../../src/core/base/time.js";
import { addVlan, BITMAP_LENGTH, hasVlan, vlansOf } from "../../src/core/base/vlan-set.js";
import type { DesiredFlushKey } from "../../src/core/contract/desired/flush.js";
import { isAuthentic, sign } from "../../src/core/smartlink/flush-authentication.js";
import { FlushSender } from "../../src/core/smartlink/flush-sender.js";
import { FLUSH_SIZE, FlushView, flush, snap } from "../../src/core/wire/flush.js";
import { digests } from "../../src/linux/digests.js";
import { flushFrame, readFlush } from "../support/flush-frames.js";
import { toHex } from "../support/frames.js";

const mac = fc.integer({ min: 0, max: 0xffff_ffff_ffff }).map((n) => n as Mac);
const vlan = fc.integer({ min: 1, max: 4094 });
const vlans = fc.uniqueArray(vlan, { maxLength: 50 }).map((list) => list.sort((a, b) => a - b));
const password = fc.string({ unit: "grapheme-ascii", minLength: 1, maxLength: 32 });
const mode = fc.constantFrom("none", "simple", "sha", "hmac");
const start = fc.integer({ min: 0, max: 40 });

const keyOf = (which: DesiredFlushKey["mode"], text: string): DesiredFlushKey => ({
  mode: which,
  octets: new TextEncoder().encode(text),
});
const macText = (address: Mac): string =>
  address
    .toString(16)
    .padStart(12, "0")
    .replace(/..(?=.)/g, "$&:");

test("what the sender writes is what the format says, wherever it is written", () => {
  const order = fc.record({
    source: mac,
    device: mac,
    controlVlan: vlan,
    isTagged: fc.boolean(),
    vlans,
    mode,
    password,
  });
  const epoch = fc.maxSafeNat();
  fc.assert(
    fc.property(order, epoch, start, (given, run, at) => {
      const sender = new FlushSender(run, digests);
      sender.device = given.device;
      const { controlVlan, isTagged } = given;
      const sending = { controlVlan, isTagged, vlans: given.vlans, key: keyOf(given.mode, given.password) };
      sender.send({ trunk: 1, index: 3, name: "eth3", source: given.source, sending, reason: "" }, micros(0));
      const octets = new Uint8Array(2_000).fill(0xee);
      const out: Outgoing = { bytes: new DataView(octets.buffer), start: at, length: 0, to: -1 };
      sender.transmit(out, micros(0));
      const expected = flushFrame({
        ...given,
        source: macText(given.source),
        device: macText(given.device),
        tag: isTagged ? controlVlan : null,
        epoch: run,
        sequence: 1,
      });
      expect(toHex(octets.slice(at, at + out.length))).toBe(toHex(expected));
      // Nothing is written around it.
      expect(octets.slice(0, at).every((octet) => octet === 0xee)).toBe(true);
      expect(octets.slice(at + out.length).every((octet) => octet === 0xee)).toBe(true);
    }),
  );
});

test("the view reads any octets as buffer-layout decodes them", () => {
  const anything = fc.uint8Array({ minLength: FLUSH_SIZE, maxLength: FLUSH_SIZE });
  fc.assert(
    fc.property(anything, start, (pdu, at) => {
      const around = new Uint8Array(at + pdu.length);
      around.set(pdu, at);
      const view = new FlushView().wrap(new DataView(around.buffer), at, pdu.length);
      const decoded = flush.decode(Buffer.from(pdu.slice(snap.size)));
      expect(view.device).toBe(decoded.device);
      expect(view.controlVlan).toBe(decoded.controlVlan);
      expect(view.authentication).toBe(decoded.authentication);
      expect(view.sequence).toBe(decoded.sequence);
      expect(toHex(view.password)).toBe(toHex(new Uint8Array(decoded.password as Uint8Array)));
      expect(toHex(view.vlans)).toBe(toHex(new Uint8Array(decoded.vlans as Uint8Array)));
      expect(BigInt(view.epoch)).toBe(
        BigInt(Number(new DataView(pdu.buffer).getBigUint64(snap.size + flush.at.epoch))),
      );
    }),
  );
});

test("octets of any length are judged without a throw", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 1_600 }), (octets) => {
      const view = new FlushView().wrap(new DataView(octets.buffer, 0, octets.length), 0, octets.length);
      if (octets.length !== FLUSH_SIZE) expect(view.fault()).toBe("length");
      else view.fault();
    }),
  );
});

test("a set of VLANs is the same set after it was a bitmap", () => {
  fc.assert(
    fc.property(vlans, (list) => {
      const bitmap = new Uint8Array(BITMAP_LENGTH);
      for (const each of list) addVlan(bitmap, each);
      expect(vlansOf(bitmap)).toEqual(list);
      expect(list.every((each) => hasVlan(bitmap, each))).toBe(true);
    }),
  );
});

test("a key opens what it signed and nothing else does", () => {
  const given = fc.record({ mode, password, otherMode: mode, otherPassword: password });
  fc.assert(
    fc.property(given, ({ mode: own, password: text, otherMode, otherPassword }) => {
      const octets = new Uint8Array(FLUSH_SIZE);
      const view = new FlushView().wrap(new DataView(octets.buffer), 0, FLUSH_SIZE);
      view.begin();
      view.controlVlan = 5;
      expect(sign(view, keyOf(own, text), digests)).toBe(true);
      expect(isAuthentic(view, keyOf(own, text), digests)).toBe(true);
      const isSame = own === otherMode && (own === "none" || text === otherPassword);
      expect(isAuthentic(view, keyOf(otherMode, otherPassword), digests)).toBe(isSame);
    }),
  );
});

test("a rate limit never gives more in a second than it says, and always the next in time", () => {
  const steps = fc.array(fc.integer({ min: 0, max: 400_000 }), { maxLength: 200 });
  fc.assert(
    fc.property(steps, fc.integer({ min: 1, max: 10 }), (gaps, most) => {
      const limit = new RateLimit(most);
      const taken: number[] = [];
      let now = 1_000_000;
      for (const gap of gaps) {
        now += gap;
        const isAllowed = limit.allowedAt() <= now;
        expect(limit.take(micros(now))).toBe(isAllowed);
        if (isAllowed) taken.push(now);
        else expect(taken.filter((at) => at > now - 1_000_000)).toHaveLength(most);
      }
      for (const at of taken)
        expect(taken.filter((other) => other >= at && other < at + 1_000_000).length).toBeLessThanOrEqual(most);
    }),
  );
});

test("the test's own reader reads what its builder wrote", () => {
  fc.assert(
    fc.property(vlans, vlan, (list, controlVlan) => {
      expect(readFlush(flushFrame({ vlans: list, controlVlan, tag: null }))).toMatchObject({
        vlans: list,
        controlVlan,
      });
    }),
  );
});
