import { describe, expect, test } from "vitest";
import { readConfiguration } from "../../src/config/reading/read.js";
import { toDesired } from "../../src/config/to-desired.js";
import type { Mac } from "../../src/core/base/address.js";
import { parseIpAddress } from "../../src/core/base/ip-address.js";
import { NOTHING_SAID } from "../support/desired.js";

describe("what is asked of the host", () => {
  const wishOf = (lines: readonly string[], ...bindings: [string, string][]) => {
    const { model, problems } = readConfiguration(lines.join("\n"));
    expect(problems).toEqual([]);
    return toDesired(model, { deviceMac: 0x00e0fc123455 as Mac, bindings: new Map(bindings) });
  };
  const networkOf = (lines: readonly string[], ...bindings: [string, string][]) => wishOf(lines, ...bindings).network!;
  const address = (text: string, length: number, eui64 = false) => ({ address: parseIpAddress(text), length, eui64 });

  test("interfaces of which nothing is said are left alone", () => {
    const lines = [
      "interface Eth-Trunk1",
      " trunkport eth1",
      "interface eth2",
      " shutdown",
      " isis enable",
      "vlan batch 5",
    ];
    expect(networkOf(lines)).toEqual({ interfaces: [], bridge: undefined, routes: [] });
  });

  test("every line of an interface arrives, addresses in their order", () => {
    const lines = [
      ...[
        "interface ge0/1/1",
        " mac-address 2-2-2",
        " mtu 1400",
        " ip address 10.2.1.1 16 sub",
        " ip address 10.1.1.1 24",
      ],
      ...[" ipv6 enable", " ipv6 address 2001:db8::/64 eui-64", " ipv6 address fe80::5 link-local", " ipv6 mtu 1300"],
    ];
    expect(networkOf(lines, ["GigabitEthernet0/1/1", "eth3"]).interfaces).toEqual([
      {
        ...NOTHING_SAID,
        name: "GigabitEthernet0/1/1",
        device: "eth3",
        mac: 0x000200020002,
        mtu: 1400,
        ipv6: true,
        ipv6Mtu: 1300,
        addresses: [address("10.1.1.1", 24), address("10.2.1.1", 16), address("2001:db8::", 64, true)],
        linkLocal: parseIpAddress("fe80::5"),
      },
    ]);
    expect(networkOf(lines).interfaces).toEqual([]);
  });

  test("MAC address and MTU of a trunk are its data plane's, and its members have that MTU", () => {
    const lines = [
      ...["interface Eth-Trunk1", " mac-address 2-2-2", " mtu 1400", " ip address 10.1.1.1 24", " trunkport eth1"],
      ...["interface eth1", " mtu 9000", "interface Eth-Trunk2", " trunkport eth2", "interface eth2", " mtu 2000"],
    ];
    const { trunks, network } = wishOf(lines);
    expect(trunks).toMatchObject([
      { id: 1, mac: 0x000200020002, mtu: 1400 },
      { id: 2, mac: undefined, mtu: undefined },
    ]);
    expect(network?.interfaces).toEqual([
      { ...NOTHING_SAID, name: "Eth-Trunk1", device: "eth-trunk1", addresses: [address("10.1.1.1", 24)] },
    ]);
  });

  test("an E-Trunk's member and its sub-interfaces share their addresses with another device", () => {
    const lines = [
      ...["e-trunk 1", "interface Eth-Trunk1", " e-trunk 1", "interface Eth-Trunk1.2", " vlan-type dot1q 10"],
      ...[" description guests", " shutdown", "interface Eth-Trunk1.3", " ip address 10.1.1.1 24"],
    ];
    expect(networkOf(lines).interfaces).toEqual([
      { ...NOTHING_SAID, name: "Eth-Trunk1", device: "eth-trunk1", isShared: true },
      {
        ...NOTHING_SAID,
        name: "Eth-Trunk1.2",
        device: "eth-trunk1.2",
        isShared: true,
        made: { kind: "sub-interface", main: "eth-trunk1", vlan: 10, up: false, alias: "guests" },
      },
    ]);
  });

  test("loopback and Vlanif interfaces are made, long names of sub-interfaces shortened", () => {
    const lines = [
      ...["interface LoopBack0", " ip address 1.1.1.9 32", "interface Vlanif1", " mtu 1400"],
      ...["interface Eth-Trunk65535", "interface Eth-Trunk65535.4096", " vlan-type dot1q 4094"],
    ];
    expect(networkOf(lines).interfaces).toMatchObject([
      { device: "et65535.4096", made: { kind: "sub-interface", main: "eth-trunk65535", vlan: 4094, up: true } },
      { device: "loopback0", made: { kind: "loopback" }, addresses: [address("1.1.1.9", 32)] },
      { device: "vlanif1", made: { kind: "vlanif", vlan: 1, up: true }, mtu: 1400 },
    ]);
    expect(networkOf(lines).bridge).toEqual({ device: "br-etrunk", ports: [] });
    expect(wishOf(lines).trunks).toMatchObject([{ subInterfaces: [{ vlan: 4094, device: "et65535.4096" }] }]);
  });

  test("a port carries the VLANs of its link type that are there", () => {
    const port = (...lines: string[]) =>
      networkOf([
        "vlan batch 5 10 to 12",
        "vlan-bridge br0",
        "interface Eth-Trunk1",
        " portswitch",
        ...lines.map((line) => ` ${line}`),
      ]).bridge;
    const carries = (untagged: number | undefined, ...tagged: number[]) => ({
      device: "br0",
      ports: [{ device: "eth-trunk1", vlans: { untagged, tagged } }],
    });
    expect(port()).toEqual(carries(1));
    expect(port("port trunk allow-pass vlan 5")).toEqual(carries(1, 5));
    expect(port("port default vlan 5", "port trunk allow-pass vlan all")).toEqual(carries(5, 1, 10, 11, 12));
    expect(port("port link-type access", "port default vlan 10")).toEqual(carries(10));
    expect(port("port link-type trunk", "port trunk allow-pass vlan 11 to 20")).toEqual(carries(1, 11, 12));
    expect(port("port link-type trunk", "port trunk pvid vlan 5", "port trunk allow-pass vlan 5 11")).toEqual(
      carries(5, 11),
    );
  });

  test("routes of one destination and preference share the traffic", () => {
    const lines = [
      ...["ip route-static 10.2.0.0 16 10.1.1.2", "ip route-static 10.2.0.0 16 10.1.1.3 preference 5"],
      ...["ip route-static 10.2.0.0 16 10.1.1.4", "ipv6 route-static :: 0 2001:db8::2"],
    ];
    const ip = (text: string) => parseIpAddress(text)!;
    expect(networkOf(lines).routes).toEqual([
      { destination: ip("10.2.0.0"), length: 16, metric: 60, gateways: [ip("10.1.1.2"), ip("10.1.1.4")] },
      { destination: ip("10.2.0.0"), length: 16, metric: 5, gateways: [ip("10.1.1.3")] },
      { destination: ip("::"), length: 0, metric: 60, gateways: [ip("2001:db8::2")] },
    ]);
  });
});
