import { describe, expect, test } from "vitest";
import { printConfiguration } from "../../src/config/reading/print.js";
import { readConfiguration } from "../../src/config/reading/read.js";
import { KEY, lines, typed } from "./etrunk-lines.js";

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
