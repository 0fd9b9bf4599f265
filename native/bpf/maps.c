/* The maps of one Eth-Trunk: what its programs are told, and what they count. */
#include "addon.h"
#include "bpf.h"
#include "maps.h"

#include <errno.h>
#include <string.h>

#define COUNTERS (sizeof(struct counters) / sizeof(uint64_t))

const napi_type_tag PLANE = {0x6574726e6b640010, 0x706c616e65000000};

struct plane *plane_of(napi_env env, napi_value value) { return owner_of(env, value, &PLANE); }

static struct plane_member *member_at(struct plane *plane, uint32_t ifindex) {
  for (size_t slot = 1; slot < TRUNK_SLOTS; slot++)
    if (plane->members[slot].ifindex == ifindex) return &plane->members[slot];
  return NULL;
}

/*
 * planeSpread(plane, {outer, hash, seed, ports, buckets}): sets how frames are spread. `outer` is the trunk's interface index,
 * `seed` two numbers, `ports` the interface index of each slot, `buckets` the slot of each bucket. 0 or negative errno.
 */
napi_value plane_spread(napi_env env, napi_callback_info info) {
  static const char *const names[] = {"outer", "hash", "seed", "ports", "buckets"};
  napi_value arguments[2], fields[5];
  struct trunk trunk = {0};
  uint32_t *seed, *ports;
  uint8_t *buckets;
  size_t seeds, slots, length;
  if (!take_arguments(env, info, 2, arguments) || !take_fields(env, arguments[1], "the spread", 5, names, fields))
    return NULL;
  struct plane *plane = plane_of(env, arguments[0]);
  if (!plane || !take_index(env, fields[0], "outer", &trunk.outer) ||
      !take_u32(env, fields[1], "hash", 0, HASH_COMPLEMENT, &trunk.hash) ||
      !take_u32_array(env, fields[2], "seed", &seed, &seeds) ||
      !take_u32_array(env, fields[3], "ports", &ports, &slots) ||
      !take_bytes(env, fields[4], "buckets", &buckets, &length))
    return NULL;
  if (seeds != 2 || slots != TRUNK_SLOTS || length != TRUNK_BUCKETS) {
    refuse_range(env, "seed, ports and buckets must have 2, 65 and 256 elements");
    return NULL;
  }
  trunk.seed = (uint64_t)seed[1] << 32 | seed[0];
  memcpy(trunk.ports, ports, sizeof trunk.ports);
  memcpy(trunk.buckets, buckets, sizeof trunk.buckets);
  memcpy(&plane->trunk, &trunk, sizeof trunk);
  return number(env, bpf_map_update(plane->maps[MAP_TRUNKS], 0, &plane->trunk));
}

/* planeMember(plane, ifindex, slot, collecting, inner): sets where frames that arrive at a member go. 0 or negative errno. */
napi_value plane_member(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  struct member member = {0};
  uint32_t ifindex;
  bool collecting;
  if (!take_arguments(env, info, 5, arguments)) return NULL;
  struct plane *plane = plane_of(env, arguments[0]);
  if (!plane || !take_index(env, arguments[1], "ifindex", &ifindex) ||
      !take_u32(env, arguments[2], "slot", 1, TRUNK_SLOTS - 1, &member.slot) ||
      !take_boolean(env, arguments[3], "collecting", &collecting) ||
      !take_index(env, arguments[4], "inner", &member.inner))
    return NULL;
  member.collecting = collecting;
  plane->members[member.slot] = (struct plane_member){ifindex, member};
  return number(env, bpf_map_update(plane->maps[MAP_MEMBERS], ifindex, &member));
}

/* planeVlan(plane, vlan, inner): sets the inner end for frames of a VLAN; 0: they are the trunk's. 0 or negative errno. */
napi_value plane_vlan(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  uint32_t vlan, inner;
  if (!take_arguments(env, info, 3, arguments)) return NULL;
  struct plane *plane = plane_of(env, arguments[0]);
  if (!plane || !take_u32(env, arguments[1], "vlan", 1, TRUNK_VLANS - 1, &vlan) ||
      !take_u32(env, arguments[2], "inner", 0, INT32_MAX, &inner))
    return NULL;
  plane->vlans[vlan] = inner;
  return number(env, bpf_map_update(plane->maps[MAP_VLANS], vlan, &inner));
}

/* planeForget(plane, ifindex): 0 or negative errno. */
napi_value plane_forget(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint32_t ifindex;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct plane *plane = plane_of(env, arguments[0]);
  if (!plane || !take_index(env, arguments[1], "ifindex", &ifindex)) return NULL;
  struct plane_member *member = member_at(plane, ifindex);
  if (member) *member = (struct plane_member){0};
  return number(env, bpf_map_delete(plane->maps[MAP_MEMBERS], ifindex));
}

/*
 * planeCounters(plane, slot, counts): writes frames received, octets received, frames sent, octets sent and frames
 * dropped, summed over the CPUs. 0 or negative errno.
 */
napi_value plane_counters(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  uint32_t slot;
  double *counts;
  size_t length;
  if (!take_arguments(env, info, 3, arguments)) return NULL;
  struct plane *plane = plane_of(env, arguments[0]);
  if (!plane || !take_u32(env, arguments[1], "slot", 0, TRUNK_SLOTS - 1, &slot) ||
      !take_f64_array(env, arguments[2], "counts", &counts, &length))
    return NULL;
  if (length > COUNTERS) length = COUNTERS;
  int error = bpf_map_lookup(plane->maps[MAP_COUNTERS], slot, plane->counters);
  if (error) return number(env, error);
  for (size_t at = 0; at < length; at++) {
    uint64_t sum = 0;
    for (uint32_t cpu = 0; cpu < plane->cpus; cpu++) sum += ((const uint64_t *)&plane->counters[cpu])[at];
    counts[at] = (double)sum;
  }
  return number(env, 0);
}

/* planeClear(plane, slot): its counters begin at 0 again. 0 or negative errno. */
napi_value plane_clear(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint32_t slot;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct plane *plane = plane_of(env, arguments[0]);
  if (!plane || !take_u32(env, arguments[1], "slot", 0, TRUNK_SLOTS - 1, &slot)) return NULL;
  memset(plane->counters, 0, plane->cpus * sizeof *plane->counters);
  return number(env, bpf_map_update(plane->maps[MAP_COUNTERS], slot, plane->counters));
}

/* Compares a value of a map with the one that was written last. 1 when they are the same, 0 when not, or negative errno. */
static int same_value(int map, uint32_t key, const void *written, void *now, size_t size) {
  int error = bpf_map_lookup(map, key, now);
  /* Somebody deleted it. */
  if (error == -ENOENT) return 0;
  return error ? error : memcmp(written, now, size) == 0;
}

static int same_vlans(struct plane *plane) {
  uint32_t now[TRUNK_VLANS];
  int error = bpf_map_lookup_all(plane->maps[MAP_VLANS], TRUNK_VLANS, now);
  if (!error) return memcmp(plane->vlans, now, sizeof now) == 0;
  /* A kernel before 5.6 reads one value at a time, so only those of sub-interfaces are looked at. */
  for (uint32_t vlan = 1; vlan < TRUNK_VLANS; vlan++) {
    if (plane->vlans[vlan] == 0) continue;
    int same = same_value(plane->maps[MAP_VLANS], vlan, &plane->vlans[vlan], now, sizeof *now);
    if (same != 1) return same;
  }
  return 1;
}

/*
 * planeStands(plane): whether the maps of the trunk and its VLANs hold what was written to them last: 1 or 0, or negative
 * errno.
 */
napi_value plane_stands(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct trunk now;
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct plane *plane = plane_of(env, arguments[0]);
  if (!plane) return NULL;
  int same = same_value(plane->maps[MAP_TRUNKS], 0, &plane->trunk, &now, sizeof now);
  return number(env, same == 1 ? same_vlans(plane) : same);
}

/* planeMemberStands(plane, ifindex): the same of what was written for a member. */
napi_value plane_member_stands(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint32_t ifindex;
  struct member now;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct plane *plane = plane_of(env, arguments[0]);
  if (!plane || !take_index(env, arguments[1], "ifindex", &ifindex)) return NULL;
  const struct plane_member *member = member_at(plane, ifindex);
  if (!member) return number(env, 0);
  return number(env, same_value(plane->maps[MAP_MEMBERS], ifindex, &member->member, &now, sizeof now));
}
