/* What the programs of trunk.bpf.c and their loader share: the values of the maps of one Eth-Trunk. */
#ifndef ETRUNKD_TRUNK_H
#define ETRUNKD_TRUNK_H

#include <linux/types.h>

/* Hash values of frames; a member's share of the traffic is how many of them lead to it. */
#define TRUNK_BUCKETS 256
/* Slot 0 stands for no member. */
#define TRUNK_SLOTS 65

/* What a frame is hashed by (`load-balance`). */
enum trunk_hash {
  /* Addresses and TCP or UDP ports; without ports addresses; else MAC addresses. */
  HASH_FLOW,
  HASH_ADDRESSES,
  HASH_MAC,
  /* Round robin. */
  HASH_PACKET,
  /* HASH_FLOW, and both directions of a flow alike. */
  HASH_SYMMETRIC,
  /* HASH_SYMMETRIC with the buckets in reverse order. */
  HASH_COMPLEMENT,
};

/* Map `trunks`, array of one. */
struct trunk {
  __u64 seed;
  __u32 hash;
  /* Interface index of the trunk itself. */
  __u32 outer;
  /* Interface index of the member in each slot. */
  __u32 ports[TRUNK_SLOTS];
  /* Slot of each bucket. One octet, so that a reader sees the old or the new value and never a mix. */
  __u8 buckets[TRUNK_BUCKETS];
};

/* Map `members`, a hash by interface index. */
struct member {
  __u32 slot;
  __u32 collecting;
  /* Interface index of the trunk's inner end. */
  __u32 inner;
};

/* Map `counters`, an array by slot for each CPU. Octets are those of the frame without FCS. */
struct counters {
  __u64 frames_received;
  __u64 bytes_received;
  __u64 frames_sent;
  __u64 bytes_sent;
  /* Received while not collecting; in slot 0: to be sent while no member distributes. */
  __u64 frames_dropped;
  /* Slot 0 only: the bucket of the next frame of a round robin. */
  __u64 next;
};

/* Map `vlans`, an array by VLAN ID: interface index of the inner end of the VLAN's sub-interface, 0 for none. */
#define TRUNK_VLANS 4096

/* Programs and maps by number, for the loader. */
enum trunk_program {
  PROGRAM_RECEIVE,
  PROGRAM_SEND,
  PROGRAM_KEEP,
  PROGRAM_SEND_TAGGED,
  PROGRAM_RECEIVE_TAGGED,
  TRUNK_PROGRAMS
};
enum trunk_map { MAP_TRUNKS, MAP_MEMBERS, MAP_COUNTERS, MAP_VLANS, TRUNK_MAPS };

#endif
