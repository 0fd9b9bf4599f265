import { release } from "node:os";
import type { BackendName } from "./forwarding.js";

/** One thing of ours in the kernel, and a way in which it goes that can be put back. */
export interface Row {
  readonly what: string;
  /** Run in the namespace of the daemon; `bpf` is the program of bpf.c. */
  readonly by: readonly (readonly string[])[];
  /** What is found, as the event says. */
  readonly found: RegExp;
  readonly only?: BackendName;
  /** The kernel does not tell of it, so a reload looks. */
  readonly isUntold?: boolean;
}

/** A change that cannot be put back, but by who made it. */
export interface Standing {
  readonly what: string;
  readonly by: readonly (readonly string[])[];
  readonly alarm: RegExp;
  /** Ports that carry meanwhile. */
  readonly carrying: readonly string[];
  readonly undo: readonly (readonly string[])[];
  readonly only?: BackendName;
  /** The kernel does not tell of it, so a reload looks. */
  readonly isUntold?: boolean;
  /** Why this kernel has no such thing. */
  readonly lacks?: string | undefined;
}

const [major = 0, minor = 0] = release().split(".").map(Number);
const NO_TCX = major > 6 || (major === 6 && minor >= 6) ? undefined : "Linux before 6.6 has no TCX";

/** Somebody's filter at ingress of m1. */
const filter = (preference: string, ...words: readonly string[]): readonly string[] => [
  ...["tc", "filter", "add", "dev", "m1", "ingress", "pref", preference, "protocol", "all"],
  ...words,
];
/** A u32 filter that says OK to all frames. */
const ALL_OK = ["u32", "match", "u32", "0", "0", "flowid", "1:1"];
/** A classic BPF program that says OK. */
const SAYS_OK = ["bpf", "da", "bytecode", "1,6 0 0 0,"];

/** Another program in the place of ours. */
const replaced = (device: string): readonly string[] => [
  ...["tc", "filter", "replace", "dev", device, "ingress", "pref", "17748", "handle", "1", "protocol", "all"],
  ...SAYS_OK,
];

/** A route, and a trunk that is a port of the bridge. */
export const BESIDES = [
  ...["ip route-static 10.77.0.0 16 10.9.0.2", "ipv6 route-static fd00:77:: 32 fd00:9::2"],
  ...["interface Eth-Trunk1", " ipv6 enable", " ipv6 address fd00:9::1/64", "interface Eth-Trunk2", " portswitch"],
];

export const ROWS: readonly Row[] = [
  {
    what: "the device, deleted",
    by: [["ip", "link", "del", "eth-trunk1"]],
    found: /interface (?:eth-trunk1|et1-ul) is gone/,
  },
  {
    what: "the inner end, deleted",
    by: [["ip", "link", "del", "et1-ul"]],
    found: /interface (?:eth-trunk1|et1-ul) is gone/,
  },
  {
    what: "the MTU of the inner end, changed",
    by: [["ip", "link", "set", "et1-ul", "mtu", "1000"]],
    found: /MTU of et1-ul is 1000, not 65535/,
  },
  {
    what: "the inner end, down",
    by: [["ip", "link", "set", "et1-ul", "down"]],
    found: /et1-ul was set down/,
  },
  {
    what: "the MTU of the device, changed",
    by: [["ip", "link", "set", "eth-trunk1", "mtu", "1300"]],
    found: /MTU of eth-trunk1 is 1300, not 1500/,
  },
  {
    what: "the MAC address of the device, changed",
    by: [["ip", "link", "set", "eth-trunk1", "address", "02:00:00:00:0e:01"]],
    found: /MAC address of eth-trunk1 is another one/,
  },
  {
    what: "promiscuous mode of a member, switched off",
    by: [["ip", "link", "set", "m1", "promisc", "off"]],
    found: /promiscuous mode of m1 was switched off/,
  },
  {
    what: "the MTU of a member, changed",
    by: [["ip", "link", "set", "m1", "mtu", "1400"]],
    found: /MTU of m1 is 1400, not 1500/,
  },
  {
    what: "the MAC address of a member, changed",
    by: [["ip", "link", "set", "m1", "address", "02:00:00:00:0e:02"]],
    found: /MAC address of m1 is another one/,
  },
  {
    what: "a sysctl of the inner end, changed",
    by: [["sysctl", "-qw", "net.ipv4.conf.et1-ul.arp_ignore=0"]],
    found: /ipv4\/conf\/et1-ul\/arp_ignore is 0, not 8/,
    isUntold: true,
  },
  {
    what: "a sysctl of a member, changed",
    by: [["sysctl", "-qw", "net.ipv4.conf.m1.arp_ignore=0"]],
    found: /ipv4\/conf\/m1\/arp_ignore is 0, not 8/,
    isUntold: true,
  },
  {
    what: "an address, deleted",
    by: [["ip", "address", "del", "10.9.0.1/24", "dev", "eth-trunk1"]],
    found: /eth-trunk1: address 10.9.0.1\/24/,
  },
  {
    what: "an IPv6 address, deleted",
    by: [["ip", "address", "del", "fd00:9::1/64", "dev", "eth-trunk1"]],
    found: /eth-trunk1: address fd00:9::1\/64/,
  },
  {
    what: "IPv6 of the device, disabled",
    by: [["sysctl", "-qw", "net.ipv6.conf.eth-trunk1.disable_ipv6=1"]],
    found: /eth-trunk1: ipv6\/conf\/\*\/disable_ipv6/,
  },
  {
    what: "IPv6 of a member, enabled",
    by: [["sysctl", "-qw", "net.ipv6.conf.m1.disable_ipv6=0"]],
    found: /ipv6\/conf\/m1\/disable_ipv6 is 0, not 1/,
  },
  {
    what: "IPv6 of the inner end, enabled",
    by: [["sysctl", "-qw", "net.ipv6.conf.et1-ul.disable_ipv6=0"]],
    found: /ipv6\/conf\/et1-ul\/disable_ipv6 is 0, not 1/,
  },
  {
    what: "an IPv6 route, deleted",
    by: [["ip", "-6", "route", "del", "fd00:77::/32"]],
    found: /route fd00:77::\/32/,
  },
  {
    what: "the kernel's route to the network of an address, deleted",
    by: [["ip", "route", "del", "10.9.0.0/24", "dev", "eth-trunk1"]],
    found: /eth-trunk1: route 10.9.0.0\/24/,
  },
  {
    what: "the kernel's route to the network of an IPv6 address, deleted",
    by: [["ip", "-6", "route", "del", "fd00:9::/64", "dev", "eth-trunk1"]],
    found: /eth-trunk1: route fd00:9::\/64/,
  },
  {
    what: "a route, deleted",
    by: [["ip", "route", "del", "10.77.0.0/16"]],
    found: /route 10.77.0.0\/16/,
  },
  {
    what: "the place in the bridge, taken away",
    by: [["ip", "link", "set", "eth-trunk2", "nomaster"]],
    found: /eth-trunk2: master/,
  },
  {
    what: "the bridge, deleted",
    by: [["ip", "link", "del", "br-etrunk"]],
    found: /interface br-etrunk/,
  },
  {
    what: "the filter of a member, deleted",
    by: [["tc", "filter", "del", "dev", "m1", "ingress"]],
    found: /the filter of etrunkd on m1 is gone/,
    only: "ebpf",
  },
  {
    what: "the qdisc of a member, deleted",
    by: [["tc", "qdisc", "del", "dev", "m1", "clsact"]],
    found: /the clsact qdisc of m1 is gone/,
    only: "ebpf",
  },
  {
    what: "the qdisc of the inner end, deleted",
    by: [["tc", "qdisc", "del", "dev", "et1-ul", "clsact"]],
    found: /the clsact qdisc of et1-ul is gone/,
    only: "ebpf",
  },
  {
    what: "the filter of the device, deleted",
    by: [["tc", "filter", "del", "dev", "eth-trunk1", "egress"]],
    found: /the filter of etrunkd on eth-trunk1 is gone/,
    only: "ebpf",
  },
  {
    what: "the program of a member, replaced by one that says OK",
    by: [replaced("m1")],
    found: /the filter of etrunkd on m1 was replaced/,
    only: "ebpf",
  },
  {
    what: "the program of the inner end, replaced by one that says OK",
    by: [replaced("et1-ul")],
    found: /the filter of etrunkd on et1-ul was replaced/,
    only: "ebpf",
  },
  {
    what: "the map of the trunk, emptied",
    by: [["bpf", "zero", "etrunkd_trunk"]],
    found: /eBPF maps of eth-trunk1 were changed/,
    only: "ebpf",
    isUntold: true,
  },
  {
    what: "the map of the members, emptied",
    by: [["bpf", "zero", "etrunkd_members"]],
    found: /eBPF map entries of m1 were changed/,
    only: "ebpf",
    isUntold: true,
  },
  {
    what: "the map of the trunk, emptied and frozen",
    by: [
      ["bpf", "zero", "etrunkd_trunk"],
      ["bpf", "freeze", "etrunkd_trunk"],
    ],
    found: /eBPF maps of eth-trunk1 were changed/,
    only: "ebpf",
    isUntold: true,
  },
  {
    what: "the ruleset, flushed",
    by: [["nft", "flush", "ruleset"]],
    found: /the nftables table netdev etrunkd_1 is gone/,
    only: "nftables",
  },
  {
    what: "the rules of a member, flushed",
    by: [["nft", "flush", "chain", "netdev", "etrunkd_1", "receive_101"]],
    found: /somebody changed the nftables table netdev etrunkd_1/,
    only: "nftables",
  },
  {
    what: "the map, flushed",
    by: [["nft", "flush", "map", "netdev", "etrunkd_1", "buckets"]],
    found: /somebody changed the nftables table netdev etrunkd_1/,
    only: "nftables",
  },
  {
    what: "the table, dormant",
    by: [["nft", "add table netdev etrunkd_1 { flags dormant; }"]],
    found: /somebody changed the nftables table netdev etrunkd_1/,
    only: "nftables",
  },
];

const OTHER = ["ip", "link", "set", "eth-trunk1"];
export const STANDING: readonly Standing[] = [
  {
    what: "the device, set down",
    by: [[...OTHER, "down"]],
    alarm: /^Eth-Trunk1 counts as shut down: somebody set eth-trunk1 down/,
    carrying: [],
    undo: [[...OTHER, "up"]],
  },
  {
    what: "the device, renamed",
    by: [
      [...OTHER, "down"],
      [...OTHER, "name", "other"],
    ],
    alarm: /^Eth-Trunk1: interface eth-trunk1 was renamed or moved away/,
    carrying: [],
    undo: [
      ["ip", "link", "set", "other", "name", "eth-trunk1"],
      [...OTHER, "up"],
    ],
  },
  {
    what: "the device, replaced by somebody's",
    // The daemon may be faster, and make its own in between.
    by: [
      [
        ...["sh", "-c", 'until printf "%s\\n" "$@" | ip -batch -; do :; done 2>/dev/null', "sh"],
        "link del eth-trunk1",
        "link add eth-trunk1 type veth peer name other",
      ],
    ],
    alarm: /^Eth-Trunk1: interface eth-trunk1 exists and was not made by etrunkd/,
    carrying: [],
    undo: [["ip", "link", "del", "other"]],
  },
  {
    what: "the inner end, renamed",
    by: [
      ["ip", "link", "set", "et1-ul", "down"],
      ["ip", "link", "set", "et1-ul", "name", "other"],
    ],
    alarm: /^Eth-Trunk1: interface et1-ul was renamed to other/,
    carrying: [],
    undo: [["ip", "link", "set", "other", "name", "et1-ul"]],
  },
  {
    what: "a filter of somebody before that of a member",
    by: [filter("1", ...ALL_OK)],
    alarm: /^Eth-Trunk1 m1: the u32 filter with preference 1 runs before that of etrunkd on m1/,
    carrying: ["m2"],
    undo: [["tc", "filter", "del", "dev", "m1", "ingress", "pref", "1"]],
    only: "ebpf",
  },
  {
    what: "a program of somebody before that of a member, which says OK",
    by: [filter("1", ...SAYS_OK)],
    alarm: /^Eth-Trunk1 m1: the bpf filter .*with preference 1 runs before that of etrunkd on m1/,
    carrying: ["m2"],
    undo: [["tc", "filter", "del", "dev", "m1", "ingress", "pref", "1"]],
    only: "ebpf",
  },
  {
    what: "a filter of another kind in the place of that of a member",
    // The daemon may be faster, and put its own back in between.
    by: [
      [
        ...["sh", "-c", 'until printf "%s\\n" "$@" | tc -batch -; do :; done 2>/dev/null', "sh"],
        "filter del dev m1 ingress",
        filter("17748", ...ALL_OK)
          .slice(1)
          .join(" "),
      ],
    ],
    alarm: /^Eth-Trunk1 m1: .*the filter of etrunkd on m1 is gone, there is the u32 filter with preference 17748/,
    carrying: ["m2"],
    undo: [["tc", "filter", "del", "dev", "m1", "ingress"]],
    only: "ebpf",
  },
  {
    what: "a TCX program before that of a member",
    by: [["bpf", "tcx-add", "m1"]],
    alarm: /^Eth-Trunk1 m1: a TCX program runs before the filter of etrunkd on m1/,
    carrying: ["m2"],
    undo: [["bpf", "tcx-del", "m1"]],
    only: "ebpf",
    isUntold: true,
    lacks: NO_TCX,
  },
  {
    what: "a member, made a port of a bridge",
    by: [
      ["ip", "link", "add", "br9", "type", "bridge"],
      ["ip", "link", "set", "m1", "master", "br9"],
    ],
    alarm: /^Eth-Trunk1 m1 is also a port of br9/,
    carrying: ["m1", "m2"],
    undo: [["ip", "link", "del", "br9"]],
  },
];
