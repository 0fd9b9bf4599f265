import { describe, expect, test } from "vitest";
import { type Position, SYSTEM } from "../../src/config/feature.js";
import { PRODUCT } from "../../src/config/features.js";
import { helpLines } from "../../src/config/language/help.js";
import type { Model } from "../../src/config/model.js";
import { applyLine } from "../../src/config/reading/apply.js";
import { normalised } from "../../src/config/reading/normalise.js";

const TRUNK: Position = { view: "eth-trunk", name: "Eth-Trunk1" };
const PORT: Position = { view: "physical", name: "eth1" };
const POSITIONS = {
  system: SYSTEM,
  "eth-trunk": TRUNK,
  physical: PORT,
  "e-trunk": { view: "e-trunk", name: "1" },
  bfd: { view: "bfd", name: "" },
  "bfd-session": { view: "bfd-session", name: "hello" },
  "sub-interface": { view: "sub-interface", name: "Eth-Trunk1.4096" },
  loopback: { view: "loopback", name: "LoopBack0" },
  vlanif: { view: "vlanif", name: "Vlanif10" },
  vlan: { view: "vlan", name: "10" },
  isis: { view: "isis", name: "1" },
  pim: { view: "pim", name: "" },
  "pim-ipv6": { view: "pim-ipv6", name: "" },
} as const satisfies { [view: string]: Position };
const POSITION_NAMES = Object.keys(POSITIONS) as (keyof typeof POSITIONS)[];
/** A ciphertext of ours, as far as its form goes. */
const KEY = "%^%#1:0000000000000000000000%^%#";

/** The line as printed, a cut-short form of it, the attribute it sets and its value. */
type Row = readonly [line: string, short: string, attribute: string, value: unknown];

/** What an interface that heeds Flush can be given. */
const FLUSH_RECEIVE: readonly Row[] = [
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
const LAYER_3: readonly Row[] = [
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
const ETHERNET: readonly Row[] = [
  ["mac-address 00e0-fc12-3456", "mac e0-FC12-3456", "macAddress", "00:e0:fc:12:34:56"],
  ["mtu 9600", "mt 9600", "mtu", 9600],
];
const SWITCH: readonly Row[] = [
  ["portswitch", "ports", "portswitch", true],
  ["port link-type access", "port l a", "portLinkType", "access"],
  ["port link-type trunk", "port l t", "portLinkType", "trunk"],
  ["port default vlan 4094", "port d v 4094", "portDefaultVlan", 4094],
  ["port trunk pvid vlan 2", "port t p v 2", "portTrunkPvidVlan", 2],
  ["port trunk allow-pass vlan all", "port t a v a", "portTrunkAllowPassVlan", "all"],
  ["port trunk allow-pass vlan 5 10 to 12", "port t a v 12 10 TO 11 5", "portTrunkAllowPassVlan", [5, 10, 11, 12]],
];
const LAYER_3_VIEWS = ["eth-trunk", "physical", "sub-interface", "vlanif", "loopback"] as const;
const ETHERNET_VIEWS = ["eth-trunk", "physical", "sub-interface", "vlanif"] as const;
const SWITCH_VIEWS = ["eth-trunk", "physical"] as const;

const inEach = (views: readonly (keyof typeof POSITIONS)[], rows: readonly Row[]) =>
  views.flatMap((view) => rows.map((row) => [view, ...row] as const));

/** View, and what a row has. */
const ROWS: readonly (readonly [keyof typeof POSITIONS, ...Row])[] = [
  ...inEach(LAYER_3_VIEWS, LAYER_3),
  ...inEach(ETHERNET_VIEWS, ETHERNET),
  ...inEach(SWITCH_VIEWS, SWITCH),
  ["sub-interface", "vlan-type dot1q 4094", "v d 4094", "vlanTypeDot1q", 4094],
  ["sub-interface", "shutdown", "sh", "shutdown", true],
  ["sub-interface", "description x", "de x", "description", "x"],
  ["vlanif", "shutdown", "sh", "shutdown", true],
  ["vlanif", "description x", "de x", "description", "x"],
  ["loopback", "description x", "de x", "description", "x"],
  ["vlan", "description guests", "de guests", "description", "guests"],
  ["isis", "network-entity 10.0000.0000.0001.00", "n 10.0000.0000.0001.00", "networkEntity", ["10.0000.0000.0001.00"]],
  ["isis", "ipv6 enable", "i e", "ipv6Enable", ""],
  ["isis", "ipv6 enable topology ipv6", "i e t i", "ipv6Enable", "ipv6"],
  ["isis", "ipv6 enable topology compatible enable-mt-spf", "i e t c e", "ipv6Enable", "compatible enable-mt-spf"],
  [
    "pim",
    "static-rp 22.22.22.22 preferred",
    "s 22.22.22.22 p",
    "staticRp",
    { address: "22.22.22.22", preferred: true },
  ],
  ["pim-ipv6", "static-rp 2001:DB8:22::22", "s 2001:db8:22::22", "staticRp", { address: "2001:db8:22::22" }],
  ["system", "vlan batch 5 10 to 12", "vlan b 10 to 12 1 5", "vlanBatch", [5, 10, 11, 12]],
  ["system", "vlan-bridge br0", "vlan-b br0", "vlanBridge", "br0"],
  ["system", "multicast routing-enable", "mu r", "multicastRoutingEnable", true],
  ["system", "multicast ipv6 routing-enable", "mu i r", "multicastIpv6RoutingEnable", true],
  [
    "system",
    "ip route-static 10.2.0.0 255.255.0.0 10.1.1.2",
    "ip r 10.2.3.4 16 10.1.1.2 p 60",
    "ipRouteStatic",
    [{ address: "10.2.0.0", length: 16, nextHop: "10.1.1.2" }],
  ],
  [
    "system",
    "ip route-static 0.0.0.0 0.0.0.0 10.1.1.2 preference 255",
    "ip r 0.0.0.0 0 10.1.1.2 p 255",
    "ipRouteStatic",
    [{ address: "0.0.0.0", length: 0, nextHop: "10.1.1.2", preference: 255 }],
  ],
  [
    "system",
    "ipv6 route-static 2001:DB8:2:: 48 2001:DB8:1::2",
    "ipv6 r 2001:db8:2:0:5::/48 2001:db8:1::2",
    "ipv6RouteStatic",
    [{ address: "2001:db8:2::", length: 48, nextHop: "2001:db8:1::2" }],
  ],
  [
    "system",
    "ipv6 route-static :: 0 2001:DB8:1::2 preference 1",
    "ipv6 r :: 0 2001:db8:1::2 p 1",
    "ipv6RouteStatic",
    [{ address: "::", length: 0, nextHop: "2001:db8:1::2", preference: 1 }],
  ],
  ["system", "sysname PE-1", "sys PE-1", "sysname", "PE-1"],
  ["system", "lacp priority 0", "la priority 0", "lacpPriority", 0],
  ["system", "lacp system-priority 65535", "la s 65535", "lacpSystemPriority", 65535],
  [
    "system",
    "lacp priority-command-mode system-priority",
    "la priority- s",
    "lacpPriorityCommandMode",
    "system-priority",
  ],
  ["system", "e-trunk port 65535", "e-t po 65535", "eTrunkPort", 65535],
  ["system", "e-trunk ipv6 port 1026", "e-t i p 1026", "eTrunkIpv6Port", 1026],
  ["system", "lacp e-trunk system-id 00e0-fc12-3456", "la e s e0-FC12-3456", "lacpETrunkSystemId", "00:e0:fc:12:34:56"],
  ["system", "lacp e-trunk priority 0", "la e p 0", "lacpETrunkPriority", 0],
  [
    "system",
    "whitelist session-car e-trunk-ipv4 cir 0 cbs 9000000 pir 1000000 pbs 8000000",
    "w s e-trunk-ipv4 pi 1000000 cb 9000000 ci 0 pb 8000000",
    "whitelistSessionCarETrunkIpv4",
    { cir: 0, cbs: 9_000_000, pir: 1_000_000, pbs: 8_000_000 },
  ],
  [
    "system",
    "whitelist session-car e-trunk-ipv6 pbs 200000",
    "w s e-trunk-ipv6 cir 128 pbs 200000",
    "whitelistSessionCarETrunkIpv6",
    { pbs: 200_000 },
  ],
  [
    "system",
    "whitelist session-car e-trunk-ipv4 disable",
    "w s e-trunk-ipv4 d",
    "whitelistSessionCarETrunkIpv4Disable",
    true,
  ],
  [
    "system",
    "whitelist session-car e-trunk-ipv6 disable",
    "w s e-trunk-ipv6 d",
    "whitelistSessionCarETrunkIpv6Disable",
    true,
  ],
  ["e-trunk", "priority 254", "priority 254", "priority", 254],
  ["e-trunk", "priority-order higher-first", "priority- h", "priorityOrder", "higher-first"],
  [
    "e-trunk",
    "peer-address 2.2.2.9 source-address 1.1.1.9",
    "peer-a 2.2.2.9 s 1.1.1.9",
    "peerAddress",
    { peer: "2.2.2.9", source: "1.1.1.9" },
  ],
  [
    "e-trunk",
    "peer-address 2.2.2.9 source-address 1.1.1.9 vpn-instance vpn1",
    "peer-a 2.2.2.9 s 1.1.1.9 v vpn1",
    "peerAddress",
    { peer: "2.2.2.9", source: "1.1.1.9", vpnInstance: "vpn1" },
  ],
  [
    "e-trunk",
    "peer-ipv6 2001:DB8:33::33 source-ipv6 2001:DB8:11::11",
    "peer-i 2001:db8:33:0:0:0:0:33 s 2001:db8:11::0011",
    "peerIpv6",
    { peer: "2001:db8:33::33", source: "2001:db8:11::11" },
  ],
  ["e-trunk", "timer hello 9", "t he 9", "timerHello", 9],
  ["e-trunk", "timer hold-on-failure multiplier 300", "t ho m 300", "timerHoldOnFailureMultiplier", 300],
  ["e-trunk", "timer revert delay 0", "t r d 0", "timerRevertDelay", 0],
  ["e-trunk", "revert disable", "r d", "revertDisable", true],
  ["e-trunk", "e-trunk select link-number", "e-t s l", "eTrunkSelect", "link-number"],
  ["e-trunk", "e-trunk select bandwidth", "e-t s b", "eTrunkSelect", "bandwidth"],
  [
    "e-trunk",
    "e-trunk track bfd-session session-name hello",
    "e-t t b s hello",
    "eTrunkTrackBfdSessionSessionName",
    "hello",
  ],
  ["e-trunk", "e-trunk bfd enable", "e-t b e", "eTrunkBfdEnable", {}],
  [
    "e-trunk",
    "e-trunk bfd enable track interface GigabitEthernet0/1/1",
    "e-t b e t i ge 0/1/1",
    "eTrunkBfdEnable",
    { trackInterface: "GigabitEthernet0/1/1" },
  ],
  [
    "e-trunk",
    "e-trunk bfd min-tx-interval 20000 min-rx-interval 3 detect-multiplier 50",
    "e-t b d 50 min-r 3 min-t 20000",
    "eTrunkBfd",
    { minTxInterval: 20_000, minRxInterval: 3, detectMultiplier: 50 },
  ],
  ["e-trunk", "sequence enable", "seq e", "sequenceEnable", true],
  ["e-trunk", "description to PE2", "d to PE2", "description", "to PE2"],
  ["e-trunk", `security-key cipher ${KEY}`, `sec c ${KEY}`, "securityKey", KEY],
  ["e-trunk", `security-key key-id 255 cipher ${KEY}`, `sec k 255 c ${KEY}`, "securityKeyKeyId", { 255: KEY }],
  ["e-trunk", "security-key send-key-id 7", "sec se 7", "securityKeySendKeyId", 7],
  ["e-trunk", "authentication-mode hmac-sha1", "a hmac-sha1", "authenticationMode", "hmac-sha1"],
  ["e-trunk", "authentication-mode hmac-sha256", "a hmac-sha2", "authenticationMode", "hmac-sha256"],
  ["bfd", "default-ip-address 224.0.0.250", "def 224.0.0.250", "defaultIpAddress", "224.0.0.250"],
  ["bfd", "delay-up 600", "del 600", "delayUp", 600],
  ["bfd", "tos-exp 0", "t 0", "tosExp", 0],
  ["bfd-session", "discriminator local 16384", "disc l 16384", "discriminatorLocal", 16384],
  ["bfd-session", "discriminator remote 4294967295", "disc r 4294967295", "discriminatorRemote", 4294967295],
  [
    "bfd-session",
    `authentication-mode simple key-id 1 cipher ${KEY}`,
    `a simp k 1 c ${KEY}`,
    "authenticationMode",
    { type: "simple", keyId: 1, key: KEY },
  ],
  [
    "bfd-session",
    `authentication-mode met-md5 key-id 2 cipher ${KEY}`,
    `a met-m k 2 c ${KEY}`,
    "authenticationMode",
    { type: "met-md5", keyId: 2, key: KEY },
  ],
  [
    "bfd-session",
    `authentication-mode sha1 key-id 3 cipher ${KEY}`,
    `a sh k 3 c ${KEY}`,
    "authenticationMode",
    { type: "sha1", keyId: 3, key: KEY },
  ],
  [
    "bfd-session",
    `authentication-mode met-sha1 key-id 255 cipher ${KEY} nego-packet timeout-interval 9`,
    `a met-s k 255 c ${KEY} n t 9`,
    "authenticationMode",
    { type: "met-sha1", keyId: 255, key: KEY, negoPacket: true, timeoutInterval: 9 },
  ],
  ["bfd-session", "description to PE2", "des to PE2", "description", "to PE2"],
  ["bfd-session", "detect-multiplier 50", "det 50", "detectMultiplier", 50],
  ["bfd-session", "min-rx-interval 3", "min-r 3", "minRxInterval", 3],
  ["bfd-session", "min-tx-interval 20000", "min-t 20000", "minTxInterval", 20000],
  ["bfd-session", "process-interface-status", "process-i", "processInterfaceStatus", ""],
  [
    "bfd-session",
    "process-interface-status sub-if reboot-no-impact",
    "process-i sub-if reboot-no-impact",
    "processInterfaceStatus",
    "sub-if reboot-no-impact",
  ],
  ["bfd-session", "process-pst", "process-p", "processPst", true],
  ["bfd-session", "shutdown", "sh", "shutdown", true],
  ["bfd-session", "tos-exp 7", "t 7", "tosExp", 7],
  ["bfd-session", "wtr 60", "w 60", "wtr", 60],
  [
    "eth-trunk",
    "lacp e-trunk system-id 00e0-fc12-3456",
    "la e s e0-FC12-3456",
    "lacpETrunkSystemId",
    "00:e0:fc:12:34:56",
  ],
  ["eth-trunk", "lacp e-trunk priority 32768", "la e p 32768", "lacpETrunkPriority", 32768],
  ["eth-trunk", "e-trunk 512", "e-t 512", "eTrunk", { id: 512 }],
  ["eth-trunk", "e-trunk 1 remote-eth-trunk 0", "e-t 1 r 0", "eTrunk", { id: 1, remoteEthTrunk: 0 }],
  ["eth-trunk", "e-trunk mode force-master", "e-t m force-m", "eTrunkMode", "force-master"],
  ["eth-trunk", "e-trunk mode force-backup", "e-t m force-b", "eTrunkMode", "force-backup"],
  ["eth-trunk", "standby-signalling none", "st n", "standbySignalling", "none"],
  ["eth-trunk", "shutdown", "SH", "shutdown", true],
  ["eth-trunk", "description to  CE # 1?", "desc to  CE # 1?", "description", "to  CE # 1?"],
  ["eth-trunk", "mode lacp-static", "mo l", "mode", "lacp-static"],
  ["eth-trunk", "mode manual backup", "mo m b", "mode", "manual backup"],
  ["eth-trunk", "preempt enable", "pree e", "preemptEnable", 0],
  ["eth-trunk", "preempt enable delay 30 59 999", "pree e d 30 59 999", "preemptEnable", 1_859_999],
  ["eth-trunk", "preempt enable delay 0 0 5", "pree e d 00 0 05", "preemptEnable", 5],
  ["eth-trunk", "preempt enable delay 2", "pree e d 2 0 0", "preemptEnable", 120_000],
  ["eth-trunk", "inactive-port shutdown enable", "in s e", "inactivePortShutdownEnable", true],
  ["eth-trunk", "smart-link flush send vlan 5", "sm f s v 5", "smartLinkFlushSendVlan", { vlan: 5 }],
  [
    "eth-trunk",
    `smart-link flush send vlan 4094 auth simple cipher ${KEY}`,
    `sm f s v 4094 a si c ${KEY}`,
    "smartLinkFlushSendVlan",
    { vlan: 4094, auth: { mode: "simple", key: KEY } },
  ],
  [
    "eth-trunk",
    `smart-link flush send vlan 1 auth sha cipher ${KEY}`,
    `sm f s v 1 a sh c ${KEY}`,
    "smartLinkFlushSendVlan",
    { vlan: 1, auth: { mode: "sha", key: KEY } },
  ],
  [
    "eth-trunk",
    `smart-link flush send vlan 1 auth hmac cipher ${KEY}`,
    `sm f s v 1 a h c ${KEY}`,
    "smartLinkFlushSendVlan",
    { vlan: 1, auth: { mode: "hmac", key: KEY } },
  ],
  ...(["eth-trunk", "physical"] as const).flatMap((view) => FLUSH_RECEIVE.map((row) => [view, ...row] as const)),
  ["eth-trunk", "least active-linknumber 64", "le active-l 064", "leastActiveLinknumber", 64],
  ["eth-trunk", "least active-bandwidth 4294967295", "le active-b 4294967295", "leastActiveBandwidth", 4294967295],
  ["eth-trunk", "max active-linknumber 1", "max a 1", "maxActiveLinknumber", 1],
  ["eth-trunk", "max bandwidth-affected-linknumber 2", "max b 2", "maxBandwidthAffectedLinknumber", 2],
  ["eth-trunk", "load-balance src-dst-ip", "lo src-dst-i", "loadBalance", "src-dst-ip"],
  ["eth-trunk", "load-balance src-dst-mac", "lo src-dst-m", "loadBalance", "src-dst-mac"],
  ["eth-trunk", "load-balance packet-all", "lo p", "loadBalance", "packet-all"],
  ["eth-trunk", "load-balance symmetric-hash", "lo sy", "loadBalance", "symmetric-hash"],
  ["eth-trunk", "load-balance symmetric-hash complement", "lo sy c", "loadBalance", "symmetric-hash complement"],
  ["eth-trunk", "lacp timeout fast", "la ti f", "lacpTimeout", "fast"],
  ["eth-trunk", "lacp timeout fast user-defined 3", "la ti f u 3", "lacpTimeout", 3],
  ["eth-trunk", "lacp timeout fast user-defined 90", "la ti f u 90", "lacpTimeout", 90],
  ["eth-trunk", "lacp preempt enable", "la pre e", "lacpPreemptEnable", true],
  ["eth-trunk", "lacp preempt delay 180", "la pre d 180", "lacpPreemptDelay", 180],
  ["eth-trunk", "lacp selected speed", "lacp select s", "lacpSelected", "speed"],
  ["eth-trunk", "lacp system-id 00e0-fc12-3456", "la sy e0-FC12-3456", "lacpSystemId", "00:e0:fc:12:34:56"],
  ["eth-trunk", "lacp priority 0", "la pri 0", "lacpPriority", 0],
  ["eth-trunk", "lacp portkey 65535", "la portk 65535", "lacpPortkey", 65535],
  ["eth-trunk", "lacp collector delay 65535", "la c d 65535", "lacpCollectorDelay", 65535],
  ["eth-trunk", "lacp mixed-rate link enable", "la m l e", "lacpMixedRateLinkEnable", true],
  ["eth-trunk", "lacp port-id-extension enable", "la port-i e", "lacpPortIdExtensionEnable", true],
  ["eth-trunk", "lacp independent-control enable", "la i e", "lacpIndependentControlEnable", true],
  ["eth-trunk", "lacp unique-port-number enable", "la u e", "lacpUniquePortNumberEnable", true],
  ["eth-trunk", "lacp trunk-down-delay enable", "la tru e", "lacpTrunkDownDelayEnable", true],
  ["eth-trunk", "lacp backup-mode enable", "la b e", "lacpBackupModeEnable", true],
  ["eth-trunk", "lacp port-role", "la port-r", "lacpPortRole", ""],
  ["eth-trunk", "lacp track vrrp vrid 1", "la tra v vrid 1", "lacpTrackVrrp", "vrid 1"],
  ["eth-trunk", "lacp vrrp priority 5", "la v p 5", "lacpVrrpPriority", "5"],
  ["physical", "linux-interface eth0.5", "li eth0.5", "linuxInterface", "eth0.5"],
  ["physical", "speed 400000", "sp 400000", "speed", 400000],
  ["physical", "shutdown", "sh", "shutdown", true],
  ["physical", "description x", "des x", "description", "x"],
  ["physical", "eth-trunk 65535", "et 65535", "ethTrunk", { id: 65535 }],
  ["physical", "eth-trunk 0 mode passive", "et 0 m p", "ethTrunk", { id: 0, mode: "passive" }],
  ["physical", "port-master", "port-m", "portMaster", true],
  ["physical", "distribute-weight 64", "di 64", "distributeWeight", 64],
  ["physical", "lacp priority 1", "la p 1", "lacpPriority", 1],
  ["physical", "lacp force-up", "la f", "lacpForceUp", true],
];

const bind = { peer: "2.2.2.2" };
const emptyModel = (): Model => ({
  interfaces: { "Eth-Trunk1": {}, eth1: {}, "Eth-Trunk1.4096": {}, LoopBack0: {}, Vlanif10: {} },
  isis: { 1: {} },
  pim: {},
  pimIpv6: {},
  etrunks: { 1: {} },
  bfd: {},
  bfdSessions: { hello: { bind } },
});
/** What is there without any line. */
const GIVEN = new Set([...Object.keys(emptyModel()), "bind"]);

/** The object of the view after the lines; the first that fails instead. */
function recordAfter(view: keyof typeof POSITIONS, ...lines: string[]): unknown {
  const model = emptyModel();
  for (const line of lines) {
    const applied = applyLine(model, POSITIONS[view], line, "file");
    if (!applied.ok) return `${line}: ${"error" in applied ? applied.error.kind : applied.refusal}`;
  }
  const record = PRODUCT.recordAt(normalised(model), POSITIONS[view]);
  return Object.fromEntries(Object.entries(record).filter(([attribute]) => !GIVEN.has(attribute)));
}

describe.for(ROWS)("%s: %s", ([view, line, short, attribute, value]) => {
  const setting = PRODUCT.settingsOf(view)[attribute]!;

  test("sets its attribute and is printed as it was read", () => {
    expect(recordAfter(view, line)).toEqual({ [attribute]: value });
    // Lines that say nothing may stand around it.
    expect(setting.print(value).filter((printed) => printed !== "#")).toEqual([line]);
  });

  test("is understood cut short and in any case", () => {
    expect(recordAfter(view, short)).toEqual({ [attribute]: value });
    const command = line.slice(0, setting.command.length);
    expect(recordAfter(view, command.toUpperCase() + line.slice(command.length))).toEqual({ [attribute]: value });
  });

  test("is undone with and without the rest of the line", () => {
    expect(recordAfter(view, line, `undo ${setting.command}`)).toEqual({});
    expect(recordAfter(view, line, `undo ${line}`)).toEqual({});
    expect(recordAfter(view, `undo ${setting.command}`)).toEqual({});
  });

  test("fits the schema", () => {
    expect(setting.schema.parse(value)).toEqual(value);
  });
});

const SETTINGS = POSITION_NAMES.flatMap((view) =>
  Object.entries(PRODUCT.settingsOf(view)).map(([attribute, setting]) => ({ view, attribute, setting })),
);

test("every setting has a row above", () => {
  const rows = new Set(ROWS.map(([view, , , attribute]) => `${view} ${attribute}`));
  const missing = SETTINGS.filter(({ view, attribute }) => !rows.has(`${view} ${attribute}`));
  // What the line gives that opens the view has no row in it.
  expect(missing.map(({ view, attribute }) => `${view} ${attribute}`)).toEqual(["bfd-session bind"]);
});

test.for(SETTINGS)("$view: the attribute $attribute is named after its command", ({ attribute, setting }) => {
  const camelCase = setting.command.replace(/[ -]+(.)/g, (_, letter: string) => letter.toUpperCase());
  expect(attribute === camelCase || attribute === `${camelCase}Enable`).toBe(true);
});

test.for(SETTINGS)("$view: a default of $attribute is one of its values", ({ setting }) => {
  if (setting.default !== undefined) expect(setting.schema.safeParse(setting.default).success).toBe(true);
});

test.for(SETTINGS)("$view: what $attribute demands are commands of the same view", ({ view, setting }) => {
  const settings = PRODUCT.settingsOf(view);
  expect([...setting.excludes, ...setting.clears].filter((other) => !(other in settings))).toEqual([]);
  if (setting.needs) {
    expect(settings).toHaveProperty(setting.needs.attribute);
    const { attribute, value, command } = setting.needs;
    expect(settings[attribute]!.print(value)).toEqual([command]);
  }
  for (const mode of setting.onlyInModes) expect(settings.mode!.schema.safeParse(mode).success).toBe(true);
});

test("every attribute of system view has its place in the printed order", () => {
  const placed = PRODUCT.sections.flatMap((part) => ("attribute" in part ? [] : part));
  expect([...placed].sort()).toEqual(Object.keys(PRODUCT.settingsOf("system")).sort());
});

/** Numbers out of range, one below and one above, each with the range the refusal names. */
test.for([
  ["system", "lacp priority", -1, 65536],
  ["system", "lacp system-priority", -1, 65536],
  ["system", "e-trunk port", 1024, 65536],
  ["system", "e-trunk ipv6 port", 1024, 65536],
  ["system", "lacp e-trunk priority", -1, 65536],
  ["system", "whitelist session-car e-trunk-ipv4 cir", -1, 1000001],
  ["system", "whitelist session-car e-trunk-ipv4 cbs", -1, 9000001],
  ["system", "whitelist session-car e-trunk-ipv6 pir", -1, 1000001],
  ["system", "whitelist session-car e-trunk-ipv6 pbs", -1, 9000001],
  ["system", "e-trunk", 0, 513],
  ["e-trunk", "priority", 0, 255],
  ["e-trunk", "timer hello", 4, 101],
  ["e-trunk", "timer hold-on-failure multiplier", 2, 301],
  ["e-trunk", "timer revert delay", -1, 10801],
  ["e-trunk", "e-trunk bfd min-tx-interval", 2, 20001],
  ["e-trunk", "e-trunk bfd min-rx-interval", 2, 20001],
  ["e-trunk", "e-trunk bfd detect-multiplier", 2, 51],
  ["e-trunk", "security-key send-key-id", -1, 256],
  ["bfd", "delay-up", 0, 601],
  ["bfd", "tos-exp", -1, 8],
  ["bfd-session", "discriminator local", 0, 16385],
  ["bfd-session", "discriminator remote", 0, 4294967296],
  ["bfd-session", "detect-multiplier", 2, 51],
  ["bfd-session", "min-rx-interval", 2, 20001],
  ["bfd-session", "min-tx-interval", 2, 20001],
  ["bfd-session", "tos-exp", -1, 8],
  ["bfd-session", "wtr", 0, 61],
  ["eth-trunk", "e-trunk", 0, 513],
  ["eth-trunk", "e-trunk 1 remote-eth-trunk", -1, 65536],
  ["eth-trunk", "lacp e-trunk priority", -1, 65536],
  ["eth-trunk", "least active-linknumber", 0, 65],
  ["eth-trunk", "least active-bandwidth", 0, 4294967296],
  ["eth-trunk", "max active-linknumber", 0, 65],
  ["eth-trunk", "max bandwidth-affected-linknumber", 0, 65],
  ["eth-trunk", "lacp timeout fast user-defined", 2, 91],
  ["eth-trunk", "lacp preempt delay", -1, 181],
  ["eth-trunk", "lacp priority", -1, 65536],
  ["eth-trunk", "lacp portkey", 0, 65536],
  ["eth-trunk", "lacp collector delay", -1, 65536],
  ["system", "vlan", 0, 4095],
  ["sub-interface", "vlan-type dot1q", 0, 4095],
  ["physical", "mtu", 45, 9601],
  ["physical", "ipv6 mtu", 1279, 9601],
  ["physical", "port default vlan", 0, 4095],
  ["physical", "port trunk pvid vlan", 0, 4095],
  ["physical", "isis enable", 0, 4294967296],
  ["physical", "speed", 9, 400001],
  ["physical", "eth-trunk", -1, 65536],
  ["physical", "distribute-weight", 0, 65],
  ["physical", "lacp priority", -1, 65536],
] as const)("%s: %s takes what lies between %i and %i", ([view, command, below, above]) => {
  for (const value of [below, above]) {
    const applied = applyLine(emptyModel(), POSITIONS[view], `${command} ${value}`, "file");
    expect(applied).toMatchObject({
      ok: false,
      error: { kind: "wrong", column: command.length + 1, expected: [`INTEGER<${below + 1}-${above - 1}>`] },
    });
  }
  for (const value of [below + 1, above - 1])
    expect(applyLine(emptyModel(), POSITIONS[view], `${command} ${value}`, "file")).toMatchObject({ ok: true });
});

test.for([
  ["system", "sysname", "a\\b"],
  ["system", "sysname", '"a b"'],
  ["system", "sysname", "x".repeat(247)],
  ["eth-trunk", "description", "x".repeat(243)],
  ["eth-trunk", "description", "a\u0007b"],
  ["eth-trunk", "lacp system-id", "12345-1-1"],
  ["eth-trunk", "lacp system-id", "1-1"],
  ["e-trunk", "peer-address", "224.0.0.1 source-address 1.1.1.1"],
  ["e-trunk", "peer-address", "255.255.255.255 source-address 1.1.1.1"],
  ["e-trunk", "peer-address", "127.0.0.1 source-address 1.1.1.1"],
  ["e-trunk", "peer-address", "0.0.0.0 source-address 1.1.1.1"],
  ["e-trunk", "peer-address", "1.1.1 source-address 1.1.1.1"],
  ["e-trunk", "peer-address", "2001:db8::1 source-address 1.1.1.1"],
  ["e-trunk", "peer-ipv6", "ff02::1 source-ipv6 2001:db8::1"],
  ["e-trunk", "peer-ipv6", "::1 source-ipv6 2001:db8::1"],
  ["e-trunk", "peer-ipv6", "fe80::1 source-ipv6 2001:db8::1"],
  ["e-trunk", "peer-ipv6", "1.1.1.1 source-ipv6 2001:db8::1"],
  ["e-trunk", "description", "x".repeat(243)],
  ["e-trunk", "security-key simple", "x".repeat(256)],
  ["e-trunk", "security-key cipher", "x".repeat(256)],
  ["e-trunk", "security-key cipher", "schl\u00fcssel"],
  ["e-trunk", "security-key simple", KEY],
  ["e-trunk", "e-trunk track bfd-session session-name", "x".repeat(65)],
  ["bfd", "default-ip-address", "224.0.0.106"],
  ["bfd", "default-ip-address", "224.0.0.251"],
  ["bfd-session", "description", "x".repeat(52)],
  ["bfd-session", "authentication-mode md5 key-id 1 cipher", "x".repeat(17)],
  ["bfd-session", "authentication-mode sha1 key-id 1 cipher", "x".repeat(21)],
  ["system", "vlan batch", "4095"],
  ["system", "vlan batch", "0 to 5"],
  ["system", "vlan-bridge", "a/b"],
  ["system", "ip route-static", "224.0.0.0 4 10.1.1.2"],
  ["system", "ipv6 route-static", "fe80::/10 2001:db8::1"],
  ["physical", "mac-address", "1-1"],
  ["physical", "ip address", "0.0.0.0 24"],
  ["physical", "ip address", "127.0.0.1 8"],
  ["physical", "ip address", "224.0.0.1 24"],
  ["physical", "ipv6 address", "10.1.1.1 24"],
  ["physical", "ipv6 address", "ff02::1/64"],
  ["physical", "ipv6 address", "2001:db8::1/129"],
  ["physical", "ipv6 address", "2001:db8::1/0"],
  ["isis", "network-entity", "10.0000.0000.0001"],
  ["isis", "network-entity", "10.0000.0000.0001.01"],
  ["isis", "network-entity", "1.0000.0000.0001.00"],
  ["pim", "static-rp", "2001:db8::1"],
  ["physical", "linux-interface", "sixteen-letters-"],
  ["physical", "linux-interface", "a/b"],
  ["physical", "linux-interface", "__proto__"],
] as const)("%s: %s does not take %s", ([view, command, value]) => {
  expect(applyLine(emptyModel(), POSITIONS[view], `${command} ${value}`, "file")).toMatchObject({
    ok: false,
    error: { kind: "wrong", column: command.length + 1 },
  });
});

describe("help comes from the same rows", () => {
  const helpFor = (line: string, view: string) => helpLines(PRODUCT.viewCalled(view).rows, line);

  /** Every text of help that leads through the first words of each row. */
  const linesOfHelp = (view: string): [typed: string, line: string][] => {
    const pending = [""];
    const found: [string, string][] = [];
    for (let typed = pending.pop(); typed !== undefined; typed = pending.pop())
      for (const line of helpFor(typed, view)) {
        if (line === "Current view commands:" || line === "  <cr>") continue;
        found.push([typed, line]);
        const keyword = /^ {2}([a-z0-9-]+)(?: {2}|$)/.exec(line)?.[1];
        if (keyword) pending.push(`${typed}${keyword} `);
      }
    return found;
  };

  test.for(POSITION_NAMES)("%s: every word has a text", (view) => {
    const lines = linesOfHelp(view);
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.filter(([, line]) => !/^ {2}\S.*? {2,}\S/.test(line))).toEqual([]);
  });

  test("a number is shown with its range, its unit and its default", () => {
    expect(helpFor("lacp preempt delay ", "eth-trunk")).toEqual([
      "  INTEGER<0-180>  Delay before a better port replaces a worse one, in seconds, the default value is 30",
    ]);
    expect(helpFor("lacp collector delay ", "eth-trunk")).toEqual([
      "  INTEGER<0-65535>  CollectorMaxDelay, in units of 10 us, the default value is 0",
    ]);
  });

  test("a view lists its commands and undo", () => {
    expect(helpFor("", "physical").map((line) => line.trim().split(" ")[0])).toEqual([
      "Current",
      "description",
      "detect-active-link",
      "distribute-weight",
      "eth-trunk",
      "ip",
      "ipv6",
      "isis",
      "lacp",
      "linux-interface",
      "mac-address",
      "mtu",
      "pim",
      "port",
      "port-master",
      "portswitch",
      "shutdown",
      "smart-link",
      "speed",
      "undo",
    ]);
  });

  test("what may follow a complete command ends with <cr>", () => {
    expect(helpFor("lacp timeout fast ", "eth-trunk")).toEqual(["  user-defined  Another time than 3 s", "  <cr>"]);
    expect(helpFor("eth-trunk 1 mode ", "physical")).toEqual([
      "  active   Sends LACPDUs",
      "  passive  Sends LACPDUs only while the partner does",
    ]);
  });
});
