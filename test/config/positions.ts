import { type Position, SYSTEM } from "../../src/config/feature.js";
import type { Model } from "../../src/config/model.js";

const TRUNK: Position = { view: "eth-trunk", name: "Eth-Trunk1" };
const PORT: Position = { view: "physical", name: "eth1" };
export const POSITIONS = {
  system: SYSTEM,
  "eth-trunk": TRUNK,
  physical: PORT,
  "e-trunk": { view: "e-trunk", name: "1" },
  bfd: { view: "bfd", name: "" },
  "bfd-session": { view: "bfd-session", name: "hello" },
  "sub-interface": { view: "sub-interface", name: "Eth-Trunk1.4096" },
  loopback: { view: "loopback", name: "LoopBack0" },
  vlanif: { view: "vlanif", name: "Vlanif10" },
  vlan: { view: "vlan", name: "10" },
  isis: { view: "isis", name: "1" },
  pim: { view: "pim", name: "" },
  "pim-ipv6": { view: "pim-ipv6", name: "" },
  "remote-backup-service": { view: "remote-backup-service", name: "service1" },
  "remote-backup-profile": { view: "remote-backup-profile", name: "profile1" },
} as const satisfies { [view: string]: Position };
export const POSITION_NAMES = Object.keys(POSITIONS) as (keyof typeof POSITIONS)[];
/** A ciphertext of ours, as far as its form goes. */
export const KEY = "%^%#1:0000000000000000000000%^%#";

/** The line as printed, a cut-short form of it, the attribute it sets and its value. */
export type Row = readonly [line: string, short: string, attribute: string, value: unknown];

const bind = { peer: "2.2.2.2" };
export const emptyModel = (): Model => ({
  interfaces: { "Eth-Trunk1": {}, eth1: {}, "Eth-Trunk1.4096": {}, LoopBack0: {}, Vlanif10: {} },
  isis: { 1: {} },
  pim: {},
  pimIpv6: {},
  etrunks: { 1: {} },
  bfd: {},
  bfdSessions: { hello: { bind } },
  remoteBackupServices: { service1: {} },
  remoteBackupProfiles: { profile1: {} },
});
