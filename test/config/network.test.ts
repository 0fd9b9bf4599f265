import { describe, expect, test } from "vitest";
import type { Kernel } from "../../src/config/facts.js";
import type { Position } from "../../src/config/feature.js";
import { SYSTEM } from "../../src/config/feature.js";
import type { Model } from "../../src/config/model.js";
import { printConfiguration } from "../../src/config/reading/print.js";
import { readConfiguration } from "../../src/config/reading/read.js";
import { typeLine } from "../../src/config/reading/type-line.js";
import { toDesired } from "../../src/config/to-desired.js";
import type { Mac } from "../../src/core/base/address.js";
import { parseIpAddress } from "../../src/core/base/ip-address.js";
import { NOTHING_SAID } from "../support/desired.js";

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
      { ...NOTHING_SAID, name: "eth2", device: "eth2", mtu: 2000 },
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
