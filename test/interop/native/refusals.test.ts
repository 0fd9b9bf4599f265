import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { addon } from "../../../src/linux/native/addon.js";
import { addressAddon } from "../../../src/linux/native/address.js";
import { addressWatchAddon } from "../../../src/linux/native/address-watch.js";
import { channelAddon } from "../../../src/linux/native/channel.js";
import { linkAddon } from "../../../src/linux/native/link.js";
import { type Netlink, netlinkAddon } from "../../../src/linux/native/netlink.js";
import { ringAddon } from "../../../src/linux/native/ring.js";
import { PRIORITY, sendAddon } from "../../../src/linux/native/send.js";
import { udpAddon } from "../../../src/linux/native/udp.js";
import { watchAddon } from "../../../src/linux/native/watch.js";
import { isRoot, Lab, run } from "../../support/lab.js";
import { enter, slowFrame } from "../../support/namespace.js";

describe.runIf(isRoot)("without CAP_NET_RAW", () => {
  /** Runs a module of ours as root without one capability and returns what it throws. */
  const without = async (capability: string, module: string, open: string): Promise<string> => {
    const url = new URL(`../../../dist/linux/capture/${module}.js`, import.meta.url).href;
    const script = `import { ${open} } from ${JSON.stringify(url)};
      try { ${open}({ deliver() {}, readable() {} }); console.log("opened"); process.exit(); }
      catch (error) { console.log(error.message); }`;
    const drop = [`--bounding-set=-${capability}`, `--inh-caps=-${capability}`];
    return run("setpriv", [...drop, process.execPath, "--input-type=module", "--eval", script]);
  };

  test.for([
    ["ring", "openRingLink"],
    ["pcap", "openPcapLink"],
  ] as const)("%s names the capability in one line", async ([module, open]) => {
    const message = await without("net_raw", module, open);
    expect(message).toMatch(/^CAP_NET_RAW is missing: [^\n]+\n$/);
  });

  test("with it alone the ring opens", async () => {
    expect(await without("net_admin", "ring", "openRingLink")).toBe("opened\n");
  });
});

describe.runIf(isRoot)("nonsense from JavaScript", () => {
  let lab: Lab;
  let leave: () => void;
  const native = addon<Record<string, (...values: unknown[]) => unknown>>();
  const [ringCalls, sendCalls] = [ringAddon(), sendAddon()];
  const opened: object[] = [];
  let handles: readonly object[];

  const must = <T extends object>(handle: T | number): T => {
    if (typeof handle === "number") throw new Error(`errno ${-handle}`);
    opened.push(handle);
    return handle;
  };

  beforeAll(async () => {
    lab = new Lab();
    leave = enter(await lab.namespace("n"));
    handles = [
      must(ringCalls.ringOpen({ protocol: 0x8809, ifindex: 0, slotSize: 2_048, slots: 32 }, () => {})),
      must(sendCalls.senderOpen(PRIORITY.control)),
      must(netlinkAddon().netlinkOpen()),
      must(watchAddon().watchOpen(() => {})),
      must(channelAddon().channelOpen(() => {})),
      must(addressWatchAddon().addressWatchOpen(() => {})),
      must(
        udpAddon().udpOpen(Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1]), 0, "", () => {}),
      ),
    ];
  });
  afterAll(async () => {
    const closers = ["ring", "sender", "netlink", "watch", "channel", "addressWatch", "udp"];
    for (const [at, kind] of closers.entries()) if (handles[at]) native[`${kind}Close`]?.(handles[at]);
    leave?.();
    await lab?.close();
  });

  // Those that change the process itself or write where they are told, and one that takes nothing and costs much.
  const LEFT_OUT = new Set(["setns", "notify", "lock", "senderOpen"]);

  /** A value that fits each field of an object some function takes. */
  const FIELDS: { readonly [name: string]: fc.Arbitrary<unknown> } = {
    protocol: fc.constantFrom(3, 0x8809),
    ifindex: fc.nat(2),
    index: fc.nat(2),
    slotSize: fc.constantFrom(256, 2_048),
    slots: fc.nat(64),
    filter: fc.constantFrom(undefined, Uint32Array.of(6, 0, 0, 0), Uint32Array.of(1, 2, 3)),
    up: fc.boolean(),
    alias: fc.string(),
    mac: fc.nat(),
    mtu: fc.nat(2_000),
    kind: fc.constantFrom("dummy", "vlan", "bridge", "nothing"),
    name: fc.constantFrom("x1", "lo", ""),
    peer: fc.constantFrom("x2", "lo", ""),
    group: fc.nat(3),
    main: fc.nat(2),
    vlan: fc.nat(5_000),
    self: fc.boolean(),
    first: fc.nat(5_000),
    last: fc.nat(5_000),
    flags: fc.nat(7),
    address: fc.constantFrom(new Uint8Array(4), new Uint8Array(16), new Uint8Array(5)),
    destination: fc.constantFrom(new Uint8Array(4), new Uint8Array(16), new Uint8Array(5)),
    gateways: fc.constantFrom(new Uint8Array(4), new Uint8Array(64), new Uint8Array(400)),
    length: fc.nat(130),
    mark: fc.nat(260),
    metric: fc.nat(),
    program: fc.nat(3),
  };

  test("is refused and breaks nothing, whatever is passed where", () => {
    const names = Object.keys(native).filter((name) => !LEFT_OUT.has(name));
    const handle = fc.nat(6).map((at): unknown => handles[at]);
    const odd = fc.oneof(
      fc.constantFrom<unknown>(undefined, null, true, -1, 0, 1, 2 ** 31, 2 ** 32, 2 ** 48, 1e300, Number.NaN, 0.5, ""),
      fc.constantFrom<unknown>({}, [], () => {}, Symbol("s"), 1n, new Proxy({}, {}), new Date(0), "a\0b"),
      fc.constantFrom<unknown>(new Uint8Array(0), new Uint8Array(64), new Uint32Array(8), new Float64Array(4)),
      fc.constantFrom<unknown>(slowFrame(), new DataView(new ArrayBuffer(0)), new DataView(new SharedArrayBuffer(64))),
      fc.constant("long".repeat(2_000)),
      handle,
      fc.integer(),
      fc.string(),
    );
    // For the functions that take an object.
    const fields = fc.record(
      Object.fromEntries(Object.entries(FIELDS).map(([name, good]) => [name, fc.oneof(good, odd)])),
      { requiredKeys: [] },
    );
    const closing = /Close$/;
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.oneof(handle, odd),
        fc.array(fc.oneof(odd, fields), { maxLength: 9 }),
        (name, one, more) => {
          const given = [one, ...more];
          // An open handle passed to its own close would only end the test early.
          const values = closing.test(name) ? given.filter((value) => !handles.includes(value as object)) : given;
          let result: unknown;
          try {
            result = native[name]?.(...values);
          } catch (error) {
            expect(error).toSatisfy((thrown) => thrown instanceof TypeError || thrown instanceof RangeError);
            return;
          }
          if (typeof result === "object" && result !== null && name.endsWith("Open"))
            native[name.replace("Open", "Close")]?.(result);
        },
      ),
      { numRuns: 20_000 },
    );
    // Everything still works.
    const [ring, sender] = handles as [never, never];
    expect(ringCalls.ringNext(ring, new Uint32Array(6), 1)).toBe(0);
    expect(sendCalls.send(sender, slowFrame(), 0, 124, 1)).toBeLessThanOrEqual(0);
  });

  test("a getter is asked before any bytes are looked at, and what it throws arrives", () => {
    const buffer = new ArrayBuffer(16);
    const address = new Uint8Array(buffer);
    const netlink = handles[2] as Netlink;
    const stolen = {
      ...{ index: 1, address, length: 128, flags: 0 },
      get mark() {
        structuredClone(buffer, { transfer: [buffer] });
        return 1;
      },
    };
    expect(() => addressAddon().addressAdd(netlink, stolen)).toThrow("an address must have 4 or 16 octets");
    const angry = {
      get up(): boolean {
        throw new Error("its own");
      },
    };
    expect(() => linkAddon().linkSet(netlink, "lo", angry)).toThrow("its own");
  });

  test("a handle of one kind is none of another", () => {
    const [ring, sender] = handles as [never, never];
    expect(() => ringCalls.ringNext(sender, new Uint32Array(6), 1)).toThrow(TypeError);
    expect(() => sendCalls.send(ring, slowFrame(), 0, 124, 1)).toThrow(TypeError);
    expect(() => ringCalls.ringNext(Object.create(ring), new Uint32Array(6), 1)).toThrow(TypeError);
  });

  test("bytes that are gone are no bytes", () => {
    const buffer = new ArrayBuffer(124);
    const bytes = new Uint8Array(buffer);
    structuredClone(buffer, { transfer: [buffer] });
    const [, sender] = handles as [never, never];
    expect(() => sendCalls.send(sender, bytes, 0, 124, 1)).toThrow(RangeError);
    expect(() => sendCalls.send(sender, slowFrame(), 100, 25, 1)).toThrow(RangeError);
  });

  test("an error thrown by a callback is an uncaught exception, not a crash", async () => {
    const url = new URL("../../../native/build/Release/etrunkd.node", import.meta.url).pathname;
    const script = `const native = require(${JSON.stringify(url)});
      process.on("uncaughtException", (error) => { console.log(error.message); process.exit(0); });
      native.watchOpen(() => { throw new Error("thrown inside"); });`;
    expect(await run(process.execPath, ["--eval", script])).toBe("thrown inside\n");
  });
});
