import { describe, expect, it } from "vitest";
import type { Mac } from "../../../src/core/base/address.js";
import { type IpAddress, parseIpAddress } from "../../../src/core/base/ip-address.js";
import { type Micros, micros, millis } from "../../../src/core/base/time.js";
import { Announcer } from "../../../src/core/neighbours/announcer.js";
import { arp } from "../../../src/core/wire/arp.js";
import { neighbourMessage } from "../../../src/core/wire/neighbour-discovery.js";
import { isInstalled } from "../../support/lab.js";
import { dissect } from "../../support/tshark.js";

const MAC = 0x00e0fc123455 as Mac;
const address = (text: string) => parseIpAddress(text) as IpAddress;
const at = (time: number): Micros => micros(1_000_000 + time);

/** Everything that is due at a moment. */
function frames(announcer: Announcer, now: Micros): Uint8Array[] {
  const out = { bytes: new DataView(new ArrayBuffer(2_048)), start: 0, length: 0, to: 0 };
  const sent: Uint8Array[] = [];
  while (announcer.transmit(out, now)) sent.push(new Uint8Array(out.bytes.buffer, 0, out.length).slice());
  return sent;
}

const announcement = (...addresses: string[]) => ({
  trunk: 1,
  reason: "takeover",
  index: 7,
  mac: MAC,
  addresses: addresses.map(address),
});

describe("announcing a takeover", () => {
  it("has PDUs of their sizes", () => {
    expect(arp.size).toBe(28);
    expect(neighbourMessage.size).toBe(72);
  });

  it.runIf(isInstalled("tshark"))(
    "is a gratuitous ARP and an unsolicited NA with Override, as tshark reads them",
    async () => {
      const announcer = new Announcer();
      announcer.announce(announcement("192.0.2.1", "2001:db8::1"), at(0));
      const [ipv4, ipv6] = await dissect(
        frames(announcer, at(0)).map((bytes) => ({ time: micros(0), bytes })),
        [
          "eth.dst",
          "arp.isgratuitous",
          "arp.src.hw_mac",
          "arp.src.proto_ipv4",
          "icmpv6.type",
          "icmpv6.nd.na.flag.o",
          "icmpv6.nd.na.flag.s",
          "icmpv6.nd.na.target_address",
          "icmpv6.opt.linkaddr",
          "icmpv6.checksum.status",
        ],
      );
      expect(ipv4).toMatchObject({
        "eth.dst": "ff:ff:ff:ff:ff:ff",
        "arp.isgratuitous": "1",
        "arp.src.proto_ipv4": "192.0.2.1",
      });
      expect(ipv6).toMatchObject({
        "eth.dst": "33:33:00:00:00:01",
        "icmpv6.type": "136",
        "icmpv6.nd.na.flag.o": "1",
        "icmpv6.nd.na.flag.s": "0",
        "icmpv6.nd.na.target_address": "2001:db8::1",
        "icmpv6.opt.linkaddr": "00:e0:fc:12:34:55",
        "icmpv6.checksum.status": "1",
      });
    },
  );

  it("repeats after 100 and 500 ms, and no more", () => {
    const announcer = new Announcer();
    announcer.announce(announcement("192.0.2.1"), at(0));
    const counts = [0, 50, 100, 400, 500, 5_000].map((ms) => frames(announcer, at(millis(ms))).length);
    expect(counts).toEqual([1, 0, 1, 0, 1, 0]);
    expect(announcer.nextDeadline()).toBe(Number.POSITIVE_INFINITY);
  });

  it("is each device's own: a trunk's and its sub-interfaces'", () => {
    const announcer = new Announcer();
    announcer.announce(announcement("192.0.2.1"), at(0));
    announcer.announce({ ...announcement("198.51.100.1"), index: 8 }, at(0));
    const counts = [0, 100, 500, 5_000].map((ms) => frames(announcer, at(millis(ms))).length);
    expect(counts).toEqual([2, 2, 2, 0]);
  });

  it("begins anew when there is more to announce, and drops what was left", () => {
    const announcer = new Announcer();
    announcer.announce(announcement("192.0.2.1"), at(0));
    expect(frames(announcer, at(0))).toHaveLength(1);
    announcer.announce(announcement("192.0.2.1"), at(millis(50)));
    const counts = [50, 100, 150, 500, 550, 5_000].map((ms) => frames(announcer, at(millis(ms))).length);
    expect(counts).toEqual([1, 0, 1, 0, 1, 0]);
  });

  it("is paced: a thousand at once, the rest 10 ms later", () => {
    const announcer = new Announcer();
    const many = Array.from({ length: 1_500 }, (_, n) => `10.0.${n >> 8}.${n & 255}`);
    announcer.announce(announcement(...many), at(0));
    expect(frames(announcer, at(0))).toHaveLength(1_000);
    expect(announcer.nextDeadline()).toBe(at(millis(10)));
    expect(frames(announcer, at(millis(10)))).toHaveLength(500);
  });

  it("ends when the trunk no longer carries", () => {
    const announcer = new Announcer();
    announcer.announce(announcement("192.0.2.1"), at(0));
    announcer.stop(1);
    expect(frames(announcer, at(0))).toHaveLength(0);
  });
});
