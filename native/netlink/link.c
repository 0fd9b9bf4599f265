/* Links: what an RTM_NEWLINK says, as a JavaScript object too, and the requests that every kind of link takes. */
#include "addon.h"
#include "link.h"
#include "request.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <string.h>
#include <sys/ioctl.h>

static uint8_t u8_of(const struct rtattr *attribute) {
  return RTA_PAYLOAD(attribute) >= 1 ? *(const uint8_t *)RTA_DATA(attribute) : 0;
}

/* 0 for an interface without an address of six octets, such as a tunnel. */
static uint64_t mac_of(const struct rtattr *attribute) {
  const uint8_t *octets = RTA_DATA(attribute);
  uint64_t mac = 0;
  if (RTA_PAYLOAD(attribute) != 6) return 0;
  for (int at = 0; at < 6; at++) mac = mac << 8 | octets[at];
  return mac;
}

static const struct rtattr *find(const struct rtattr *nest, uint16_t type) {
  const struct rtattr *inner = RTA_DATA(nest);
  int left = (int)RTA_PAYLOAD(nest);
  for (; RTA_OK(inner, left); inner = RTA_NEXT(inner, left))
    if ((inner->rta_type & NLA_TYPE_MASK) == type) return inner;
  return NULL;
}

static void read_kind(const struct rtattr *info, struct link *link) {
  const struct rtattr *kind = find(info, IFLA_INFO_KIND), *data = find(info, IFLA_INFO_DATA), *value;
  if (!kind) return;
  attribute_text(link->kind, sizeof link->kind, kind);
  if (!data) return;
  if (strcmp(link->kind, "vlan") == 0 && (value = find(data, IFLA_VLAN_ID)) && RTA_PAYLOAD(value) >= sizeof link->vlan)
    memcpy(&link->vlan, RTA_DATA(value), sizeof link->vlan);
  if (strcmp(link->kind, "bridge") == 0 && (value = find(data, IFLA_BR_VLAN_FILTERING)))
    link->filtering = u8_of(value) != 0;
}

bool link_read(const struct nlmsghdr *message, struct link *link) {
  const struct ifinfomsg *about = NLMSG_DATA(message);
  if (message->nlmsg_type != RTM_NEWLINK && message->nlmsg_type != RTM_DELLINK) return false;
  if (message->nlmsg_len < NLMSG_LENGTH(sizeof *about) || about->ifi_family != AF_UNSPEC) return false;
  *link = (struct link){.index = (uint32_t)about->ifi_index,
                        .flags = about->ifi_flags,
                        .carrier = -1,
                        .present = message->nlmsg_type == RTM_NEWLINK};
  int left = (int)IFLA_PAYLOAD(message);
  for (const struct rtattr *at = IFLA_RTA(about); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    switch (at->rta_type) {
      case IFLA_IFNAME: attribute_text(link->name, sizeof link->name, at); break;
      case IFLA_IFALIAS: attribute_text(link->alias, sizeof link->alias, at); break;
      case IFLA_CARRIER: link->carrier = u8_of(at) != 0; break;
      case IFLA_OPERSTATE: link->operstate = u8_of(at); break;
      case IFLA_ADDRESS: link->mac = mac_of(at); break;
      case IFLA_MTU: link->mtu = attribute_u32(at); break;
      case IFLA_LINK: link->iflink = attribute_u32(at); break;
      case IFLA_MASTER: link->master = attribute_u32(at); break;
      case IFLA_GROUP: link->group = attribute_u32(at); break;
      case IFLA_LINKINFO: read_kind(at, link); break;
      /* Kernels before 4.16 lack this attribute. */
      case IFLA_NEW_NETNSID: link->moved = !link->present; break;
      default: break;
    }
  }
  return true;
}

/* Mbit/s by ETHTOOL_GLINKSETTINGS: the first call tells how many words of link modes the second must have room for. */
static uint32_t settings_speed(int fd, struct ifreq *request) {
  struct {
    struct ethtool_link_settings settings;
    uint32_t modes[3 * 127];
  } ask = {.settings = {.cmd = ETHTOOL_GLINKSETTINGS}};
  request->ifr_data = (void *)&ask;
  if (ioctl(fd, SIOCETHTOOL, request) != 0 || ask.settings.link_mode_masks_nwords >= 0) return 0;
  ask.settings.link_mode_masks_nwords = (int8_t)-ask.settings.link_mode_masks_nwords;
  ask.settings.cmd = ETHTOOL_GLINKSETTINGS;
  return ioctl(fd, SIOCETHTOOL, request) == 0 ? ask.settings.speed : 0;
}

/* Mbit/s by the request of kernels before 4.6. */
static uint32_t old_speed(int fd, struct ifreq *request) {
  struct ethtool_cmd ask = {.cmd = ETHTOOL_GSET};
  request->ifr_data = (void *)&ask;
  return ioctl(fd, SIOCETHTOOL, request) == 0 ? ethtool_cmd_speed(&ask) : 0;
}

/* Only devices without a kind are asked: the speed of a veth or a tap (10000, 10) means nothing. */
static uint32_t speed_of(const struct link *link, int fd) {
  struct ifreq request = {0};
  if (link->kind[0] != '\0' || !link->present || (link->flags & IFF_LOOPBACK)) return 0;
  memcpy(request.ifr_name, link->name, sizeof request.ifr_name);
  uint32_t speed = settings_speed(fd, &request);
  if (speed == 0) speed = old_speed(fd, &request);
  return speed > INT32_MAX ? 0 : speed;
}

napi_value link_object(napi_env env, const struct link *link, int fd) {
  napi_value object;
  if (napi_create_object(env, &object) != napi_ok) return NULL;
  set_number(env, object, "index", link->index);
  set_text(env, object, "name", link->name);
  set_text(env, object, "alias", link->alias);
  set_number(env, object, "flags", link->flags);
  set_number(env, object, "carrier", link->carrier);
  set_number(env, object, "operstate", link->operstate);
  set_number(env, object, "mac", (double)link->mac);
  set_number(env, object, "mtu", link->mtu);
  set_number(env, object, "iflink", link->iflink);
  set_number(env, object, "group", link->group);
  set_number(env, object, "master", link->master);
  set_text(env, object, "kind", link->kind);
  set_number(env, object, "vlan", link->vlan);
  set_boolean(env, object, "filtering", link->filtering);
  set_boolean(env, object, "present", link->present);
  set_boolean(env, object, "moved", link->moved);
  set_number(env, object, "speed", speed_of(link, fd));
  return object;
}

/* A request about one link. */
static void begin(struct request *request, uint16_t type, uint32_t ifindex) {
  struct ifinfomsg which = {.ifi_index = (int)ifindex};
  request_begin(request, type, NLM_F_ACK, &which, sizeof which);
}

/* Adds the wishes for a link; an undefined field leaves its setting as it is. */
static bool add_wishes(napi_env env, struct request *request, struct ifinfomsg *link, const napi_value *wishes) {
  bool up;
  char alias[ALIAS_SIZE];
  uint8_t mac[6];
  uint32_t mtu;
  if (!is_undefined(env, wishes[0])) {
    if (!take_boolean(env, wishes[0], "up", &up)) return false;
    link->ifi_change = IFF_UP;
    link->ifi_flags = up ? IFF_UP : 0;
  }
  if (!is_undefined(env, wishes[1])) {
    if (!take_text(env, wishes[1], "alias", alias, sizeof alias)) return false;
    request_add(request, IFLA_IFALIAS, alias, strlen(alias));
  }
  if (!is_undefined(env, wishes[2])) {
    if (!take_mac(env, wishes[2], "mac", mac)) return false;
    request_add(request, IFLA_ADDRESS, mac, sizeof mac);
  }
  if (!is_undefined(env, wishes[3])) {
    if (!take_u32(env, wishes[3], "mtu", 0, INT32_MAX, &mtu)) return false;
    request_add_u32(request, IFLA_MTU, mtu);
  }
  return true;
}

/* linkSet(netlink, name, {up, alias, mac, mtu}): an undefined setting stays as it is. 0 or negative errno. */
static napi_value link_set(napi_env env, napi_callback_info info) {
  static const char *const names[] = {"up", "alias", "mac", "mtu"};
  napi_value arguments[3], fields[4];
  char name[IF_NAMESIZE];
  struct request request;
  if (!take_arguments(env, info, 3, arguments) || !take_fields(env, arguments[2], "wishes", 4, names, fields)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_text(env, arguments[1], "name", name, sizeof name)) return NULL;
  /* By name, so that the kernel looks it up and changes it under one lock. */
  begin(&request, RTM_NEWLINK, 0);
  request_add_text(&request, IFLA_IFNAME, name);
  if (!add_wishes(env, &request, NLMSG_DATA(&request.header), fields)) return NULL;
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

static void read_link(const struct nlmsghdr *message, void *link) { link_read(message, link); }

/* linkGet(netlink, name or index): the link as watchNext reports it, or negative errno. */
static napi_value link_get(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  char name[IF_NAMESIZE] = "";
  uint32_t ifindex = 0;
  napi_valuetype type;
  struct request request;
  struct link link = {0};
  if (!take_arguments(env, info, 2, arguments) || napi_typeof(env, arguments[1], &type) != napi_ok) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink) return NULL;
  bool by_index = type == napi_number;
  if (by_index ? !take_index(env, arguments[1], "index", &ifindex)
               : !take_text(env, arguments[1], "name or index", name, sizeof name))
    return NULL;
  begin(&request, RTM_GETLINK, ifindex);
  if (!by_index) request_add_text(&request, IFLA_IFNAME, name);
  int error = request_ask(netlink, &request, read_link, &link);
  return error ? number(env, error) : link_object(env, &link, netlink->fd);
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
  if (!netlink || !take_index(env, arguments[1], "ifindex", &ifindex) ||
      !take_u32(env, arguments[2], "master", 0, INT32_MAX, &master))
    return NULL;
  begin(&request, RTM_NEWLINK, ifindex);
  request_add_u32(&request, IFLA_MASTER, master);
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

/* linkRemove(netlink, ifindex): 0 or negative errno. */
static napi_value link_remove(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint32_t ifindex;
  struct request request;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], "ifindex", &ifindex)) return NULL;
  begin(&request, RTM_DELLINK, ifindex);
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
  if (!netlink || !take_index(env, arguments[1], "ifindex", &ifindex) ||
      !take_u32(env, arguments[2], "group", 0, INT32_MAX, &group))
    return NULL;
  begin(&request, RTM_NEWLINK, ifindex);
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
  if (!netlink || !take_index(env, arguments[1], "ifindex", &ifindex) || !take_boolean(env, arguments[2], "on", &on))
    return NULL;
  struct ifinfomsg which = {.ifi_index = (int)ifindex, .ifi_flags = on ? IFF_PROMISC : 0, .ifi_change = IFF_PROMISC};
  request_begin(&request, RTM_NEWLINK, NLM_F_ACK, &which, sizeof which);
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

EXPORTS({"linkSet", link_set}, {"linkGet", link_get}, {"linkList", link_list}, {"linkMaster", link_master},
        {"linkRemove", link_remove}, {"linkRemoveGroup", link_remove_group}, {"linkGroup", link_group},
        {"linkPromiscuous", link_promiscuous})
