import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { openPcapLink } from "../../../src/linux/capture/pcap.js";
import { openRingLink } from "../../../src/linux/capture/ring.js";
import { DatagramSockets } from "../../../src/linux/udp/datagrams.js";
import { runIn } from "../../support/forwarding.js";
import { isRoot, Lab } from "../../support/lab.js";
import { inside, slowFrame, twoHosts } from "../../support/namespace.js";
import { End, ip } from "./bfd-end.js";

/** What leaves, and how nft knows it. */
const KINDS = {
  frame: "ether type 0x8809",
  hello4: "udp dport 1025 ip dscp cs6",
  hello6: "udp dport 1025 ip6 dscp cs6",
  bfd4: "udp dport 4784 meta protocol ip",
  bfd6: "udp dport 4784 meta protocol ip6",
} as const;
type Kind = keyof typeof KINDS;

const RULES = [
  "table netdev seen {",
  ...Object.keys(KINDS).flatMap((kind) => [` counter ${kind}_control { }`, ` counter ${kind}_other { }`]),
  ' chain leave { type filter hook egress device "a1" priority 0;',
  ...Object.entries(KINDS).flatMap(([kind, is]) => [
    `  ${is} meta priority 0:7 counter name ${kind}_control accept`,
    `  ${is} counter name ${kind}_other`,
  ]),
  " }\n}",
].join("\n");

describe.runIf(isRoot)("what protocols send leaves as control traffic (SO_PRIORITY 7)", () => {
  let lab: Lab;
  let near: string;

  beforeAll(async () => {
    lab = new Lab();
    ({ near } = await twoHosts(lab));
    await runIn(near, ["nft", RULES]);
  });
  afterAll(() => lab?.close());

  const leftAsControl = async (kind: Kind, count: number): Promise<void> => {
    const read = async (what: string): Promise<number> =>
      JSON.parse(await runIn(near, ["nft", "-j", "list", "counter", "netdev", "seen", `${kind}_${what}`])).nftables[1]
        .counter.packets;
    await vi.waitFor(async () => expect((await read("control")) + (await read("other"))).toBe(count));
    expect(await read("other")).toBe(0);
  };

  test("frames of every kind of capture", async () => {
    for (const open of [openRingLink, openPcapLink]) {
      const link = inside(near, () => open({ deliver: () => {}, readable: () => {}, refused: () => {} }));
      const bytes = slowFrame();
      link.send({ bytes, start: 0, length: bytes.byteLength, to: 11 });
      link.close();
    }
    await leftAsControl("frame", 2);
  });

  test.each([
    ["hello4", "10.8.0.1", "10.8.0.2"],
    ["hello6", "fd08::1", "fd08::2"],
  ] as const)("datagrams: %s, whatever their traffic class was before", async (kind, here, there) => {
    const source = ip(here);
    const sockets = new DatagramSockets({
      ...{ deliver: () => {}, readable: () => {}, refused: () => {}, flooded: () => {} },
    });
    try {
      inside(near, () => sockets.listen({ source, port: 1_025, vrf: undefined }));
      const out = { bytes: new DataView(new ArrayBuffer(8)), start: 0, length: 8, source, destination: ip(there) };
      const more = { sourcePort: 1_025, destinationPort: 1_025, ttl: 255, to: undefined, vrf: undefined };
      for (const trafficClass of [0xc0, 0x10, 0xc0]) expect(sockets.send({ ...out, ...more, trafficClass })).toBe(true);
      await leftAsControl(kind, 2);
    } finally {
      sockets.end();
    }
  });

  test.each([
    ["bfd4", "10.8.0.1", "10.8.0.2"],
    ["bfd6", "fd08::1", "fd08::2"],
  ] as const)("packets of BFD: %s", async (kind, here, there) => {
    const end = new End(near, here);
    try {
      end.listen(4784, here);
      end.send(there, { state: "Down", myDiscriminator: 9 }, { source: here });
      await leftAsControl(kind, 1);
    } finally {
      end.sockets.end();
    }
  });
});
