import { describe, expect, test } from "vitest";
import { type Position, SYSTEM } from "../../src/config/feature.js";
import type { Model } from "../../src/config/model.js";
import { printConfiguration } from "../../src/config/reading/print.js";
import { readConfiguration } from "../../src/config/reading/read.js";
import { answerLines, typeLine } from "../../src/config/reading/type-line.js";

const lines = (text: string) => text.split("; ").flatMap((each) => each.split("\n"));
const KEY = "%^%#VQE;E!Dl&Rr]if$F>}w9uk5C>y-4|MS$unQ!#Mb#%^%#";

/** Types lines one after another, as a script does; the model, or the answer to the first that is refused. */
function typed(script: readonly string[], model: Model = {}): { model: Model; refused?: string; warnings: string[] } {
  let position: Position = SYSTEM;
  const warnings: string[] = [];
  for (const line of script) {
    if (line === "quit") {
      position = SYSTEM;
      continue;
    }
    const outcome = typeLine(model, position, line);
    if (!outcome.ok) return { model, refused: `${line}: ${answerLines(outcome).at(-1)}`, warnings };
    ({ model, position } = outcome);
    warnings.push(...outcome.warnings);
  }
  return { model, warnings };
}

/** The lines of the guides in their order, and the configuration they make. */
test.for([
  [
    "two PEs in an E-Trunk with BFD",
    `interface eth-trunk 10; mode lacp-static; quit; interface gigabitethernet 0/2/1; undo shutdown; eth-trunk 10; quit; \
e-trunk 1; quit; interface eth-trunk 10; e-trunk 1; quit; e-trunk 1; peer-address 2.2.2.9 source-address 1.1.1.9; \
security-key cipher ${KEY}; quit; bfd; quit; bfd hello bind peer-ip 2.2.2.9 source-ip 1.1.1.9; discriminator local 1; \
discriminator remote 2; quit; e-trunk 1; e-trunk track bfd-session session-name hello; quit; lacp e-trunk priority 1; \
lacp e-trunk system-id 00e0-fc12-3458; e-trunk 1; priority 10; timer hello 9; timer hold-on-failure multiplier 30; \
description PE1_to_PE2`.replaceAll(`${KEY};`, "KEY;"),
    `#
bfd
#
e-trunk 1
 priority 10
 peer-address 2.2.2.9 source-address 1.1.1.9
 timer hello 9
 timer hold-on-failure multiplier 30
 e-trunk track bfd-session session-name hello
 description PE1_to_PE2
 security-key cipher ${KEY}
#
lacp e-trunk system-id 00e0-fc12-3458
lacp e-trunk priority 1
#
interface Eth-Trunk10
 mode lacp-static
 e-trunk 1
#
interface GigabitEthernet0/2/1
 undo shutdown
 eth-trunk 10
#
interface NULL0
#
bfd hello bind peer-ip 2.2.2.9 source-ip 1.1.1.9
 discriminator local 1
 discriminator remote 2
#
return
`,
  ],
  [
    "both PEs active",
    `interface eth-trunk 1; mode lacp-static; quit; interface gigabitethernet 0/1/0; eth-trunk 1; quit; \
e-trunk 1; peer-ipv6 2001:DB8::2 source-ipv6 2001:DB8::1; quit; interface eth-trunk 1; e-trunk 1; \
e-trunk mode force-master`,
    `#
e-trunk 1
 peer-ipv6 2001:DB8::2 source-ipv6 2001:DB8::1
#
interface Eth-Trunk1
 mode lacp-static
 e-trunk 1
 e-trunk mode force-master
#
interface GigabitEthernet0/1/0
 undo shutdown
 eth-trunk 1
#
interface NULL0
#
return
`,
  ],
  [
    "sessions that are typed in BFD view, one without discriminators",
    `interface eth-trunk 1; mode lacp-static; quit; e-trunk 1; quit; interface eth-trunk 1; e-trunk 1; quit; \
e-trunk 1; peer-address 2.2.2.2 source-address 1.1.1.1; quit; bfd; bfd bfd2 bind peer-ip 2.2.2.2; \
discriminator local 60; discriminator remote 80; quit; \
bfd bfd1 bind peer-ip default-ip interface Eth-Trunk 1 source-ip 1.1.1.1; quit; e-trunk 1; \
e-trunk track bfd-session session-name bfd2`,
    `#
bfd
#
e-trunk 1
 peer-address 2.2.2.2 source-address 1.1.1.1
 e-trunk track bfd-session session-name bfd2
#
interface Eth-Trunk1
 mode lacp-static
 e-trunk 1
#
interface NULL0
#
bfd bfd1 bind peer-ip default-ip interface Eth-Trunk1 source-ip 1.1.1.1
#
bfd bfd2 bind peer-ip 2.2.2.2
 discriminator local 60
 discriminator remote 80
#
return
`,
  ],
] as const)("%s: the documented lines are accepted in their order and make the documented text", ([, script, text]) => {
  const { model, refused } = typed(lines(script).map((line) => line.replace("cipher KEY", `cipher ${KEY}`)));
  expect(refused).toBeUndefined();
  expect(printConfiguration(model)).toBe(text);
  expect(readConfiguration(text)).toMatchObject({ model, problems: [] });
});

test("a session without discriminators is accepted and told", () => {
  const { warnings } = typed(lines("bfd; bfd bfd1 bind peer-ip default-ip interface Eth-Trunk 1"));
  expect(warnings).toEqual(["BFD session bfd1 has no discriminators and stays down."]);
});

/** Everything of E-Trunks and BFD, as it is printed. */
const EVERYTHING = `#
bfd
 default-ip-address 224.0.0.185
 delay-up 60
 tos-exp 6
#
whitelist session-car e-trunk-ipv4 cir 256 cbs 51200
whitelist session-car e-trunk-ipv4 disable
whitelist session-car e-trunk-ipv6 pir 3000
whitelist session-car e-trunk-ipv6 disable
#
e-trunk port 2000
e-trunk ipv6 port 2001
#
e-trunk 2
 priority 20
 priority-order higher-first
 peer-ipv6 2001:DB8:33::33 source-ipv6 2001:DB8:11::11 vpn-instance vpn1
 timer hello 5
 timer hold-on-failure multiplier 3
 timer revert delay 0
 revert disable
 e-trunk select bandwidth
 e-trunk bfd enable track interface Eth-Trunk1
 e-trunk bfd min-tx-interval 20 min-rx-interval 30 detect-multiplier 4
 sequence enable
 description to PE2
 security-key cipher ${KEY}
 security-key key-id 1 cipher ${KEY}
 security-key key-id 255 cipher ${KEY}
 security-key send-key-id 255
 authentication-mode hmac-sha256
#
e-trunk 10
 peer-address 2.2.2.2 source-address 1.1.1.1 vpn-instance vpn1
 e-trunk track bfd-session session-name All
#
lacp priority 100
lacp e-trunk system-id 00e0-fc12-3455
lacp e-trunk priority 1
#
interface Eth-Trunk1
 mode lacp-static
 lacp e-trunk system-id 00e0-fc12-3456
 lacp e-trunk priority 2
 e-trunk 2 remote-eth-trunk 7
 e-trunk mode force-backup
 standby-signalling none
#
interface NULL0
#
bfd All bind peer-ip 2.2.2.2 vpn-instance vpn1 source-ip 1.1.1.1 track-interface interface GigabitEthernet0/1/1
 discriminator local 1
 discriminator remote 2
 authentication-mode met-sha1 key-id 1 cipher ${KEY} nego-packet timeout-interval 5
 description first
 detect-multiplier 5
 min-rx-interval 100
 min-tx-interval 200
 process-interface-status sub-if
 process-pst
 shutdown
 tos-exp 0
 wtr 1
#
bfd six bind peer-ipv6 FE80::2 interface GigabitEthernet0/1/1 source-ipv6 FE80::1
 discriminator local 3
#
return
`;

test("everything is printed in the documented order and read again", () => {
  const { model, problems, notices } = readConfiguration(EVERYTHING);
  expect(problems).toEqual([]);
  expect(printConfiguration(model)).toBe(EVERYTHING);
  expect(readConfiguration(JSON.stringify(model)).model).toEqual(model);
  expect(notices.filter(({ text }) => text.startsWith("Kept"))).toHaveLength(3);
});

const trunk = (id: number, ...more: string[]) => [`interface Eth-Trunk${id}`, ...more.map((line) => ` ${line}`)];
const etrunk = (id: number, ...more: string[]) => [`e-trunk ${id}`, ...more.map((line) => ` ${line}`)];
const session = (name: string, bind: string, ...more: string[]) => [
  `bfd ${name} bind ${bind}`,
  ...more.map((line) => ` ${line}`),
];

describe("refused is", () => {
  test.for<[what: string, text: readonly string[], problems: readonly string[]]>([
    ["a member of an E-Trunk that is not there", trunk(1, "e-trunk 7"), ["2: E-Trunk 7 does not exist."]],
    [
      "a member of two E-Trunks",
      [...etrunk(1), ...etrunk(2), ...trunk(1, "e-trunk 1", "e-trunk 2")],
      ["5: e-trunk 2 and e-trunk 1 exclude each other."],
    ],
    ["a mode outside an E-Trunk", trunk(1, "e-trunk mode force-master"), ["2: The command needs e-trunk first."]],
    [
      "a 65th member",
      [...etrunk(1), ...Array.from({ length: 65 }, (_, id) => trunk(id, "e-trunk 1")).flat()],
      ["131: 64 of member interfaces of E-Trunk 1 is the maximum."],
    ],
    [
      "an LACP identity in a manual mode",
      trunk(1, "lacp e-trunk priority 1", "lacp e-trunk system-id 2-3-4"),
      ["2: The command needs mode lacp-static.", "3: The command needs mode lacp-static."],
    ],
    [
      "a system ID that is none",
      ["lacp e-trunk system-id 0-0-0", ...trunk(1, "mode lacp-static", "lacp e-trunk system-id 0100-0-0")],
      [
        "1: The system ID must be a unicast MAC address other than all zeros.",
        "4: The system ID must be a unicast MAC address other than all zeros.",
      ],
    ],
    [
      "an E-Trunk with itself",
      etrunk(1, "peer-address 1.1.1.1 source-address 1.1.1.1"),
      ["2: The peer address and the source address must differ."],
    ],
    [
      "an E-Trunk over both versions",
      etrunk(1, "peer-address 1.1.1.1 source-address 2.2.2.2", "peer-ipv6 2001:db8::1 source-ipv6 2001:db8::2"),
      ["3: An E-Trunk uses IPv4 or IPv6, not both. Run undo peer-address first."],
    ],
    [
      "a tracked session that is not there",
      etrunk(1, "e-trunk track bfd-session session-name x"),
      ["2: BFD session x does not exist."],
    ],
    [
      "a tracked session without an address",
      [
        ...etrunk(1, "e-trunk track bfd-session session-name X"),
        "bfd",
        ...session("x", "peer-ip default-ip interface eth1"),
      ],
      ["2: BFD session X is not a BFD for IP session."],
    ],
    [
      "a tracked session beside a dynamic one",
      [
        "bfd",
        ...session("x", "peer-ip 2.2.2.2"),
        ...etrunk(1, "e-trunk track bfd-session session-name x", "e-trunk bfd enable"),
      ],
      ["4: e-trunk track bfd-session session-name and e-trunk bfd enable exclude each other."],
    ],
    ["a dynamic session without BFD", etrunk(1, "e-trunk bfd enable"), ["2: The command needs bfd first."]],
    [
      "parameters of no dynamic session",
      ["bfd", ...etrunk(1, "e-trunk bfd min-tx-interval 20")],
      ["3: The command needs e-trunk bfd enable first."],
    ],
    [
      "a sender's key that is not there",
      etrunk(1, "security-key send-key-id 3"),
      ["2: The command needs security-key key-id 3 first."],
    ],
    [
      "peak below committed",
      ["whitelist session-car e-trunk-ipv4 cir 2000", "whitelist session-car e-trunk-ipv6 pbs 25599"],
      [
        "1: The pir 1500 must be greater than or equal to the cir 2000.",
        "2: The pbs 25599 must be greater than or equal to the cbs 25600.",
      ],
    ],
    [
      "BFD's port for hellos",
      ["e-trunk port 3784", "e-trunk ipv6 port 4784"],
      ["1: UDP port 3784 is BFD's.", "2: UDP port 4784 is BFD's."],
    ],
    [
      "a session with the name of one that an E-Trunk makes",
      ["bfd", ...etrunk(1, "e-trunk bfd enable"), ...session("DYN_ETRUNK_1", "peer-ip 2.2.2.2")],
      ["4: E-Trunk 1 calls its own BFD session DYN_ETRUNK_1."],
    ],
    ["a session without BFD", session("x", "peer-ip 2.2.2.2"), ["1: The command needs bfd first."]],
    [
      "a discriminator of two sessions",
      [
        "bfd",
        ...session("a", "peer-ip 2.2.2.2", "discriminator local 5"),
        ...session("b", "peer-ip 2.2.2.2", "discriminator local 5"),
      ],
      ["5: Discriminator 5 is used by BFD session a."],
    ],
    [
      "another discriminator",
      ["bfd", ...session("a", "peer-ip 2.2.2.2", "discriminator local 5", "discriminator local 6")],
      ["4: A discriminator cannot be changed. Undo the session first."],
    ],
    [
      "a session of another binding, whatever the case of its name",
      ["bfd", ...session("a", "peer-ip 2.2.2.2"), ...session("A", "peer-ip 2.2.2.3")],
      ["3: BFD session a already exists: bind peer-ip 2.2.2.2."],
    ],
    ["a session that is not there", ["bfd x"], ["1: BFD session x does not exist."]],
    [
      "two interfaces of one session",
      ["bfd", ...session("a", "peer-ip 2.2.2.2 interface eth1 track-interface interface eth2")],
      ["2: interface and track-interface exclude each other."],
    ],
    [
      "two sessions by the default address on one interface",
      [
        "bfd",
        ...session("a", "peer-ip default-ip interface eth1"),
        ...session("b", "peer-ip default-ip interface eth1 source-ip 1.1.1.1"),
      ],
      ["3: BFD session b and BFD session a exclude each other."],
    ],
    [
      "a link-local address without a link",
      ["bfd", ...session("a", "peer-ipv6 fe80::1")],
      ["2: The command needs interface first."],
    ],
    [
      "a peer that is this device",
      ["bfd", ...session("a", "peer-ip 2.2.2.2 source-ip 2.2.2.2")],
      ["2: The peer address and the source address must differ."],
    ],
    [
      "undoing what is not there",
      ["undo e-trunk 1", "undo bfd x"],
      ["1: E-Trunk 1 does not exist.", "2: BFD session x does not exist."],
    ],
  ])("%s", ([, text, problems]) => {
    const read = readConfiguration(text.join("\n"));
    expect(read.problems.map(({ line, text }) => `${line}: ${text}`)).toEqual(problems);
  });

  test.for([
    [
      "another mode of a member",
      "interface eth-trunk 1; mode manual load-balance",
      "Eth-Trunk1 belongs to E-Trunk 1. Remove it before changing the mode.",
    ],
    ["a tracked session's end", "undo bfd hello", "BFD session hello is still used by E-Trunk 1."],
    ["the end of all sessions while one is tracked", "undo bfd", "BFD session hello is still used by E-Trunk 1."],
    [
      "another group under a session that uses it",
      "bfd; default-ip-address 224.0.0.185",
      "The default IP address is still used by BFD session all.",
    ],
  ])("to a person: %s", ([, script, refusal]) => {
    const { model } = typed(
      lines(
        "bfd; bfd hello bind peer-ip 2.2.2.2; discriminator local 1; bfd all bind peer-ip default-ip interface eth1; \
discriminator local 2; e-trunk 1; e-trunk track bfd-session session-name HELLO; interface eth-trunk 1; \
mode lacp-static; e-trunk 1",
      ),
    );
    expect(typed(lines(script!), model).refused).toContain(`Error: ${refusal}`);
    // A repeat changes nothing, so nothing is refused.
    expect(
      typed(["interface eth-trunk 1", "mode lacp-static", "bfd", "default-ip-address 224.0.0.184"], model),
    ).toEqual({
      model,
      warnings: [],
    });
  });
});

describe("a line", () => {
  const pair = () =>
    typed(lines("e-trunk 1; interface eth-trunk 1; mode lacp-static; e-trunk 1; e-trunk mode force-master")).model;

  test("that removes an E-Trunk removes its members from it", () => {
    expect(typed(["undo e-trunk 1"], pair()).model).toEqual({ interfaces: { "Eth-Trunk1": { mode: "lacp-static" } } });
  });

  test("that leaves an E-Trunk takes the working mode along", () => {
    const { model } = typed(["interface eth-trunk 1", "undo e-trunk"], pair());
    expect(model.interfaces).toEqual({ "Eth-Trunk1": { mode: "lacp-static" } });
  });

  test("that ends a dynamic session takes its parameters along", () => {
    const { model } = typed(
      lines("bfd; e-trunk 1; e-trunk bfd enable; e-trunk bfd detect-multiplier 5; undo e-trunk bfd enable"),
    );
    expect(model).toEqual({ bfd: {}, etrunks: { 1: {} } });
  });

  test("with one parameter leaves the others, and undo of one too", () => {
    const { model } = typed(
      lines(
        "whitelist session-car e-trunk-ipv4 cir 256; whitelist session-car e-trunk-ipv4 cbs 30000; undo whitelist session-car e-trunk-ipv4 cir",
      ),
    );
    expect(model).toEqual({ whitelistSessionCarETrunkIpv4: { cbs: 30_000 } });
  });

  test("that adds or removes one key leaves the others", () => {
    const { model } = typed(
      lines(
        "e-trunk 1; security-key key-id 1 cipher a; security-key key-id 2 cipher b; security-key cipher c; undo security-key key-id 1",
      ),
    );
    expect(Object.keys(model.etrunks![1]!.securityKeyKeyId!)).toEqual(["2"]);
    expect(model.etrunks![1]!.securityKey).toBeDefined();
  });

  test("that disables BFD removes its sessions", () => {
    expect(typed(lines("bfd; bfd x bind peer-ip 2.2.2.2; undo bfd")).refused).toMatch(/Unrecognized/);
    expect(typed(lines("bfd; bfd x bind peer-ip 2.2.2.2; quit; undo bfd")).model).toEqual({});
  });

  test("of system view is understood in a view below, but not undo and not what is ambiguous", () => {
    expect(typed(lines("interface eth-trunk 1; sysname PE1; e-trunk 1")).model).toEqual({
      sysname: "PE1",
      interfaces: { "Eth-Trunk1": {} },
      etrunks: { 1: {} },
    });
    expect(typed(lines("e-trunk 1; undo sysname")).refused).toMatch(/Unrecognized/);
    expect(typed(lines("e-trunk 1; p 5")).refused).toMatch(/Ambiguous/);
  });

  test("of a file belongs where it is indented, but sessions under bfd are read as the guides type them", () => {
    expect(readConfiguration("interface Eth-Trunk1\n sysname x").problems).toHaveLength(1);
    expect(readConfiguration("bfd\n bfd x bind peer-ip 2.2.2.2\n  discriminator local 1")).toMatchObject({
      problems: [],
      model: { bfd: {}, bfdSessions: { x: { bind: { peer: "2.2.2.2" }, discriminatorLocal: 1 } } },
    });
  });
});

describe("told, and accepted, is", () => {
  test.for<[what: string, text: readonly string[], notices: readonly string[]]>([
    [
      "a port that systems give away",
      ["e-trunk port 49152"],
      ["1: Ports from 49152 on are given to programs by the system; 49152 may be in use one day."],
    ],
    [
      "a weak authentication",
      etrunk(1, "authentication-mode hmac-sha1"),
      ["2: hmac-sha1 is weak; enhanced-hmac-sha256 is the default."],
    ],
    [
      "any change of session-CAR",
      ["whitelist session-car e-trunk-ipv4 cir 64", "whitelist session-car e-trunk-ipv6 disable"],
      [
        "1: If the parameters of Session-CAR in the whitelist are too large or too small, the neighbor relationship may be disconnected or flap. You are advised to use the default values.",
        "2: Without Session-CAR packets of different sessions may preempt each other's bandwidth.",
      ],
    ],
    [
      "a limit of active links in an E-Trunk",
      [...etrunk(1), ...trunk(1, "mode lacp-static", "e-trunk 1", "max active-linknumber 2")],
      ["5: max active-linknumber should not be set on Eth-Trunk1, which belongs to E-Trunk 1."],
    ],
    [
      "two members with one remote trunk",
      [...etrunk(1), ...trunk(1, "e-trunk 1"), ...trunk(2, "e-trunk 1 remote-eth-trunk 1")],
      ["5: Eth-Trunk2 and Eth-Trunk1 have the same remote Eth-Trunk 1 in E-Trunk 1."],
    ],
    [
      "a tracked session between other addresses",
      [
        "bfd",
        ...session("a", "peer-ip 2.2.2.2 source-ip 1.1.1.1", "discriminator local 1"),
        ...etrunk(1, "peer-address 2.2.2.2 source-address 1.1.1.9", "e-trunk track bfd-session session-name a"),
      ],
      ["6: The addresses of BFD session a are not those of E-Trunk 1."],
    ],
    [
      "an interval that this host cannot keep",
      ["bfd", ...session("a", "peer-ip 2.2.2.2", "discriminator local 1", "min-tx-interval 3")],
      ["4: This host's floor of 10 ms is used instead of 3 ms."],
    ],
    [
      "a session that cannot begin",
      ["bfd", ...session("a", "peer-ip 2.2.2.2", "discriminator remote 1")],
      ["2: BFD session a has no local discriminator and stays down."],
    ],
  ])("%s", ([, text, notices]) => {
    const read = readConfiguration(text.join("\n"));
    expect(read.problems).toEqual([]);
    expect(read.notices.map(({ line, text }) => `${line}: ${text}`)).toEqual(notices);
  });
});

describe("a document", () => {
  test.for<[what: string, document: object, problem: string]>([
    ["with an E-Trunk out of range", { etrunks: { 513: {} } }, "etrunks.513: '513' is not INTEGER<1-512>."],
    ["with an E-Trunk of another spelling", { etrunks: { "01": {} } }, "etrunks.01: '01' is not INTEGER<1-512>."],
    [
      "with two sessions of one name",
      { bfd: {}, bfdSessions: { a: { bind: { peer: "2.2.2.2" } }, A: { bind: { peer: "2.2.2.2" } } } },
      "bfdSessions.A: 'A' is not another session than a.",
    ],
    [
      "with a session without a binding",
      { bfd: {}, bfdSessions: { a: {} } },
      "bfdSessions.a.bind: 'nothing' is not { peer, vpnInstance, interface, source, trackInterface }.",
    ],
    [
      "with a session to a group",
      { bfd: {}, bfdSessions: { a: { bind: { peer: "224.0.0.1" } } } },
      "bfdSessions.a.bind.peer: '\"224.0.0.1\"' is not an address or default-ip.",
    ],
    [
      "with a session of both versions",
      { bfd: {}, bfdSessions: { a: { bind: { peer: "2.2.2.2", source: "2001:db8::1" } } } },
      `bfdSessions.a.bind: '{"peer":"2.2.2.2","source":"2001:db8::1"...' is not of one IP version.`,
    ],
    [
      "with a group session on no interface",
      { bfd: {}, bfdSessions: { a: { bind: { peer: "default-ip" } } } },
      `bfdSessions.a.bind: '{"peer":"default-ip"}' is not { peer: default-ip, interface, source }.`,
    ],
  ])("%s is refused by name", ([, document, problem]) => {
    expect(readConfiguration(JSON.stringify(document)).problems.map(({ text }) => text)).toEqual([problem]);
  });
});
