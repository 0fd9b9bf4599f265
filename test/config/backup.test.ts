import { describe, expect, test } from "vitest";
import { type Position, SYSTEM } from "../../src/config/feature.js";
import type { Cipher } from "../../src/config/language/secrets.js";
import type { Model } from "../../src/config/model.js";
import { printConfiguration } from "../../src/config/reading/print.js";
import { readConfiguration } from "../../src/config/reading/read.js";
import { toDesired } from "../../src/config/to-desired.js";
import { millis } from "../../src/core/base/time.js";
import { macOf } from "../support/desired.js";
import { typeLine } from "../support/type-line.js";

const CIPHER: Cipher = {
  encipher: (plain) => Buffer.from(plain).toString("hex").padEnd(22, "_"),
  decipher: (content) =>
    content.startsWith("x") ? undefined : Buffer.from(content.replace(/_+$/, ""), "hex").toString(),
};

const read = (text: string) => readConfiguration(text, { cipher: CIPHER });
const problemsOf = (text: string) => read(text).problems.map(({ line, text: problem }) => `${line}: ${problem}`);
const desiredOf = (text: string) => {
  const { model, problems } = read(text);
  expect(problems).toEqual([]);
  return toDesired(model, { deviceMac: macOf("02:00:00:00:00:01"), bindings: new Map(), cipher: CIPHER });
};

/** The documented example: an endpoint, and a device between the endpoints. */
const ENDPOINT = `#
sysname PE1
#
vlan batch 5
#
interface Eth-Trunk1
 portswitch
 port trunk allow-pass vlan 5
 mode manual backup
 smart-link flush send vlan 5
#
interface GigabitEthernet0/1/1
 undo shutdown
 eth-trunk 1
 port-master
#
interface GigabitEthernet0/2/1
 undo shutdown
 eth-trunk 1
#
interface NULL0
#
return
`;
const BETWEEN = `#
sysname PE3
#
vlan batch 5
#
interface GigabitEthernet0/1/1
 portswitch
 undo shutdown
 port trunk allow-pass vlan 5
 smart-link flush enable control-vlan 5
#
interface GigabitEthernet0/2/1
 portswitch
 undo shutdown
 port trunk allow-pass vlan 5
 smart-link flush enable control-vlan 5
#
interface NULL0
#
return
`;

test.for([
  ["the endpoint", ENDPOINT],
  ["the device between", BETWEEN],
] as const)("the documented example is read and printed as it stands: %s", ([, text]) => {
  const { model, problems } = read(text);
  expect(problems).toEqual([]);
  expect(printConfiguration(model)).toBe(text);
});

test("the documented lines are accepted in the order in which they are typed", () => {
  const lines = [
    ["interface eth-trunk 1", "portswitch", "mode manual backup", "trunkport gigabitethernet 0/1/1 0/2/1"],
    ["interface gigabitethernet 0/1/1", "undo shutdown", "port-master"],
    ["interface gigabitethernet 0/2/1", "undo shutdown"],
    ["vlan batch 5"],
    ["interface eth-trunk 1", "port trunk allow-pass vlan 5", "smart-link flush send vlan 5"],
  ];
  let model: Model = {};
  for (const view of lines) {
    let position: Position = SYSTEM;
    for (const line of view) {
      const typed = typeLine(model, position, line, { cipher: CIPHER });
      if (!typed.ok) throw new Error(`${line}: ${JSON.stringify(typed)}`);
      ({ model, position } = typed);
    }
  }
  expect(printConfiguration(model)).toBe(ENDPOINT.replace("sysname PE1\n#\n", ""));
});

const pair = (trunk: readonly string[], one: readonly string[] = [], two: readonly string[] = []) =>
  [
    "vlan batch 5",
    "interface Eth-Trunk1",
    ...["portswitch", "mode manual backup", ...trunk].map((line) => ` ${line}`),
    "interface eth1",
    ...["eth-trunk 1", ...one].map((line) => ` ${line}`),
    "interface eth2",
    ...["eth-trunk 1", ...two].map((line) => ` ${line}`),
  ].join("\n");

describe("refused", () => {
  test.for([
    [
      "a third member",
      `${pair([])}\ninterface eth3\n eth-trunk 1`,
      "10: An Eth-Trunk in manual backup mode has at most two member interfaces.",
    ],
    [
      "Layer 3 mode",
      "interface Eth-Trunk1\n mode manual backup",
      "2: The interface must be in Layer 2 mode. Run portswitch first.",
    ],
    ["a second master", pair([], ["port-master"], ["port-master"]), "10: eth1 is already the master interface."],
    ["a master that is no member", "interface eth1\n port-master", "2: The command needs eth-trunk first."],
    [
      "a master of another mode",
      "interface Eth-Trunk1\ninterface eth1\n eth-trunk 1\n port-master",
      "4: The command needs mode manual backup.",
    ],
    ["preemption without a master", pair(["preempt enable"]), "5: The command needs port-master first."],
    ["preemption in another mode", "interface Eth-Trunk1\n preempt enable", "2: The command needs mode manual backup."],
    [
      "preemption and inactive-port shutdown",
      pair(["preempt enable", "inactive-port shutdown enable"], ["port-master"]),
      "6: inactive-port shutdown enable and preempt enable exclude each other.",
    ],
    [
      "a least number of links",
      pair(["least active-linknumber 2"]),
      "5: The command needs mode manual load-balance or lacp-static.",
    ],
    [
      "a least bandwidth",
      pair(["least active-bandwidth 2"]),
      "5: The command needs mode manual load-balance or lacp-static.",
    ],
    ["a greatest number of links", pair(["max active-linknumber 2"]), "5: The command needs mode lacp-static."],
    ["lacp", pair(["lacp timeout fast"]), "5: The command needs mode lacp-static."],
    ["a weight", pair([], ["distribute-weight 2"]), "7: The command needs mode manual load-balance or lacp-static."],
    ["Flush in a VLAN that is not there", pair(["smart-link flush send vlan 6"]), "5: VLAN 6 does not exist."],
    [
      "Flush of a trunk without another path",
      "interface Eth-Trunk1\n smart-link flush send vlan 1",
      "2: The command needs mode manual backup, or membership in an E-Trunk.",
    ],
    [
      "Flush heeded by a member",
      pair([], ["smart-link flush enable control-vlan 5"]),
      "6: eth1 carries configuration a member cannot have: smart-link flush enable control-vlan 5",
    ],
    [
      "both ways of heeding Flush",
      "interface eth1\n smart-link flush enable control-vlan 5\n smart-link flush receive control-vlan all",
      "3: smart-link flush receive control-vlan and smart-link flush enable control-vlan exclude each other.",
    ],
    [
      "detection without Layer 2 mode",
      "interface eth1\n detect-active-link enable",
      "2: The interface must be in Layer 2 mode. Run portswitch first.",
    ],
  ] as const)("%s", ([, text, problem]) => {
    expect(problemsOf(text)).toEqual([problem]);
  });

  test.for([
    ["preempt enable delay 31", "INTEGER<0-30>"],
    ["preempt enable delay 1 60", "INTEGER<0-59>"],
    ["preempt enable delay 1 1 1000", "INTEGER<0-999>"],
    ["smart-link flush send vlan 0", "INTEGER<1-4094>"],
    ["smart-link flush send vlan 4095", "INTEGER<1-4094>"],
    ["smart-link flush enable control-vlan 4095", "INTEGER<1-4094>"],
    ["smart-link flush receive control-vlan 5 6 7 8 9 10 11 12 13 14 15", "INTEGER<1-4094>"],
    ["smart-link flush receive control-vlan 5 to 4", "INTEGER<1-4094>"],
    [`smart-link flush send vlan 5 auth simple cipher ${"a".repeat(33)}`, "STRING<1-32>"],
    [`smart-link flush send vlan 5 auth hmac cipher ${"a".repeat(5)}`, "STRING<6-64>"],
    [`smart-link flush send vlan 5 auth sha cipher ${"a".repeat(65)}`, "STRING<6-64>"],
    ["smart-link flush receive control-vlan 5 password sha short", "STRING<6-16>"],
    ["smart-link flush receive control-vlan all password sha seventeen", "Too many parameters"],
  ] as const)("%s names the range", ([line, range]) => {
    const [problem] = problemsOf(pair([line]));
    expect(problem).toContain(range);
    expect(problem).not.toContain("aaaaa");
  });
});

test("the mode of a trunk with members, and the VLAN of its Flush, stay while it runs", () => {
  const { model } = read(pair(["smart-link flush send vlan 5"]));
  const trunk = { view: "eth-trunk", name: "Eth-Trunk1" } as const;
  const type = (line: string, position: typeof trunk | typeof SYSTEM = trunk) => {
    const typed = typeLine(model, position, line, { cipher: CIPHER });
    return "refusal" in typed ? typed.refusal : typed.ok;
  };
  expect(type("mode lacp-static")).toBe("Eth-Trunk1 has member interfaces. Remove them before changing the mode.");
  expect(type("undo mode")).toBe("Eth-Trunk1 has member interfaces. Remove them before changing the mode.");
  expect(type("mode manual backup")).toBe(true);
  expect(type("undo vlan 5", SYSTEM)).toBe("VLAN 5 is still used by Eth-Trunk1.");
});

test("VLANs a port does not carry are worth a warning", () => {
  const { notices } = read(
    [
      "vlan batch 5 to 7",
      "interface eth1",
      " portswitch",
      " port trunk allow-pass vlan 5 7",
      " smart-link flush receive control-vlan 1 5 6",
      "interface eth2",
      " smart-link flush enable control-vlan 6",
    ].join("\n"),
  );
  expect(notices.map(({ line, text }) => `${line}: ${text}`)).toEqual([
    "5: eth1 does not carry VLAN 6: no Flush frame of it passes there.",
  ]);
});

test("keys of Flush are held and printed as ciphertext only", () => {
  const text = pair(["smart-link flush send vlan 5 auth hmac cipher secret-1"]);
  const { model } = read(`${text}\ninterface eth3\n smart-link flush receive control-vlan 5 password simple secret-2`);
  const printed = printConfiguration(model) + JSON.stringify(model);
  expect(printed).not.toContain("secret-1");
  expect(printed).not.toContain("secret-2");
  expect(read(printConfiguration(model)).model).toEqual(model);
});

describe("what is desired of", () => {
  test("a 1:1 trunk", () => {
    const { trunks, interfaces } = desiredOf(pair(["preempt enable delay 1 2 3"], [], ["port-master"]));
    expect(trunks[0]).toMatchObject({ mode: "backup", backup: { preemptDelay: millis(62_003), shutsInactive: false } });
    expect(interfaces.map(({ member }) => member?.isMaster)).toEqual([false, true]);
    expect(desiredOf(pair(["inactive-port shutdown enable"])).trunks[0]?.backup).toEqual({
      preemptDelay: undefined,
      shutsInactive: true,
    });
  });

  const flushOf = (...lines: string[]) => desiredOf(pair(lines)).trunks[0]?.flush;

  test("Flush: tagged, for the VLANs the trunk carries", () => {
    expect(flushOf("port trunk allow-pass vlan 5", "smart-link flush send vlan 5")).toEqual({
      controlVlan: 5,
      isTagged: true,
      vlans: [1, 5],
      key: { mode: "none", octets: new Uint8Array(0) },
      alsoAfter: [],
    });
    expect(flushOf("smart-link flush send vlan 5")).toMatchObject({ isTagged: true, vlans: undefined });
  });

  test("Flush in the trunk's own VLAN: untagged", () => {
    expect(flushOf("port default vlan 5", "smart-link flush send vlan 5")).toMatchObject({ isTagged: false });
    expect(flushOf("smart-link flush send vlan 1")).toMatchObject({ isTagged: false });
  });

  test.for([
    ["auth simple cipher pw", "simple", "pw"],
    ["auth sha cipher secret-1", "sha", "secret-1"],
    ["auth hmac cipher secret-1", "hmac", "secret-1"],
  ])("Flush with %s", ([auth, mode, text]) => {
    expect(flushOf(`smart-link flush send vlan 5 ${auth}`)?.key).toEqual({
      mode,
      octets: new TextEncoder().encode(text),
    });
  });

  test("Flush after the loss of other ports: those that share a VLAN and are watched", () => {
    const port = (name: string, ...lines: string[]) => [`interface ${name}`, ...lines.map((line) => ` ${line}`)];
    const watched = ["portswitch", "detect-active-link enable"];
    const text = [
      "vlan batch 5 to 8",
      ...port("Eth-Trunk1", "portswitch", "port link-type trunk", "port trunk pvid vlan 5"),
      ...[" port trunk allow-pass vlan 6", " mode manual backup", " smart-link flush send vlan 6"],
      ...port("eth1", ...watched, "port link-type access", "port default vlan 6"),
      ...port("eth2", ...watched, "port default vlan 7"),
      ...port("eth3", ...watched, "port default vlan 8", "port trunk allow-pass vlan 5"),
      ...port("eth4", "portswitch", "port default vlan 6"),
    ];
    expect(desiredOf(text.join("\n")).trunks[0]?.flush?.alsoAfter).toEqual(["eth1", "eth3"]);
  });

  test("Flush with a key this host cannot open", () => {
    const key = `%^%#1:x${"0".repeat(30)}%^%#`;
    expect(flushOf(`smart-link flush send vlan 5 auth hmac cipher ${key}`)?.key).toEqual({
      mode: "hmac",
      octets: undefined,
    });
  });

  test("interfaces that heed Flush", () => {
    const { flushPorts } = desiredOf(
      [
        "vlan batch 5",
        "interface Eth-Trunk7",
        " smart-link flush receive control-vlan 5 6 password sha secret",
        "interface eth1",
        " portswitch",
        " port default vlan 5",
        " smart-link flush enable control-vlan 5",
        "interface eth2",
        " smart-link flush receive control-vlan all",
      ].join("\n"),
    );
    const none = { mode: "none", octets: new Uint8Array(0) };
    expect(flushPorts).toEqual([
      { interface: "eth1", controlVlans: [5], pvid: 5, key: none },
      { interface: "eth2", controlVlans: undefined, pvid: undefined, key: none },
      {
        interface: "Eth-Trunk7",
        controlVlans: [5, 6],
        pvid: undefined,
        key: { mode: "sha", octets: new TextEncoder().encode("secret") },
      },
    ]);
  });
});
