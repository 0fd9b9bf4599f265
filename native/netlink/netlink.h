/* rtnetlink: one socket, messages in and out. */
#ifndef ETRUNKD_NETLINK_H
#define ETRUNKD_NETLINK_H

#include <node_api.h>
#include <stddef.h>
#include <stdint.h>

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
/* The same of NETLINK_NETFILTER; group n is bit n - 1. */
int netlink_open_netfilter(struct netlink *netlink, uint32_t groups);
void netlink_close(struct netlink *netlink);
/* Sends one request, its sequence number set. 0 or negative errno. */
int netlink_send(struct netlink *netlink, struct nlmsghdr *request);
/* The next message, already waiting or received now. NULL and *error: -EAGAIN when none waits, -ENOBUFS when some got lost. */
const struct nlmsghdr *netlink_next(struct netlink *netlink, int *error);

/* The socket behind a value netlinkOpen returned; NULL and a pending TypeError for any other value. */
struct netlink *netlink_of(napi_env env, napi_value value);

#endif
