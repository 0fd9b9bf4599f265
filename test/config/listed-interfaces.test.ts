import { expect, test } from "vitest";
import { listedInterfaces } from "../../src/config/features/layer3/listed-interfaces.js";
import { listedVlans } from "../../src/config/features/vlan/listed-vlans.js";
import { readConfiguration } from "../../src/config/reading/read.js";

const TEXT = `vlan batch 10 20
vlan 10
 description guests
interface Eth-Trunk1
 portswitch
 port trunk allow-pass vlan 10
interface Eth-Trunk2
 description core
 ip address 10.0.0.1 24
interface Eth-Trunk2.5
 vlan-type dot1q 5
interface GigabitEthernet0/1/1
 linux-interface eth1
 eth-trunk 2
interface GigabitEthernet0/1/2
 portswitch
 port link-type access
 port default vlan 10
interface eth3
 shutdown
 speed 100
interface LoopBack0
 ip address 1.1.1.1 32
interface Vlanif10
 ipv6 enable
`;
const { model, problems } = readConfiguration(TEXT);

test("every interface of the configuration is listed in the order of displays, and NULL0", () => {
  expect(problems).toEqual([]);
  const listed = listedInterfaces(model, new Map([["GigabitEthernet0/1/2", "eth9"]]));
  expect(listed.map(({ name, kind, device }) => [name, kind, device])).toEqual([
    ["Eth-Trunk1", "eth-trunk", "eth-trunk1"],
    ["Eth-Trunk2", "eth-trunk", "eth-trunk2"],
    ["Eth-Trunk2.5", "sub-interface", "eth-trunk2.5"],
    ["GigabitEthernet0/1/1", "physical", "eth1"],
    ["GigabitEthernet0/1/2", "physical", "eth9"],
    ["LoopBack0", "loopback", "loopback0"],
    ["NULL0", "null", undefined],
    ["Vlanif10", "vlanif", "vlanif10"],
    ["eth3", "physical", "eth3"],
  ]);
  const named = Object.fromEntries(listed.map((each) => [each.name, each]));
  expect(named["Eth-Trunk2"]).toMatchObject({ description: "core", portswitch: false, addresses: ["10.0.0.1"] });
  expect(named["Eth-Trunk2.5"]).toMatchObject({ vlan: 5 });
  expect(named["GigabitEthernet0/1/1"]).toMatchObject({ ethTrunk: 2, speed: 1_000 });
  expect(named.eth3).toMatchObject({ shutdown: true, speed: 100 });
  expect(named.Vlanif10).toMatchObject({ vlan: 10, ipv6: true });
});

test("every VLAN is listed with the ports that carry it", () => {
  const untagged = { tagged: false, pvid: true };
  expect([...listedVlans(model)]).toEqual([
    { id: 1, description: undefined, vlanif: undefined, ports: [{ name: "Eth-Trunk1", ...untagged }] },
    {
      id: 10,
      description: "guests",
      vlanif: "Vlanif10",
      ports: [
        { name: "Eth-Trunk1", tagged: true, pvid: false },
        { name: "GigabitEthernet0/1/2", ...untagged },
      ],
    },
    { id: 20, description: undefined, vlanif: undefined, ports: [] },
  ]);
});

test("without a configuration there is NULL0 and VLAN 1", () => {
  expect(listedInterfaces({}, new Map()).map(({ name }) => name)).toEqual(["NULL0"]);
  expect(Array.from(listedVlans({}), ({ id }) => id)).toEqual([1]);
});
