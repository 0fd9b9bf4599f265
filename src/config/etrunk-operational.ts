import { etrunkId } from "./etrunk-actions.js";
import type { Match } from "./language/match.js";
import { integer, interfaceName, ipv4Address, ipv6AddressOnLink } from "./language/parameters.js";
import { type OperationalRow, operationalRow } from "./operational-row.js";

/** Which BFD sessions are shown. */
export type BfdFilter =
  | { readonly by: "all" }
  | { readonly by: "type"; readonly type: "static" | "dynamic" }
  | { readonly by: "discriminator"; readonly discriminator: number }
  | { readonly by: "peer"; readonly address: string };

type CarProtocol = "e-trunk-ipv4" | "e-trunk-ipv6";

/** Operational commands of E-Trunks and BFD. `id` is the number of an E-Trunk; without it all are meant. */
export type EtrunkCommand =
  | { readonly command: "display-e-trunk"; readonly id?: number }
  | { readonly command: "display-e-trunk-brief" }
  | { readonly command: "display-e-trunk-packets"; readonly id?: number }
  | { readonly command: "display-e-trunk-moves"; readonly id: number; readonly interface?: string }
  | { readonly command: "display-e-trunk-bfd" }
  | { readonly command: "display-bfd-session"; readonly filter: BfdFilter; readonly verbose: boolean }
  | { readonly command: "display-bfd-statistics" }
  | { readonly command: "display-session-car"; readonly protocol: CarProtocol }
  | { readonly command: "why-e-trunk"; readonly id: number }
  | { readonly command: "reset-e-trunk-statistics"; readonly id?: number }
  | { readonly command: "reset-bfd-statistics"; readonly discriminator?: number }
  | { readonly command: "reset-session-car"; readonly protocol: CarProtocol };

const parameters = {
  id: { type: etrunkId, help: "Number of the E-Trunk" },
  if: { type: interfaceName, help: "Member interface" },
  discriminator: { type: integer(1, 4_294_967_295), help: "Local discriminator of the session" },
  address: { type: ipv4Address, help: "IPv4 address of the peer" },
  address6: { type: ipv6AddressOnLink, help: "IPv6 address of the peer" },
  slot: { type: integer(0, 255), help: "Slot; it makes no difference" },
};

const idOf = ({ values }: Match): { id?: number } => (values.id === undefined ? {} : { id: values.id as number });

function filterOf({ words, values }: Match): BfdFilter {
  if (values.discriminator !== undefined) return { by: "discriminator", discriminator: values.discriminator as number };
  const address = values.address ?? values.address6;
  if (address !== undefined) return { by: "peer", address: address as string };
  const type = (["static", "dynamic"] as const).find((each) => words.includes(each));
  return type === undefined ? { by: "all" } : { by: "type", type };
}

const ETRUNKS = "State of E-Trunks and their members";
const PACKETS = "Counters of hellos";

const etrunkRows: readonly OperationalRow<EtrunkCommand>[] = [
  operationalRow("display e-trunk [ <id> ]", {
    help: ETRUNKS,
    parameters,
    read: (match) => ({ command: "display-e-trunk", ...idOf(match) }),
  }),
  operationalRow("display e-trunk brief", {
    help: "One line per E-Trunk",
    words: { "e-trunk": ETRUNKS },
    read: () => ({ command: "display-e-trunk-brief" }),
  }),
  operationalRow("display e-trunk packet-statistics [ e-trunk-id <id> ]", {
    help: PACKETS,
    words: { "e-trunk": ETRUNKS, "e-trunk-id": "One E-Trunk" },
    parameters,
    read: (match) => ({ command: "display-e-trunk-packets", ...idOf(match) }),
  }),
  operationalRow("display e-trunk <id> state-change [ member-interface <if> ]", {
    help: "The last changes of the state of the E-Trunk, or of one member",
    words: { "e-trunk": ETRUNKS, "member-interface": "Changes of one member" },
    parameters,
    read: (match) => ({
      command: "display-e-trunk-moves",
      id: match.values.id as number,
      ...(match.values.if === undefined ? {} : { interface: match.values.if as string }),
    }),
  }),
  operationalRow("display e-trunk bfd session all", {
    help: "BFD sessions that E-Trunks made by themselves",
    words: { "e-trunk": ETRUNKS },
    read: () => ({ command: "display-e-trunk-bfd" }),
  }),
  operationalRow("why e-trunk <id>", {
    help: "The last decision of an E-Trunk and of its members, with all its inputs",
    parameters,
    read: ({ values }) => ({ command: "why-e-trunk", id: values.id as number }),
  }),
  operationalRow("reset e-trunk packet-statistics [ e-trunk-id <id> ]", {
    help: "Clear the counters of hellos",
    words: { "e-trunk-id": "One E-Trunk" },
    parameters,
    userViewOnly: true,
    read: (match) => ({ command: "reset-e-trunk-statistics", ...idOf(match) }),
  }),
];

const BFD = "Bidirectional Forwarding Detection";

const bfdRows: readonly OperationalRow<EtrunkCommand>[] = [
  operationalRow(
    "display bfd session { all | static | dynamic | discriminator <discriminator> | peer-ip <address> | peer-ipv6 <address6> } [ verbose ]",
    {
      help: "State of BFD sessions",
      words: {
        bfd: BFD,
        all: "Every session",
        static: "Sessions of the configuration",
        dynamic: "Sessions that protocols made by themselves",
        discriminator: "One session, by its local discriminator",
        "peer-ip": "Sessions to an IPv4 address",
        "peer-ipv6": "Sessions to an IPv6 address",
        verbose: "All fields of each session",
      },
      parameters,
      read: (match) => ({
        command: "display-bfd-session",
        filter: filterOf(match),
        verbose: match.words.includes("verbose"),
      }),
    },
  ),
  operationalRow("display bfd statistics", {
    help: "How many sessions there are, and what was dropped",
    words: { bfd: BFD },
    read: () => ({ command: "display-bfd-statistics" }),
  }),
  operationalRow("reset bfd statistics { all | discriminator <discriminator> }", {
    help: "Clear the counters of BFD sessions",
    words: { bfd: BFD, all: "Every session", discriminator: "One session, by its local discriminator" },
    parameters,
    userViewOnly: true,
    read: ({ values }) => ({
      command: "reset-bfd-statistics",
      ...(values.discriminator === undefined ? {} : { discriminator: values.discriminator as number }),
    }),
  }),
];

const CAR = "Sessions that are policed";

/** IPv6 has a whitelist of its own. */
const carRows: readonly OperationalRow<EtrunkCommand>[] = (["e-trunk-ipv4", "e-trunk-ipv6"] as const).flatMap(
  (protocol) => {
    const whitelist = protocol === "e-trunk-ipv4" ? "whitelist" : "whitelist-v6";
    const words = {
      "cpu-defend": CAR,
      [whitelist]: CAR,
      "session-car": CAR,
      [protocol]: "Sessions of E-Trunks",
      slot: "Slot; it makes no difference",
    };
    return [
      operationalRow(`display cpu-defend ${whitelist} session-car ${protocol} statistics [ slot <slot> ]`, {
        help: "Rates and counters of policed sessions",
        words: { ...words, statistics: "Rates and counters" },
        parameters,
        read: () => ({ command: "display-session-car", protocol }),
      }),
      operationalRow(`reset cpu-defend ${whitelist} session-car ${protocol} statistics`, {
        help: "Clear the counters of policed sessions",
        words: { ...words, statistics: "Counters" },
        userViewOnly: true,
        read: () => ({ command: "reset-session-car", protocol }),
      }),
    ];
  },
);

export const ETRUNK_ROWS: readonly OperationalRow<EtrunkCommand>[] = [...etrunkRows, ...bfdRows, ...carRows];
