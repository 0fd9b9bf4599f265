import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type BackendName, linkOf, runIn, TrunkPair } from "../support/forwarding.js";
import { isRoot, Lab } from "../support/lab.js";
import { numberOf, RawSender, SOURCE, slowFrame } from "../support/namespace.js";

const BACKENDS: readonly BackendName[] = ["ebpf", "nftables"];

/** A bottleneck with the kernel's default queue behind it, whose band 0 leaves before band 1, and that before band 2. */
const BOTTLENECK = [
  ["root", "handle", "1:", "tbf", "rate", "400kbit", "burst", "2kb", "limit", "400000"],
  ["parent", "1:1", "handle", "2:", "pfifo_fast"],
];
/** TC_PRIO_*: of band 2, 1 and 0. */
const [FILLER, BEST_EFFORT, INTERACTIVE, CONTROL] = [1, 0, 6, 7];
const FRAMES = 12;
const OURS = SOURCE.toString(16);
/** ETH_P_ALL */
const EVERYTHING = 3;

describe.runIf(isRoot).each(BACKENDS)("the priority of a frame (%s)", (backend) => {
  let lab: Lab;
  let pair: TrunkPair;

  beforeEach(async () => {
    lab = new Lab();
    pair = await TrunkPair.create(lab, { links: 1, backend });
  });
  afterEach(async () => {
    await pair.stop();
    await lab.close();
  });

  const DEVICES = backend === "ebpf" ? ["eth-trunk1", "eth-trunk1.10"] : ["eth-trunk1"];

  test.each(DEVICES)("is the same on a congested member as it was on %s", async (device) => {
    const { namespace } = pair.near;
    const subInterfaces = device === "eth-trunk1" ? [] : [{ vlan: 10, device }];
    await pair.carry([1], { subInterfaces });
    for (const words of BOTTLENECK) await runIn(namespace, ["tc", "qdisc", "add", "dev", "m1", ...words]);
    await pair.far.call("listen", EVERYTHING);
    const { ifindex } = await linkOf(namespace, device);
    const send = (priority: number, first: number, count = 1): void => {
      const sender = new RawSender(namespace, priority);
      for (let number = first; number < first + count; number++) {
        const frame = Buffer.alloc(1_000);
        Buffer.from(slowFrame({ number }).buffer).copy(frame);
        sender.send(ifindex, new DataView(frame.buffer, frame.byteOffset, frame.length));
      }
      sender.close();
    };
    // All wait behind the first two or three, which fill the bucket.
    send(BEST_EFFORT, 100, FRAMES);
    send(FILLER, 200);
    send(BEST_EFFORT, 300, FRAMES);
    send(INTERACTIVE, 400);
    send(CONTROL, 500);
    const arrived = async (): Promise<number[]> => {
      const heard = await pair.far.call<{ ifindex: number; frame: string }[]>("heard");
      const bytes = heard
        .filter(({ ifindex, frame }) => ifindex === pair.far.members[0] && frame.includes(OURS))
        .map(({ frame }) => Buffer.from(frame, "hex"));
      return bytes.map((octets) => numberOf(new DataView(octets.buffer, octets.byteOffset), 0));
    };
    await vi.waitFor(async () => expect(await arrived()).toHaveLength(2 * FRAMES + 3), { timeout: 5_000 });
    const order = await arrived();
    expect(order.at(-1)).toBe(200);
    expect(order.indexOf(400)).toBeLessThan(order.indexOf(300));
    expect(order.indexOf(500)).toBe(order.indexOf(400) + 1);
  });
});
