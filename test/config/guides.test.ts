import { expect, test } from "vitest";
import { KEPT } from "../../src/config/editing/texts.js";
import { printConfiguration } from "../../src/config/reading/print.js";
import { readConfiguration } from "../../src/config/reading/read.js";

/** Devices of a guide's example as it prints them, without its lines of remote backup. */
const DEVICES = {
  A: `#
sysname DeviceA
#
multicast ipv6 routing-enable
#
e-trunk 1
 priority 20
 peer-ipv6 2001:DB8:33::33 source-ipv6 2001:DB8:11::11
#
lacp priority 100
lacp e-trunk system-id 00e0-fc12-3455
#
isis 1
 network-entity 10.0000.0000.0001.00
 #
 ipv6 enable topology ipv6
 #
#
interface Eth-Trunk1
 ipv6 enable
 ipv6 address 2001:DB8:15::1/64
 pim ipv6 sm
 mode lacp-static
 e-trunk 1
 isis ipv6 enable 1
#
interface GigabitEthernet0/1/1
 undo shutdown
 ipv6 enable
 ipv6 address 2001:DB8:10::1/64
 pim ipv6 sm
 isis ipv6 enable 1
#
interface GigabitEthernet0/1/2
 undo shutdown
 eth-trunk 1
#
interface GigabitEthernet0/1/3
 undo shutdown
 ipv6 enable
 ipv6 address 2001:DB8:20::1/64
 pim ipv6 sm
 isis ipv6 enable 1
#
interface Loopback0
 ipv6 enable
 ipv6 address 2001:DB8:11::11/64
 isis ipv6 enable 1
#
interface NULL0
#
pim-ipv6
 static-rp 2001:DB8:22::22
#
return
`,
  B: `#
sysname DeviceB
#
multicast ipv6 routing-enable
#
e-trunk 1
 priority 10
 peer-ipv6 2001:DB8:11::11 source-ipv6 2001:DB8:33::33
#
lacp e-trunk system-id 00e0-fc12-3456
#
isis 1
 network-entity 10.0000.0000.0002.00
 #
 ipv6 enable topology ipv6
 #
#
interface Eth-Trunk1
 ipv6 enable
 ipv6 address 2001:DB8:35::3/64
 pim ipv6 sm
 mode lacp-static
 e-trunk 1
 isis ipv6 enable 1
#
interface GigabitEthernet0/1/1
 undo shutdown
 ipv6 enable
 ipv6 address 2001:DB8:10::2/64
 pim ipv6 sm
 isis ipv6 enable 1
#
interface GigabitEthernet0/1/2
 undo shutdown
 ipv6 enable
 ipv6 address 2001:DB8:30::1/64
 pim ipv6 sm
 isis ipv6 enable 1
#
interface GigabitEthernet0/1/3
 undo shutdown
 eth-trunk 1
#
interface Loopback0
 ipv6 enable
 ipv6 address 2001:DB8:33::33/64
 isis ipv6 enable 1
#
interface NULL0
#
pim-ipv6
 static-rp 2001:DB8:22::22
#
return
`,
  C: `#
sysname DeviceC
#
vlan batch 100
#
multicast ipv6 routing-enable
#
interface Eth-Trunk1
 portswitch
 port link-type access
 port default vlan 100
 mode lacp-static
#
interface GigabitEthernet0/1/1
 portswitch
 undo shutdown
 port link-type access
 port default vlan 100
#
interface GigabitEthernet0/1/2
 undo shutdown
 eth-trunk 1
#
interface GigabitEthernet0/1/3
 undo shutdown
 eth-trunk 1
#
interface Loopback0
 ipv6 enable
 ipv6 address 2001:DB8:55::55/64
 isis ipv6 enable 1
#
interface NULL0
#
return
`,
  D: `#
sysname DeviceD
#
multicast ipv6 routing-enable
#
isis 1
 network-entity 10.0000.0000.0003.00
 #
 ipv6 enable topology ipv6
 #
#
interface GigabitEthernet0/1/0
 undo shutdown
 ipv6 enable
 ipv6 address 2001:DB8:40::1/64
 pim ipv6 sm
 isis ipv6 enable 1
#
interface GigabitEthernet0/1/2
 undo shutdown
 ipv6 enable
 ipv6 address 2001:DB8:30::2/64
 pim ipv6 sm
 isis ipv6 enable 1
#
interface GigabitEthernet0/1/3
 undo shutdown
 ipv6 enable
 ipv6 address 2001:DB8:20::2/64
 pim ipv6 sm
 isis ipv6 enable 1
#
interface Loopback0
 ipv6 enable
 ipv6 address 2001:DB8:22::22/64
 isis ipv6 enable 1
#
interface NULL0
#
pim-ipv6
 static-rp 2001:DB8:22::22
#
return
`,
};

test.for(Object.keys(DEVICES) as (keyof typeof DEVICES)[])("device %s loads as printed", (device) => {
  const text = DEVICES[device];
  const { model, problems, notices } = readConfiguration(text);
  expect(problems).toEqual([]);
  // The one difference is the canonical name.
  expect(printConfiguration(model)).toBe(text.replace("Loopback0", "LoopBack0"));
  const kept = text
    .split("\n")
    .flatMap((line, at) =>
      /^ ?(isis|network|pim|static-rp|multicast| ipv6 enable t)/.test(line) || /topology/.test(line) ? [at + 1] : [],
    );
  expect(notices).toEqual(kept.map((line) => ({ line, text: KEPT })));
});

/** The access side of another guide: a VLAN's view takes the trunk before it becomes a tagged port. */
test("a trunk that was an untagged port of VLAN 1 carries it tagged no more than before", () => {
  const { model, problems } = readConfiguration(
    [
      ...["interface eth-trunk 10", " portswitch", "#", "vlan 1", " port eth-trunk 10", "#", "interface eth-trunk 10"],
      ...[" port link-type trunk", " port trunk allow-pass vlan 1", " mode lacp-static", "#"],
      ...["interface gigabitethernet 0/1/1", " undo shutdown", " eth-trunk 10", "#"],
      ...["interface gigabitethernet 0/2/1", " undo shutdown", " eth-trunk 10"],
    ].join("\n"),
  );
  expect(problems).toEqual([]);
  expect(printConfiguration(model)).toBe(`#
interface Eth-Trunk10
 portswitch
 port link-type trunk
 port trunk allow-pass vlan 1
 mode lacp-static
#
interface GigabitEthernet0/1/1
 undo shutdown
 eth-trunk 10
#
interface GigabitEthernet0/2/1
 undo shutdown
 eth-trunk 10
#
interface NULL0
#
return
`);
});
