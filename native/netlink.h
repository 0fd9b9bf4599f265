/* rtnetlink: one socket, messages in and out, and what an RTM_NEWLINK says. */
#ifndef ETRUNKD_NETLINK_H
#define ETRUNKD_NETLINK_H

#include "addon.h"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

struct netlink {
  int fd;
  uint32_t sequence;
  /* Octets received, and how many of them netlink_next has read. */
  size_t have, at;
  _Alignas(struct nlmsghdr) uint8_t buffer[65536];
};

/* `groups` is a mask of RTMGRP_*. 0 or negative errno; netlink_close may be called either way. */
int netlink_open(struct netlink *netlink, uint32_t groups);
void netlink_close(struct netlink *netlink);
/* Sends one request, its sequence number set. 0 or negative errno. */
int netlink_send(struct netlink *netlink, struct nlmsghdr *request);
/* The next message, already waiting or received now. NULL and *error: -EAGAIN when none waits, -ENOBUFS when some got lost. */
const struct nlmsghdr *netlink_next(struct netlink *netlink, int *error);

/* The socket behind what netlinkOpen gave JavaScript; NULL and a pending TypeError when it is something else. */
struct netlink *netlink_of(napi_env env, napi_value value);

/* What the kernel says of one interface. */
struct link {
  uint32_t index;
  char name[IF_NAMESIZE];
  uint32_t flags;
  /* 0 or 1, -1 when it was not said. */
  int carrier;
  uint8_t operstate;
  uint64_t mac;
  uint32_t mtu;
  uint32_t iflink;
  uint32_t group;
  /* Interface index of the bridge, or whatever it is a port of; 0 for none. */
  uint32_t master;
  char kind[16];
  /* Of a VLAN device. */
  uint16_t vlan;
  /* Of a bridge: it filters by VLAN. */
  bool filtering;
  bool present;
  /* Of one that is gone: it went to another network namespace. */
  bool moved;
};

/* False for what is no link message, and for a bridge's copies (family AF_BRIDGE), which bear no carrier. */
bool link_read(const struct nlmsghdr *message, struct link *link);
/* The JavaScript object of a link. `fd` is any socket of its namespace, asked for the speed. */
napi_value link_object(napi_env env, const struct link *link, int fd);

/* The thread that asks interfaces for their carrier. */
struct carrier_watch;

/* Calls uv_async_send(wake) when an answer changed. NULL when memory or threads are out. */
struct carrier_watch *carrier_start(int fd, uv_async_t *wake);
void carrier_stop(struct carrier_watch *watch);
/* Replaces the list of interfaces asked. 0 or negative errno. */
int carrier_set(struct carrier_watch *watch, const uint32_t *indexes, size_t count);
/* The interface has this name now; the thread asks all at once. */
void carrier_named(struct carrier_watch *watch, uint32_t index, const char *name);
/* The last answer: 0 or 1, -1 when it is not asked or does not answer. */
int carrier_last(struct carrier_watch *watch, uint32_t index);
/* Takes one changed answer; false when there is none. */
bool carrier_changed(struct carrier_watch *watch, uint32_t *index, int *carrier);

#endif
