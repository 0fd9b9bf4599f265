import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Mac } from "../../../src/core/base/address.js";
import { parseIpAddress } from "../../../src/core/base/ip-address.js";
import { addressText } from "../../../src/core/base/neighbours/address-text.js";
import { ENTRY_OPERATIONS, EntryRows } from "../../../src/core/base/neighbours/entry-rows.js";
import { type LinuxNeighbours, openNeighbours } from "../../../src/linux/neighbours.js";
import { isRoot, Lab, run } from "../../support/lab.js";
import { inside, ipIn, twoHosts } from "../../support/namespace.js";

const NEAR = 11;
const GONE = 999;
const MAC = 0x020000000011 as Mac;
const { stale, validated, noArp, delete: gone } = ENTRY_OPERATIONS;

describe.runIf(isRoot)("the kernel's ARP and ND entries", () => {
  let lab: Lab;
  let near: string;
  let neighbours: LinuxNeighbours;
  let told: string[];
  let listed: { address: string; operation: number; isLast: boolean }[];

  beforeEach(async () => {
    lab = new Lab();
    told = [];
    listed = [];
    near = (await twoHosts(lab)).near;
    neighbours = inside(near, () =>
      openNeighbours({
        listed: ({ rows, isLast }) => {
          const all = new EntryRows(new Uint8Array(rows.bytes.buffer, rows.bytes.byteOffset, rows.length));
          for (let n = 0; n < all.count; n++)
            listed.push({ address: addressText(all.at(n).octets), operation: all.at(n).operation, isLast });
        },
        readable: () => neighbours.drain(),
        refused: ({ service, index }, text) => told.push(`${service} ${index}: ${text ?? "granted"}`),
      }),
    );
  });
  afterEach(async () => {
    neighbours.close();
    await lab.close();
  });

  const octets = (text: string): Uint8Array => {
    const address = parseIpAddress(text);
    if (address === undefined) throw new Error(text);
    return address.isIpv4 ? address.octets.subarray(12) : address.octets;
  };
  const change = (operation: number, ...addresses: readonly string[]): void => {
    const rows = new EntryRows(addresses.length);
    for (const text of addresses) rows.add({ index: NEAR, operation, mac: MAC, isRouter: false, octets: octets(text) });
    neighbours.change(rows);
  };
  const marked = async (): Promise<string> => (await ipIn(near, "neigh", "show", "proto", "190")).trim();

  test("stand with our mark, externally learned, and go when they are taken away", async () => {
    change(stale, "10.8.0.9", "fd08::9");
    const text = await ipIn(near, "-d", "neigh", "show");
    expect(text).toMatch(/10\.8\.0\.9 dev a1 lladdr 02:00:00:00:00:11 .*extern_learn .*STALE/);
    expect(text).toMatch(/fd08::9 dev a1 lladdr 02:00:00:00:00:11 .*extern_learn .*STALE/);
    expect((await marked()).split("\n")).toHaveLength(2);
    change(gone, "10.8.0.9", "fd08::9", "10.8.0.77");
    expect([await marked(), told]).toEqual(["", []]);
  });

  test("of an active-active trunk are validated, or need no answer", async () => {
    change(validated, "10.8.0.9", "fd08::9");
    expect((await marked()).split("\n")).toHaveLength(2);
    expect(told).toEqual([]);
    change(noArp, "10.8.0.10");
    expect(await ipIn(near, "neigh", "show", "nud", "noarp")).toContain("10.8.0.10");
  });

  test.for([
    ["ipv4", "10.8.0.9", "10.8.0.10", "10.8.0.11"],
    ["ipv6", "fd08::9", "fd08::10", "fd08::11"],
  ] as const)(
    "under traffic whose answers come to nobody here fail where they are plain, and stay where they are validated or NOARP: %s",
    async ([family, plain, kept, still]) => {
      const pace = (name: string, value: string): string => `net.${family}.neigh.a1.${name}=${value}`;
      const probing = [pace("delay_first_probe_time", "1"), pace("retrans_time_ms", "100")];
      await run("ip", ["netns", "exec", near, "sysctl", "-qw", ...probing]);
      change(stale, plain);
      change(validated, kept);
      change(noArp, still);
      const stateOf = async (address: string): Promise<string> => {
        const words = (await ipIn(near, "neigh", "show", "to", address, "dev", "a1")).trim().split(/\s+/);
        return words.find((word) => word === "STALE" || word === "NOARP" || word === "FAILED") ?? words.join(" ");
      };
      const ping = (address: string): string => `ping -c 1 -W 1 ${address}`;
      const pings = [plain, kept, still].map(ping).join("; ");
      const round = (): Promise<string> => run("ip", ["netns", "exec", near, "sh", "-c", `(${pings}) >&2; true`]);
      await round();
      await vi.waitFor(async () => expect(await stateOf(plain)).toBe("FAILED"), { timeout: 15_000, interval: 200 });
      await vi.waitFor(async () => expect(await stateOf(kept)).toMatch(/^(STALE|NOARP)$/), {
        timeout: 15_000,
        interval: 200,
      });
      expect(await stateOf(still)).toBe("NOARP");
      // Again and again: it never fails.
      await round();
      await vi.waitFor(async () => expect(await stateOf(kept)).toMatch(/^(STALE|NOARP)$/), {
        timeout: 15_000,
        interval: 200,
      });
      expect(told).toEqual([]);
    },
  );

  test("more than the table of the host holds are taken, since externally learned ones do not count", async () => {
    const rows = new EntryRows(2_000);
    for (let n = 0; n < 2_000; n++)
      rows.add({
        index: NEAR,
        operation: stale,
        mac: MAC,
        isRouter: false,
        octets: Uint8Array.of(10, 8, 1 + (n >> 8), n & 0xff),
      });
    neighbours.change(rows);
    expect([(await marked()).split("\n").length, told]).toEqual([2_000, []]);
    neighbours.list(NEAR, "arp");
    await vi.waitFor(() => expect(listed.at(-1)?.isLast).toBe(true));
    expect(new Set(listed.map(({ address }) => address)).size).toBe(2_000);
    expect(new Set(listed.map(({ operation }) => operation))).toEqual(new Set([stale]));
  });

  test("a refusal is told once, by interface and service, and is over when the entry is taken or taken away", () => {
    // An address of no host: the kernel refuses it.
    change(stale, "224.0.0.9", "10.8.0.9");
    const before = [...told];
    change(stale, "10.8.0.10");
    expect(told).toEqual(before);
    if (before.length === 0) return;
    change(gone, "224.0.0.9");
    expect(told.at(-1)).toBe(`arp ${NEAR}: granted`);
  });

  test("an interface that is gone is no refusal", () => {
    const rows = new EntryRows(1);
    rows.add({ index: GONE, operation: stale, mac: MAC, isRouter: false, octets: octets("10.8.0.9") });
    neighbours.change(rows);
    neighbours.list(GONE, "nd");
    expect(told).toEqual([]);
  });
});
