import { z } from "zod";
import {
  integer,
  interfaceName,
  ipv4Address,
  ipv6Address,
  type ParameterType,
  restOfLine,
  word,
} from "./language/parameters.js";
import { cipherKey, plainKey } from "./language/secrets.js";
import { choice, flag, number, type Setting, setting, text } from "./language/setting.js";

/** Where hellos go and come from. */
interface Addresses {
  readonly peer: string;
  readonly source: string;
  readonly vpnInstance?: string;
}

export const vpnInstance = word(1, 31, /^[!-~]+$/);

const withVpn = <Value extends object>(value: Value, vpn: string | undefined) =>
  vpn === undefined ? value : { ...value, vpnInstance: vpn };

function addresses(peerWord: string, sourceWord: string, type: ParameterType<string>, version: string) {
  return setting<Addresses>(`${peerWord} <peer> ${sourceWord} <source> [ vpn-instance <vpn> ]`, {
    help: `Exchange hellos over ${version}`,
    words: { [sourceWord]: "Address of this device", "vpn-instance": "VPN instance of the addresses" },
    parameters: {
      peer: { type, help: `${version} address of the peer` },
      source: { type, help: `${version} address of this device` },
      vpn: { type: vpnInstance, help: "Name of the VPN instance, a VRF device of Linux" },
    },
    schema: z
      .strictObject(
        { peer: type.schema, source: type.schema, vpnInstance: z.exactOptional(vpnInstance.schema) },
        "{ peer, source, vpnInstance }",
      )
      .overwrite(({ peer, source, vpnInstance }) => withVpn({ peer, source }, vpnInstance)),
    read: ({ values }) =>
      withVpn({ peer: values.peer as string, source: values.source as string }, values.vpn as string | undefined),
    print: ({ peer, source, vpnInstance: vpn }) => [
      `${peerWord} ${type.print(peer)} ${sourceWord} ${type.print(source)}${vpn === undefined ? "" : ` vpn-instance ${vpn}`}`,
    ],
  });
}

const SIMPLE = "simple is deprecated: the key is kept as cipher, never in clear.";
const KEY_WORDS = { simple: "The key in plain text (deprecated)", cipher: "The key as plain text or as ciphertext" };
const keyParameters = {
  plain: { type: plainKey(), help: "Key" },
  key: { type: cipherKey(), help: "Key, or its ciphertext" },
};
/** Keys by their ID. */
type Keys = { readonly [id: string]: string };

const securityKey = setting<string>("security-key { simple <plain> | cipher <key> }", {
  help: "Key that both devices sign their hellos with",
  words: KEY_WORDS,
  parameters: keyParameters,
  schema: keyParameters.key.type.schema,
  seal: (key, seal) => seal(key),
  read: ({ values }) => (values.plain ?? values.key) as string,
  warns: (_, match) => (match?.words.includes("simple") ? SIMPLE : undefined),
  print: (key) => [`security-key cipher ${key}`],
});

const keyId = integer(1, 255);
const MOST_KEYS = 255;

const securityKeys: Setting<Keys> = setting<Keys>("security-key key-id <id> { simple <plain> | cipher <key> }", {
  help: "Further key, under the same ID at both ends",
  words: { ...KEY_WORDS, "key-id": "Further key, under the same ID at both ends" },
  parameters: { id: { type: keyId, help: "ID of the key" }, ...keyParameters },
  undo: "undo security-key key-id [ <id> [ { simple <plain> | cipher <key> } ] ]",
  schema: z
    .record(
      z.string().refine((id) => /^[1-9]\d{0,2}$/.test(id) && Number(id) <= MOST_KEYS, keyId.text),
      keyParameters.key.type.schema,
      "{ ID: key }",
    )
    .refine((keys) => Object.keys(keys).length > 0, "{ ID: key }"),
  seal: (keys, seal) => Object.fromEntries(Object.entries(keys).map(([id, key]) => [id, seal(key)])),
  read: ({ values }, old) => ({ ...old, [String(values.id)]: (values.plain ?? values.key) as string }),
  remove({ values }, old) {
    if (values.id === undefined || old === undefined) return undefined;
    const left = Object.entries(old).filter(([id]) => id !== String(values.id));
    return left.length === 0 ? undefined : Object.fromEntries(left);
  },
  warns: (_, match) => (match?.words.includes("simple") ? SIMPLE : undefined),
  print: (keys) => Object.entries(keys).map(([id, key]) => `security-key key-id ${id} cipher ${key}`),
});

/** `e-trunk bfd enable`. */
interface DynamicBfd {
  readonly trackInterface?: string;
}

const eTrunkBfdEnable = setting<DynamicBfd>("e-trunk bfd enable [ track interface <if> ]", {
  help: "Make a BFD session to the peer by itself",
  words: { track: "The session goes down with an interface", interface: "Interface to track" },
  parameters: { if: { type: interfaceName, help: "Physical interface or Eth-Trunk" } },
  schema: z.strictObject({ trackInterface: z.exactOptional(interfaceName.schema) }, "{ trackInterface }"),
  clears: ["eTrunkBfd"],
  read: ({ values }) => (values.if === undefined ? {} : { trackInterface: values.if as string }),
  print: ({ trackInterface }) => [
    `e-trunk bfd enable${trackInterface === undefined ? "" : ` track interface ${trackInterface}`}`,
  ],
});

/** Parameters of that session: what differs from the defaults. */
interface DynamicBfdParameters {
  readonly minTxInterval?: number;
  readonly minRxInterval?: number;
  readonly detectMultiplier?: number;
}

export const bfdInterval = integer(3, 20_000);
export const bfdMultiplier = integer(3, 50);
export const BFD_INTERVAL = 10;
export const BFD_MULTIPLIER = 3;

/** Below it the host's own floor is used. */
export const warnsOfFloor = (interval: number | undefined): string | undefined =>
  interval !== undefined && interval < BFD_INTERVAL
    ? `This host's floor of ${BFD_INTERVAL} ms is used instead of ${interval} ms.`
    : undefined;

const BFD_FIELDS = [
  ["min-tx-interval", "tx", "minTxInterval", BFD_INTERVAL],
  ["min-rx-interval", "rx", "minRxInterval", BFD_INTERVAL],
  ["detect-multiplier", "multiplier", "detectMultiplier", BFD_MULTIPLIER],
] as const;

function withoutDefaults(parameters: DynamicBfdParameters): DynamicBfdParameters {
  const kept = BFD_FIELDS.flatMap(([, , field, standard]) => {
    const value = parameters[field];
    return value === undefined || value === standard ? [] : [[field, value] as const];
  });
  return Object.fromEntries(kept);
}

const eTrunkBfd = setting<DynamicBfdParameters>(
  "e-trunk bfd { min-tx-interval <tx> | min-rx-interval <rx> | detect-multiplier <multiplier> } *",
  {
    help: "Parameters of the BFD session the E-Trunk makes by itself",
    parameters: {
      tx: { type: bfdInterval, help: `Interval of sending in milliseconds, the default value is ${BFD_INTERVAL}` },
      rx: { type: bfdInterval, help: `Interval of receiving in milliseconds, the default value is ${BFD_INTERVAL}` },
      multiplier: { type: bfdMultiplier, help: `Detection multiplier, the default value is ${BFD_MULTIPLIER}` },
    },
    undo: "undo e-trunk bfd [ min-tx-interval [ <tx> ] | min-rx-interval [ <rx> ] | detect-multiplier [ <multiplier> ] ] *",
    schema: z
      .strictObject(
        {
          minTxInterval: z.exactOptional(bfdInterval.schema),
          minRxInterval: z.exactOptional(bfdInterval.schema),
          detectMultiplier: z.exactOptional(bfdMultiplier.schema),
        },
        "{ minTxInterval, minRxInterval, detectMultiplier }",
      )
      .overwrite(withoutDefaults),
    read({ values }, old) {
      const given = BFD_FIELDS.flatMap(([, name, field]) =>
        values[name] === undefined ? [] : [[field, values[name] as number] as const],
      );
      return withoutDefaults({ ...old, ...Object.fromEntries(given) });
    },
    remove({ words }, old) {
      const named = BFD_FIELDS.filter(([word]) => words.includes(word));
      const gone: readonly string[] = named.map(([, , field]) => field);
      const left = Object.entries(old ?? {}).filter(([field]) => named.length > 0 && !gone.includes(field));
      return left.length === 0 ? undefined : Object.fromEntries(left);
    },
    warns: ({ minTxInterval, minRxInterval }) => warnsOfFloor(minTxInterval) ?? warnsOfFloor(minRxInterval),
    print(parameters) {
      const fields = BFD_FIELDS.flatMap(([word, , field]) =>
        parameters[field] === undefined ? [] : [`${word} ${parameters[field]}`],
      );
      return fields.length === 0 ? [] : [`e-trunk bfd ${fields.join(" ")}`];
    },
  },
);

/** A name of a BFD session; case does not count. */
export const bfdSessionName = word(1, 64, /^(?!__proto__$)[!-~]+$/i);

/** View of an E-Trunk. */
export const etrunkSettings = {
  priority: number("priority <priority>", integer(1, 254), { help: "Priority, the smaller wins", default: 100 }),
  priorityOrder: choice(
    "priority-order",
    { "lower-first": "The smaller priority wins", "higher-first": "The greater priority wins" },
    { help: "Which priority wins", default: "lower-first" },
  ),
  peerAddress: addresses("peer-address", "source-address", ipv4Address, "IPv4"),
  peerIpv6: addresses("peer-ipv6", "source-ipv6", ipv6Address, "IPv6"),
  timerHello: number("timer hello <interval>", integer(5, 100), {
    help: "Hello interval",
    unit: "units of 100 ms",
    default: 10,
  }),
  timerHoldOnFailureMultiplier: number("timer hold-on-failure multiplier <multiplier>", integer(3, 300), {
    help: "Hello intervals after which a silent peer counts as failed",
    default: 20,
  }),
  timerRevertDelay: number("timer revert delay <delay>", integer(0, 10_800), {
    help: "Delay before traffic returns to the master",
    unit: "seconds",
    default: 120,
  }),
  revertDisable: flag("revert disable", { help: "Traffic never returns to the master by itself" }),
  eTrunkSelect: choice(
    "e-trunk select",
    {
      "link-number": "More available links make the master",
      bandwidth: "More available bandwidth makes the master",
    },
    { help: "What makes the master, by priority unless configured" },
  ),
  eTrunkTrackBfdSessionSessionName: setting<string>("e-trunk track bfd-session session-name <name>", {
    help: "Take the peer for failed when a BFD session goes down",
    parameters: { name: { type: bfdSessionName, help: "Name of the BFD session" } },
    undo: "undo e-trunk track bfd-session [ session-name [ <name> ] ]",
    schema: bfdSessionName.schema,
    excludes: ["eTrunkBfdEnable"],
    read: ({ values }) => values.name as string,
    print: (name) => [`e-trunk track bfd-session session-name ${name}`],
  }),
  eTrunkBfdEnable,
  eTrunkBfd,
  sequenceEnable: flag("sequence enable", { help: "Refuse hellos that are no newer than the last, off by default" }),
  description: text("description <text>", restOfLine(1, 242), { help: "Description of the E-Trunk" }),
  securityKey,
  securityKeyKeyId: securityKeys,
  securityKeySendKeyId: number("security-key send-key-id <id>", integer(0, 255), {
    help: "ID of the key that signs our hellos",
    default: 0,
  }),
  authenticationMode: choice(
    "authentication-mode",
    {
      "hmac-sha1": "HMAC-SHA1",
      "hmac-sha256": "HMAC-SHA256",
      "enhanced-hmac-sha256": "HMAC-SHA256 with a key derived for this E-Trunk",
    },
    {
      help: "How hellos are authenticated",
      default: "enhanced-hmac-sha256",
      warns: (mode) => (mode === "hmac-sha1" ? "hmac-sha1 is weak; enhanced-hmac-sha256 is the default." : undefined),
    },
  ),
};
