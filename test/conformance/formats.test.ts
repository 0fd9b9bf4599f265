import { createHash, createHmac, hkdfSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { vlansOf } from "../../src/core/base/vlan-set.js";
import { etrunkHello, HelloView } from "../../src/core/wire/etrunk-hello.js";
import { FLUSH_SIZE, FlushView, flush } from "../../src/core/wire/flush.js";
import {
  rbsAcknowledgement,
  rbsBatchBegin,
  rbsClose,
  rbsDigest,
  rbsEntries,
  rbsHeader,
  rbsOpen,
  rbsProfile,
  rbsProfileState,
  rbsRefresh,
  rbsRelay,
} from "../../src/core/wire/rbs/layouts.js";

/** The examples and octet tables of src/formats, against the code and against node:crypto alone. */

const documentOf = (name: string): string =>
  readFileSync(new URL(`../../src/formats/${name}.md`, import.meta.url), "utf8");

/** A section of a document, by its number. */
function section(document: string, number: string): string {
  const [, text] = document.split(new RegExp(`^#+ ${number.replace(".", "\\.")} `, "m"));
  return (text as string).split(/^#/m)[0] as string;
}

/** The indented blocks of hexadecimal digits of a section. */
const blocks = (text: string): Buffer[] =>
  [...text.matchAll(/(?:^ {4}[0-9a-f]+$\n?)+/gm)].map(([block]) => Buffer.from(block.replace(/\s/g, ""), "hex"));

/** Offset and octets of each field in the octet tables of a section. */
const fieldsOf = (text: string): [offset: number, octets: number][] =>
  [...text.matchAll(/^\| (\d+) \| (\d+) \|/gm)].map(([, offset, octets]) => [Number(offset), Number(octets)]);

const layoutOf = ({ at, size }: { at: { [field: string]: number }; size: number }): [number, number][] => {
  const offsets = Object.values(at);
  return offsets.map((offset, i) => [offset, (offsets[i + 1] ?? size) - offset]);
};

const view = (octets: Buffer): DataView => new DataView(octets.buffer, octets.byteOffset, octets.length);

describe("formats/e-trunk-hello.md", () => {
  const document = documentOf("e-trunk-hello");
  const [key, hello] = blocks(section(document, "9")) as [Buffer, Buffer];
  const mapped = (last: number): Buffer => Buffer.from([...Array(10).fill(0), 255, 255, 192, 0, 2, last]);

  test("has the octet table of the layout", () => {
    expect(fieldsOf(section(document, "2"))).toEqual(layoutOf(etrunkHello));
  });

  test("has a member table without gaps, of 28 octets", () => {
    let next = 0;
    for (const [offset, octets] of fieldsOf(section(document, "3.1"))) {
      expect(offset).toBe(next);
      next += octets;
    }
    expect(next).toBe(28);
  });

  test("has an example that is read without a fault and says what the text says", () => {
    const read = new HelloView().wrap(view(hello), 0, hello.length);
    expect(read.fault()).toBeUndefined();
    expect(read).toMatchObject({
      etrunk: 1,
      state: 3,
      reason: 1,
      priority: 10,
      failTime: 200,
      sequence: 7,
      flags: 0x23,
    });
    const { authentication, members } = read;
    expect(authentication).toMatchObject({ mode: 3, keyId: 0 });
    expect(members).toHaveLength(1);
  });

  test("has an example that is signed by its own rules", () => {
    const info = Buffer.concat([Buffer.from([0, 1]), mapped(1), mapped(2)]);
    const derived = Buffer.from(hkdfSync("sha256", "example-key", "etrunkd hello 1", info, 32));
    expect(derived.toString("hex")).toBe(key.toString("hex"));
    const unsigned = Buffer.concat([hello.subarray(0, -32), Buffer.alloc(32)]);
    const digest = createHmac("sha256", derived)
      .update(mapped(1))
      .update(mapped(2))
      .update(Buffer.from([4, 1]));
    expect(digest.update(unsigned).digest("hex")).toBe(hello.subarray(-32).toString("hex"));
  });
});

describe("formats/flush.md", () => {
  const document = documentOf("flush");
  const [head, hashed] = blocks(section(document, "7")) as [Buffer, Buffer];
  const pdu = Buffer.concat([head, Buffer.alloc(flush.size - head.length)]);

  test("has the octet table of the layout", () => {
    expect(fieldsOf(section(document, "2"))).toEqual(layoutOf(flush));
  });

  test("has an example that is read without a fault and says what the text says", () => {
    const frame = Buffer.concat([Buffer.from("0240aaaa0300000088b5", "hex"), pdu]);
    const read = new FlushView().wrap(view(frame), 0, FLUSH_SIZE);
    expect(read.fault()).toBeUndefined();
    expect(read).toMatchObject({ controlVlan: 10, authentication: 3, sequence: 1 });
    expect(vlansOf(read.vlans)).toEqual([10, 20]);
  });

  test("has an example that is signed by its own rules", () => {
    const unsigned = Buffer.from(pdu).fill(0, flush.at.password, flush.at.vlans);
    const digest = createHmac("sha256", "example-key").update(unsigned).digest("hex");
    expect(digest).toBe(pdu.subarray(flush.at.password, flush.at.vlans).toString("hex"));
    expect(createHash("sha256").update("example-key").digest("hex")).toBe(hashed.toString("hex"));
  });
});

describe("formats/rbs.md", () => {
  const document = documentOf("rbs");

  test("has the octet tables of the layouts", () => {
    expect(fieldsOf(section(document, "2"))).toEqual(layoutOf(rbsHeader));
    expect(fieldsOf(section(document, "3.1"))).toEqual(layoutOf(rbsProfile));
  });

  test("has bodies as long as the layouts", () => {
    const messages = section(document, "3");
    const octets = (name: string): number => {
      const [, fields = ""] = new RegExp(`^\\| \\d+ \\| ${name} \\| (.*) \\|$`, "m").exec(messages) ?? [];
      return [...fields.replaceAll(/\(.*?\)/g, "").matchAll(/ (\d+)(?=,|$| )/g)].reduce(
        (sum, [, n]) => sum + Number(n),
        0,
      );
    };
    const bodies = {
      OPEN: rbsOpen,
      KEEPALIVE: rbsAcknowledgement,
      "PROFILE-STATE": rbsProfileState,
      "BATCH-BEGIN": rbsBatchBegin,
      ENTRIES: rbsEntries,
      "BATCH-END": rbsDigest,
      ACK: rbsAcknowledgement,
      REFRESH: rbsRefresh,
      DIGEST: rbsDigest,
      CLOSE: rbsClose,
      RELAY: rbsRelay,
    };
    for (const [name, { size }] of Object.entries(bodies)) expect([name, octets(name)]).toEqual([name, size]);
  });
});
