import { KEY, type POSITIONS, type Row } from "./positions.js";

/** What an interface that heeds Flush can be given. */
export const FLUSH_RECEIVE: readonly Row[] = [
  ["smart-link flush enable control-vlan 4094", "sm f e c 4094", "smartLinkFlushEnableControlVlan", { vlan: 4094 }],
  [
    `smart-link flush enable control-vlan 5 auth hmac cipher ${KEY}`,
    `sm f e c 5 a h c ${KEY}`,
    "smartLinkFlushEnableControlVlan",
    { vlan: 5, auth: { mode: "hmac", key: KEY } },
  ],
  [
    "smart-link flush receive control-vlan all",
    "sm f r c a",
    "smartLinkFlushReceiveControlVlan",
    { controlVlan: "all" },
  ],
  [
    "smart-link flush receive control-vlan 5 10 to 12",
    "sm f r c 10 to 12 5 11",
    "smartLinkFlushReceiveControlVlan",
    { controlVlan: [5, 10, 11, 12] },
  ],
  [
    `smart-link flush receive control-vlan 5 10 to 12 password sha ${KEY}`,
    `sm f r c 5 10 to 12 p sh ${KEY}`,
    "smartLinkFlushReceiveControlVlan",
    { controlVlan: [5, 10, 11, 12], password: { mode: "sha", key: KEY } },
  ],
  [
    `smart-link flush receive control-vlan 7 password simple ${KEY}`,
    `sm f r c 7 p si ${KEY}`,
    "smartLinkFlushReceiveControlVlan",
    { controlVlan: [7], password: { mode: "simple", key: KEY } },
  ],
  ["detect-active-link enable", "det e", "detectActiveLinkEnable", true],
];

/** What any interface in Layer 3 mode can be given. */
export const LAYER_3: readonly Row[] = [
  ["ip address 10.1.1.1 255.255.255.0", "ip a 10.1.1.1 24", "ipAddress", [{ address: "10.1.1.1", length: 24 }]],
  [
    "ip address 1.1.1.9 255.255.255.255 sub",
    "ip a 1.1.1.9 32 s",
    "ipAddress",
    [{ address: "1.1.1.9", length: 32, sub: true }],
  ],
  ["ipv6 enable", "ipv6 e", "ipv6Enable", true],
  [
    "ipv6 address 2001:DB8:10::1/64",
    "ipv6 a 2001:db8:10:0::1 64",
    "ipv6Address",
    [{ address: "2001:db8:10::1", length: 64 }],
  ],
  [
    "ipv6 address 2001:DB8::/64 eui-64",
    "ipv6 a 2001:db8::0/64 e",
    "ipv6Address",
    [{ address: "2001:db8::", length: 64, eui64: true }],
  ],
  ["ipv6 address FE80::1 link-local", "ipv6 a fe80::1 l", "ipv6Address", [{ address: "fe80::1", linkLocal: true }]],
  ["ipv6 address auto link-local", "ipv6 a a l", "ipv6Address", [{ auto: "link-local" }]],
  ["ipv6 mtu 1280", "ipv6 m 1280", "ipv6Mtu", 1280],
  ["pim sm", "pi s", "pimSm", true],
  ["pim ipv6 sm", "pi i s", "pimIpv6Sm", true],
  ["isis enable", "is e", "isisEnable", ""],
  ["isis enable 4294967295", "is e 4294967295", "isisEnable", "4294967295"],
  ["isis ipv6 enable 1", "is i e 1", "isisIpv6Enable", "1"],
];
export const ETHERNET: readonly Row[] = [
  ["mac-address 00e0-fc12-3456", "mac e0-FC12-3456", "macAddress", "00:e0:fc:12:34:56"],
  ["mtu 9600", "mt 9600", "mtu", 9600],
];
export const SWITCH: readonly Row[] = [
  ["portswitch", "ports", "portswitch", true],
  ["port link-type access", "port l a", "portLinkType", "access"],
  ["port link-type trunk", "port l t", "portLinkType", "trunk"],
  ["port default vlan 4094", "port d v 4094", "portDefaultVlan", 4094],
  ["port trunk pvid vlan 2", "port t p v 2", "portTrunkPvidVlan", 2],
  ["port trunk allow-pass vlan all", "port t a v a", "portTrunkAllowPassVlan", "all"],
  ["port trunk allow-pass vlan 5 10 to 12", "port t a v 12 10 TO 11 5", "portTrunkAllowPassVlan", [5, 10, 11, 12]],
];
export const LAYER_3_VIEWS = ["eth-trunk", "physical", "sub-interface", "vlanif", "loopback"] as const;
export const ETHERNET_VIEWS = ["eth-trunk", "physical", "sub-interface", "vlanif"] as const;
export const SWITCH_VIEWS = ["eth-trunk", "physical"] as const;

export const inEach = (views: readonly (keyof typeof POSITIONS)[], rows: readonly Row[]) =>
  views.flatMap((view) => rows.map((row) => [view, ...row] as const));
