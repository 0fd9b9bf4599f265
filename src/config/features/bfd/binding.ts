import { z } from "zod";
import { interfaceName, ipv4Address, ipv6AddressOnLink, restOfLine } from "../../language/parameters.js";
import { setting } from "../../language/setting.js";
import { sessionName, vpnInstance } from "./parameters.js";

/** The two ends of a session. */
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
  name: { type: sessionName, help: "Name of the session" },
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

/** A binding without undefined fields and in one order, so that equal bindings are equal JSON. */
function binding(
  parts: Pick<Binding, "peer"> & { readonly [K in Exclude<keyof Binding, "peer">]: string | undefined },
): Binding {
  const { peer, vpnInstance: vpn, interface: on, source, trackInterface } = parts;
  return {
    peer,
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

/** The binding as the line that opens the view of a session gives it. */
export const bind = setting<Binding>("bind <binding>", {
  help: BIND_WORDS.bind,
  parameters: { binding: { type: restOfLine(1, 255), help: "" } },
  inViewLine: true,
  schema: bindingSchema,
  read: ({ values }) => bindingOf(values),
  print: (bound) => [printBinding(bound)],
});
