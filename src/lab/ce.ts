import { join } from "node:path";
import type { AnswerTo, MonitorLine } from "../daemon/questions.js";
import { Daemon } from "./daemon.js";
import type { Lab } from "./namespaces.js";

type Trunk = Extract<AnswerTo<"eth-trunk">, { id: number }>;

/** A link of the CE as it displays it. */
export type CePort = Pick<
  Trunk["ports"][number],
  "name" | "status" | "portState" | "distributing" | "reason" | "partner"
>;

/** The device with a link to each of the PEs. */
export interface Ce {
  /** Where its traffic begins and ends. */
  readonly host: { readonly namespace: string; readonly device: string };
  /** Frames it is given each millisecond, where it is slow. */
  readonly burst?: number;
  look(): Promise<readonly CePort[]>;
  stop(): Promise<void>;
}

/** Starts a CE on links of a namespace; `heard` gets its events, where it has any. */
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

/** Who the CE takes its partners for: one text for each. A port that hears nobody has none. */
export const partnersOf = (ports: readonly CePort[]): readonly string[] => [
  ...new Set(
    ports.flatMap(({ partner }) =>
      partner && Number(`0x${partner.systemId.replaceAll(":", "")}`) !== 0
        ? [`${partner.systemPriority} ${partner.systemId} key ${partner.portKey}`]
        : [],
    ),
  ),
];

/** Links whose far end says that it takes traffic in. */
export const collecting = (ports: readonly CePort[]): readonly string[] =>
  ports
    .filter(({ partner }) => partner && has(partner.portState, IN_SYNC) && has(partner.portState, COLLECTING))
    .map(({ name }) => name);
