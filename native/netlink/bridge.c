/* A bridge that filters by VLAN, and the VLANs of its ports. */
#include "addon.h"
#include "request.h"

#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <string.h>

#define VLAN_RANGE(flags, vlan) \
  (struct bridge_vlan_info) { (uint16_t)(flags), (uint16_t)(vlan) }

/*
 * bridgeFilter(netlink, ifindex, on, pvid): whether a bridge filters by VLAN, and the VLAN that new ports and the bridge
 * itself are in untagged, 0 for none; undefined leaves it. 0 or negative errno.
 */
static napi_value bridge_filter(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  uint32_t ifindex, pvid = 0;
  bool on;
  struct request request;
  if (!take_arguments(env, info, 4, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], "ifindex", &ifindex) || !take_boolean(env, arguments[2], "on", &on))
    return NULL;
  bool changes_pvid = !is_undefined(env, arguments[3]);
  if (changes_pvid && !take_u32(env, arguments[3], "pvid", 0, 4094, &pvid)) return NULL;
  uint8_t filtering = on;
  uint16_t vlan = (uint16_t)pvid;
  struct ifinfomsg which = {.ifi_index = (int)ifindex};
  request_begin(&request, RTM_NEWLINK, NLM_F_ACK, &which, sizeof which);
  struct rtattr *link = request_nest(&request, IFLA_LINKINFO, NULL, 0);
  request_add_text(&request, IFLA_INFO_KIND, "bridge");
  struct rtattr *data = request_nest(&request, IFLA_INFO_DATA, NULL, 0);
  request_add(&request, IFLA_BR_VLAN_FILTERING, &filtering, sizeof filtering);
  if (changes_pvid) request_add(&request, IFLA_BR_VLAN_DEFAULT_PVID, &vlan, sizeof vlan);
  request_nest_end(&request, data);
  request_nest_end(&request, link);
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

/*
 * portVlan(netlink, ifindex, on, {self, first, last, flags}): puts a port into VLANs or takes it out; `self` for the bridge
 * itself. `flags` are BRIDGE_VLAN_INFO_PVID (2) and _UNTAGGED (4). 0 or negative errno.
 */
static napi_value port_vlan(napi_env env, napi_callback_info info) {
  static const char *const names[] = {"self", "first", "last", "flags"};
  napi_value arguments[4], fields[4];
  uint32_t ifindex, first, last, flags;
  bool on, self;
  struct request request;
  if (!take_arguments(env, info, 4, arguments) || !take_fields(env, arguments[3], "the VLANs", 4, names, fields))
    return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], "ifindex", &ifindex) || !take_boolean(env, arguments[2], "on", &on) ||
      !take_boolean(env, fields[0], "self", &self) || !take_u32(env, fields[1], "first", 1, 4094, &first) ||
      !take_u32(env, fields[2], "last", first, 4094, &last) || !take_u32(env, fields[3], "flags", 0, 6, &flags))
    return NULL;
  uint16_t where = BRIDGE_FLAGS_SELF;
  struct bridge_vlan_info from = VLAN_RANGE(flags | BRIDGE_VLAN_INFO_RANGE_BEGIN, first);
  struct bridge_vlan_info to = VLAN_RANGE(flags | BRIDGE_VLAN_INFO_RANGE_END, last);
  struct bridge_vlan_info only = VLAN_RANGE(flags, first);
  struct ifinfomsg which = {.ifi_family = AF_BRIDGE, .ifi_index = (int)ifindex};
  request_begin(&request, on ? RTM_SETLINK : RTM_DELLINK, NLM_F_ACK, &which, sizeof which);
  struct rtattr *spec = request_nest(&request, IFLA_AF_SPEC, NULL, 0);
  if (self) request_add(&request, IFLA_BRIDGE_FLAGS, &where, sizeof where);
  if (first == last) {
    request_add(&request, IFLA_BRIDGE_VLAN_INFO, &only, sizeof only);
  } else {
    request_add(&request, IFLA_BRIDGE_VLAN_INFO, &from, sizeof from);
    request_add(&request, IFLA_BRIDGE_VLAN_INFO, &to, sizeof to);
  }
  request_nest_end(&request, spec);
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

static void add_port_vlans(struct request_list *list, int ifindex, const struct rtattr *spec) {
  int left = (int)RTA_PAYLOAD(spec);
  for (const struct rtattr *at = RTA_DATA(spec); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    struct bridge_vlan_info vlan;
    napi_value object;
    if (at->rta_type != IFLA_BRIDGE_VLAN_INFO || RTA_PAYLOAD(at) < sizeof vlan) continue;
    if (napi_create_object(list->env, &object) != napi_ok) continue;
    memcpy(&vlan, RTA_DATA(at), sizeof vlan);
    set_number(list->env, object, "index", ifindex);
    set_number(list->env, object, "vlan", vlan.vid);
    set_number(list->env, object, "flags", vlan.flags);
    request_list_add(list, object);
  }
}

static void add_vlans(const struct nlmsghdr *message, void *data) {
  const struct ifinfomsg *about = NLMSG_DATA(message);
  if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH(sizeof *about)) return;
  if (about->ifi_family != AF_BRIDGE) return;
  int left = (int)IFLA_PAYLOAD(message);
  for (const struct rtattr *at = IFLA_RTA(about); RTA_OK(at, left); at = RTA_NEXT(at, left))
    if ((at->rta_type & NLA_TYPE_MASK) == IFLA_AF_SPEC) add_port_vlans(data, about->ifi_index, at);
}

/* portVlans(netlink): {index, vlan, flags} of every VLAN of every port and bridge, or negative errno. */
static napi_value port_vlans(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct request_list list = {.env = env};
  struct ifinfomsg all = {.ifi_family = AF_BRIDGE};
  struct request request;
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || napi_create_array(env, &list.array) != napi_ok) return NULL;
  request_begin(&request, RTM_GETLINK, NLM_F_DUMP, &all, sizeof all);
  request_add_u32(&request, IFLA_EXT_MASK, RTEXT_FILTER_BRVLAN);
  int error = request_dump(netlink, &request, add_vlans, request_list_forget, &list);
  return error ? number(env, error) : list.array;
}

#define VLAN_SET_SIZE 512

/* One VLAN of a port, or a range of them, into a set: VLAN v is octet v >> 3, bit 0x80 >> (v & 7). */
static void take_vlan_entry(const struct rtattr *entry, uint8_t *set) {
  struct bridge_vlan_info first = {0};
  uint16_t last = 0;
  int left = (int)RTA_PAYLOAD(entry);
  for (const struct rtattr *at = RTA_DATA(entry); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    if (at->rta_type == BRIDGE_VLANDB_ENTRY_INFO && RTA_PAYLOAD(at) >= sizeof first)
      memcpy(&first, RTA_DATA(at), sizeof first);
    if (at->rta_type == BRIDGE_VLANDB_ENTRY_RANGE && RTA_PAYLOAD(at) >= sizeof last)
      memcpy(&last, RTA_DATA(at), sizeof last);
  }
  if (last < first.vid) last = first.vid;
  for (unsigned vlan = first.vid; vlan != 0 && vlan <= last && vlan < 8 * VLAN_SET_SIZE; vlan++)
    set[vlan >> 3] |= (uint8_t)(0x80 >> (vlan & 7));
}

static void take_vlan_set(const struct nlmsghdr *message, void *data) {
  const struct br_vlan_msg *about = NLMSG_DATA(message);
  if (message->nlmsg_type != RTM_NEWVLAN || message->nlmsg_len < NLMSG_LENGTH(sizeof *about)) return;
  int left = (int)(message->nlmsg_len - NLMSG_LENGTH(sizeof *about));
  const struct rtattr *at = (const void *)((const uint8_t *)about + NLMSG_ALIGN(sizeof *about));
  for (; RTA_OK(at, left); at = RTA_NEXT(at, left))
    if ((at->rta_type & NLA_TYPE_MASK) == BRIDGE_VLANDB_ENTRY) take_vlan_entry(at, data);
}

/*
 * portVlanSet(netlink, ifindex, set): writes the VLANs of one port into 512 octets of zeros. 0 or negative errno; EOPNOTSUPP
 * or EINVAL from a kernel before 5.6 and one that cannot filter.
 */
static napi_value port_vlan_set(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  struct br_vlan_msg which = {.family = AF_BRIDGE};
  struct request request;
  uint8_t *set;
  size_t length = VLAN_SET_SIZE;
  if (!take_arguments(env, info, 3, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], "ifindex", &which.ifindex) || !take_bytes(env, arguments[2], "set", &set, &length))
    return NULL;
  if (length != VLAN_SET_SIZE) {
    refuse_range(env, "set must have 512 octets");
    return NULL;
  }
  request_begin(&request, RTM_GETVLAN, NLM_F_DUMP, &which, sizeof which);
  return number(env, request_ask(netlink, &request, take_vlan_set, set));
}

EXPORTS({"bridgeFilter", bridge_filter}, {"portVlan", port_vlan}, {"portVlans", port_vlans},
        {"portVlanSet", port_vlan_set})
