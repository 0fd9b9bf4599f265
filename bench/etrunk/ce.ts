import { join } from "node:path";
import { Daemon, type Lab, makeVeth } from "../lab.js";
import { OpenVswitch } from "../open-vswitch.js";
import { GuestBond } from "./guest-bond.js";
import { first, PRIORITY, type Programs } from "./programs.js";
import { Program, type Talker } from "./talker.js";

export const CE_KINDS = ["etrunkd", "open vswitch", "linux bonding"] as const;
export type CeKind = (typeof CE_KINDS)[number];

/** Links of the CE: to PE1, to PE2. */
export const CE_LINKS = ["eth1", "eth2"] as const;

export const FLOW = { up: 0, down: 1, probe: 2 } as const;
export const CE_STATION = "02:00:00:00:00:ce";
export const CORE_STATION = "02:00:00:00:00:0c";
export const LENGTH = "100";

/** The customer edge: a bundle of two links, which does not know that it meets two PEs. */
export interface Ce {
  readonly kind: CeKind;
  /** Rates in frames a second, tried in this order. */
  readonly rates: readonly number[];
  /** Sends the stream to the core, from the CE or from a station behind it. */
  readonly sender: Talker;
  /** Sees the frames that reach that station. */
  readonly watcher: Talker;
  /** Its daemon, if it is an etrunkd. */
  readonly daemon?: Daemon;
  /** Sets the carrier of its link to PE1, if the CE cannot see it by itself. */
  carrier?(state: "up" | "down"): void;
  stop(): Promise<void>;
}

const CONFIGURATION = `sysname CE
#
interface Eth-Trunk1
 mode lacp-static
 lacp timeout fast
#
${CE_LINKS.map((link) => `interface ${link}\n eth-trunk 1\n#\n`).join("")}return
`;

const RATES = [100_000, 75_000, 50_000, 35_000, 25_000, 15_000];
const GUEST_RATES = [10_000, 5_000, 2_000];

const station = async (namespace: string, device: string, programs: Programs) => ({
  sender: await Program.start(namespace, [
    ...first(1),
    programs.stream,
    ...[device, CE_STATION, CORE_STATION, String(FLOW.up), LENGTH],
  ]),
  watcher: await Program.start(namespace, [...first(0), programs.watch, device]),
});

async function startEtrunkd(lab: Lab, namespace: string, programs: Programs): Promise<Ce> {
  const folder = join(lab.folder, "CE");
  const daemon = await Daemon.start({ namespace, folder, configuration: CONFIGURATION, wrapper: PRIORITY });
  const { sender, watcher } = await station(namespace, "eth-trunk1", programs);
  const stop = async () => void (await Promise.all([sender, watcher, daemon].map((one) => one.stop())));
  return { kind: "etrunkd", rates: RATES, sender, watcher, daemon, stop };
}

async function startOpenVswitch(lab: Lab, namespace: string, programs: Programs): Promise<Ce> {
  const behind = await lab.namespace("st");
  await makeVeth({ namespace: behind, name: "a0", index: 11 }, { namespace, name: "pa", index: 12 });
  const lacp = ["lacp=active", "other_config:lacp-time=fast"];
  const bridge = await OpenVswitch.start(namespace, join(lab.folder, "ovs"), CE_LINKS, PRIORITY, lacp);
  const { sender, watcher } = await station(behind, "a0", programs);
  const stop = async () => void (await Promise.all([sender, watcher, bridge].map((one) => one.stop())));
  return { kind: "open vswitch", rates: RATES, sender, watcher, stop };
}

async function startBonding(lab: Lab, namespace: string, programs: Programs): Promise<Ce> {
  const words = [CE_STATION, CORE_STATION, String(FLOW.up), LENGTH];
  const guest = await GuestBond.start(lab, namespace, CE_LINKS, words, programs);
  const { sender, watcher } = guest;
  const carrier = (state: "up" | "down") => guest.carrier(state);
  return { kind: "linux bonding", rates: GUEST_RATES, sender, watcher, carrier, stop: () => guest.stop() };
}

/** Starts a CE on the links `CE_LINKS` of a namespace. */
export function startCe(kind: CeKind, lab: Lab, namespace: string, programs: Programs): Promise<Ce> {
  const start = { etrunkd: startEtrunkd, "open vswitch": startOpenVswitch, "linux bonding": startBonding }[kind];
  return start(lab, namespace, programs);
}
