import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Path, type Position, SYSTEM } from "../../src/config/feature.js";
import { PRODUCT } from "../../src/config/features.js";
import type { Place } from "../../src/config/grammar.js";
import { completeLine, helpLines } from "../../src/config/language/help.js";
import type { Model } from "../../src/config/model.js";
import { applyLine } from "../../src/config/reading/apply.js";
import { differencesBetween, printDifferences } from "../../src/config/reading/differences.js";
import { normalised } from "../../src/config/reading/normalise.js";
import { printConfiguration } from "../../src/config/reading/print.js";
import { readConfiguration } from "../../src/config/reading/read.js";
import { answerLines, typeLine } from "../../src/config/reading/type-line.js";
import { toDesired } from "../../src/config/to-desired.js";
import type { Mac } from "../../src/core/base/address.js";

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
const SUB_INTERFACE_VALUES = {
  vlanTypeDot1q: vlan,
  shutdown: flag,
  description: text(40),
  ...DEVICE_VALUES,
  ...ADDRESS_VALUES,
  ...PIM_VALUES,
  ...ISIS_VALUES,
};
const { vlanTypeDot1q: _tag, ...VLANIF_VALUES } = SUB_INTERFACE_VALUES;
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

test.for([
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
] as const)("values of every attribute of the %s view are tried", ([view, values]) => {
  expect(Object.keys(values)).toEqual(Object.keys(PRODUCT.settingsOf(view)));
});

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

/** Any model of which each attribute is right; together they need not make sense. */
const models = fc
  .record(
    { ...SYSTEM_VALUES, interfaces, vlans: vlanViews, isis, pim, pimIpv6, etrunks, bfd, bfdSessions },
    { requiredKeys: [] },
  )
  .map((raw) => readConfiguration(JSON.stringify(raw)).model);

/** The position of the object that stands there. */
function positionAt([attribute, name = ""]: Path): Position {
  const collection = PRODUCT.collections.find((each) => each.attribute === attribute);
  return collection === undefined ? SYSTEM : collection.positionOf(name);
}

const textsOf = (problems: readonly { readonly text: string }[]) => problems.map(({ text }) => text).sort();

// A model is much to make and to check on a busy machine.
describe("for any model", { timeout: 60_000 }, () => {
  test("what is printed reads as the same model, and prints the same", () => {
    fc.assert(
      fc.property(models, (model) => {
        const printed = printConfiguration(model);
        const read = readConfiguration(printed);
        expect(read.model).toEqual(model);
        expect(JSON.stringify(read.model)).toBe(JSON.stringify(model));
        expect(printConfiguration(read.model)).toBe(printed);
      }),
      { numRuns: 100 },
    );
  });

  test("its JSON reads as the same model, with the same faults and notices as its text", () => {
    fc.assert(
      fc.property(models, (model) => {
        const json = readConfiguration(JSON.stringify(model, null, 1));
        const text = readConfiguration(printConfiguration(model));
        expect(json.model).toEqual(model);
        expect(json.notices).toHaveLength(text.notices.length);
        const withoutPath = json.problems.map(({ text }) => ({
          text: text.replace(/^(?:interfaces|vlans|etrunks|bfdSessions)\.\S+: |^(?:lacp|whitelist|vlan)\w+: /, ""),
        }));
        expect(textsOf(withoutPath)).toEqual(textsOf(text.problems));
      }),
      { numRuns: 100 },
    );
  });

  test("it is what the engine is asked for whether it comes as text or as JSON", () => {
    const facts = { deviceMac: 0x00e0fc123455 as Mac, bindings: new Map<string, string>() };
    fc.assert(
      fc.property(models, (model) => {
        const { model: read } = readConfiguration(printConfiguration(model));
        expect(toDesired(read, facts)).toEqual(toDesired(model, facts));
      }),
      { numRuns: 100 },
    );
  });

  test("undoing every line of an object leaves nothing of it", () => {
    /** What is left of an object when every line it is printed as is undone. */
    const undone = (model: Model, { view, record, path }: Place) => {
      const position = positionAt(path);
      for (const [attribute, value] of Object.entries({ ...record })) {
        const setting = view.settings[attribute];
        if (setting === undefined || setting.inViewLine) continue;
        for (const line of setting.print(value).filter((printed) => printed !== "#"))
          expect(applyLine(model, position, `undo ${line}`, "file")).toMatchObject({ ok: true });
      }
      return Object.keys(record).filter((attribute) => view.settings[attribute]?.inViewLine === false);
    };
    fc.assert(
      fc.property(models, (model) => {
        for (const place of [...PRODUCT.placesIn(model)]) expect(undone(model, place)).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  test("it differs from itself in nothing, and from another in what the lines say", () => {
    fc.assert(
      fc.property(models, models, (a, b) => {
        expect(differencesBetween(a, normalised(a))).toEqual([]);
        const differs = JSON.stringify(a) !== JSON.stringify(b);
        expect(differencesBetween(a, b).length > 0).toBe(differs);
        expect(printDifferences(a, b).length > 0).toBe(differs);
        const swapped = differencesBetween(b, a).map(({ path, from, to }) => ({ path, from: to, to: from }));
        expect(swapped).toHaveLength(differencesBetween(a, b).length);
        expect(swapped).toEqual(expect.arrayContaining(differencesBetween(a, b)));
      }),
      { numRuns: 100 },
    );
  });
});

const words = fc.constantFrom(
  "interface", "int", "undo", "lacp", "mode", "manual", "lacp-static", "eth-trunk", "Eth-Trunk", "1", "65536", "ge", "0/1/1",
  "to", "0/1/5", "trunkport", "priority", "p", "timeout", "fast", "user-defined", "30", "shutdown", "description", "#", "!",
  "return", "sysname", '"', '"a', "\t", "{", "}", "least", "active-linknumber",
  "e-trunk", "bfd", "hello", "bind", "peer-ip", "2.2.2.2", "security-key", "cipher", "simple", "peer-address", "source-address",
  "ip", "ipv6", "address", "10.1.1.1", "24", "sub", "2001:db8::1/64", "link-local", "port", "vlan", "batch", "all", "portswitch",
  "route-static", "Vlanif", "LoopBack", "vlan-type", "dot1q", "isis", "pim", "mtu", "mac-address", "2-2-2",
  "discriminator", "local", "track", "authentication-mode", "key-id", "enable", "preempt", "__proto__", "constructor",
); // biome-ignore format: one list of words

/** Lines made of the grammar's own words, which get further than noise. */
const likelyText = fc
  .array(fc.tuple(fc.nat(4), fc.array(words, { maxLength: 8 })), { maxLength: 40 })
  .map((lines) => lines.map(([indent, line]) => " ".repeat(indent) + line.join(" ")).join("\n"));
const noise = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }).map((octets) => new TextDecoder("latin1").decode(octets)),
  fc.uint8Array({ maxLength: 2000 }).map((octets) => new TextDecoder().decode(octets)),
  fc.string({ unit: "binary", maxLength: 500 }),
  fc.json({ maxDepth: 6 }),
  fc.json({ maxDepth: 6 }).map((json) => `{"interfaces":${json}`),
  fc
    .string({ unit: fc.constantFrom("{", "}", "[", "]", '"', ":", ",", "\\", "1", "a", "\n", " "), maxLength: 200 })
    .map((s) => `{${s}`),
);

describe("whatever text comes", () => {
  test("reading it ends, throws nothing, and gives a model that can be printed and read", () => {
    fc.assert(
      fc.property(fc.oneof(likelyText, noise), (text) => {
        const { model, problems } = readConfiguration(text);
        const last = text.split("\n").length;
        for (const { line, text } of problems) {
          expect(line).toBeGreaterThanOrEqual(1);
          expect(line).toBeLessThanOrEqual(last);
          expect(text).not.toMatch(/[\n\r\0]/);
        }
        expect(readConfiguration(printConfiguration(model)).model).toEqual(model);
      }),
      { numRuns: 500 },
    );
  });

  test("typing it into any view gives an answer and a caret within reach", () => {
    const positions: Position[] = [
      SYSTEM,
      { view: "eth-trunk", name: "Eth-Trunk1" },
      { view: "physical", name: "eth1" },
      { view: "e-trunk", name: "1" },
      { view: "bfd", name: "" },
      { view: "bfd-session", name: "hello" },
    ];
    const model: Model = {
      interfaces: { "Eth-Trunk1": {}, eth1: {} },
      etrunks: { 1: {} },
      bfd: {},
      bfdSessions: { hello: { bind: { peer: "2.2.2.2" } } },
    };
    const line = fc.oneof(
      fc.array(words, { maxLength: 8 }).map((all) => all.join(" ")),
      noise,
    );
    fc.assert(
      fc.property(line, fc.constantFrom(...positions), (text, position) => {
        const typed = typeLine(model, position, text);
        if (!typed.ok) expect(answerLines(typed).length).toBeGreaterThan(0);
        if (!typed.ok && "error" in typed) expect(typed.error.column).toBeLessThanOrEqual(text.length);
        const { rows } = PRODUCT.viewCalled(position.view);
        expect(helpLines(rows, text)).toBeInstanceOf(Array);
        expect(completeLine(rows, text).start).toBeLessThanOrEqual(text.length);
      }),
      { numRuns: 500 },
    );
  });

  test("a completed word is understood as the word that was begun", () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 5 }), (all) => {
        const line = all.join(" ");
        const { start, candidates } = completeLine(PRODUCT.viewCalled("eth-trunk").rows, line);
        for (const candidate of candidates) {
          const help = helpLines(PRODUCT.viewCalled("eth-trunk").rows, `${line.slice(0, start)}${candidate} `);
          expect(help.some((each) => each.startsWith("Error"))).toBe(false);
        }
      }),
      { numRuns: 300 },
    );
  });
});

/** Milliseconds this process has worked, whatever else runs on the machine. */
const cpuTime = () => process.cpuUsage().user / 1000;

/** Texts that would make a reader of more than linear time, or one that recurses, hang or die. */
test.for([
  ["one line of megabytes", "a".repeat(4_000_000)],
  ["a million lines", "x\n".repeat(1_000_000)],
  ["four million line ends", "\n".repeat(4_000_000)],
  ["NULs", "\0".repeat(4_000_000)],
  ["open quotes", `${'" "'.repeat(1000)}\n`.repeat(1000)],
  ["lines of blanks with a character at the end", `${" ".repeat(3000)}x\n`.repeat(1000)],
  ["lines of blanks around a character", `x${" ".repeat(3000)}y\n`.repeat(1000)],
  ["long names", `interface ${"a1".repeat(1500)}!\n`.repeat(1000)],
  ["long numbers", `lacp priority ${"1".repeat(3000)}\n`.repeat(1000)],
  ["ever deeper indentation", Array.from({ length: 2000 }, (_, i) => `${" ".repeat(i)}x`).join("\n")],
  ["lists that stand for many interfaces", `interface Eth-Trunk1\n${" trunkport ge 0/1/0 to 0/1/127\n".repeat(1500)}`],
  ["nested brackets", `{"a":${"[".repeat(2_000_000)}`],
  ["nested objects", `${'{"a":'.repeat(500_000)}1`],
  ["a string that never ends", `{"a":"${"b".repeat(4_000_000)}`],
  ["a string of escapes", `{"a":"${"\\n".repeat(1_000_000)}"}`],
  ["many keys", `{${Array.from({ length: 50_000 }, (_, i) => `"k${i}":1`).join(",\n")}}`],
] as const)("%s are read within seconds", ([, text]) => {
  const begun = cpuTime();
  const { problems } = readConfiguration(text);
  expect(problems.length).toBeLessThanOrEqual(10_001);
  expect(cpuTime() - begun).toBeLessThan(5_000);
});

test("the time to read a configuration grows with its length", { timeout: 60_000 }, () => {
  const configuration = (trunks: number) =>
    Array.from(
      { length: trunks },
      (_, i) =>
        `interface Eth-Trunk${i}\n lacp portkey ${i + 1}\n mode lacp-static\ninterface ge0/1/${i}\n eth-trunk ${i}\n`,
    ).join("");
  const timeOf = (text: string) => {
    const begun = cpuTime();
    expect(readConfiguration(text).problems).toEqual([]);
    return cpuTime() - begun;
  };
  timeOf(configuration(500));
  // Quadratic reading would take 64 times as long for eight times as much.
  expect(timeOf(configuration(6000)) / timeOf(configuration(750))).toBeLessThan(32);
});
