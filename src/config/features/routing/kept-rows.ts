import { z } from "zod";
import { integer, ipv4Address, ipv6Address, type ParameterType, word } from "../../language/parameters.js";
import { type Setting, setting } from "../../language/setting.js";
import { kept } from "../../language/setting-kinds.js";
import { LAYER_3 } from "../layer3/address-rows.js";

/**
 * IS-IS and PIM, which guides take for granted. They are kept and printed back; routing is left to other software of
 * the host.
 */
export const isisProcess = integer(1, 4294967295);
export const DEFAULT_PROCESS = 1;

/** `isis enable 1`: the number of the process, "" where none is typed. */
const isisEnable = (command: string): Setting<string> =>
  setting<string>(`${command} [ <process> ]`, {
    help: "Run IS-IS on the interface",
    kept: true,
    parameters: { process: { type: isisProcess, help: "Number of the IS-IS process" } },
    schema: z
      .string(isisProcess.text)
      .refine((text) => text === "" || isisProcess.schema.safeParse(Number(text)).success, isisProcess.text),
    read: ({ values }) => (values.process === undefined ? "" : String(values.process)),
    print: (number) => [number === "" ? command : `${command} ${number}`],
  });

const pim = { words: { pim: "PIM on the interface" }, traits: [LAYER_3] };

/** Of any interface in Layer 3 mode. */
export const pimRows = {
  pimSm: kept("pim sm", "PIM sparse mode, which igmp enable needs", pim),
  pimIpv6Sm: kept("pim ipv6 sm", "PIM sparse mode, which mld enable needs", pim),
};
export const isisRows = {
  isisEnable: isisEnable("isis enable"),
  isisIpv6Enable: isisEnable("isis ipv6 enable"),
};

/** Of system view. */
export const multicastRows = {
  multicastRoutingEnable: kept("multicast routing-enable", "What IGMP and PIM on interfaces need"),
  multicastIpv6RoutingEnable: kept("multicast ipv6 routing-enable", "What MLD and PIM on interfaces need"),
};

const net = word(8, 50, /^[0-9a-f]{2}(?:\.[0-9a-f]{4}){0,6}(?:\.[0-9a-f]{4}){3}\.00$/i);

type Topology = "" | "compatible" | "compatible enable-mt-spf" | "ipv6" | "standard";
const topologies: readonly Topology[] = ["", "compatible", "compatible enable-mt-spf", "ipv6", "standard"];

/** View of an IS-IS process. */
export const isisViewRows = {
  networkEntity: setting<readonly string[]>("network-entity <net>", {
    help: "Network entity title: area, system ID and 00",
    kept: true,
    parameters: { net: { type: net, help: "For example 10.0000.0000.0001.00" } },
    schema: z.array(net.schema, "a list of titles").min(1, "a list of titles"),
    read: ({ values }, old = []) => [...old.filter((other) => other !== values.net), values.net as string],
    remove({ values }, old = []) {
      const left = values.net === undefined ? [] : old.filter((other) => other !== values.net);
      return left.length === 0 ? undefined : left;
    },
    print: (titles) => titles.map((title) => `network-entity ${title}`),
  }),
  ipv6Enable: setting<Topology>("ipv6 enable [ topology { compatible [ enable-mt-spf ] | ipv6 | standard } ]", {
    help: "IS-IS of IPv6",
    kept: true,
    words: {
      topology: "Topology of IPv6",
      compatible: "That of IPv4",
      "enable-mt-spf": "Compute it by itself",
      standard: "That of IPv4",
    },
    parameters: {},
    schema: z.enum(topologies, topologies.join(" | ")),
    read: ({ words }) => words.slice(3).join(" ") as Topology,
    // The vendor's files set this line apart by `#` lines.
    print: (topology) => ["#", topology === "" ? "ipv6 enable" : `ipv6 enable topology ${topology}`, "#"],
  }),
};

/** A rendezvous point. */
interface StaticRp {
  readonly address: string;
  readonly preferred?: true;
}

const staticRp = (type: ParameterType<string>): Setting<StaticRp> =>
  setting<StaticRp>("static-rp <address> [ preferred ]", {
    help: "Rendezvous point",
    kept: true,
    words: { preferred: "Before one that is announced" },
    parameters: { address: { type, help: "Address of the rendezvous point" } },
    schema: z.strictObject(
      { address: type.schema, preferred: z.exactOptional(z.literal(true)) },
      "{ address, preferred }",
    ),
    read: ({ values, words }) => ({
      address: values.address as string,
      ...(words.includes("preferred") ? { preferred: true } : {}),
    }),
    print: ({ address, preferred }) => [`static-rp ${type.print(address)}${preferred ? " preferred" : ""}`],
  });

/** Views of PIM, by IPv4 and by IPv6. */
export const pimViewRows = { staticRp: staticRp(ipv4Address) };
export const pimIpv6ViewRows = { staticRp: staticRp(ipv6Address) };
