import { describe, expect, test } from "vitest";
import { type Position, SYSTEM } from "../../src/config/feature.js";
import type { Cipher } from "../../src/config/language/secrets.js";
import { printDifferences } from "../../src/config/reading/differences.js";
import { printConfiguration } from "../../src/config/reading/print.js";
import { readConfiguration } from "../../src/config/reading/read.js";
import { toDesired } from "../../src/config/to-desired.js";
import type { Mac } from "../../src/core/base/address.js";
import { answerLines, typeLine } from "../support/type-line.js";

/** Opens only what it sealed. */
const cipher: Cipher = {
  encipher: (plain) => Buffer.from(plain).toString("hex").padStart(22, "0"),
  decipher: (content) =>
    /^[0-9a-f]+$/.test(content) ? Buffer.from(content, "hex").toString().replace(/^\0+/, "") : undefined,
};
const PLAIN = "YsHsjx_202206";
const FOREIGN = "%^%#VQE;E!Dl&Rr]if$F>}w9uk5C>y-4|MS$unQ!#Mb#%^%#";
const FOREIGN_TEXT =
  "The key was ciphered on another system; its text is used as it stands. Type the key again in plain text.";
const UNREADABLE_TEXT =
  "The key was ciphered under a key this host does not have; it is no key. Type the key again in plain text.";

const read = (...lines: string[]) => readConfiguration(lines.join("\n"), { cipher });
const etrunk = (...lines: string[]) => read("e-trunk 1", ...lines.map((line) => ` ${line}`));
const keysOf = (text: string) =>
  toDesired(read(text).model, { deviceMac: 1 as Mac, bindings: new Map(), cipher }).etrunks![0]!.keys.map(
    ({ octets, ...key }) => ({ ...key, octets: octets && Buffer.from(octets).toString() }),
  );

describe("a key in plain text", () => {
  test.for([
    ["security-key cipher", `security-key cipher ${PLAIN}`],
    ["security-key simple", `security-key simple ${PLAIN}`],
    ["security-key cipher with quotes", `security-key cipher "${PLAIN}"`],
    ["security-key key-id", `security-key key-id 7 cipher ${PLAIN}`],
  ])("of %s is ciphertext in the model and wherever it is printed", ([, line]) => {
    const { model, problems } = etrunk(line!);
    expect(problems).toEqual([]);
    expect(JSON.stringify(model)).not.toContain(PLAIN);
    expect(JSON.stringify(model)).toContain("%^%#1:");
    expect(printConfiguration(model)).not.toContain(PLAIN);
    expect(printConfiguration(model)).toMatch(/^ security-key (?:key-id 7 )?cipher %\^%#1:[0-9a-f]+%\^%#$/m);
    expect(printDifferences({}, model).join("\n")).not.toContain(PLAIN);
  });

  test("in JSON is ciphertext in the model too", () => {
    const session = { bind: { peer: "2.2.2.2" }, authenticationMode: { type: "sha1", keyId: 1, key: PLAIN } };
    const document = {
      etrunks: { 1: { securityKey: PLAIN, securityKeyKeyId: { 2: PLAIN } } },
      bfd: {},
      bfdSessions: { hello: session },
    };
    const { model, problems } = read(JSON.stringify(document));
    expect(problems).toEqual([]);
    expect(JSON.stringify(model)).not.toContain(PLAIN);
    expect(model).toEqual(read(printConfiguration(model)).model);
  });

  test("is what the engine is asked to use", () => {
    expect(keysOf(`e-trunk 1\n security-key cipher ${PLAIN}\n security-key key-id 3 simple "two words"`)).toEqual([
      { id: 0, origin: "configured", octets: PLAIN },
      { id: 3, origin: "configured", octets: "two words" },
    ]);
  });

  test("after simple is warned of", () => {
    const text = "simple is deprecated: the key is kept as cipher, never in clear.";
    expect(etrunk(`security-key simple ${PLAIN}`).notices).toEqual([{ line: 2, text }]);
    expect(etrunk(`security-key cipher ${PLAIN}`).notices).toEqual([]);
  });

  test("that is short is warned of, wherever it stands", () => {
    const text = expect.stringMatching(/less than 12 characters/);
    expect(etrunk("security-key cipher elevenchars").notices).toEqual([{ line: 2, text }]);
    expect(etrunk("security-key cipher twelve-chars").notices).toEqual([]);
    const lines = ["bfd", "bfd a bind peer-ip 2.2.2.2", " authentication-mode met-sha1 key-id 1 cipher"];
    expect(read(`${lines.join("\n")} short`).notices).toContainEqual({ line: 3, text });
  });

  test("that is read twice is the same configuration", () => {
    const text = `e-trunk 1\n security-key cipher ${PLAIN}`;
    expect(read(text).model).toEqual(read(text).model);
  });

  test("that only looks like ciphertext is a key", () => {
    expect(keysOf("e-trunk 1\n security-key cipher %^%#short%^%#")).toMatchObject([
      { origin: "configured", octets: "%^%#short%^%#" },
    ]);
  });
});

describe("a ciphertext", () => {
  test("of another system is printed back unchanged, and its text is the key", () => {
    const text = `e-trunk 1\n security-key cipher ${FOREIGN} `;
    const { model, problems, notices } = read(text);
    expect(problems).toEqual([]);
    expect(notices).toEqual([{ line: 2, text: FOREIGN_TEXT }]);
    expect(printConfiguration(model)).toContain(` security-key cipher ${FOREIGN}\n`);
    expect(keysOf(text)).toEqual([{ id: 0, origin: "foreign", octets: FOREIGN }]);
  });

  test("of ours that this host cannot open is no key", () => {
    const own = "%^%#1:OfAnotherHostThatHadAnotherKeyFile%^%#";
    const text = `e-trunk 1\n security-key cipher ${own}`;
    expect(read(text).notices).toEqual([{ line: 2, text: UNREADABLE_TEXT }]);
    expect(printConfiguration(read(text).model)).toContain(` security-key cipher ${own}\n`);
    expect(keysOf(text)).toEqual([{ id: 0, origin: "unreadable", octets: undefined }]);
  });

  test("in a BFD session without the key leaves the session down rather than open to all", () => {
    const lines = [
      "bfd",
      "bfd a bind peer-ip 2.2.2.2",
      " discriminator local 5",
      " authentication-mode md5 key-id 1 cipher",
    ];
    const own = "%^%#1:OfAnotherHostThatHadAnotherKeyFile%^%#";
    const session = (key: string) =>
      toDesired(read(`${lines.join("\n")} ${key}`).model, { deviceMac: 1 as Mac, bindings: new Map(), cipher })
        .bfdSessions![0]!;
    expect(session(own)).toMatchObject({ localDiscriminator: undefined, authentication: undefined });
    expect(session("abc")).toMatchObject({ localDiscriminator: 5, authentication: { type: "md5", id: 1 } });
    // RFC 5880 6.7.3: 16 octets at most.
    expect(session(FOREIGN).authentication!.octets).toHaveLength(16);
  });
});

describe("the default key", () => {
  test("is used where none is set, and no longer once another signs", () => {
    expect(keysOf("e-trunk 1")).toEqual([{ id: 0, origin: "default", octets: "00E0FC0000000000" }]);
    expect(keysOf(`e-trunk 1\n security-key key-id 5 cipher ${PLAIN}`)).toHaveLength(2);
    const switched = `e-trunk 1\n security-key key-id 5 cipher ${PLAIN}\n security-key send-key-id 5`;
    expect(keysOf(switched)).toEqual([{ id: 5, origin: "configured", octets: PLAIN }]);
  });
});

describe("no message quotes a key", () => {
  test.for([
    ["too many words", `security-key simple ${PLAIN} ${PLAIN}`],
    ["a key of several words", `security-key cipher my ${PLAIN}`],
    ["a forgotten keyword", `security-key ${PLAIN}`],
    ["a key that is too long", `security-key cipher ${PLAIN.repeat(20)}`],
    ["a forgotten keyword behind the ID", `security-key key-id 1 ${PLAIN}`],
    ["a key ID out of range", "security-key key-id 256 cipher x"],
  ])("of a file: %s", ([, line]) => {
    const { problems } = etrunk(line!);
    expect(problems).toHaveLength(1);
    expect(JSON.stringify(problems)).not.toContain(PLAIN);
  });

  test.for([
    ["e-trunk 1", `security-key key-id ${PLAIN}`],
    ["interface Eth-Trunk1", `smart-link flush send vlan 5 auth ${PLAIN}`],
    ["interface eth3", `smart-link flush receive control-vlan 5 ${PLAIN}`],
    ["bfd s1 bind peer-ip 192.0.2.1", `authentication-mode met-sha1 key-id cipher ${PLAIN}`],
  ])("of a file where several words before it are forgotten: %s %s", ([view, line]) => {
    const { problems } = read(view!, ` ${line}`);
    expect(problems.filter((problem) => problem.line === 2)).not.toEqual([]);
    expect(JSON.stringify(problems)).not.toContain(PLAIN);
  });

  test("and a number out of range is quoted all the same", () => {
    const { problems } = read("interface Eth-Trunk1", " smart-link flush send vlan 4095 auth hmac cipher x");
    expect(problems[0]!.text).toMatch(/at '4095' .*INTEGER<1-4094>/);
  });

  test.for(["security-key cipher", "undo security-key cipher"])("of a line indented under it: %s", (line) => {
    const { problems } = read("e-trunk 1", ` ${line} ${PLAIN}`, "   priority 5");
    expect(problems).toEqual([{ line: 3, text: "The line is indented under 'security-key', which opens no view." }]);
  });

  test.for([
    ["of the wrong type", { securityKey: [PLAIN] }],
    ["that is too long", { securityKey: PLAIN.repeat(20) }],
    ["under a wrong ID", { securityKeyKeyId: { 300: PLAIN } }],
    ["among others", { securityKeyKeyId: { 3: PLAIN.repeat(20) } }],
    ["in a list", [{ securityKey: PLAIN }]],
  ] as const)("of a document: a key %s", ([, value]) => {
    const { problems } = read(JSON.stringify({ etrunks: { 1: value } }));
    expect(problems).toHaveLength(1);
    expect(JSON.stringify(problems)).not.toContain(PLAIN);
  });

  test("of a document that is no JSON", () => {
    const { problems } = read(`{"etrunks": {"1": {"securityKey": "${PLAIN}" oops}}}`);
    expect(problems).toHaveLength(1);
    expect(problems[0]!.text).toMatch(/^Not JSON: /);
    expect(JSON.stringify(problems)).not.toContain(PLAIN);
  });

  test("of a typed line", () => {
    const model = { etrunks: { 1: {} } };
    const position: Position = { view: "e-trunk", name: "1" };
    const typed = typeLine(model, position, `security-key cipher ${PLAIN} ${PLAIN}`, { cipher });
    expect(typed.ok ? [] : answerLines(typed)).toEqual([
      `${" ".repeat(34)}^`,
      "Error: Too many parameters found at '^' position.",
    ]);
    expect(typeLine({}, SYSTEM, "e-trunk 1", { cipher })).toMatchObject({ ok: true, warnings: [] });
    expect(typeLine(model, position, `security-key simple ${PLAIN}`, { cipher })).toMatchObject({
      ok: true,
      warnings: ["simple is deprecated: the key is kept as cipher, never in clear."],
    });
  });
});
