/* Devices etrunkd makes: veth pairs, dummy and VLAN devices, a bridge; and which of them this kernel has. */
#include "addon.h"
#include "request.h"

#include <errno.h>
#include <linux/if_link.h>
#include <linux/veth.h>
#include <net/if.h>

/* Begins the request for a link of a kind; the caller adds attributes to the nest it returns, and ends it. */
static struct rtattr *begin_link(struct request *request, uint16_t flags, const char *kind) {
  struct ifinfomsg none = {0};
  request_begin(request, RTM_NEWLINK, NLM_F_ACK | flags, &none, sizeof none);
  struct rtattr *link = request_nest(request, IFLA_LINKINFO, NULL, 0);
  request_add_text(request, IFLA_INFO_KIND, kind);
  return link;
}

/* A device to be made; `main` and `vlan` are a VLAN device's, else 0. */
struct device {
  char kind[16], name[IF_NAMESIZE];
  bool has_mac;
  uint8_t mac[6];
  uint32_t group, main, vlan;
};

static bool take_device(napi_env env, napi_value value, struct device *device) {
  static const char *const names[] = {"kind", "name", "mac", "group", "main", "vlan"};
  napi_value fields[6];
  if (!take_fields(env, value, "the device", 6, names, fields)) return false;
  device->has_mac = !is_undefined(env, fields[2]);
  return take_text(env, fields[0], "kind", device->kind, sizeof device->kind) &&
         take_text(env, fields[1], "name", device->name, sizeof device->name) &&
         (!device->has_mac || take_mac(env, fields[2], "mac", device->mac)) &&
         take_u32(env, fields[3], "group", 0, INT32_MAX, &device->group) &&
         take_u32(env, fields[4], "main", 0, INT32_MAX, &device->main) &&
         take_u32(env, fields[5], "vlan", 0, 4094, &device->vlan);
}

/*
 * deviceCreate(netlink, {kind, name, mac, group, main, vlan}): a device, down; the kernel chooses a MAC address that is
 * undefined. `main` and `vlan` are of kind vlan, else 0. 0 or negative errno.
 */
static napi_value device_create(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct device device;
  struct request request;
  if (!take_arguments(env, info, 2, arguments) || !take_device(env, arguments[1], &device)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink) return NULL;
  struct rtattr *link = begin_link(&request, NLM_F_CREATE | NLM_F_EXCL, device.kind);
  if (device.main != 0) {
    uint16_t id = (uint16_t)device.vlan;
    struct rtattr *data = request_nest(&request, IFLA_INFO_DATA, NULL, 0);
    request_add(&request, IFLA_VLAN_ID, &id, sizeof id);
    request_nest_end(&request, data);
  }
  request_nest_end(&request, link);
  request_add_text(&request, IFLA_IFNAME, device.name);
  if (device.has_mac) request_add(&request, IFLA_ADDRESS, device.mac, sizeof device.mac);
  request_add_u32(&request, IFLA_GROUP, device.group);
  if (device.main != 0) request_add_u32(&request, IFLA_LINK, device.main);
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

/* Asks without making a device: no device may have this address, and the kernel looks for the kind, and its module, first. */
static bool has_kind(struct netlink *netlink, const char *kind) {
  static const uint8_t group[6] = {1};
  struct request request;
  struct rtattr *link = begin_link(&request, NLM_F_CREATE | NLM_F_EXCL, kind);
  request_nest_end(&request, link);
  request_add(&request, IFLA_ADDRESS, group, sizeof group);
  return request_ask(netlink, &request, NULL, NULL) == -EADDRNOTAVAIL;
}

/* Asks without making a device: NLM_F_CREATE is missing. A kernel without VLAN filtering ignores the wrong VLAN protocol. */
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

/* vethCreate(netlink, {name, peer, mac, group, mtu}): both ends, down. Group and MTU are the peer's. 0 or negative errno. */
static napi_value veth_create(napi_env env, napi_callback_info info) {
  static const char *const names[] = {"name", "peer", "mac", "group", "mtu"};
  napi_value arguments[2], fields[5];
  char name[IF_NAMESIZE], peer[IF_NAMESIZE];
  uint8_t octets[6];
  uint32_t group, mtu;
  struct ifinfomsg none = {0};
  struct request request;
  if (!take_arguments(env, info, 2, arguments) || !take_fields(env, arguments[1], "the pair", 5, names, fields))
    return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_text(env, fields[0], "name", name, sizeof name) ||
      !take_text(env, fields[1], "peer", peer, sizeof peer) || !take_mac(env, fields[2], "mac", octets) ||
      !take_u32(env, fields[3], "group", 0, INT32_MAX, &group) || !take_u32(env, fields[4], "mtu", 1, INT32_MAX, &mtu))
    return NULL;
  request_begin(&request, RTM_NEWLINK, NLM_F_ACK | NLM_F_CREATE | NLM_F_EXCL, &none, sizeof none);
  request_add_text(&request, IFLA_IFNAME, name);
  request_add(&request, IFLA_ADDRESS, octets, sizeof octets);
  struct rtattr *link = request_nest(&request, IFLA_LINKINFO, NULL, 0);
  request_add_text(&request, IFLA_INFO_KIND, "veth");
  struct rtattr *data = request_nest(&request, IFLA_INFO_DATA, NULL, 0);
  struct rtattr *other = request_nest(&request, VETH_INFO_PEER, &none, sizeof none);
  request_add_text(&request, IFLA_IFNAME, peer);
  request_add_u32(&request, IFLA_GROUP, group);
  request_add_u32(&request, IFLA_MTU, mtu);
  request_nest_end(&request, other);
  request_nest_end(&request, data);
  request_nest_end(&request, link);
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

EXPORTS({"deviceCreate", device_create}, {"deviceKinds", device_kinds}, {"vethCreate", veth_create})
