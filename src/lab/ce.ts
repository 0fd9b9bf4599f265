import { join } from "node:path";
import type { AnswerTo, MonitorLine } from "../daemon/questions.js";
import { Daemon } from "./daemon.js";
import type { Lab } from "./namespaces.js";

type Trunk = Extract<AnswerTo<"eth-trunk">, { id: number }>;

/** A link of the CE, as the CE displays it. */
export type CePort = Pick<
  Trunk["ports"][number],
  "name" | "status" | "portState" | "distributing" | "reason" | "partner"
>;

/** The customer edge, with a link to each PE. */
export interface Ce {
  /** Namespace and Linux interface at which the CE's traffic begins and ends. */
  readonly host: { readonly namespace: string; readonly device: string };
  /** Frames a millisecond of the stream, for a slow CE. */
  readonly burst?: number;
  look(): Promise<readonly CePort[]>;
  stop(): Promise<void>;
}

/** Starts a CE on links of a namespace; `heard` gets its events, if it tells any. */
export type StartCe = (
  lab: Lab,
  namespace: string,
  links: readonly string[],
  heard: (line: MonitorLine) => void,
) => Promise<Ce>;

const configuration = (links: readonly string[]): string => `sysname CE
#
interface Eth-Trunk1
 mode lacp-static
 lacp timeout fast
#
${links.map((link) => `interface ${link}\n eth-trunk 1\n#\n`).join("")}return
`;

/** A CE that is an etrunkd. */
export const startEtrunkdCe: StartCe = async (lab, namespace, links, heard) => {
  const folder = join(lab.folder, "CE");
  const daemon = await Daemon.start({ namespace, folder, configuration: configuration(links) });
  await daemon.monitor(["port-state"], heard);
  return {
    host: { namespace, device: "eth-trunk1" },
    look: async () => {
      try {
        return ((await daemon.ask({ ask: "eth-trunk", id: 1 })) as Trunk).ports;
      } catch (error) {
        throw new Error(`CE does not answer: ${(error as Error).message}\n${daemon.lastWords}`);
      }
    },
    stop: () => daemon.stop(),
  };
};

// 802.1AX-2014 6.4.2.3, bit 0 first.
const IN_SYNC = 3;
const COLLECTING = 4;

const has = (state: string, bit: number): boolean => state[bit] === "1";

/** The different LACP partners that the CE sees, one text each; a port without a partner adds none. */
export const partnersOf = (ports: readonly CePort[]): readonly string[] => [
  ...new Set(
    ports.flatMap(({ partner }) =>
      partner && Number(`0x${partner.systemId.replaceAll(":", "")}`) !== 0
        ? [`${partner.systemPriority} ${partner.systemId} key ${partner.portKey}`]
        : [],
    ),
  ),
];

/** Links whose partner is in sync and collects. */
export const collecting = (ports: readonly CePort[]): readonly string[] =>
  ports
    .filter(({ partner }) => partner && has(partner.portState, IN_SYNC) && has(partner.portState, COLLECTING))
    .map(({ name }) => name);
