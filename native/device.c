/*
 * Devices etrunkd makes besides the veth pairs of its trunks (dummy devices, VLAN devices, a bridge), the ports of a
 * bridge and their VLANs, and what of all that this kernel can do.
 */
#include "request.h"

#include <errno.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <string.h>

#define VLAN_RANGE(flags, vlan) \
  (struct bridge_vlan_info) { (uint16_t)(flags), (uint16_t)(vlan) }

static bool take_index(napi_env env, napi_value value, uint32_t *ifindex) {
  return take_u32(env, value, "ifindex", 1, INT32_MAX, ifindex);
}

static bool take_mac(napi_env env, napi_value value, uint8_t octets[6]) {
  double mac;
  if (!take_integer(env, value, "mac", 0, 0xffffffffffff, &mac)) return false;
  for (int at = 0; at < 6; at++) octets[at] = (uint8_t)((uint64_t)mac >> (40 - 8 * at));
  return true;
}

/* The request for a link of a kind; the caller adds what belongs into `link`, and ends it. */
static struct rtattr *begin_link(struct request *request, uint16_t flags, const char *kind) {
  struct ifinfomsg none = {0};
  request_begin(request, RTM_NEWLINK, NLM_F_ACK | flags, &none, sizeof none);
  struct rtattr *link = request_nest(request, IFLA_LINKINFO, NULL, 0);
  request_add_text(request, IFLA_INFO_KIND, kind);
  return link;
}

/*
 * deviceCreate(netlink, kind, name, mac, group, main, vlan): a device, down; undefined for the MAC address leaves it to the
 * kernel. `main` and `vlan` are of kind vlan, else 0. 0 or negative errno.
 */
static napi_value device_create(napi_env env, napi_callback_info info) {
  napi_value arguments[7];
  char kind[16], name[IF_NAMESIZE];
  uint8_t octets[6];
  uint32_t group, main, vlan;
  struct request request;
  if (!take_arguments(env, info, 7, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_text(env, arguments[1], "kind", kind, sizeof kind) ||
      !take_text(env, arguments[2], "name", name, sizeof name) ||
      !take_u32(env, arguments[4], "group", 0, INT32_MAX, &group) ||
      !take_u32(env, arguments[5], "main", 0, INT32_MAX, &main) || !take_u32(env, arguments[6], "vlan", 0, 4094, &vlan))
    return NULL;
  bool has_mac = !is_undefined(env, arguments[3]);
  if (has_mac && !take_mac(env, arguments[3], octets)) return NULL;
  struct rtattr *link = begin_link(&request, NLM_F_CREATE | NLM_F_EXCL, kind);
  if (main != 0) {
    uint16_t id = (uint16_t)vlan;
    struct rtattr *data = request_nest(&request, IFLA_INFO_DATA, NULL, 0);
    request_add(&request, IFLA_VLAN_ID, &id, sizeof id);
    request_nest_end(&request, data);
  }
  request_nest_end(&request, link);
  request_add_text(&request, IFLA_IFNAME, name);
  if (has_mac) request_add(&request, IFLA_ADDRESS, octets, sizeof octets);
  request_add_u32(&request, IFLA_GROUP, group);
  if (main != 0) request_add_u32(&request, IFLA_LINK, main);
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

/* Makes nothing: the address is one no device may have. The kernel looks for the kind first, and loads its module. */
static bool has_kind(struct netlink *netlink, const char *kind) {
  static const uint8_t group[6] = {1};
  struct request request;
  struct rtattr *link = begin_link(&request, NLM_F_CREATE | NLM_F_EXCL, kind);
  request_nest_end(&request, link);
  request_add(&request, IFLA_ADDRESS, group, sizeof group);
  return request_ask(netlink, &request, NULL, NULL) == -EADDRNOTAVAIL;
}

/* Makes nothing: without NLM_F_CREATE. A kernel that cannot filter does not look at the protocol of the VLANs. */
static bool has_vlan_filtering(struct netlink *netlink) {
  uint16_t protocol = 1;
  struct request request;
  if (!has_kind(netlink, "bridge")) return false;
  struct rtattr *link = begin_link(&request, 0, "bridge");
  struct rtattr *data = request_nest(&request, IFLA_INFO_DATA, NULL, 0);
  request_add(&request, IFLA_BR_VLAN_PROTOCOL, &protocol, sizeof protocol);
  request_nest_end(&request, data);
  request_nest_end(&request, link);
  return request_ask(netlink, &request, NULL, NULL) == -EPROTONOSUPPORT;
}

/* deviceKinds(netlink): {dummy, vlan, bridge, vlanFiltering}, what this kernel has. */
static napi_value device_kinds(napi_env env, napi_callback_info info) {
  napi_value arguments[1], object;
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || napi_create_object(env, &object) != napi_ok) return NULL;
  set_boolean(env, object, "dummy", has_kind(netlink, "dummy"));
  set_boolean(env, object, "vlan", has_kind(netlink, "vlan"));
  set_boolean(env, object, "bridge", has_kind(netlink, "bridge"));
  set_boolean(env, object, "vlanFiltering", has_vlan_filtering(netlink));
  return object;
}

struct links {
  /* First, for request_list_forget. */
  struct request_list list;
  int fd;
};

static void add_link(const struct nlmsghdr *message, void *data) {
  struct links *links = data;
  struct link link;
  if (link_read(message, &link)) request_list_add(&links->list, link_object(links->list.env, &link, links->fd));
}

/* linkList(netlink): every link as linkGet gives it, or negative errno. */
static napi_value link_list(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct links links = {.list = {.env = env}};
  struct ifinfomsg all = {0};
  struct request request;
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || napi_create_array(env, &links.list.array) != napi_ok) return NULL;
  links.fd = netlink->fd;
  request_begin(&request, RTM_GETLINK, NLM_F_DUMP, &all, sizeof all);
  int error = request_dump(netlink, &request, add_link, request_list_forget, &links);
  return error ? number(env, error) : links.list.array;
}

/* linkMaster(netlink, ifindex, master): port of that bridge; 0 of none. 0 or negative errno. */
static napi_value link_master(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  uint32_t ifindex, master;
  struct request request;
  if (!take_arguments(env, info, 3, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], &ifindex) ||
      !take_u32(env, arguments[2], "master", 0, INT32_MAX, &master))
    return NULL;
  struct ifinfomsg which = {.ifi_index = (int)ifindex};
  request_begin(&request, RTM_NEWLINK, NLM_F_ACK, &which, sizeof which);
  request_add_u32(&request, IFLA_MASTER, master);
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

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
  if (!netlink || !take_index(env, arguments[1], &ifindex)) return NULL;
  if (napi_get_value_bool(env, arguments[2], &on) != napi_ok) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "on must be a boolean");
    return NULL;
  }
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
 * portVlan(netlink, ifindex, on, self, first, last, flags): puts a port into VLANs or takes it out; `self` for the bridge
 * itself. `flags` are BRIDGE_VLAN_INFO_PVID (2) and _UNTAGGED (4). 0 or negative errno.
 */
static napi_value port_vlan(napi_env env, napi_callback_info info) {
  napi_value arguments[7];
  uint32_t ifindex, first, last, flags;
  bool on, self;
  struct request request;
  if (!take_arguments(env, info, 7, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], &ifindex) || !take_u32(env, arguments[4], "first", 1, 4094, &first) ||
      !take_u32(env, arguments[5], "last", first, 4094, &last) || !take_u32(env, arguments[6], "flags", 0, 6, &flags))
    return NULL;
  if (napi_get_value_bool(env, arguments[2], &on) != napi_ok ||
      napi_get_value_bool(env, arguments[3], &self) != napi_ok) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "on and self must be booleans");
    return NULL;
  }
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
  if (!netlink || !take_index(env, arguments[1], &which.ifindex) || !take_bytes(env, arguments[2], "set", &set, &length))
    return NULL;
  if (length != VLAN_SET_SIZE) {
    napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "set must have 512 octets");
    return NULL;
  }
  request_begin(&request, RTM_GETVLAN, NLM_F_DUMP, &which, sizeof which);
  return number(env, request_ask(netlink, &request, take_vlan_set, set));
}

const struct export device_exports[] = {{"deviceCreate", device_create}, {"deviceKinds", device_kinds},
                                        {"linkList", link_list},         {"linkMaster", link_master},
                                        {"bridgeFilter", bridge_filter}, {"portVlan", port_vlan},
                                        {"portVlans", port_vlans},       {"portVlanSet", port_vlan_set},
                                        {NULL, NULL}};
