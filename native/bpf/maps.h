/* The maps of one Eth-Trunk; plane.c exports the functions. */
#ifndef ETRUNKD_MAPS_H
#define ETRUNKD_MAPS_H

#include "addon.h"
#include "trunk.h"

struct plane_member {
  /* 0 for none. */
  uint32_t ifindex;
  struct member member;
};

struct plane {
  struct owner owner;
  int maps[TRUNK_MAPS];
  int programs[TRUNK_PROGRAMS];
  uint32_t cpus;
  struct counters *counters;
  /* What was written to the maps last; members by slot, inner ends by VLAN ID. */
  struct trunk trunk;
  struct plane_member members[TRUNK_SLOTS];
  uint32_t vlans[TRUNK_VLANS];
};

extern const napi_type_tag PLANE;
/* The plane behind a value; NULL and a pending TypeError for any other value. */
struct plane *plane_of(napi_env env, napi_value value);

napi_value plane_spread(napi_env env, napi_callback_info info);
napi_value plane_member(napi_env env, napi_callback_info info);
napi_value plane_vlan(napi_env env, napi_callback_info info);
napi_value plane_forget(napi_env env, napi_callback_info info);
napi_value plane_counters(napi_env env, napi_callback_info info);
napi_value plane_clear(napi_env env, napi_callback_info info);
napi_value plane_stands(napi_env env, napi_callback_info info);
napi_value plane_member_stands(napi_env env, napi_callback_info info);

#endif
