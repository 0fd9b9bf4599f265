import { describe, expect, test } from "vitest";
import { readConfiguration } from "../../src/config/reading/read.js";
import { etrunk, lines, session, trunk, typed } from "./etrunk-lines.js";

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
