import { expect, test } from "vitest";
import { recordsIn } from "../../src/daemon/state/records.js";
import type { ForwardingRecord } from "../../src/linux/forwarding/record.js";

const BOOT = "5d4b1c9e-0000-4000-8000-000000000001";
const COUNTS = [1, 2, 3, 4, 5];
const TRUNK = { trunk: 1, buckets: "00".repeat(256), vlans: [10], counts: COUNTS };
const MEMBER = {
  ...{ index: 3, mac: 0x02_00_00_00_00_03, trunk: 1, slot: 1, qdisc: false, counts: COUNTS },
  changes: { promiscuous: { found: "false", made: "true" }, "ipv4/conf/*/arp_ignore": { found: "0", made: "8" } },
};
const RECORD: ForwardingRecord = { backend: "ebpf", trunks: [TRUNK], members: [MEMBER] };

/** A store that holds one text. */
function keeping(text?: string) {
  const kept = { name: "", text };
  const keep = (name: string, text: string) => void Object.assign(kept, { name, text });
  return { kept, load: () => kept.text, save: keep, saveNow: keep };
}

const parse = (text: string | undefined) => recordsIn(keeping(text), BOOT).forwarding.load();

function print(content: ForwardingRecord): string {
  const store = keeping();
  recordsIn(store, BOOT).forwarding.save(content);
  return store.kept.text ?? "";
}

test("a record reads back in the boot and network namespace it was printed in", () => {
  expect(parse(print(RECORD))).toEqual(RECORD);
  const network = { changed: [{ index: 4, changes: { mtu: { found: "1500", made: "9000" } } }], addresses: ["4 0a/8"] };
  const store = recordsIn(keeping(), BOOT).network;
  store.saveNow(network);
  expect(store.load()).toEqual(network);
});

test.each([
  ["of another boot", { boot: "d5b2a1f0-0000-4000-8000-000000000000" }],
  ["of another network namespace", { namespace: "net:[1]" }],
  ["of another version", { version: 2 }],
  ["without a backend", { backend: "none" }],
  ["without a list", { members: {} }],
])("a record %s is not read", (_, other) => {
  expect(parse(JSON.stringify({ ...JSON.parse(print(RECORD)), ...other }))).toBeUndefined();
});

test.each([undefined, "", "{", "null", "[]", "1", '"text"', "{}"])("%j is no record", (text) => {
  expect(parse(text)).toBeUndefined();
});

test("a member that is not to be read is left out, the others are undone all the same", () => {
  const odd = [{ ...MEMBER, slot: "1" }, { index: "x" }, null, { ...MEMBER, changes: { mtu: { found: 1500 } } }];
  const text = JSON.stringify({ ...JSON.parse(print(RECORD)), members: [...odd, MEMBER] });
  expect(parse(text)?.members).toEqual([MEMBER]);
});

test("a member as earlier versions recorded it is put back to what it was, whatever it is now", () => {
  const { changes: _, qdisc: __, ...place } = MEMBER;
  const sysctls = { "ipv4/conf/*/arp_ignore": "0", "ipv6/conf/*/disable_ipv6": "1" };
  const read = (original: object) => {
    const text = JSON.stringify({ ...JSON.parse(print(RECORD)), members: [{ ...place, original }] });
    return parse(text)?.members[0];
  };
  expect(read({ promiscuous: false, qdisc: true, mtu: 1500, sysctls })).toEqual({
    ...place,
    qdisc: true,
    changes: {
      "ipv4/conf/*/arp_ignore": { found: "0" },
      "ipv6/conf/*/disable_ipv6": { found: "1" },
      promiscuous: { found: "false" },
      mtu: { found: "1500" },
    },
  });
  expect(read({ promiscuous: true, qdisc: false, sysctls: {} })?.changes).toEqual({});
  expect(read({ promiscuous: true, sysctls: {} })).toBeUndefined();
});

test("is kept under its name", () => {
  const store = keeping();
  recordsIn(store, BOOT).forwarding.saveNow(RECORD);
  expect(store.kept.name).toBe("forwarding");
});
