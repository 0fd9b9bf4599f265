import type { HashProfile } from "../../../core/contract/desired/trunk.js";
import { integer } from "../../language/parameters.js";
import type { RecordOf } from "../../language/setting.js";
import { choice, flag, number } from "../../language/setting-kinds.js";
import { description, deviceRows } from "../interfaces/rows.js";

const links = integer(1, 64);

export const MANUAL = "manual load-balance";
export const BACKUP = "manual backup";
export const STATIC = "lacp-static";
/** Every mode but manual backup, in which one link carries. */
export const BALANCING: readonly string[] = [MANUAL, STATIC];

const MODES = { [MANUAL]: "manual", [BACKUP]: "backup", [STATIC]: "static" } as const;

const HASH_PROFILES = {
  "src-dst-ip": "src-dst-ip",
  "src-dst-mac": "src-dst-mac",
  "packet-all": "packet-all",
  "symmetric-hash": "symmetric",
  "symmetric-hash complement": "symmetric-complement",
} as const satisfies { readonly [words: string]: HashProfile };

/** View of an Eth-Trunk: settings of every mode. */
export const trunkRows = {
  shutdown: flag("shutdown", {
    help: "Take the Eth-Trunk down; its members stay up",
    desired: (shutdown) => ({ shutdown }),
  }),
  description,
  ...deviceRows,
  mode: choice(
    "mode",
    {
      [MANUAL]: "Load balancing without LACP",
      [BACKUP]: "One of two members works, the other waits",
      [STATIC]: "Static LACP",
    },
    {
      help: "Working mode",
      default: MANUAL,
      words: { manual: "Without LACP" },
      desired: (mode) => ({ mode: MODES[mode] }),
    },
  ),
  leastActiveLinknumber: number("least active-linknumber <links>", links, {
    help: "Active links below which the Eth-Trunk is down",
    default: 1,
    onlyInMode: BALANCING,
  }),
  leastActiveBandwidth: number("least active-bandwidth <bandwidth>", integer(1, 4294967295), {
    help: "Bandwidth of the active links below which the Eth-Trunk is down",
    unit: "Mbit/s",
    excludes: ["leastActiveLinknumber"],
    onlyInMode: BALANCING,
  }),
  maxActiveLinknumber: number("max active-linknumber <links>", links, {
    help: "Greatest number of active links",
    default: 16,
    onlyInMode: STATIC,
  }),
  maxBandwidthAffectedLinknumber: number("max bandwidth-affected-linknumber <links>", links, {
    help: "Greatest number of links that count for the reported bandwidth",
    default: 64,
  }),
  loadBalance: choice(
    "load-balance",
    {
      "src-dst-ip": "By source and destination IP address",
      "src-dst-mac": "By source and destination MAC address",
      "packet-all": "Packet by packet",
      "symmetric-hash": "The same link for both directions",
      "symmetric-hash complement": "Complement of the symmetric hash",
    },
    {
      help: "How traffic is spread, by flow unless configured",
      desired: (spread): { hash: HashProfile } => ({ hash: spread === undefined ? "flow" : HASH_PROFILES[spread] }),
    },
  ),
};

/** The mode of an Eth-Trunk, the default where none is set. */
export const modeOf = ({ mode }: RecordOf<Pick<typeof trunkRows, "mode">>) => trunkRows.mode.fill(mode);
