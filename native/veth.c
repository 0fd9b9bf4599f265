/* Making and removing veth pairs, and what linkSet does not know of an interface. */
#include "request.h"

#include <linux/veth.h>

static bool take_index(napi_env env, napi_value value, uint32_t *ifindex) {
  return take_u32(env, value, "ifindex", 1, INT32_MAX, ifindex);
}

/* What a veth takes at most. */
#define INNER_MTU 65535u

/*
 * vethCreate(netlink, name, peer, mac, group): both ends, down. The peer's group marks the pair, and its MTU never limits what
 * the other end sends. 0 or negative errno.
 */
static napi_value veth_create(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  char name[IF_NAMESIZE], peer[IF_NAMESIZE];
  uint8_t octets[6];
  uint32_t group;
  double mac;
  struct ifinfomsg none = {0};
  struct request request;
  if (!take_arguments(env, info, 5, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_text(env, arguments[1], "name", name, sizeof name) ||
      !take_text(env, arguments[2], "peer", peer, sizeof peer) ||
      !take_integer(env, arguments[3], "mac", 0, 0xffffffffffff, &mac) ||
      !take_u32(env, arguments[4], "group", 0, INT32_MAX, &group))
    return NULL;
  for (int at = 0; at < 6; at++) octets[at] = (uint8_t)((uint64_t)mac >> (40 - 8 * at));
  request_begin(&request, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &none, sizeof none);
  request_add_text(&request, IFLA_IFNAME, name);
  request_add(&request, IFLA_ADDRESS, octets, sizeof octets);
  struct rtattr *link = request_nest(&request, IFLA_LINKINFO, NULL, 0);
  request_add_text(&request, IFLA_INFO_KIND, "veth");
  struct rtattr *data = request_nest(&request, IFLA_INFO_DATA, NULL, 0);
  struct rtattr *other = request_nest(&request, VETH_INFO_PEER, &none, sizeof none);
  request_add_text(&request, IFLA_IFNAME, peer);
  request_add_u32(&request, IFLA_GROUP, group);
  request_add_u32(&request, IFLA_MTU, INNER_MTU);
  request_nest_end(&request, other);
  request_nest_end(&request, data);
  request_nest_end(&request, link);
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

/* linkRemove(netlink, ifindex): 0 or negative errno. */
static napi_value link_remove(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint32_t ifindex;
  struct request request;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], &ifindex)) return NULL;
  struct ifinfomsg which = {.ifi_index = (int)ifindex};
  request_begin(&request, RTM_DELLINK, NLM_F_ACK, &which, sizeof which);
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

/* linkRemoveGroup(netlink, group): every link of the group at once, so that the kernel waits only once for its readers. */
static napi_value link_remove_group(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint32_t group;
  struct ifinfomsg none = {0};
  struct request request;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_u32(env, arguments[1], "group", 1, INT32_MAX, &group)) return NULL;
  request_begin(&request, RTM_DELLINK, NLM_F_ACK, &none, sizeof none);
  request_add_u32(&request, IFLA_GROUP, group);
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

/* linkGroup(netlink, ifindex, group): 0 or negative errno. */
static napi_value link_group(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  uint32_t ifindex, group;
  struct request request;
  if (!take_arguments(env, info, 3, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], &ifindex) ||
      !take_u32(env, arguments[2], "group", 0, INT32_MAX, &group))
    return NULL;
  struct ifinfomsg which = {.ifi_index = (int)ifindex};
  request_begin(&request, RTM_NEWLINK, NLM_F_ACK, &which, sizeof which);
  request_add_u32(&request, IFLA_GROUP, group);
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

/* linkPromiscuous(netlink, ifindex, on): 0 or negative errno. */
static napi_value link_promiscuous(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  uint32_t ifindex;
  bool on;
  struct request request;
  if (!take_arguments(env, info, 3, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], &ifindex)) return NULL;
  if (napi_get_value_bool(env, arguments[2], &on) != napi_ok) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "on must be a boolean");
    return NULL;
  }
  struct ifinfomsg which = {.ifi_index = (int)ifindex, .ifi_flags = on ? IFF_PROMISC : 0, .ifi_change = IFF_PROMISC};
  request_begin(&request, RTM_NEWLINK, NLM_F_ACK, &which, sizeof which);
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

const struct export veth_exports[] = {{"vethCreate", veth_create},
                                      {"linkRemove", link_remove},
                                      {"linkRemoveGroup", link_remove_group},
                                      {"linkGroup", link_group},
                                      {"linkPromiscuous", link_promiscuous},
                                      {NULL, NULL}};
