/*
 * The Eth-Trunk data plane, at the hooks (clsact) of a trunk's members and of both its ends. Each trunk has its own copy of
 * maps and programs. trunk-bytecode.h is made of this file by generate-bytecode.js. What a program does not decide it passes on
 * (TC_ACT_UNSPEC) to the filters of others behind it.
 *
 * Headers are copied to the stack by a helper instead of read in place: that works for frames in parts and for clones,
 * needs no bounds known to the verifier, and so loads with CAP_BPF and CAP_NET_ADMIN on kernels from 5.4 on.
 */
#include "trunk.h"

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/in6.h>
#include <linux/pkt_cls.h>

#define INLINE static inline __attribute__((always_inline))
#define SECTION(name) __attribute__((section(name), used))
#define BIG(value) ((__u16)__builtin_bswap16(value))

/* Symbols for the generator, which replaces their addresses by numbers of trunk_map. */
extern const char trunks, members, counters, vlans;

static void *(*const map_lookup)(const void *map, const void *key) = (void *)BPF_FUNC_map_lookup_elem;
static long (*const load_bytes)(const struct __sk_buff *, __u32 offset, void *to, __u32 length) =
    (void *)BPF_FUNC_skb_load_bytes;
static long (*const vlan_push)(struct __sk_buff *, __u16 protocol, __u16 tag) = (void *)BPF_FUNC_skb_vlan_push;
static long (*const vlan_pop)(struct __sk_buff *) = (void *)BPF_FUNC_skb_vlan_pop;
static long (*const redirect)(__u32 ifindex, __u64 flags) = (void *)BPF_FUNC_redirect;

struct ipv4 {
  __u8 version_and_words;
  __u8 service;
  __u16 length, id, fragment;
  __u8 ttl, protocol;
  __u16 checksum;
  __u32 source, destination;
};

struct ipv6 {
  __u32 version_and_label;
  __u16 length;
  __u8 next, hops;
  __u64 source[2], destination[2];
};

/* The eight octets every IPv6 extension header has. */
struct extension {
  __u8 next, length;
  __u8 rest[6];
};

INLINE __u64 mix(__u64 hash, __u64 value) {
  hash = (hash ^ value) * 0x9e3779b97f4a7c15;
  return hash ^ hash >> 32;
}

INLINE __u64 mix_ports(__u64 hash, const struct __sk_buff *skb, __u32 offset, int symmetric) {
  __u16 ports[2];
  if (load_bytes(skb, offset, ports, sizeof ports) < 0) return hash;
  __u64 source = ports[0], destination = ports[1];
  if (symmetric && source > destination) return mix(hash, destination << 32 | source);
  return mix(hash, source << 32 | destination);
}

INLINE int has_ports(__u8 protocol) { return protocol == IPPROTO_TCP || protocol == IPPROTO_UDP; }

/* False for a frame that ends inside the header, as in mix_ipv6. */
INLINE int mix_ipv4(__u64 *hash, const struct __sk_buff *skb, __u32 offset, int symmetric, int ports) {
  struct ipv4 ip;
  if (load_bytes(skb, offset, &ip, sizeof ip) < 0) return 0;
  __u64 source = ip.source, destination = ip.destination;
  if (symmetric && source > destination)
    *hash = mix(*hash, destination << 32 | source);
  else
    *hash = mix(*hash, source << 32 | destination);
  /* Only the first fragment has ports, and all must go the same way. */
  if (ports && has_ports(ip.protocol) && !(ip.fragment & BIG(0x3fff)))
    *hash = mix_ports(*hash, skb, offset + (ip.version_and_words & 15) * 4, symmetric);
  return 1;
}

/* Ports behind up to four extension headers. A fragment (44) has none, as in IPv4. */
INLINE __u64 mix_ipv6_ports(__u64 hash, const struct __sk_buff *skb, __u32 offset, __u8 next, int symmetric) {
  struct extension extension;
#pragma unroll
  for (int depth = 0; depth < 4; depth++) {
    if (has_ports(next)) return mix_ports(hash, skb, offset, symmetric);
    if (next != IPPROTO_HOPOPTS && next != IPPROTO_ROUTING && next != IPPROTO_DSTOPTS) return hash;
    if (load_bytes(skb, offset, &extension, sizeof extension) < 0) return hash;
    next = extension.next;
    offset += (extension.length + 1) * 8;
  }
  return has_ports(next) ? mix_ports(hash, skb, offset, symmetric) : hash;
}

INLINE int mix_ipv6(__u64 *hash, const struct __sk_buff *skb, __u32 offset, int symmetric, int ports) {
  struct ipv6 ip;
  if (load_bytes(skb, offset, &ip, sizeof ip) < 0) return 0;
  __u64 first[2] = {ip.source[0], ip.source[1]}, second[2] = {ip.destination[0], ip.destination[1]};
  if (symmetric && (first[0] > second[0] || (first[0] == second[0] && first[1] > second[1]))) {
    first[0] = ip.destination[0], first[1] = ip.destination[1];
    second[0] = ip.source[0], second[1] = ip.source[1];
  }
  *hash = mix(mix(mix(mix(*hash, first[0]), first[1]), second[0]), second[1]);
  if (ports) *hash = mix_ipv6_ports(*hash, skb, offset + sizeof ip, ip.next, symmetric);
  return 1;
}

INLINE __u64 mix_mac(__u64 hash, const struct __sk_buff *skb, int symmetric) {
  __u16 words[6];
  if (load_bytes(skb, 0, words, sizeof words) < 0) return hash;
  __u64 first = (__u64)words[0] << 32 | (__u64)words[1] << 16 | words[2];
  __u64 second = (__u64)words[3] << 32 | (__u64)words[4] << 16 | words[5];
  if (symmetric && first > second) return mix(mix(hash, second), first);
  return mix(mix(hash, first), second);
}

INLINE __u64 hash_of(const struct __sk_buff *skb, const struct trunk *trunk) {
  __u32 by = trunk->hash, offset = ETH_HLEN;
  __u16 protocol = skb->protocol;
  int symmetric = by == HASH_SYMMETRIC || by == HASH_COMPLEMENT, ports = by != HASH_ADDRESSES;
  __u64 hash = trunk->seed;
  if (by == HASH_MAC) return mix_mac(hash, skb, 0);
  /* The kernel keeps the outer tag beside the frame; a second one, or one it left in place, is in it. */
#pragma unroll
  for (int tags = 0; tags < 2; tags++) {
    __u16 tag[2];
    if (protocol != BIG(ETH_P_8021Q) && protocol != BIG(ETH_P_8021AD)) break;
    if (load_bytes(skb, offset, tag, sizeof tag) < 0) break;
    protocol = tag[1];
    offset += sizeof tag;
  }
  if (protocol == BIG(ETH_P_IP) && mix_ipv4(&hash, skb, offset, symmetric, ports)) return hash;
  if (protocol == BIG(ETH_P_IPV6) && mix_ipv6(&hash, skb, offset, symmetric, ports)) return hash;
  return mix_mac(hash, skb, symmetric);
}

INLINE struct counters *counters_of(__u32 slot) { return map_lookup(&counters, &slot); }

INLINE __u8 bucket_of(const struct __sk_buff *skb, const struct trunk *trunk) {
  if (trunk->hash == HASH_PACKET) {
    struct counters *own = counters_of(0);
    return own ? own->next++ : 0;
  }
  /* The product's high octet depends on all that was mixed. */
  __u8 bucket = mix(trunk->seed, hash_of(skb, trunk)) >> 24;
  return trunk->hash == HASH_COMPLEMENT ? TRUNK_BUCKETS - 1 - bucket : bucket;
}

/* Chooses and counts the member a frame leaves by; its interface index, 0 for none. */
INLINE __u32 member_for(const struct __sk_buff *skb) {
  __u32 zero = 0;
  const struct trunk *trunk = map_lookup(&trunks, &zero);
  if (!trunk) return 0;
  __u32 slot = trunk->buckets[bucket_of(skb, trunk)];
  struct counters *count = counters_of(slot);
  if (!count || slot >= TRUNK_SLOTS) return 0;
  if (slot == 0) {
    count->frames_dropped++;
    return 0;
  }
  count->frames_sent++;
  count->bytes_sent += skb->len;
  return trunk->ports[slot];
}

/* A veth forgets the priority of a frame (SO_PRIORITY), but not its tc_index; a class of a queue discipline has no room there. */
SECTION("keep") int trunk_keep(struct __sk_buff *skb) {
  skb->tc_index = skb->priority <= 0xffff ? skb->priority : 0;
  return TC_ACT_UNSPEC;
}

INLINE void restore_priority(struct __sk_buff *skb) {
  skb->priority = skb->tc_index;
  skb->tc_index = 0;
}

/* At the inner end: a frame the host sends on the trunk. */
SECTION("send") int trunk_send(struct __sk_buff *skb) {
  __u32 port = member_for(skb);
  if (!port) return TC_ACT_SHOT;
  restore_priority(skb);
  return redirect(port, 0);
}

/* At the inner end of a sub-interface: its frames leave by the trunk, with a tag. The VLAN ID is the class ID of the filter. */
SECTION("send_tagged") int trunk_send_tagged(struct __sk_buff *skb) {
  __u32 zero = 0;
  const struct trunk *trunk = map_lookup(&trunks, &zero);
  __u16 vlan = skb->tc_classid & 0xfff;
  if (!trunk || vlan_push(skb, BIG(ETH_P_8021Q), vlan) < 0) return TC_ACT_SHOT;
  restore_priority(skb);
  return redirect(trunk->outer, 0);
}

/* At the trunk: a frame that arrives in the VLAN of a sub-interface is that one's. */
SECTION("receive_tagged") int trunk_receive_tagged(struct __sk_buff *skb) {
  if (!skb->vlan_present || skb->vlan_proto != BIG(ETH_P_8021Q)) return TC_ACT_UNSPEC;
  __u32 id = skb->vlan_tci & 0xfff;
  const __u32 *inner = map_lookup(&vlans, &id);
  if (!inner || !*inner) return TC_ACT_UNSPEC;
  __u32 own = *inner;
  return vlan_pop(skb) < 0 ? TC_ACT_SHOT : redirect(own, 0);
}

/* LACP and Marker, LLDP, EAPoL concern the link and not the trunk (802.1AX-2014 6.1.3). Tagged they are data. */
INLINE int stays(const struct __sk_buff *skb) {
  __u32 protocol = skb->protocol;
  if (protocol != BIG(ETH_P_SLOW) && protocol != BIG(ETH_P_LLDP) && protocol != BIG(ETH_P_PAE)) return 0;
  return !skb->vlan_present || (skb->vlan_tci & 0xfff) == 0;
}

/* At a member: a frame arrives. */
SECTION("receive") int trunk_receive(struct __sk_buff *skb) {
  __u32 ifindex = skb->ifindex;
  const struct member *member = map_lookup(&members, &ifindex);
  if (!member || stays(skb)) return TC_ACT_UNSPEC;
  struct counters *count = counters_of(member->slot);
  if (!count) return TC_ACT_SHOT;
  if (!member->collecting) {
    count->frames_dropped++;
    return TC_ACT_SHOT;
  }
  count->frames_received++;
  count->bytes_received += skb->len;
  return redirect(member->inner, 0);
}
