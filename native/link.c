/* What an RTM_NEWLINK says, and as a JavaScript object. */
#include "netlink.h"

#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>

static void copy_text(char *to, size_t size, const struct rtattr *attribute) {
  size_t length = RTA_PAYLOAD(attribute);
  if (length >= size) length = size - 1;
  memcpy(to, RTA_DATA(attribute), length);
  to[length] = '\0';
}

static uint32_t u32_of(const struct rtattr *attribute) {
  uint32_t value = 0;
  if (RTA_PAYLOAD(attribute) >= sizeof value) memcpy(&value, RTA_DATA(attribute), sizeof value);
  return value;
}

static uint8_t u8_of(const struct rtattr *attribute) {
  return RTA_PAYLOAD(attribute) >= 1 ? *(const uint8_t *)RTA_DATA(attribute) : 0;
}

/* 0 for what has no address of six octets, such as a tunnel. */
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
  copy_text(link->kind, sizeof link->kind, kind);
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
      case IFLA_IFNAME: copy_text(link->name, sizeof link->name, at); break;
      case IFLA_CARRIER: link->carrier = u8_of(at) != 0; break;
      case IFLA_OPERSTATE: link->operstate = u8_of(at); break;
      case IFLA_ADDRESS: link->mac = mac_of(at); break;
      case IFLA_MTU: link->mtu = u32_of(at); break;
      case IFLA_LINK: link->iflink = u32_of(at); break;
      case IFLA_MASTER: link->master = u32_of(at); break;
      case IFLA_GROUP: link->group = u32_of(at); break;
      case IFLA_LINKINFO: read_kind(at, link); break;
      /* Kernels before 4.16 do not say it. */
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

/* The call of kernels before 4.6. */
static uint32_t old_speed(int fd, struct ifreq *request) {
  struct ethtool_cmd ask = {.cmd = ETHTOOL_GSET};
  request->ifr_data = (void *)&ask;
  return ioctl(fd, SIOCETHTOOL, request) == 0 ? ethtool_cmd_speed(&ask) : 0;
}

/* What a veth or a tap says (10000, 10) is no speed of anything, so only devices without a kind are asked. */
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
