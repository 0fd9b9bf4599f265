import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Addon, addon } from "../../../src/linux/addon.js";
import { isRoot, Lab, run } from "../../support/lab.js";
import { enter, slowFrame } from "../../support/namespace.js";

describe.runIf(isRoot)("without CAP_NET_RAW", () => {
  /** Runs a module of ours as root without one capability and returns what it throws. */
  const without = async (capability: string, module: string, open: string): Promise<string> => {
    const url = new URL(`../../../dist/linux/${module}.js`, import.meta.url).href;
    const script = `import { ${open} } from ${JSON.stringify(url)};
      try { ${open}({ deliver() {}, readable() {} }); console.log("opened"); process.exit(); }
      catch (error) { console.log(error.message); }`;
    const drop = [`--bounding-set=-${capability}`, `--inh-caps=-${capability}`];
    return run("setpriv", [...drop, process.execPath, "--input-type=module", "--eval", script]);
  };

  test.for([
    ["ring-link", "openRingLink"],
    ["pcap-link", "openPcapLink"],
  ] as const)("%s names the capability in one line", async ([module, open]) => {
    const message = await without("net_raw", module, open);
    expect(message).toMatch(/^CAP_NET_RAW is missing: [^\n]+\n$/);
  });

  test("with it alone the ring opens", async () => {
    expect(await without("net_admin", "ring-link", "openRingLink")).toBe("opened\n");
  });
});

describe.runIf(isRoot)("nonsense from JavaScript", () => {
  let lab: Lab;
  let leave: () => void;
  const native = addon();
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
      must(native.ringOpen(0x8809, 0, 2_048, 32, undefined, () => {})),
      must(native.senderOpen()),
      must(native.netlinkOpen()),
      must(native.watchOpen(() => {})),
      must(native.channelOpen(() => {})),
      must(native.addressWatchOpen(() => {})),
      must(native.udpOpen(Uint8Array.from([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, 127, 0, 0, 1]), 0, "", () => {})),
    ];
  });
  afterAll(async () => {
    const closers = [
      native.ringClose,
      native.senderClose,
      native.netlinkClose,
      native.watchClose,
      native.channelClose,
      native.addressWatchClose,
      native.udpClose,
    ] as readonly ((handle: never) => void)[];
    for (const [at, close] of closers.entries()) if (handles[at]) close(handles[at] as never);
    leave?.();
    await lab?.close();
  });

  // Those that change the process itself or write where they are told, and one that takes nothing and costs much.
  const LEFT_OUT = new Set(["setns", "notify", "lock", "senderOpen"]);

  test("is refused and breaks nothing, whatever is passed where", () => {
    const names = (Object.keys(native) as (keyof Addon)[]).filter((name) => !LEFT_OUT.has(name));
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
    const closing = /Close$/;
    fc.assert(
      fc.property(
        fc.constantFrom(...names),
        fc.oneof(handle, odd),
        fc.array(odd, { maxLength: 9 }),
        (name, one, more) => {
          const given = [one, ...more];
          // An open handle passed to its own close would only end the test early.
          const values = closing.test(name) ? given.filter((value) => !handles.includes(value as object)) : given;
          let result: unknown;
          try {
            result = (native[name] as (...values: unknown[]) => unknown)(...values);
          } catch (error) {
            expect(error).toSatisfy((thrown) => thrown instanceof TypeError || thrown instanceof RangeError);
            return;
          }
          if (typeof result === "object" && result !== null && name.endsWith("Open"))
            (native[name.replace("Open", "Close") as "ringClose"] as (handle: unknown) => void)(result);
        },
      ),
      { numRuns: 20_000 },
    );
    // Everything still works.
    const [ring, sender] = handles as [never, never];
    expect(native.ringNext(ring, new Uint32Array(6), 1)).toBe(0);
    expect(native.send(sender, slowFrame(), 0, 124, 1)).toBeLessThanOrEqual(0);
  });

  test("a handle of one kind is none of another", () => {
    const [ring, sender] = handles as [never, never];
    expect(() => native.ringNext(sender, new Uint32Array(6), 1)).toThrow(TypeError);
    expect(() => native.send(ring, slowFrame(), 0, 124, 1)).toThrow(TypeError);
    expect(() => native.ringNext(Object.create(ring), new Uint32Array(6), 1)).toThrow(TypeError);
  });

  test("bytes that are gone are no bytes", () => {
    const buffer = new ArrayBuffer(124);
    const bytes = new Uint8Array(buffer);
    structuredClone(buffer, { transfer: [buffer] });
    const [, sender] = handles as [never, never];
    expect(() => native.send(sender, bytes, 0, 124, 1)).toThrow(RangeError);
    expect(() => native.send(sender, slowFrame(), 100, 25, 1)).toThrow(RangeError);
  });

  test("an error thrown by a callback is an uncaught exception, not a crash", async () => {
    const url = new URL("../../../native/build/Release/etrunkd.node", import.meta.url).pathname;
    const script = `const native = require(${JSON.stringify(url)});
      process.on("uncaughtException", (error) => { console.log(error.message); process.exit(0); });
      native.watchOpen(() => { throw new Error("thrown inside"); });`;
    expect(await run(process.execPath, ["--eval", script])).toBe("thrown inside\n");
  });
});
