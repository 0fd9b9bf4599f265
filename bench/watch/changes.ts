import type { BackendName } from "../lab.js";

/** What somebody does to the data plane of a trunk with the members m1 and m2. */
export interface Change {
  readonly what: string;
  /** A line for ip, tc or nft. */
  readonly by: string | undefined;
  /** Puts it back, where only who made it can. */
  readonly undo?: string;
  readonly only?: BackendName;
}

export const CHANGES: readonly Change[] = [
  { what: "nothing", by: undefined },
  { what: "the filter of a member, deleted", by: "tc filter del dev m1 ingress", only: "ebpf" },
  { what: "the qdisc of a member, deleted", by: "tc qdisc del dev m1 clsact", only: "ebpf" },
  { what: "the qdisc of the inner end, deleted", by: "tc qdisc del dev et1-ul clsact", only: "ebpf" },
  {
    what: "the program of a member, replaced",
    by: 'tc filter replace dev m1 ingress pref 17748 handle 1 protocol all bpf da bytecode "1,6 0 0 0,"',
    only: "ebpf",
  },
  { what: "the ruleset, flushed", by: "nft flush ruleset", only: "nftables" },
  { what: "the map, flushed", by: "nft flush map netdev etrunkd_1 buckets", only: "nftables" },
  { what: "the inner end, down", by: "ip link set et1-ul down" },
  { what: "the MTU of a member, changed", by: "ip link set m1 mtu 1400" },
  { what: "the MAC address of a member, changed", by: "ip link set m1 address 02:00:00:00:0e:02" },
  {
    what: "a filter before that of a member",
    by: "tc filter add dev m1 ingress pref 1 protocol all u32 match u32 0 0 flowid 1:1",
    undo: "tc filter del dev m1 ingress pref 1",
    only: "ebpf",
  },
  {
    what: "the device, set down",
    by: "ip link set eth-trunk1 down",
    undo: "ip link set eth-trunk1 up",
  },
];
