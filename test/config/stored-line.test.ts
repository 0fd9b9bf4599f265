import { expect, test } from "vitest";
import { PRODUCT } from "../../src/config/features.js";
import type { Node } from "../../src/config/language/pattern.js";
import { BEFORE_KEYS, withoutKeys } from "../../src/config/language/stored-line.js";
import { typeLine } from "../support/type-line.js";

/** What stands before each key of a pattern: its keyword, or what else. */
function beforeKeys(node: Node, before: string): string[] {
  switch (node.kind) {
    case "keyword":
      return [];
    case "parameter":
      return node.parameter.type.isSecret ? [before] : [];
    case "sequence":
      return node.nodes.flatMap((each, at) => {
        const last = node.nodes[at - 1];
        return beforeKeys(each, at === 0 ? before : last?.kind === "keyword" ? last.word : "no keyword");
      });
    case "optional":
      return beforeKeys(node.node, before);
    default:
      return node.alternatives.flatMap((each) => beforeKeys(each, before));
  }
}

test("every key stands right behind a keyword by which a line that is no command is searched for keys", () => {
  const patterns = [...PRODUCT.views.values()].flatMap(({ rows }) => rows.rows.map(({ pattern }) => pattern));
  const found = patterns.flatMap((pattern) => beforeKeys(pattern, "no keyword"));
  expect(found.length).toBeGreaterThan(5);
  expect(found.filter((keyword) => !BEFORE_KEYS.includes(keyword))).toEqual([]);
});

test.for([
  ["security-kye cipher secret word", "security-kye cipher ***"],
  ["security-kye ci secret", "security-kye ci ***"],
  ["x\tSIMPLE  secret", "x\tSIMPLE  ***"],
  ["cipher cipher secret", "cipher ***"],
  ["display interface brief", "display interface brief"],
  ["security-key cipher", "security-key cipher"],
] as const)("%s is remembered as %s", ([typed, remembered]) => {
  expect(withoutKeys(typed)).toBe(remembered);
});

const interfaceAt = { view: "physical", name: "eth1" };
const session = { view: "bfd-session", name: "one" };

test.for([
  [{ view: "e-trunk", name: "1" }, "sec simple YsHsjx_202206", "security-key cipher %"],
  [{ view: "e-trunk", name: "1" }, "security-key key-id 7 ci YsHsjx_202206", "security-key key-id 7 cipher %"],
  [
    interfaceAt,
    "smart-link flush rec con 5 pass simple abcdef",
    "smart-link flush receive control-vlan 5 password simple %",
  ],
  [session, "auth simple key-id 5 cipher abcdef", "authentication-mode simple key-id 5 cipher %"],
  [interfaceAt, "DESC  two  words", "description two  words"],
] as const)("%o %s is stored so that it can be typed again", ([position, line, beginning]) => {
  const model = {
    vlanBatch: [5],
    interfaces: { eth1: { portswitch: true } },
    etrunks: { 1: {} },
    bfd: {},
    bfdSessions: { one: { bind: { peer: "10.0.0.2" } } },
  } as never;
  const typed = typeLine(model, position, line);
  if (!typed.ok) throw new Error(JSON.stringify(typed));
  expect(typed.stored.startsWith(beginning)).toBe(true);
  expect(typed.stored).not.toMatch(/YsHsjx|abcdef/);
  expect(typeLine(model, position, typed.stored)).toMatchObject({ ok: true, model: typed.model });
});

test("a name of the host can be found in a prompt", () => {
  const system = { view: "system", name: "" };
  for (const name of ["a<b", "a>b"])
    expect(typeLine({}, system, `sysname ${name}`)).toMatchObject({ error: { kind: "wrong", column: 8 } });
  expect(typeLine({}, system, `sysname ${"x".repeat(48)}`)).toMatchObject({ ok: true, warnings: [] });
  expect(typeLine({}, system, `sysname ${"x".repeat(49)}`)).toMatchObject({
    warnings: [expect.stringContaining("48")],
  });
});
