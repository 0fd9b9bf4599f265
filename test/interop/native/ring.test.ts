import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from "vitest";
import { NO_VLAN } from "../../../src/core/base/protocol.js";
import { type FrameLink, MOST_FRAMES, UNKNOWN_VLAN } from "../../../src/linux/capture/frame-link.js";
import { openRingLink } from "../../../src/linux/capture/ring.js";
import { RING_COLUMN, RING_ROW, type Ring, ringAddon } from "../../../src/linux/native/ring.js";
import { sendAddon } from "../../../src/linux/native/send.js";
import { isRoot, Lab, run } from "../../support/lab.js";
import { inside, ipIn, makeVeth, numberOf, RawSender, SOURCE, slowFrame, sourceOf } from "../../support/namespace.js";

interface Heard {
  readonly port: number;
  readonly vlan: number;
  readonly source: number;
  readonly length: number;
  readonly number: number;
  readonly type: number;
}

const native = ringAddon();

describe.runIf(isRoot)("the ring", () => {
  let lab: Lab;
  let near: string;
  let far: string;
  let sender: RawSender;
  let link: FrameLink;
  let heard: Heard[];
  let readable: () => void;

  const veth = (n: number): Promise<void> =>
    makeVeth({ namespace: near, name: `a${n}`, index: 10 + n }, { namespace: far, name: `b${n}`, index: 50 + n });
  const port = (n: number) => ({ index: 10 + n, name: `a${n}` });
  const outOf = (n: number): number => 50 + n;
  const until = (condition: () => void): Promise<void> => vi.waitFor(condition, { timeout: 5_000, interval: 5 });

  beforeAll(async () => {
    lab = new Lab();
    near = await lab.namespace("n");
    far = await lab.namespace("f");
    for (const n of [1, 2]) await veth(n);
    sender = new RawSender(far);
  });
  afterAll(async () => {
    sender?.close();
    await lab?.close();
  });

  beforeEach(() => {
    heard = [];
    readable = () => link.drain();
    link = inside(near, () =>
      openRingLink({
        refused: () => {},
        deliver: ({ bytes, start, length, from: port, vlan }) =>
          heard.push({
            port,
            vlan,
            source: sourceOf(bytes, start),
            length,
            number: length < 44 ? -1 : numberOf(bytes, start),
            type: bytes.getUint16(start + 12),
          }),
        readable: () => readable(),
      }),
    );
    link.setPorts([port(1), port(2)]);
  });
  afterEach(() => link.close());

  test("hears every interface it is told of, with source, length and ifindex", async () => {
    sender.send(outOf(1), slowFrame({ number: 1 }));
    sender.send(outOf(2), slowFrame({ number: 2 }));
    await until(() => expect(heard).toHaveLength(2));
    expect(heard).toEqual([
      { port: 11, vlan: NO_VLAN, source: SOURCE, length: 124, number: 1, type: 0x8809 },
      { port: 12, vlan: NO_VLAN, source: SOURCE, length: 124, number: 2, type: 0x8809 },
    ]);
    expect(link.counters).toMatchObject({ received: 2, dropped: 0, sendErrors: 0, restarts: 0 });
  });

  test("does not hand over frames of an interface it was not told of", async () => {
    link.setPorts([port(2)]);
    sender.send(outOf(1));
    sender.send(outOf(2));
    await until(() => expect(heard).toHaveLength(1));
    expect(heard[0]?.port).toBe(12);
  });

  test("hears an interface created later, and one deleted and made again", async () => {
    await veth(3);
    link.setPorts([port(1), port(3)]);
    sender.send(outOf(3), slowFrame({ number: 3 }));
    await until(() => expect(heard.map(({ port }) => port)).toEqual([13]));

    await ipIn(near, "link", "del", "a3");
    link.setPorts([port(1)]);
    await veth(3);
    link.setPorts([port(1), port(3)]);
    expect(await ipIn(near, "maddr", "show", "dev", "a3")).toContain("01:80:c2:00:00:02");
    sender.send(outOf(3), slowFrame({ number: 4 }));
    await until(() => expect(heard.map(({ number }) => number)).toEqual([3, 4]));
    await ipIn(near, "link", "del", "a3");
  });

  test("does not hear what it sends, and the far end does", async () => {
    const other: number[] = [];
    const end = inside(far, () =>
      openRingLink({ refused: () => {}, deliver: ({ from: port }) => other.push(port), readable: () => end.drain() }),
    );
    end.setPorts([{ index: 51, name: "b1" }]);
    link.send({ bytes: slowFrame(), start: 0, length: 124, to: 11 });
    await until(() => expect(other).toEqual([51]));
    // What follows on the same interface shows that nothing came before it.
    sender.send(outOf(1), slowFrame({ number: 7 }));
    await until(() => expect(heard.map(({ number }) => number)).toEqual([7]));
    end.close();
  });

  test("tells a tagged frame from an untagged one, and takes the tag out", async () => {
    sender.send(outOf(1), slowFrame({ number: 1, tag: 0x6064 }));
    // Tagged with VLAN 0, which is a priority and no VLAN.
    sender.send(outOf(1), slowFrame({ number: 2, tag: 0xe000 }));
    sender.send(outOf(1), slowFrame({ number: 3 }));
    await until(() => expect(heard).toHaveLength(3));
    expect(heard.map(({ number, vlan, length, type }) => [number, vlan, length, type])).toEqual([
      [1, UNKNOWN_VLAN, 124, 0x8809],
      [2, NO_VLAN, 124, 0x8809],
      [3, NO_VLAN, 124, 0x8809],
    ]);
  });

  test("leaves out what goes to somebody else's address", async () => {
    sender.send(outOf(1), slowFrame({ number: 1, destination: 0x020000000bad }));
    sender.send(outOf(1), slowFrame({ number: 2 }));
    await until(() => expect(heard.map(({ number }) => number)).toEqual([2]));
  });

  test("lets the group address in by membership and never by promiscuous mode", async () => {
    expect(await ipIn(near, "maddr", "show", "dev", "a1")).toContain("01:80:c2:00:00:02");
    expect(await ipIn(near, "-d", "link", "show", "dev", "a1")).toContain("promiscuity 0");
    link.setPorts([port(2)]);
    expect(await ipIn(near, "maddr", "show", "dev", "a1")).not.toContain("01:80:c2:00:00:02");
  });

  test("keeps 2,000 frames that arrive while JavaScript is busy for 400 ms, with GSO on", async () => {
    const features = await run("ip", ["netns", "exec", near, "ethtool", "-k", "a1"]);
    expect(features).toContain("generic-segmentation-offload: on");
    expect(features).toContain("tcp-segmentation-offload: on");
    const start = performance.now();
    for (let number = 0; number < 2_000; number++) sender.send(outOf(1), slowFrame({ number }));
    while (performance.now() - start < 400);
    await until(() => expect(heard).toHaveLength(2_000));
    expect(heard.every(({ number }, at) => number === at)).toBe(true);
    expect(link.counters.dropped).toBe(0);
  });

  test("counts what it had no room for", async () => {
    readable = () => {};
    for (let number = 0; number < 18_000; number++) sender.send(outOf(1), slowFrame({ number }));
    let taken = 0;
    for (let got = link.drain(); got > 0; got = link.drain()) taken += got;
    expect(taken).toBe(16_384);
    expect(link.counters).toMatchObject({ received: taken, dropped: 18_000 - taken });
    heard.length = 0;
    sender.send(outOf(1), slowFrame({ number: 1 }));
    link.drain();
    expect(heard.map(({ number }) => number)).toEqual([1]);
  });

  test("shuts an interface that floods out for the rest of the second, so that the others keep their room, and counts what it sends", async () => {
    const excess: [port: number, frames: number][] = [];
    const shared = inside(near, () =>
      openRingLink({
        ...{ refused: () => {}, readable: () => drain(), mostOfOne: 100 },
        excess: (port, frames) => excess.push([port - 10, frames]),
        deliver: ({ from }) => heard.push({ port: from, vlan: 0, source: 0, length: 0, number: 0, type: 0 }),
      }),
    );
    onTestFinished(() => shared.close());
    // It opens sockets when it reads.
    const drain = (): number => inside(near, () => shared.drain());
    shared.setPorts([port(1), port(2)]);
    link.setPorts([]);
    const from = (n: number): number => heard.filter((frame) => frame.port === 10 + n).length;
    for (let number = 0; number < 300; number++) sender.send(outOf(1), slowFrame({ number }));
    await until(() => expect(shared.counters.received).toBe(100));
    await until(() => expect(drain()).toBe(0));
    // More than the ring has slots.
    for (let number = 0; number < 18_000; number++) sender.send(outOf(1), slowFrame({ number }));
    for (let number = 0; number < 100; number++) sender.send(outOf(2), slowFrame({ number }));
    await until(() => expect(from(2)).toBe(100));
    expect(from(1)).toBe(100);
    // What the ring had and the kernel kept out is counted when the second is over.
    await until(() => expect(excess).toEqual([[1, 18_200]]));
    expect(shared.counters).toMatchObject({ received: 200, dropped: 18_200 });
    await until(() => {
      sender.send(outOf(1));
      expect(from(1)).toBeGreaterThan(100);
    });
  });

  test("hands over a bounded number at a time and calls again while frames wait", async () => {
    const batches: number[] = [];
    readable = () => batches.push(link.drain());
    for (let frame = 0; frame < 3 * MOST_FRAMES + 1; frame++) sender.send(outOf(1));
    await until(() => expect(heard).toHaveLength(3 * MOST_FRAMES + 1));
    expect(batches).toEqual([MOST_FRAMES, MOST_FRAMES, MOST_FRAMES, 1]);
  });

  test("is not read a second time from within a delivery", () => {
    let inner = -1;
    const nested = inside(near, () =>
      openRingLink({
        refused: () => {},
        deliver: () => {
          inner = nested.drain();
        },
        readable: () => {},
      }),
    );
    nested.setPorts([port(1)]);
    sender.send(outOf(1));
    expect(nested.drain()).toBe(1);
    expect(inner).toBe(0);
    nested.close();
  });

  test("goes on after its interface was down", async () => {
    await ipIn(near, "link", "set", "a1", "down");
    link.send({ bytes: slowFrame(), start: 0, length: 124, to: 11 });
    expect(link.counters.sendErrors).toBe(1);
    await ipIn(near, "link", "set", "a1", "up");
    sender.send(outOf(1), slowFrame({ number: 5 }));
    await until(() => expect(heard.map(({ number }) => number)).toEqual([5]));
  });

  test("counts a frame for an interface that does not exist, and throws nothing", () => {
    link.send({ bytes: slowFrame(), start: 0, length: 124, to: 4_711 });
    expect(link.counters.sendErrors).toBe(1);
  });

  describe("of one interface", () => {
    const meta = new Uint32Array(64 * RING_ROW);
    const open = (protocol: number, filter?: Uint32Array, wake = () => {}): Ring => {
      const ring = inside(near, () =>
        native.ringOpen({ protocol, ifindex: 11, slotSize: 2_048, slots: 64, filter }, wake),
      );
      if (typeof ring === "number") throw new Error(`errno ${-ring}`);
      return ring;
    };

    test("wakes its reader once when the interface goes down, and hears again when it is up", async () => {
      let woken = 0;
      const ring = open(0x8809, undefined, () => woken++);
      await ipIn(near, "link", "set", "a1", "down");
      await until(() => expect(woken).toBe(1));
      expect(native.ringNext(ring, meta, 64)).toBe(0);
      await ipIn(near, "link", "set", "a1", "up");
      sender.send(outOf(1), slowFrame({ number: 9 }));
      await until(() => expect(woken).toBeGreaterThan(1));
      expect(native.ringNext(ring, meta, 64)).toBe(1);
      expect(numberOf(new DataView(ring.buffer), meta[0] ?? 0)).toBe(9);
      native.ringClose(ring);
    });

    test("hears every EtherType that a classic BPF program given as numbers accepts, and nothing it sends", () => {
      // ldh [12]; jeq 0x88cc; ret 65535; ret 0
      const lldp = Uint32Array.from([0x28, 0, 0, 12, 0x15, 0, 1, 0x88cc, 6, 0, 0, 65_535, 6, 0, 0, 0]);
      const ring = open(3, lldp);
      const frame = slowFrame();
      sender.send(outOf(1), frame);
      frame.setUint16(12, 0x88cc);
      link.send({ bytes: frame, start: 0, length: 124, to: 11 });
      sender.send(outOf(1), frame);
      expect(native.ringNext(ring, meta, 64)).toBe(1);
      expect(new DataView(ring.buffer).getUint16((meta[0] ?? 0) + 12)).toBe(0x88cc);
      native.ringClose(ring);
    });

    test("says the VLAN ID of a tagged frame when it hears every EtherType", () => {
      // ldh [12]; jeq 0x8809; ret 65535; ret 0
      const slow = Uint32Array.from([0x28, 0, 0, 12, 0x15, 0, 1, 0x8809, 6, 0, 0, 65_535, 6, 0, 0, 0]);
      const ring = open(3, slow);
      sender.send(outOf(1), slowFrame({ tag: 0x6064 }));
      sender.send(outOf(1), slowFrame({ tag: 0xe000 }));
      sender.send(outOf(1));
      expect(native.ringNext(ring, meta, 64)).toBe(3);
      expect([0, 1, 2].map((row) => meta[row * RING_ROW + RING_COLUMN.vlan]! | 0)).toEqual([100, NO_VLAN, NO_VLAN]);
      native.ringClose(ring);
    });

    test("cuts a frame that is longer than a slot and says how long it was", async () => {
      for (const [namespace, name] of [
        [near, "a1"],
        [far, "b1"],
      ] as const)
        await ipIn(namespace, "link", "set", name, "mtu", "9000");
      const ring = open(0x8809);
      const long = Buffer.alloc(9_000);
      long.set(new Uint8Array(slowFrame().buffer));
      sender.send(outOf(1), new DataView(long.buffer, long.byteOffset, long.length));
      expect(native.ringNext(ring, meta, 64)).toBe(1);
      const [offset = 0, captured = 0, original] = meta;
      expect(original).toBe(9_000);
      expect(captured).toBeGreaterThan(1_900);
      expect(offset + captured).toBeLessThanOrEqual(2_048);
      native.ringClose(ring);
    });

    test("leaves an empty buffer when it is closed", () => {
      const ring = open(0x8809);
      const octets = new Uint8Array(ring.buffer);
      expect(octets.length).toBe(64 * 2_048);
      native.ringClose(ring);
      expect([octets.length, octets[0], ring.buffer.byteLength]).toEqual([0, undefined, 0]);
      expect(native.ringNext(ring, meta, 64)).toBeLessThan(0);
      native.ringClose(ring);
    });
  });

  test("sends a batch, skips what fails and says why, frame by frame", async () => {
    const raw = inside(far, () => sendAddon().senderOpen(0));
    if (typeof raw === "number") throw new Error(`errno ${-raw}`);
    const rows = new Uint32Array(150 * 4);
    for (let row = 0; row < 150; row++) rows.set([0, 124, row % 50 === 7 ? 4_711 : 51, 99], row * 4);
    expect(sendAddon().sendBatch(raw, slowFrame(), rows, 150)).toBe(147);
    const answers = Array.from({ length: 150 }, (_, row) => rows[row * 4 + 3]);
    expect(answers.flatMap((answer, row) => (answer === 0 ? [] : [[row, answer]]))).toEqual([
      [7, 6],
      [57, 6],
      [107, 6],
    ]);
    await until(() => expect(heard).toHaveLength(147));
    sendAddon().senderClose(raw);
  });
});
