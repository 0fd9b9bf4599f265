import { z } from "zod";
import { isTypeName, typeCalled } from "./language/interface-name.js";
import type { Match } from "./language/match.js";
import { integer, interfaceName, oneWord } from "./language/parameters.js";
import { type OperationalRow, operationalRow } from "./operational-row.js";

/** Which interfaces are shown. */
export interface InterfaceFilter {
  readonly name?: string;
  /** Type word, `Eth-Trunk`. */
  readonly type?: string;
  /** No sub-interfaces. */
  readonly main: boolean;
}

/** Operational commands of interfaces and VLANs. */
export type NetworkCommand =
  | { readonly command: "display-interface"; readonly filter: InterfaceFilter }
  | { readonly command: "display-interface-brief"; readonly filter: InterfaceFilter }
  | { readonly command: "display-ip-interface-brief" }
  | { readonly command: "display-ipv6-interface-brief" }
  | { readonly command: "display-vlan"; readonly id?: number };

/** The whole word: what is cut short may be the name of a Linux interface. */
const interfaceType = oneWord("STRING<2-15>", z.string(), (word) => {
  const type = isTypeName(word) ? typeCalled(word) : undefined;
  return type === undefined || type === "ambiguous" ? undefined : type.name;
});

const parameters = {
  if: { type: interfaceName, help: "One interface" },
  type: { type: interfaceType, help: "Interfaces of one type, e.g. Eth-Trunk" },
  vlan: { type: integer(1, 4094), help: "One VLAN" },
};

function filterOf({ values, words }: Match): InterfaceFilter {
  return {
    ...(values.if === undefined ? {} : { name: values.if as string }),
    ...(values.type === undefined ? {} : { type: values.type as string }),
    main: words.includes("main"),
  };
}

const INTERFACES = "State, addresses and counters of interfaces";
const words = { interface: INTERFACES, main: "No sub-interfaces" };

export const NETWORK_ROWS: readonly OperationalRow<NetworkCommand>[] = [
  operationalRow("display interface [ <if> | <type> | main ]", {
    help: INTERFACES,
    words,
    parameters,
    read: (match) => ({ command: "display-interface", filter: filterOf(match) }),
  }),
  operationalRow("display interface brief [ <type> ] [ main ]", {
    help: "One line per interface",
    words: { ...words, brief: "One line per interface" },
    parameters,
    read: (match) => ({ command: "display-interface-brief", filter: filterOf(match) }),
  }),
  operationalRow("display ip interface brief", {
    help: "IPv4 addresses of interfaces",
    words: { ip: "IPv4", interface: "IPv4 addresses of interfaces", brief: "One line per interface" },
    read: () => ({ command: "display-ip-interface-brief" }),
  }),
  operationalRow("display ipv6 interface brief", {
    help: "IPv6 addresses of interfaces",
    words: { ipv6: "IPv6", interface: "IPv6 addresses of interfaces", brief: "Two lines per interface" },
    read: () => ({ command: "display-ipv6-interface-brief" }),
  }),
  operationalRow("display vlan [ <vlan> ]", {
    help: "VLANs and the ports that carry them",
    parameters,
    read: ({ values }) => ({
      command: "display-vlan",
      ...(values.vlan === undefined ? {} : { id: values.vlan as number }),
    }),
  }),
];
