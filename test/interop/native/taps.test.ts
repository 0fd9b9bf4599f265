import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import type { Mac } from "../../../src/core/base/address.js";
import type { FrameFilter } from "../../../src/core/contract/host.js";
import { type FrameTaps, openTaps } from "../../../src/linux/capture/taps.js";
import { isRoot, Lab, run } from "../../support/lab.js";
import { inside, ipIn, makeVeth, numberOf, RawSender, slowFrame } from "../../support/namespace.js";

/** A group of one protocol, and the EtherType of another. */
const GROUP: FrameFilter = { destination: 0x010fe2000004 as Mac };
const TYPE: FrameFilter = { type: 0x88b6 };

function frameOf(number: number, destination: number, type: number): DataView {
  const frame = slowFrame({ number, destination });
  frame.setUint16(12, type);
  return frame;
}

describe.runIf(isRoot)("taps", () => {
  let lab: Lab;
  let near: string;
  let sender: RawSender;
  let taps: FrameTaps;
  let heard: { on: number; number: number }[];
  let failures: [number, string | undefined][];

  beforeAll(async () => {
    lab = new Lab();
    near = await lab.namespace("n");
    const far = await lab.namespace("f");
    for (const n of [1, 2])
      await makeVeth(
        { namespace: near, name: `a${n}`, index: 10 + n },
        { namespace: far, name: `b${n}`, index: 50 + n },
      );
    // A bridge takes every frame of a1 before a socket of one protocol sees it.
    await ipIn(near, "link", "add", "br1", "type", "bridge");
    await ipIn(near, "link", "set", "br1", "up");
    await ipIn(near, "link", "set", "a1", "master", "br1");
    sender = new RawSender(far);
  });
  afterAll(async () => {
    sender?.close();
    await lab?.close();
  });
  beforeEach(() => {
    heard = [];
    failures = [];
    taps = inside(near, () =>
      openTaps({
        deliver: ({ bytes, start, from }) => heard.push({ on: from, number: numberOf(bytes, start) }),
        readable: () => taps.drain(),
        refused: (index, text) => failures.push([index, text]),
      }),
    );
  });
  afterEach(() => taps.close());

  const listen = (filter: FrameFilter, ...interfaces: number[]) => inside(near, () => taps.listen(filter, interfaces));
  /** One frame of each kind, and one nobody wants, out of an interface; the number says which. */
  function sendAll(n: number, from: number): void {
    sender.send(50 + n, frameOf(from + 1, GROUP.destination ?? 0, 570));
    sender.send(50 + n, frameOf(from + 2, 0x0200000000ff, 0x88b6));
    sender.send(50 + n, frameOf(from + 3, 0x0200000000ff, 0x0800));
    // The last one, which is heard wherever anything is.
    sender.send(50 + n, frameOf(from + 4, GROUP.destination ?? 0, 0x88b6));
  }
  const until = (numbers: number[]) =>
    vi.waitFor(() => expect(heard.map(({ number }) => number)).toEqual(numbers), { timeout: 5_000, interval: 5 });
  const groups = () => ipIn(near, "maddr", "show", "dev", "a1");

  test("two protocols on one interface each get their frames, and one leaves without the other", async () => {
    listen(GROUP, 11);
    expect(await groups()).toContain("01:0f:e2:00:00:04");
    sendAll(1, 0);
    await until([1, 4]);
    listen(TYPE, 11);
    sendAll(1, 10);
    await until([1, 4, 11, 12, 14]);
    listen(GROUP);
    expect(await groups()).not.toContain("01:0f:e2:00:00:04");
    sendAll(1, 20);
    await until([1, 4, 11, 12, 14, 22, 24]);
    expect(failures).toEqual([]);
  });

  test("an interface that nobody wants is heard no more; one that is gone is told", async () => {
    listen(GROUP, 11, 12);
    sendAll(2, 0);
    await until([1, 4]);
    expect(heard.map(({ on }) => on)).toEqual([12, 12]);
    listen(GROUP, 11);
    sendAll(2, 10);
    sendAll(1, 20);
    await until([1, 4, 21, 24]);
    listen(GROUP, 11, 99);
    expect(failures).toEqual([[99, "packet socket: ENODEV"]]);
    expect((await run("ip", ["netns", "exec", near, "cat", "/proc/net/packet"])).split("\n").length - 2).toBe(1);
  });
});
