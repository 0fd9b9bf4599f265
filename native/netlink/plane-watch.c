/*
 * What somebody does to the data plane: qdiscs and filters of interfaces (RTNLGRP_TC), and tables of nftables
 * (NFNLGRP_NFTABLES). Of a change only where it is is told, for whoever hears of it looks.
 */
#include "addon.h"
#include "netlink.h"
#include "nftables.h"
#include "plane-watch.h"

#include <errno.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdlib.h>

struct plane_watch {
  struct handle handle;
  bool nftables;
  struct netlink events;
};

static const napi_type_tag PLANE_WATCH = {0x6574726e6b640013, 0x706c616e65776174};

static void watch_release(struct handle *handle, bool ending) {
  (void)ending;
  netlink_close(&((struct plane_watch *)handle)->events);
}

/* planeWatchOpen(nftables, readable): watch or negative errno. */
napi_value plane_watch_open(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  bool nftables;
  if (!take_arguments(env, info, 2, arguments) || !take_boolean(env, arguments[0], "nftables", &nftables) ||
      !take_function(env, arguments[1], "readable"))
    return NULL;
  struct plane_watch *watch = calloc(1, sizeof *watch);
  if (!watch) return number(env, -ENOMEM);
  watch->events.fd = -1;
  watch->nftables = nftables;
  watch->handle.release = watch_release;
  int error = nftables ? netlink_open_netfilter(&watch->events, 1u << (NFNLGRP_NFTABLES - 1))
                       : netlink_open(&watch->events, RTMGRP_TC);
  if (error) {
    watch_release(&watch->handle, false);
    free(watch);
    return number(env, error);
  }
  return handle_open(env, &watch->handle, &PLANE_WATCH, watch->events.fd, arguments[1]);
}

static napi_value filter_place(napi_env env, const struct nlmsghdr *message) {
  const struct tcmsg *where = NLMSG_DATA(message);
  if (message->nlmsg_len < NLMSG_LENGTH(sizeof *where) || where->tcm_ifindex <= 0) return NULL;
  return number(env, where->tcm_ifindex);
}

/* Every kind of object names its table in the first attribute. NULL for the end of a transaction, which names none. */
static napi_value table_place(napi_env env, const struct nlmsghdr *message) {
  const struct rtattr *table = nftables_attribute(message, NFTA_TABLE_NAME);
  napi_value name;
  if ((message->nlmsg_type & 0xff) == NFT_MSG_NEWGEN || !table || RTA_PAYLOAD(table) < 2) return NULL;
  return napi_create_string_utf8(env, RTA_DATA(table), RTA_PAYLOAD(table) - 1, &name) == napi_ok ? name : NULL;
}

/*
 * planeWatchNext(watch): where the next change is, an interface index or the name of a table. A negative errno: -EAGAIN when
 * none waits, -ENOBUFS when some got lost.
 */
napi_value plane_watch_next(napi_env env, napi_callback_info info) {
  napi_value arguments[1], place;
  const struct nlmsghdr *message;
  int error = -EBADF;
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct plane_watch *watch = owner_of(env, arguments[0], &PLANE_WATCH);
  if (!watch) return NULL;
  while (watch->handle.open && (message = netlink_next(&watch->events, &error))) {
    place = watch->nftables ? table_place(env, message) : filter_place(env, message);
    if (place) return place;
  }
  return number(env, error);
}

napi_value plane_watch_close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct plane_watch *watch = owner_of(env, arguments[0], &PLANE_WATCH);
  if (watch) handle_close(&watch->handle, false);
  return NULL;
}
