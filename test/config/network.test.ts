import { describe, expect, test } from "vitest";
import type { Kernel } from "../../src/config/facts.js";
import { readConfiguration } from "../../src/config/reading/read.js";

const problemsOf = (lines: readonly string[], kernel?: Kernel, bindings = new Map<string, string>()): string[] =>
  readConfiguration(lines.join("\n"), { bindings, kernel }).problems.map(({ line, text }) => `${line}: ${text}`);

const LAYER_2 = "The interface must be in Layer 2 mode. Run portswitch first.";
const LAYER_3 = "The interface must be in Layer 3 mode. Run undo portswitch first.";

/** What is wrong, the lines, and the problems as `line: text`. */
const ROWS: readonly (readonly [what: string, lines: readonly string[], problems: readonly string[]])[] = [
  [
    "a member that carries what a member cannot have",
    [
      ...["interface Eth-Trunk1", "interface eth1", " ip address 10.1.1.1 24", " ipv6 enable", " mac-address 2-2-2"],
      ...[" mtu 2000", " description x", " speed 100", " eth-trunk 1"],
    ],
    ["ip address 10.1.1.1 255.255.255.0", "ipv6 enable", "mac-address 0002-0002-0002"].map(
      (line) => `9: eth1 carries configuration a member cannot have: ${line}`,
    ),
  ],
  [
    "a member with Layer 2 lines or a sub-interface",
    [
      ...["interface Eth-Trunk1", " trunkport ge0/1/1", "interface ge0/1/1", " portswitch", " port link-type access"],
      ...["interface ge0/1/1.5", " isis enable"],
    ],
    [
      ...["portswitch", "port link-type access", "interface GigabitEthernet0/1/1.5"].map(
        (line) => `2: GigabitEthernet0/1/1 carries configuration a member cannot have: ${line}`,
      ),
      "6: GigabitEthernet0/1/1 must be in Layer 3 mode. Run undo portswitch first.",
    ],
  ],
  [
    "Layer 2 lines without Layer 2 mode",
    [
      ...["vlan batch 5", "interface eth1", " port link-type trunk", " port trunk allow-pass vlan 5"],
      ...["interface Eth-Trunk1", " port default vlan 5"],
    ],
    [`3: ${LAYER_2}`, `4: ${LAYER_2}`, `6: ${LAYER_2}`],
  ],
  [
    "addresses in Layer 2 mode",
    [
      ...["multicast routing-enable", "interface eth1", " portswitch", " ip address 10.1.1.1 24", " ipv6 enable"],
      ...[" ipv6 address 2001:db8::1/64", " pim sm", " isis enable"],
    ],
    [4, 5, 6, 7].map((line) => `${line}: ${LAYER_3}`),
  ],
  [
    "a sub-interface of a trunk in Layer 2 mode, and of none",
    ["interface Eth-Trunk1", " portswitch", "interface Eth-Trunk1.1", "interface Eth-Trunk2.1"],
    ["3: Eth-Trunk1 must be in Layer 3 mode. Run undo portswitch first.", "4: Eth-Trunk2 does not exist."],
  ],
  [
    "VLANs that are not there",
    [
      ...["vlan batch 6", "interface eth1", " portswitch", " port default vlan 5", "interface eth2", " portswitch"],
      ...[
        " port link-type trunk",
        " port trunk pvid vlan 7",
        "interface Vlanif8",
        "interface Vlanif6",
        "interface Vlanif1",
      ],
    ],
    ["4: VLAN 5 does not exist.", "8: VLAN 7 does not exist.", "9: VLAN 8 does not exist."],
  ],
  [
    "what does not fit the link type",
    [
      ...["vlan batch 5", "interface eth1", " portswitch", " port link-type access", " port trunk allow-pass vlan 5"],
      ...["interface eth2", " portswitch", " port link-type trunk", " port default vlan 5"],
      ...["interface eth3", " portswitch", " port trunk pvid vlan 5"],
    ],
    [
      "5: The command needs port link-type trunk or hybrid first.",
      "9: The command needs port link-type access or hybrid first.",
      "12: The command needs port link-type trunk first.",
    ],
  ],
  [
    "one address on two interfaces",
    [
      ...["interface eth1", " ip address 10.1.1.1 24", "interface LoopBack1", " ip address 10.1.1.1 32"],
      ...["interface eth2", " ipv6 enable", " ipv6 address 2001:db8::1/64"],
      ...["interface eth3", " ipv6 enable", " ipv6 address 2001:db8::1 128"],
    ],
    ["4: The address already exists.", "10: The address already exists."],
  ],
  [
    "an address that is none of a host",
    [
      "interface eth1",
      " ip address 10.1.1.0 24",
      "interface eth2",
      " ip address 10.1.2.255 24",
      "interface eth3",
      " ip address 10.1.3.0 31",
    ],
    ["2: 10.1.1.0 is no host's address in its network.", "4: 10.1.2.255 is no host's address in its network."],
  ],
  [
    "a further address without the first",
    ["interface eth1", " ip address 10.1.1.1 24 sub"],
    ["2: The command needs ip address without sub first."],
  ],
  [
    "IPv6 addresses without ipv6 enable",
    ["interface LoopBack1", " ipv6 address 2001:db8::1/64", " ipv6 mtu 1400"],
    ["2: The command needs ipv6 enable first.", "3: The command needs ipv6 enable first."],
  ],
  [
    "an interface identifier without room",
    ["interface eth1", " ipv6 enable", " ipv6 address 2001:db8::/72 eui-64"],
    ["3: The last 64 bits are the MAC address's: eui-64 needs at most /64."],
  ],
  [
    "a MAC address that is no station's",
    ["interface eth1", " mac-address 0-0-0", "interface Eth-Trunk1", " mac-address ffff-ffff-ffff"],
    [2, 4].map((line) => `${line}: The MAC address must be a unicast address other than all zeros.`),
  ],
  [
    "one VLAN of two sub-interfaces",
    [
      ...["interface Eth-Trunk1", "interface Eth-Trunk1.1", " vlan-type dot1q 10", "interface Eth-Trunk1.2"],
      ...[" vlan-type dot1q 10", "interface ge0/1/1.1", " vlan-type dot1q 10"],
    ],
    ["5: VLAN 10 of Eth-Trunk1 is used by Eth-Trunk1.1."],
  ],
  [
    "a sub-interface of a greater MTU than what it stands on",
    [
      ...["interface Eth-Trunk1", "interface Eth-Trunk1.1", " vlan-type dot1q 1", " mtu 1501", "interface Eth-Trunk2"],
      ...[" mtu 9000", "interface Eth-Trunk2.1", " mtu 9000", "interface ge0/1/1", " mtu 1400"],
      ...["interface ge0/1/1.1", " mtu 1401", "interface ge0/1/2", "interface ge0/1/2.1", " mtu 9000"],
    ],
    [
      "4: The MTU of Eth-Trunk1 is 1500, and what stands on it has no greater one.",
      "12: The MTU of GigabitEthernet0/1/1 is 1400, and what stands on it has no greater one.",
    ],
  ],
  [
    "PIM without multicast routing",
    ["interface eth1", " pim sm", " pim ipv6 sm"],
    [
      "2: The command needs multicast routing-enable first.",
      "3: The command needs multicast ipv6 routing-enable first.",
    ],
  ],
  ["a bridge that is an interface of ours", ["vlan-bridge eth1", "interface eth1"], ["1: eth1 is bound to eth1."]],
  [
    "what an interface cannot have by its kind",
    [
      ...["interface LoopBack1", " shutdown", " mtu 1500", " portswitch", "interface NULL0", " ip address 1.1.1.1 32"],
      ...["vlan batch 5", "interface Vlanif5", " portswitch", "interface Eth-Trunk1", " port link-type dot1q-tunnel"],
      ...["interface Eth-Trunk1.1", " portswitch"],
    ],
    [
      "2: The command is not available on a loopback interface.",
      "3: The command is not available on a loopback interface.",
      "4: The command is not available on a loopback interface.",
      "6: The command is not available on NULL0.",
      "9: The command is not available on a Vlanif interface.",
      "11: port link-type dot1q-tunnel is not available in this version.",
      "13: The command is not available on a sub-interface.",
    ],
  ],
];

test.for(ROWS)("%s is refused", ([, lines, problems]) => {
  expect(problemsOf(lines)).toEqual(problems);
});

test("a sub-interface whose Linux name would be too long is refused, that of a trunk is shortened", () => {
  const lines = [
    "interface ge0/1/1.4096",
    " vlan-type dot1q 5",
    "interface Eth-Trunk65535",
    "interface Eth-Trunk65535.4096",
  ];
  expect(problemsOf(lines, undefined, new Map([["GigabitEthernet0/1/1", "enp129s0f1np"]]))).toEqual([
    "1: The Linux name enp129s0f1np.4096 is longer than 15 characters.",
  ]);
});

test("a VLAN list that names what is not there is warned of", () => {
  const { problems, notices } = readConfiguration(
    "vlan batch 5\ninterface eth1\n portswitch\n port trunk allow-pass vlan 5 to 7\ninterface eth2\n portswitch\n port trunk allow-pass vlan all",
  );
  expect(problems).toEqual([]);
  expect(notices).toEqual([{ line: 4, text: "VLAN 6 to 7 does not exist yet; what exists is carried." }]);
});

describe("a kernel that lacks something", () => {
  const plain: Kernel = { vlanFiltering: false, vlanDevices: false, pushesTags: true };
  const PORTS = ["vlan batch 5 6", "interface eth1", " portswitch", "interface eth2", " portswitch"];

  test("bridges ports that carry the same in the same way, and refuses others", () => {
    expect(problemsOf(PORTS, plain)).toEqual([]);
    expect(problemsOf([...PORTS, " port trunk allow-pass vlan 5"])).toEqual([]);
    expect(problemsOf([...PORTS, " port trunk allow-pass vlan 5"], plain)).toEqual([
      "5: The bridges of this kernel do not filter by VLAN: eth2 has to carry the same VLANs as eth1, in the same way.",
    ]);
  });

  test("has a Vlanif in the VLAN of untagged frames only", () => {
    expect(problemsOf([...PORTS, "interface Vlanif1"], plain)).toEqual([]);
    expect(problemsOf([...PORTS, "interface Vlanif6"], plain)).toEqual([
      "6: The bridges of this kernel do not filter by VLAN: Vlanif6 has to be in a VLAN that eth1 carries.",
    ]);
    const tagged = [
      "vlan batch 5",
      "interface eth1",
      " portswitch",
      " port trunk allow-pass vlan 5",
      "interface Vlanif5",
    ];
    expect(problemsOf(tagged, plain)).toEqual([
      "5: This kernel has no 802.1Q devices: Vlanif5 has to be in the VLAN of untagged frames.",
    ]);
    expect(problemsOf(tagged, { ...plain, vlanDevices: true })).toEqual([]);
  });

  test("has sub-interfaces of Eth-Trunks where the data plane pushes tags", () => {
    const subs = [
      ...["interface Eth-Trunk1", "interface Eth-Trunk1.1", " vlan-type dot1q 5"],
      ...["interface ge0/1/1.1", " vlan-type dot1q 5"],
    ];
    const refusal = "This kernel has no 802.1Q devices, and only an Eth-Trunk on eBPF can do without.";
    expect(problemsOf(subs, plain)).toEqual([`5: ${refusal}`]);
    expect(problemsOf(subs, { ...plain, pushesTags: false })).toEqual([`3: ${refusal}`, `5: ${refusal}`]);
    expect(problemsOf(subs, { ...plain, vlanDevices: true, pushesTags: false })).toEqual([]);
  });
});
