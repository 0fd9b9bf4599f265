import { describe, expect, test } from "vitest";
import type { Position } from "../../src/config/feature.js";
import { SYSTEM } from "../../src/config/feature.js";
import type { Model } from "../../src/config/model.js";
import { printConfiguration } from "../../src/config/reading/print.js";
import { typeLine } from "../support/type-line.js";

const LAYER_3 = "The interface must be in Layer 3 mode. Run undo portswitch first.";

describe("lines typed one after the other", () => {
  /** The model and the view after lines, and what refused the last one. */
  function typed(...lines: string[]) {
    let model: Model = {};
    let position: Position = SYSTEM;
    let answer: string | undefined;
    for (const line of lines) {
      if (line === "quit") {
        position = SYSTEM;
        continue;
      }
      const result = typeLine(model, position, line);
      answer = result.ok ? undefined : "refusal" in result ? result.refusal : result.error.kind;
      if (result.ok) ({ model, position } = result);
    }
    return { model, position, answer };
  }

  test("a member is given nothing of its own, and what has addresses does not become a member", () => {
    const member = ["interface Eth-Trunk1", "interface eth1", "eth-trunk 1"];
    expect(typed(...member, "ip address 10.1.1.1 24").answer).toBe(
      "The command is not available on a member interface.",
    );
    expect(typed(...member, "portswitch").answer).toBe("The command is not available on a member interface.");
    expect(typed(...member, "mtu 2000").answer).toBeUndefined();
    expect(typed("interface Eth-Trunk1", "interface eth1", "ip address 10.1.1.1 24", "eth-trunk 1").answer).toBe(
      "eth1 carries configuration a member cannot have: ip address 10.1.1.1 255.255.255.0",
    );
  });

  test("what has addresses does not become a port of the bridge", () => {
    expect(typed("interface Eth-Trunk1", "ip address 10.1.1.1 24", "portswitch").answer).toBe(
      "Eth-Trunk1 carries configuration an interface in Layer 2 mode cannot have: ip address 10.1.1.1 255.255.255.0",
    );
    expect(typed("interface Eth-Trunk1", "portswitch", "ip address 10.1.1.1 24").answer).toBe(LAYER_3);
  });

  test("VLANs in use stay", () => {
    const used = ["vlan batch 5 6", "interface Vlanif5", "interface eth1", "portswitch", "port default vlan 6"];
    const answers = [
      "undo vlan 5",
      "undo vlan 6",
      "undo vlan batch 5",
      "undo vlan batch",
      "undo vlan 7",
      "undo vlan 1",
    ];
    const { model } = typed(...used);
    expect(
      answers.map((line) => typeLine(model, SYSTEM, line)).map((result) => "refusal" in result && result.refusal),
    ).toEqual([
      "VLAN 5 is still used by Vlanif5.",
      "VLAN 6 is still used by eth1.",
      "VLAN 5 is still used by Vlanif5.",
      "VLAN 5 is still used by Vlanif5.",
      "VLAN 7 does not exist.",
      "VLAN 1 cannot be removed.",
    ]);
  });

  test("a VLAN's view creates it, and gives it ports and a description", () => {
    const { model } = typed(
      "interface eth1",
      "portswitch",
      "vlan 10",
      "port eth1",
      "description guests",
      "vlan 11",
      "vlan 1",
      "port eth9",
    );
    expect(printConfiguration(model)).toBe(
      "#\nvlan batch 10 to 11\n#\nvlan 10\n description guests\n#\ninterface NULL0\n#\ninterface eth1\n portswitch\n undo shutdown\n port default vlan 10\n#\nreturn\n",
    );
    expect(typeLine(model, { view: "vlan", name: "10" }, "undo port eth1")).toMatchObject({
      model: { interfaces: { eth1: { portswitch: true } } },
    });
  });

  test("a trunk with sub-interfaces stays", () => {
    expect(typed("interface Eth-Trunk1", "interface Eth-Trunk1.1", "quit", "undo interface Eth-Trunk1").answer).toBe(
      "Eth-Trunk1 is still used by Eth-Trunk1.1.",
    );
  });

  test("the first address is replaced, others are added and taken away one by one", () => {
    const lines = [
      "interface eth1",
      "ip address 10.1.1.1 24",
      "ip address 10.1.1.2 24 sub",
      "ip address 10.2.1.1 16 sub",
    ];
    const of = (...more: string[]) => typed(...lines, ...more).model.interfaces?.eth1?.ipAddress;
    const [first, second, third] = [
      { address: "10.1.1.1", length: 24 },
      { address: "10.1.1.2", length: 24, sub: true },
      { address: "10.2.1.1", length: 16, sub: true },
    ];
    expect(of()).toEqual([first, second, third]);
    expect(of("ip address 10.1.1.9 24")).toEqual([{ ...first, address: "10.1.1.9" }, second, third]);
    expect(of("undo ip address 10.1.1.2 24 sub")).toEqual([first, third]);
    // Without the first the others could not stay.
    expect(of("undo ip address 10.1.1.1 24")).toEqual([first, second, third]);
    expect(of("undo ip address")).toBeUndefined();
  });

  test("of link-local addresses there is one", () => {
    const { model } = typed(
      ...["interface eth1", "ipv6 enable", "ipv6 address fe80::1 link-local", "ipv6 address 2001:db8::1/64"],
      ...["ipv6 address auto link-local", "ipv6 address fe80::2 link-local", "ipv6 address 2001:db8::1/48"],
    );
    expect(model.interfaces?.eth1).toMatchObject({
      ipv6Address: [
        { address: "fe80::2", linkLocal: true },
        { address: "2001:db8::1", length: 48 },
      ],
    });
  });

  test("a route with the same next hop is replaced, with another one added", () => {
    const { model } = typed(
      ...["ip route-static 10.2.0.0 16 10.1.1.2", "ip route-static 10.2.0.0 16 10.1.1.3 preference 5"],
      ...["ip route-static 10.2.9.9 16 10.1.1.2 preference 7", "undo ip route-static 10.2.0.0 16 10.1.1.3"],
    );
    expect(model.ipRouteStatic).toEqual([{ address: "10.2.0.0", length: 16, nextHop: "10.1.1.2", preference: 7 }]);
  });

  test("a line of IS-IS or PIM is kept, and so is the view it opens", () => {
    expect(typeLine({}, SYSTEM, "isis")).toMatchObject({ ok: true, kept: true, position: { view: "isis", name: "1" } });
    expect(typeLine({}, SYSTEM, "pim-ipv6")).toMatchObject({ kept: true, position: { view: "pim-ipv6" } });
    expect(typeLine({}, SYSTEM, "multicast routing-enable")).toMatchObject({ kept: true });
    const { model } = typed("isis 5", "quit", "pim", "quit", "undo isis 5", "undo pim");
    expect(printConfiguration(model)).toBe("#\ninterface NULL0\n#\nreturn\n");
  });
});
