import { z } from "zod";
import { BFD_AUTHENTICATION_TYPES, type BfdAuthenticationType } from "../core/base/bfd.js";
import {
  BFD_INTERVAL,
  BFD_MULTIPLIER,
  bfdInterval,
  bfdMultiplier,
  bfdSessionName,
  vpnInstance,
  warnsOfFloor,
} from "./etrunk-view.js";
import {
  groupAddress,
  integer,
  interfaceName,
  ipv4Address,
  ipv6AddressOnLink,
  restOfLine,
} from "./language/parameters.js";
import { cipherKey } from "./language/secrets.js";
import { flag, kept, keptText, number, setting, text } from "./language/setting.js";

export const DEFAULT_GROUP = "224.0.0.184";
const tosExp = integer(0, 7);

/** View of BFD as a whole. */
export const bfdSettings = {
  defaultIpAddress: text("default-ip-address <group>", groupAddress(107, 250), {
    help: "Group address of sessions without a peer address",
    default: DEFAULT_GROUP,
  }),
  delayUp: number("delay-up <delay>", integer(1, 600), {
    help: "Delay before sessions may come up",
    unit: "seconds",
    kept: true,
  }),
  tosExp: number("tos-exp <priority>", tosExp, { help: "Priority of BFD packets", default: 7 }),
};

/** What a session runs between. */
export interface Binding {
  /** An address, or `default-ip`. */
  readonly peer: string;
  readonly vpnInstance?: string;
  readonly interface?: string;
  readonly source?: string;
  readonly trackInterface?: string;
}

const DEFAULT_IP = "default-ip";
export const isDefaultIp = ({ peer }: Binding): boolean => peer === DEFAULT_IP;
export const isIpv6 = ({ peer }: Binding): boolean => peer.includes(":");

/** Every way to bind a session. */
export const BIND_FORMS = [
  "bind peer-ip <peer> [ vpn-instance <vpn> ] [ interface <if> ] [ source-ip <source> ] [ track-interface interface <tracked> ]",
  "bind peer-ip default-ip interface <if> [ source-ip <source> ]",
  "bind peer-ipv6 <peer6> [ vpn-instance <vpn> ] [ interface <if> ] [ source-ipv6 <source6> ] [ track-interface interface <tracked> ]",
] as const;

export const BIND_PARAMETERS = {
  name: { type: bfdSessionName, help: "Name of the session" },
  peer: { type: ipv4Address, help: "IPv4 address of the peer" },
  peer6: { type: ipv6AddressOnLink, help: "IPv6 address of the peer" },
  source: { type: ipv4Address, help: "IPv4 address of this device" },
  source6: { type: ipv6AddressOnLink, help: "IPv6 address of this device" },
  vpn: { type: vpnInstance, help: "Name of the VPN instance, a VRF device of Linux" },
  if: { type: interfaceName, help: "Interface; the peer is one hop away" },
  tracked: { type: interfaceName, help: "Interface the session goes down with" },
};

export const BIND_WORDS = {
  bind: "What the session runs between",
  "peer-ip": "IPv4 address of the peer",
  "peer-ipv6": "IPv6 address of the peer",
  "default-ip": "The default group address: the peer needs no address",
  "source-ip": "IPv4 address of this device",
  "source-ipv6": "IPv6 address of this device",
  "vpn-instance": "VPN instance of the addresses",
  "track-interface": "The session goes down with an interface",
  interface: "Interface; the peer is one hop away",
};

/** The binding a line gives. */
export function bindingOf(values: { readonly [name: string]: unknown }): Binding {
  const text = (name: string) => values[name] as string | undefined;
  return binding({
    peer: text("peer") ?? text("peer6") ?? DEFAULT_IP,
    vpnInstance: text("vpn"),
    interface: text("if"),
    source: text("source") ?? text("source6"),
    trackInterface: text("tracked"),
  });
}

/** Without what is undefined, in one order: equal bindings are equal JSON. */
function binding(parts: { readonly [K in keyof Required<Binding>]: Binding[K] | undefined }): Binding {
  const { peer, vpnInstance: vpn, interface: on, source, trackInterface } = parts;
  return {
    peer: peer!,
    ...(vpn === undefined ? {} : { vpnInstance: vpn }),
    ...(on === undefined ? {} : { interface: on }),
    ...(source === undefined ? {} : { source }),
    ...(trackInterface === undefined ? {} : { trackInterface }),
  };
}

function printBinding(bound: Binding): string {
  const six = isIpv6(bound);
  const show = (value: string) => (six ? value.toUpperCase() : value);
  const words = [`bind peer-ip${six ? "v6" : ""} ${isDefaultIp(bound) ? DEFAULT_IP : show(bound.peer)}`];
  if (bound.vpnInstance !== undefined) words.push(`vpn-instance ${bound.vpnInstance}`);
  if (bound.interface !== undefined) words.push(`interface ${bound.interface}`);
  if (bound.source !== undefined) words.push(`source-ip${six ? "v6" : ""} ${show(bound.source)}`);
  if (bound.trackInterface !== undefined) words.push(`track-interface interface ${bound.trackInterface}`);
  return words.join(" ");
}

const isDefaultIpBinding = (bound: z.infer<typeof bindingShape>): boolean =>
  bound.interface !== undefined && bound.trackInterface === undefined && bound.vpnInstance === undefined;

const BINDING_TEXT = "{ peer, vpnInstance, interface, source, trackInterface }";
const anyAddress = z.union(
  [z.literal(DEFAULT_IP), ipv4Address.schema, ipv6AddressOnLink.schema],
  "an address or default-ip",
);

const bindingShape = z.strictObject(
  {
    peer: anyAddress,
    vpnInstance: z.exactOptional(vpnInstance.schema),
    interface: z.exactOptional(interfaceName.schema),
    source: z.exactOptional(z.union([ipv4Address.schema, ipv6AddressOnLink.schema], "an address")),
    trackInterface: z.exactOptional(interfaceName.schema),
  },
  BINDING_TEXT,
);

const bindingSchema = bindingShape
  .refine((bound) => bound.source === undefined || isIpv6(bound) === bound.source.includes(":"), "of one IP version")
  .refine((bound) => !isDefaultIp(bound) || isDefaultIpBinding(bound), "{ peer: default-ip, interface, source }")
  .overwrite((bound) =>
    binding({ vpnInstance: undefined, interface: undefined, source: undefined, trackInterface: undefined, ...bound }),
  );

/** Authentication of RFC 5880 6.7. */
interface Authentication {
  readonly type: BfdAuthenticationType;
  readonly keyId: number;
  readonly key: string;
  /** Kept: every packet is authenticated, whatever it says. */
  readonly negoPacket?: true;
  readonly timeoutInterval?: number;
}

const keyId = integer(1, 255);
const timeoutInterval = integer(1, 10_000);
/** RFC 5880 6.7.2 to 6.7.4 know no longer one. */
const key = cipherKey(1, 16);
const longKey = cipherKey(1, 20);

const authenticationMode = setting<Authentication>(
  "authentication-mode { { simple | md5 | met-md5 } key-id <id> cipher <key> | sha1 key-id <id> cipher <long> | met-sha1 key-id <id> cipher <long> [ nego-packet [ timeout-interval <timeout> ] ] }",
  {
    help: "Authenticate the session's packets",
    words: {
      simple: "Password in clear (RFC 5880 6.7.2)",
      md5: "Keyed MD5",
      "met-md5": "Meticulous keyed MD5",
      sha1: "Keyed SHA1",
      "met-sha1": "Meticulous keyed SHA1",
      "key-id": "ID of the key, equal at both ends",
      cipher: "The key as plain text or as ciphertext",
      "nego-packet": "Kept: every packet is authenticated",
      "timeout-interval": "Kept without effect",
    },
    parameters: {
      id: { type: keyId, help: "ID of the key" },
      key: { type: key, help: "Key, or its ciphertext" },
      long: { type: longKey, help: "Key, or its ciphertext" },
      timeout: { type: timeoutInterval, help: "Time in seconds" },
    },
    schema: z.strictObject(
      {
        type: z.enum(BFD_AUTHENTICATION_TYPES, BFD_AUTHENTICATION_TYPES.join(" | ")),
        keyId: keyId.schema,
        key: longKey.schema,
        negoPacket: z.exactOptional(z.literal(true, "true")),
        timeoutInterval: z.exactOptional(timeoutInterval.schema),
      },
      "{ type, keyId, key }",
    ),
    seal: (value, seal) => ({ ...value, key: seal(value.key) }),
    read: ({ words, values }) => ({
      type: BFD_AUTHENTICATION_TYPES.find((type) => words.includes(type))!,
      keyId: values.id as number,
      key: (values.key ?? values.long) as string,
      ...(words.includes("nego-packet") ? { negoPacket: true as const } : {}),
      ...(values.timeout === undefined ? {} : { timeoutInterval: values.timeout as number }),
    }),
    print: (value) => {
      const nego = value.negoPacket ? " nego-packet" : "";
      const timeout = value.timeoutInterval === undefined ? "" : ` timeout-interval ${value.timeoutInterval}`;
      return [`authentication-mode ${value.type} key-id ${value.keyId} cipher ${value.key}${nego}${timeout}`];
    },
  },
);

const CHANGES = "A discriminator cannot be changed. Undo the session first.";

const discriminator = (which: "local" | "remote", most: number, help: string) =>
  setting<number>(`discriminator ${which} <value>`, {
    help,
    words: { [which]: help },
    parameters: { value: { type: integer(1, most), help } },
    schema: integer(1, most).schema,
    read: ({ values }) => values.value as number,
    refuses: (value, old) => (old === undefined || old === value ? undefined : CHANGES),
    print: (value) => [`discriminator ${which} ${value}`],
  });

const interval = (syntax: string, help: string) =>
  number(syntax, bfdInterval, { help, unit: "milliseconds", default: BFD_INTERVAL, warns: warnsOfFloor });

/** View of one BFD session. */
export const bfdSessionSettings = {
  bind: setting<Binding>("bind <binding>", {
    help: BIND_WORDS.bind,
    parameters: { binding: { type: restOfLine(1, 255), help: "" } },
    inViewLine: true,
    schema: bindingSchema,
    read: ({ values }) => bindingOf(values),
    print: (bound) => [printBinding(bound)],
  }),
  discriminatorLocal: discriminator("local", 16_384, "Discriminator of this device"),
  discriminatorRemote: discriminator("remote", 4_294_967_295, "Discriminator of the peer"),
  authenticationMode,
  description: text("description <text>", restOfLine(1, 51), { help: "Description of the session" }),
  detectMultiplier: number("detect-multiplier <multiplier>", bfdMultiplier, {
    help: "Detection multiplier",
    default: BFD_MULTIPLIER,
  }),
  minRxInterval: interval("min-rx-interval <interval>", "Least interval at which packets are received"),
  minTxInterval: interval("min-tx-interval <interval>", "Least interval at which packets are sent"),
  processInterfaceStatus: keptText("process-interface-status", "Kept without effect"),
  processPst: kept("process-pst", "Kept without effect"),
  shutdown: flag("shutdown", { help: "Take the session down (AdminDown)" }),
  tosExp: number("tos-exp <priority>", tosExp, {
    help: "Priority of the session's packets, the default is that of BFD view",
  }),
  wtr: number("wtr <minutes>", integer(1, 60), {
    help: "How long Up is kept back from those who track it",
    unit: "minutes",
  }),
};
