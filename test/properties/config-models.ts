import fc from "fast-check";
import { readConfiguration } from "../../src/config/reading/read.js";
import { backupName, RBP_VALUES, RBS_VALUES } from "./config-rbs-models.js";

const between = (min: number, max: number) => fc.integer({ min, max });
const priority = between(0, 65535);
const links = between(1, 64);
const flag = fc.boolean();
/** Anything printable without blanks at its ends. */
const text = (most: number) =>
  fc
    .string({ unit: "grapheme", minLength: 1, maxLength: most })
    .map((s) => s.replace(/[\p{Cc}\p{Cs}]/gu, "x").replace(/^ +| +$/g, ""))
    .filter((s) => s.length > 0 && s.length <= most);
const kept = fc.oneof(fc.constant(""), text(60));
const linuxName = fc
  .stringMatching(/^[A-Za-z0-9._-]{1,15}$/)
  .filter((name) => ![".", "..", "__proto__"].includes(name));
const mac = between(1, 2 ** 44).map((n) =>
  (n * 2 ** 4 - (n % 2 ** 4))
    .toString(16)
    .padStart(12, "0")
    .slice(-12)
    .replace(/..(?=.)/g, "$&:"),
);

/** A value of each attribute; a test below sees that none is missing. */
const car = fc.record(
  { cir: between(0, 1_000_000), cbs: between(0, 9_000_000), pir: between(0, 1_000_000), pbs: between(0, 9_000_000) },
  { requiredKeys: [] },
);
/** Plain keys, and ciphertexts of ours and of others. */
const key = fc.oneof(
  fc.stringMatching(/^[!-~]{1,16}$/),
  fc.stringMatching(/^%\^%#1:[A-Za-z0-9+/]{22,60}%\^%#$/),
  fc.stringMatching(/^%\^%#[!-0@-~]{24,60}%\^%#$/),
);
const flushKey = fc.oneof(fc.stringMatching(/^[!-~]{6,16}$/), fc.stringMatching(/^%\^%#1:[A-Za-z0-9+/]{22,60}%\^%#$/));
const ipv4 = fc
  .tuple(between(1, 223), fc.nat(255), fc.nat(255), fc.nat(255))
  .filter(([first]) => first !== 127)
  .map((octets) => octets.join("."));
const ipv6 = fc
  .array(fc.nat(0xffff), { minLength: 6, maxLength: 6 })
  .map((groups) => `2001:db8:${groups.map((group) => group.toString(16)).join(":")}`);
const vpnInstance = fc.stringMatching(/^[A-Za-z0-9_-]{1,31}$/);
const optional = { requiredKeys: ["peer", "source"] as ("peer" | "source")[] };
const sessionName = fc.constantFrom("hello", "bfd2", "To-PE2", "constructor", "x.y");
const trackedInterface = fc.constantFrom("GigabitEthernet0/1/1", "Eth-Trunk1", "eth3");

const vlan = between(1, 4094);
const vlans = fc.array(vlan, { minLength: 1, maxLength: 30 });
const route = (address: fc.Arbitrary<string>, longest: number) =>
  fc.array(
    fc.record(
      { address, length: fc.nat(longest), nextHop: address, preference: between(1, 255) },
      { requiredKeys: ["address", "length", "nextHop"] },
    ),
    { minLength: 1, maxLength: 3 },
  );

/** What an interface in Layer 3 mode can be given. */
const ADDRESS_VALUES = {
  ipAddress: fc
    .uniqueArray(fc.record({ address: ipv4, length: between(1, 32) }), {
      minLength: 1,
      maxLength: 3,
      selector: ({ address }) => address,
    })
    .map(([own, ...others]) => [own, ...others.map((each) => ({ ...each, sub: true }))]),
  ipv6Enable: flag,
  ipv6Address: fc.oneof(
    fc.uniqueArray(
      fc.record(
        { address: ipv6, length: between(1, 128), eui64: fc.constant(true) },
        { requiredKeys: ["address", "length"] },
      ),
      { minLength: 1, maxLength: 3, selector: ({ address }) => address },
    ),
    fc.constant([{ address: "fe80::1", linkLocal: true }]),
    fc.constant([{ address: "2001:db8::1", length: 64 }, { auto: "link-local" }]),
  ),
  ipv6Mtu: between(1280, 9600),
};
const DEVICE_VALUES = { macAddress: mac, mtu: between(46, 9600) };
const SWITCH_VALUES = {
  portLinkType: fc.constantFrom("access", "trunk", "hybrid"),
  portDefaultVlan: vlan,
  portTrunkPvidVlan: vlan,
  portTrunkAllowPassVlan: fc.oneof(fc.constant("all"), vlans),
};
const flushAuth = fc.record({ mode: fc.constantFrom("simple", "sha", "hmac"), key: flushKey });
const flushVlan = fc.record({ vlan, auth: flushAuth }, { requiredKeys: ["vlan"] });
const FLUSH_VALUES = {
  smartLinkFlushEnableControlVlan: flushVlan,
  smartLinkFlushReceiveControlVlan: fc.oneof(
    fc.constant({ controlVlan: "all" }),
    fc.record(
      {
        controlVlan: fc.array(vlan, { minLength: 1, maxLength: 10 }),
        password: fc.record({ mode: fc.constantFrom("simple", "sha"), key: flushKey }),
      },
      { requiredKeys: ["controlVlan"] },
    ),
  ),
  detectActiveLinkEnable: flag,
};
const PIM_VALUES = { pimSm: flag, pimIpv6Sm: flag };
const isisProcess = fc.oneof(fc.constant(""), between(1, 2 ** 31 - 1).map(String));
const ISIS_VALUES = { isisEnable: isisProcess, isisIpv6Enable: isisProcess };
const BINDING_VALUES = {
  arpExpireTime: between(60, 86_400),
  remoteBackupProfile: fc.stringMatching(/^[0-9a-z_.-]{1,32}$/).filter((name) => name !== "__proto__"),
};
const SUB_INTERFACE_VALUES = {
  vlanTypeDot1q: vlan,
  shutdown: flag,
  description: text(40),
  ...DEVICE_VALUES,
  ...ADDRESS_VALUES,
  ...PIM_VALUES,
  ...ISIS_VALUES,
  ...BINDING_VALUES,
};
const {
  vlanTypeDot1q: _tag,
  remoteBackupProfile: _profile,
  arpExpireTime: _time,
  ...VLANIF_VALUES
} = SUB_INTERFACE_VALUES;
const LOOPBACK_VALUES = { description: text(40), ...ADDRESS_VALUES, ...PIM_VALUES, ...ISIS_VALUES };
const VLAN_VALUES = { description: text(80) };
const ISIS_VIEW_VALUES = {
  networkEntity: fc.uniqueArray(fc.stringMatching(/^10(\.[0-9a-f]{4}){3,9}\.00$/), { minLength: 1, maxLength: 3 }),
  ipv6Enable: fc.constantFrom("", "compatible", "compatible enable-mt-spf", "ipv6", "standard"),
};
const staticRp = (address: fc.Arbitrary<string>) => ({
  staticRp: fc.record({ address, preferred: fc.constant(true) }, { requiredKeys: ["address"] }),
});
const PIM_VIEW_VALUES = staticRp(ipv4);
const PIM_IPV6_VIEW_VALUES = staticRp(ipv6);

const SYSTEM_VALUES = {
  vlanBatch: fc.array(between(2, 4094), { minLength: 1, maxLength: 30 }),
  vlanBridge: linuxName,
  multicastRoutingEnable: flag,
  multicastIpv6RoutingEnable: flag,
  ipRouteStatic: route(ipv4, 32),
  ipv6RouteStatic: route(ipv6, 128),
  whitelistSessionCarETrunkIpv4: car,
  whitelistSessionCarETrunkIpv4Disable: flag,
  whitelistSessionCarETrunkIpv6: car,
  whitelistSessionCarETrunkIpv6Disable: flag,
  eTrunkPort: between(1025, 65535),
  eTrunkIpv6Port: between(1025, 65535),
  lacpETrunkSystemId: mac,
  lacpETrunkPriority: priority,
  sysname: fc.stringMatching(/^[A-Za-z0-9#;&$|>?._-]{1,246}$/),
  lacpPriorityCommandMode: fc.constantFrom("default", "system-priority"),
  lacpPriority: priority,
  lacpSystemPriority: priority,
};
const PHYSICAL_VALUES = {
  linuxInterface: linuxName,
  speed: between(10, 400_000),
  portswitch: flag,
  shutdown: flag,
  description: text(40),
  ...DEVICE_VALUES,
  ...ADDRESS_VALUES,
  ...SWITCH_VALUES,
  ...PIM_VALUES,
  ...ISIS_VALUES,
  ethTrunk: fc.record({ id: fc.nat(3), mode: fc.constantFrom("active", "passive") }, { requiredKeys: ["id"] }),
  portMaster: flag,
  distributeWeight: links,
  lacpPriority: priority,
  lacpForceUp: flag,
  ...FLUSH_VALUES,
};
const TRUNK_VALUES = {
  shutdown: flag,
  portswitch: flag,
  description: text(40),
  ...DEVICE_VALUES,
  ...ADDRESS_VALUES,
  ...SWITCH_VALUES,
  ...PIM_VALUES,
  mode: fc.constantFrom("manual load-balance", "manual backup", "lacp-static"),
  leastActiveLinknumber: links,
  leastActiveBandwidth: between(1, 2 ** 31 - 1),
  maxActiveLinknumber: links,
  maxBandwidthAffectedLinknumber: links,
  loadBalance: fc.constantFrom(
    "src-dst-ip",
    "src-dst-mac",
    "packet-all",
    "symmetric-hash",
    "symmetric-hash complement",
  ),
  lacpTimeout: fc.oneof(fc.constantFrom("slow", "fast"), between(3, 90)),
  lacpPreemptEnable: flag,
  lacpPreemptDelay: between(0, 180),
  lacpSelected: fc.constantFrom("priority", "speed"),
  lacpSystemId: mac,
  lacpPriority: priority,
  lacpPortkey: between(1, 65535),
  lacpCollectorDelay: priority,
  lacpMixedRateLinkEnable: flag,
  lacpPortIdExtensionEnable: flag,
  lacpDampeningStateFlapping: flag,
  lacpDampeningUnexpectedMacDisable: flag,
  lacpIndependentControlEnable: flag,
  lacpUniquePortNumberEnable: flag,
  lacpTrunkDownDelayEnable: flag,
  lacpBackupModeEnable: flag,
  lacpPortRole: kept,
  lacpTrackVrrp: kept,
  lacpVrrpPriority: kept,
  lacpETrunkSystemId: mac,
  lacpETrunkPriority: priority,
  preemptEnable: between(0, 1_859_999),
  inactivePortShutdownEnable: flag,
  eTrunk: fc.record({ id: between(1, 3), remoteEthTrunk: fc.nat(3) }, { requiredKeys: ["id"] }),
  eTrunkMode: fc.constantFrom("auto", "force-master", "force-backup"),
  standbySignalling: fc.constantFrom("carrier", "none"),
  ...ISIS_VALUES,
  smartLinkFlushSendVlan: flushVlan,
  ...FLUSH_VALUES,
  ...BINDING_VALUES,
};
const interval = between(3, 20_000);
const multiplier = between(3, 50);
const ETRUNK_VALUES = {
  priority: between(1, 254),
  priorityOrder: fc.constantFrom("lower-first", "higher-first"),
  peerAddress: fc.record({ peer: ipv4, source: ipv4, vpnInstance }, optional),
  peerIpv6: fc.record({ peer: ipv6, source: ipv6, vpnInstance }, optional),
  timerHello: between(5, 100),
  timerHoldOnFailureMultiplier: between(3, 300),
  timerRevertDelay: between(0, 10_800),
  revertDisable: flag,
  eTrunkSelect: fc.constantFrom("link-number", "bandwidth"),
  eTrunkTrackBfdSessionSessionName: sessionName,
  eTrunkBfdEnable: fc.record({ trackInterface: trackedInterface }, { requiredKeys: [] }),
  eTrunkBfd: fc.record(
    { minTxInterval: interval, minRxInterval: interval, detectMultiplier: multiplier },
    { requiredKeys: [] },
  ),
  eTrunkBfdAuthenticationDisable: flag,
  sequenceEnable: flag,
  description: text(40),
  securityKey: key,
  securityKeyKeyId: fc.dictionary(
    between(1, 255).map((id) => String(id)),
    key,
    { minKeys: 1, maxKeys: 3 },
  ),
  securityKeySendKeyId: fc.nat(255),
  authenticationMode: fc.constantFrom("hmac-sha1", "hmac-sha256", "enhanced-hmac-sha256"),
};
const BFD_VALUES = {
  defaultIpAddress: between(107, 250).map((last) => `224.0.0.${last}`),
  delayUp: between(1, 600),
  tosExp: fc.nat(7),
};
const BFD_SESSION_VALUES = {
  bind: fc.oneof(
    fc.record(
      { peer: ipv4, vpnInstance, source: ipv4, interface: trackedInterface, trackInterface: trackedInterface },
      { requiredKeys: ["peer"] },
    ),
    fc.record(
      { peer: ipv6, vpnInstance, source: ipv6, interface: trackedInterface, trackInterface: trackedInterface },
      { requiredKeys: ["peer"] },
    ),
    fc.record(
      { peer: fc.constant("default-ip"), interface: trackedInterface, source: ipv4 },
      { requiredKeys: ["peer", "interface"] },
    ),
  ),
  discriminatorLocal: between(1, 16_384),
  discriminatorRemote: between(1, 4_294_967_295),
  authenticationMode: fc.oneof(
    fc.record({ type: fc.constantFrom("simple", "md5", "met-md5", "sha1"), keyId: between(1, 255), key }),
    fc.record(
      { type: fc.constant("met-sha1"), keyId: between(1, 255), key, negoPacket: fc.constant(true as const) },
      { requiredKeys: ["type", "keyId", "key"] },
    ),
  ),
  description: text(51),
  detectMultiplier: multiplier,
  minRxInterval: interval,
  minTxInterval: interval,
  processInterfaceStatus: kept,
  processPst: flag,
  shutdown: flag,
  tosExp: fc.nat(7),
  wtr: between(1, 60),
};

/** Values of every attribute of every view. */
export const VALUES = [
  ["system", SYSTEM_VALUES],
  ["physical", PHYSICAL_VALUES],
  ["eth-trunk", TRUNK_VALUES],
  ["e-trunk", ETRUNK_VALUES],
  ["bfd", BFD_VALUES],
  ["bfd-session", BFD_SESSION_VALUES],
  ["sub-interface", SUB_INTERFACE_VALUES],
  ["loopback", LOOPBACK_VALUES],
  ["vlanif", VLANIF_VALUES],
  ["vlan", VLAN_VALUES],
  ["isis", ISIS_VIEW_VALUES],
  ["pim", PIM_VIEW_VALUES],
  ["pim-ipv6", PIM_IPV6_VIEW_VALUES],
  ["remote-backup-service", RBS_VALUES],
  ["remote-backup-profile", RBP_VALUES],
] as const;

const trunkName = fc.nat(3).map((id) => `Eth-Trunk${id}`);
const physicalName = fc.oneof(
  fc
    .tuple(fc.constantFrom("GigabitEthernet", "10GE", "Ethernet"), between(0, 3), between(0, 30))
    .map(([type, card, port]) => `${type}0/${card}/${port}`),
  // A Linux name may look like one of ours; then it is ours.
  linuxName.filter((name) => !/^(eth-trunk|loopback|null|vlanif|global-ve|.*ethernet|.*ge)[\d.]*$/i.test(name)),
);
const subInterfaceName = fc
  .tuple(fc.oneof(trunkName, fc.constant("10GE0/1/1")), between(1, 4096))
  .map(([main, number]) => `${main}.${number}`);
const loopbackName = fc.nat(1023).map((id) => `LoopBack${id}`);
const vlanifName = vlan.map((id) => `Vlanif${id}`);
const interfaces = fc
  .tuple(
    fc.dictionary(trunkName, fc.record(TRUNK_VALUES, { requiredKeys: [] }), { maxKeys: 3 }),
    fc.dictionary(physicalName, fc.record(PHYSICAL_VALUES, { requiredKeys: [] }), { maxKeys: 5 }),
    fc.dictionary(subInterfaceName, fc.record(SUB_INTERFACE_VALUES, { requiredKeys: [] }), { maxKeys: 2 }),
    fc.dictionary(loopbackName, fc.record(LOOPBACK_VALUES, { requiredKeys: [] }), { maxKeys: 2 }),
    fc.dictionary(vlanifName, fc.record(VLANIF_VALUES, { requiredKeys: [] }), { maxKeys: 2 }),
  )
  .map((all) => Object.assign({}, ...all));

const numbered = <Value>(values: fc.Arbitrary<Value>) =>
  fc.dictionary(
    between(1, 4094).map((id) => String(id)),
    values,
    { minKeys: 1, maxKeys: 3 },
  );
const vlanViews = numbered(fc.record(VLAN_VALUES));
const isis = numbered(fc.record(ISIS_VIEW_VALUES, { requiredKeys: [] }));
const pim = fc.record(PIM_VIEW_VALUES, { requiredKeys: [] });
const pimIpv6 = fc.record(PIM_IPV6_VIEW_VALUES, { requiredKeys: [] });

const etrunks = fc.dictionary(
  between(1, 3).map((id) => String(id)),
  fc.record(ETRUNK_VALUES, { requiredKeys: [] }),
  { minKeys: 1, maxKeys: 3 },
);
const bfd = fc.record(BFD_VALUES, { requiredKeys: [] });
const bfdSessions = fc.dictionary(sessionName, fc.record(BFD_SESSION_VALUES, { requiredKeys: ["bind"] }), {
  minKeys: 1,
  maxKeys: 3,
});

const remoteBackupServices = fc.dictionary(backupName, fc.record(RBS_VALUES, { requiredKeys: [] }), { maxKeys: 3 });
const remoteBackupProfiles = fc.dictionary(backupName, fc.record(RBP_VALUES, { requiredKeys: [] }), { maxKeys: 3 });

/** Any model of which each attribute is right; together they need not make sense. */
export const models = fc
  .record(
    {
      ...SYSTEM_VALUES,
      interfaces,
      vlans: vlanViews,
      isis,
      pim,
      pimIpv6,
      etrunks,
      bfd,
      bfdSessions,
      remoteBackupServices,
      remoteBackupProfiles,
    },
    { requiredKeys: [] },
  )
  .map((raw) => readConfiguration(JSON.stringify(raw)).model);
