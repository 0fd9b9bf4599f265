/* A link as rtnetlink tells it. */
#ifndef ETRUNKD_LINK_H
#define ETRUNKD_LINK_H

#include "netlink.h"

#include <net/if.h>

/* Octets of an alias with its end: IFALIASZ, which only kernel headers have. */
#define ALIAS_SIZE 256u

/* One interface. */
struct link {
  uint32_t index;
  char name[IF_NAMESIZE];
  /* Empty for none. */
  char alias[ALIAS_SIZE];
  uint32_t flags;
  /* 0 or 1; -1 when the message lacks it. */
  int carrier;
  uint8_t operstate;
  uint64_t mac;
  uint32_t mtu;
  uint32_t iflink;
  uint32_t group;
  /* Interface index of the bridge or other master it is a port of; 0 for none. */
  uint32_t master;
  char kind[16];
  /* Of a VLAN device. */
  uint16_t vlan;
  /* Of a bridge: it filters by VLAN. */
  bool filtering;
  bool present;
  /* Of an interface that is gone: it moved to another network namespace. */
  bool moved;
};

/* False for any other message, and for a bridge's copies of links (family AF_BRIDGE), which bear no carrier. */
bool link_read(const struct nlmsghdr *message, struct link *link);
/* The JavaScript object of a link. `fd` is any socket of its namespace, asked for the speed. */
napi_value link_object(napi_env env, const struct link *link, int fd);

#endif
