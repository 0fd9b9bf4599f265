import { describe, expect, test } from "vitest";
import { type ConfigurationView, type Position, SYSTEM } from "../../src/config/action.js";
import { applyLine } from "../../src/config/apply.js";
import type { Model } from "../../src/config/model.js";
import { normalised } from "../../src/config/normalise.js";
import { helpFor } from "../../src/config/operational.js";
import { ORDER, recordAt, VIEWS } from "../../src/config/views.js";

const TRUNK: Position = { view: "eth-trunk", name: "Eth-Trunk1" };
const PORT: Position = { view: "physical", name: "eth1" };
const POSITIONS = { system: SYSTEM, "eth-trunk": TRUNK, physical: PORT };

/** View, the line as printed, a cut-short form of it, the attribute it sets and its value. */
const ROWS: readonly (readonly [
  keyof typeof POSITIONS,
  line: string,
  short: string,
  attribute: string,
  value: unknown,
])[] = [
  ["system", "sysname PE-1", "sys PE-1", "sysname", "PE-1"],
  ["system", "lacp priority 0", "la priority 0", "lacpPriority", 0],
  ["system", "lacp system-priority 65535", "la s 65535", "lacpSystemPriority", 65535],
  [
    "system",
    "lacp priority-command-mode system-priority",
    "la priority- s",
    "lacpPriorityCommandMode",
    "system-priority",
  ],
  ["eth-trunk", "shutdown", "SH", "shutdown", true],
  ["eth-trunk", "description to  CE # 1?", "desc to  CE # 1?", "description", "to  CE # 1?"],
  ["eth-trunk", "mode lacp-static", "mo l", "mode", "lacp-static"],
  ["eth-trunk", "least active-linknumber 64", "le active-l 064", "leastActiveLinknumber", 64],
  ["eth-trunk", "least active-bandwidth 4294967295", "le active-b 4294967295", "leastActiveBandwidth", 4294967295],
  ["eth-trunk", "max active-linknumber 1", "ma a 1", "maxActiveLinknumber", 1],
  ["eth-trunk", "max bandwidth-affected-linknumber 2", "ma b 2", "maxBandwidthAffectedLinknumber", 2],
  ["eth-trunk", "load-balance src-dst-ip", "lo src-dst-i", "loadBalance", "src-dst-ip"],
  ["eth-trunk", "load-balance src-dst-mac", "lo src-dst-m", "loadBalance", "src-dst-mac"],
  ["eth-trunk", "load-balance packet-all", "lo p", "loadBalance", "packet-all"],
  ["eth-trunk", "load-balance symmetric-hash", "lo sy", "loadBalance", "symmetric-hash"],
  ["eth-trunk", "load-balance symmetric-hash complement", "lo sy c", "loadBalance", "symmetric-hash complement"],
  ["eth-trunk", "lacp timeout fast", "la ti f", "lacpTimeout", "fast"],
  ["eth-trunk", "lacp timeout fast user-defined 3", "la ti f u 3", "lacpTimeout", 3],
  ["eth-trunk", "lacp timeout fast user-defined 90", "la ti f u 90", "lacpTimeout", 90],
  ["eth-trunk", "lacp preempt enable", "la pre e", "lacpPreemptEnable", true],
  ["eth-trunk", "lacp preempt delay 180", "la pre d 180", "lacpPreemptDelay", 180],
  ["eth-trunk", "lacp selected speed", "lacp select s", "lacpSelected", "speed"],
  ["eth-trunk", "lacp system-id 00e0-fc12-3456", "la sy e0-FC12-3456", "lacpSystemId", "00:e0:fc:12:34:56"],
  ["eth-trunk", "lacp priority 0", "la pri 0", "lacpPriority", 0],
  ["eth-trunk", "lacp portkey 65535", "la portk 65535", "lacpPortkey", 65535],
  ["eth-trunk", "lacp collector delay 65535", "la c d 65535", "lacpCollectorDelay", 65535],
  ["eth-trunk", "lacp mixed-rate link enable", "la m l e", "lacpMixedRateLinkEnable", true],
  ["eth-trunk", "lacp port-id-extension enable", "la port-i e", "lacpPortIdExtensionEnable", true],
  ["eth-trunk", "lacp independent-control enable", "la i e", "lacpIndependentControlEnable", true],
  ["eth-trunk", "lacp unique-port-number enable", "la u e", "lacpUniquePortNumberEnable", true],
  ["eth-trunk", "lacp trunk-down-delay enable", "la tru e", "lacpTrunkDownDelayEnable", true],
  ["eth-trunk", "lacp backup-mode enable", "la b e", "lacpBackupModeEnable", true],
  ["eth-trunk", "lacp port-role", "la port-r", "lacpPortRole", ""],
  ["eth-trunk", "lacp track vrrp vrid 1", "la tra v vrid 1", "lacpTrackVrrp", "vrid 1"],
  ["eth-trunk", "lacp vrrp priority 5", "la v p 5", "lacpVrrpPriority", "5"],
  ["physical", "linux-interface eth0.5", "li eth0.5", "linuxInterface", "eth0.5"],
  ["physical", "speed 400000", "sp 400000", "speed", 400000],
  ["physical", "shutdown", "sh", "shutdown", true],
  ["physical", "description x", "de x", "description", "x"],
  ["physical", "eth-trunk 65535", "et 65535", "ethTrunk", { id: 65535 }],
  ["physical", "eth-trunk 0 mode passive", "et 0 m p", "ethTrunk", { id: 0, mode: "passive" }],
  ["physical", "distribute-weight 64", "di 64", "distributeWeight", 64],
  ["physical", "lacp priority 1", "la p 1", "lacpPriority", 1],
  ["physical", "lacp force-up", "la f", "lacpForceUp", true],
];

const emptyModel = (): Model => ({ interfaces: { "Eth-Trunk1": {}, eth1: {} } });

/** The object of the view after the lines; the first that fails instead. */
function recordAfter(view: keyof typeof POSITIONS, ...lines: string[]): unknown {
  const model = emptyModel();
  for (const line of lines) {
    const applied = applyLine(model, POSITIONS[view], line, "file");
    if (!applied.ok) return `${line}: ${"error" in applied ? applied.error.kind : applied.refusal}`;
  }
  const record = recordAt(normalised(model), POSITIONS[view]);
  return Object.fromEntries(Object.entries(record).filter(([attribute]) => attribute !== "interfaces"));
}

describe.for(ROWS)("%s: %s", ([view, line, short, attribute, value]) => {
  const setting = VIEWS[view].settings[attribute]!;

  test("sets its attribute and is printed as it was read", () => {
    expect(recordAfter(view, line)).toEqual({ [attribute]: value });
    expect(setting.print(value)).toEqual([line]);
  });

  test("is understood cut short and in any case", () => {
    expect(recordAfter(view, short)).toEqual({ [attribute]: value });
    const command = line.slice(0, setting.command.length);
    expect(recordAfter(view, command.toUpperCase() + line.slice(command.length))).toEqual({ [attribute]: value });
  });

  test("is undone with and without the rest of the line", () => {
    expect(recordAfter(view, line, `undo ${setting.command}`)).toEqual({});
    expect(recordAfter(view, line, `undo ${line}`)).toEqual({});
    expect(recordAfter(view, `undo ${setting.command}`)).toEqual({});
  });

  test("fits the schema", () => {
    expect(setting.schema.parse(value)).toEqual(value);
  });
});

const SETTINGS = (["system", "eth-trunk", "physical"] as const).flatMap((view) =>
  Object.entries(VIEWS[view].settings).map(([attribute, setting]) => ({ view, attribute, setting })),
);

test("every setting has a row above", () => {
  const rows = new Set(ROWS.map(([view, , , attribute]) => `${view} ${attribute}`));
  expect(SETTINGS.filter(({ view, attribute }) => !rows.has(`${view} ${attribute}`))).toEqual([]);
});

test.for(SETTINGS)("$view: the attribute $attribute is named after its command", ({ attribute, setting }) => {
  const camelCase = setting.command.replace(/[ -]+(.)/g, (_, letter: string) => letter.toUpperCase());
  expect(attribute === camelCase || attribute === `${camelCase}Enable`).toBe(true);
});

test.for(SETTINGS)("$view: a default of $attribute is one of its values", ({ setting }) => {
  if (setting.default !== undefined) expect(setting.schema.safeParse(setting.default).success).toBe(true);
});

test.for(SETTINGS)("$view: what $attribute demands are commands of the same view", ({ view, setting }) => {
  const { settings } = VIEWS[view];
  expect(setting.excludes.filter((other) => !(other in settings))).toEqual([]);
  if (setting.needs) {
    expect(settings).toHaveProperty(setting.needs.attribute);
    const { attribute, value, command } = setting.needs;
    expect(settings[attribute]!.print(value)).toEqual([command]);
  }
  if (setting.onlyInMode) expect(settings.mode!.schema.safeParse(setting.onlyInMode).success).toBe(true);
});

test("every attribute of system view has its place in the printed order", () => {
  const placed = ORDER.flatMap((part) => ("attribute" in part ? [] : part));
  expect([...placed].sort()).toEqual(Object.keys(VIEWS.system.settings).sort());
});

/** Numbers out of range, one below and one above, each with the range the refusal names. */
test.for([
  ["system", "lacp priority", -1, 65536],
  ["system", "lacp system-priority", -1, 65536],
  ["eth-trunk", "least active-linknumber", 0, 65],
  ["eth-trunk", "least active-bandwidth", 0, 4294967296],
  ["eth-trunk", "max active-linknumber", 0, 65],
  ["eth-trunk", "max bandwidth-affected-linknumber", 0, 65],
  ["eth-trunk", "lacp timeout fast user-defined", 2, 91],
  ["eth-trunk", "lacp preempt delay", -1, 181],
  ["eth-trunk", "lacp priority", -1, 65536],
  ["eth-trunk", "lacp portkey", 0, 65536],
  ["eth-trunk", "lacp collector delay", -1, 65536],
  ["physical", "speed", 9, 400001],
  ["physical", "eth-trunk", -1, 65536],
  ["physical", "distribute-weight", 0, 65],
  ["physical", "lacp priority", -1, 65536],
] as const)("%s: %s takes what lies between %i and %i", ([view, command, below, above]) => {
  for (const value of [below, above]) {
    const applied = applyLine(emptyModel(), POSITIONS[view], `${command} ${value}`, "file");
    expect(applied).toMatchObject({
      ok: false,
      error: { kind: "wrong", column: command.length + 1, expected: [`INTEGER<${below + 1}-${above - 1}>`] },
    });
  }
  for (const value of [below + 1, above - 1])
    expect(applyLine(emptyModel(), POSITIONS[view], `${command} ${value}`, "file")).toMatchObject({ ok: true });
});

test.for([
  ["system", "sysname", "a\\b"],
  ["system", "sysname", '"a b"'],
  ["system", "sysname", "x".repeat(247)],
  ["eth-trunk", "description", "x".repeat(243)],
  ["eth-trunk", "description", "a\u0007b"],
  ["eth-trunk", "lacp system-id", "12345-1-1"],
  ["eth-trunk", "lacp system-id", "1-1"],
  ["physical", "linux-interface", "sixteen-letters-"],
  ["physical", "linux-interface", "a/b"],
  ["physical", "linux-interface", "__proto__"],
] as const)("%s: %s does not take %s", ([view, command, value]) => {
  expect(applyLine(emptyModel(), POSITIONS[view], `${command} ${value}`, "file")).toMatchObject({
    ok: false,
    error: { kind: "wrong", column: command.length + 1 },
  });
});

describe("help comes from the same rows", () => {
  /** Every text of help that leads through the first words of each row. */
  const linesOfHelp = (view: ConfigurationView): [typed: string, line: string][] => {
    const pending = [""];
    const found: [string, string][] = [];
    for (let typed = pending.pop(); typed !== undefined; typed = pending.pop())
      for (const line of helpFor(typed, view)) {
        if (line === "Current view commands:" || line === "  <cr>") continue;
        found.push([typed, line]);
        const keyword = /^ {2}([a-z0-9-]+)(?: {2}|$)/.exec(line)?.[1];
        if (keyword) pending.push(`${typed}${keyword} `);
      }
    return found;
  };

  test.for(["system", "eth-trunk", "physical", "null"] as const)("%s: every word has a text", (view) => {
    const lines = linesOfHelp(view);
    expect(lines.length).toBeGreaterThan(15);
    expect(lines.filter(([, line]) => !/^ {2}\S.*? {2,}\S/.test(line))).toEqual([]);
  });

  test("a number is shown with its range, its unit and its default", () => {
    expect(helpFor("lacp preempt delay ", "eth-trunk")).toEqual([
      "  INTEGER<0-180>  Delay before a better port replaces a worse one, in seconds, the default value is 30",
    ]);
    expect(helpFor("lacp collector delay ", "eth-trunk")).toEqual([
      "  INTEGER<0-65535>  CollectorMaxDelay, in units of 10 us, the default value is 0",
    ]);
  });

  test("a view lists its commands, those of any view, and undo", () => {
    expect(helpFor("", "physical").map((line) => line.trim().split(" ")[0])).toEqual([
      "Current",
      "description",
      "display",
      "distribute-weight",
      "eth-trunk",
      "lacp",
      "linux-interface",
      "shutdown",
      "speed",
      "undo",
    ]);
  });

  test("what may follow a complete command ends with <cr>", () => {
    expect(helpFor("lacp timeout fast ", "eth-trunk")).toEqual(["  user-defined  Another time than 3 s", "  <cr>"]);
    expect(helpFor("eth-trunk 1 mode ", "physical")).toEqual([
      "  active   Sends LACPDUs",
      "  passive  Sends LACPDUs only while the partner does",
    ]);
  });
});
