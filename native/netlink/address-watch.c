/* Events of the addresses of this namespace. After lost events (ENOBUFS) the caller lists the addresses anew. */
#include "addon.h"
#include "address.h"

#include <errno.h>
#include <stdlib.h>

struct address_watch {
  struct handle handle;
  struct netlink events;
};

static const napi_type_tag ADDRESS_WATCH = {0x6574726e6b640012, 0x6164647265737300};

static void watch_release(struct handle *handle, bool ending) {
  (void)ending;
  netlink_close(&((struct address_watch *)handle)->events);
}

/* addressWatchOpen(readable): watch or negative errno. */
static napi_value watch_open(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments) || !take_function(env, arguments[0], "readable")) return NULL;
  struct address_watch *watch = calloc(1, sizeof *watch);
  if (!watch) return number(env, -ENOMEM);
  watch->events.fd = -1;
  watch->handle.release = watch_release;
  int error = netlink_open(&watch->events, RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR);
  if (error) {
    watch_release(&watch->handle, false);
    free(watch);
    return number(env, error);
  }
  return handle_open(env, &watch->handle, &ADDRESS_WATCH, watch->events.fd, arguments[0]);
}

/* addressWatchNext(watch): the next address that came, changed or went, or a negative errno: -EAGAIN when none waits,
   -ENOBUFS when some got lost. */
static napi_value watch_next(napi_env env, napi_callback_info info) {
  napi_value arguments[1], object;
  const struct nlmsghdr *message;
  int error = -EBADF;
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct address_watch *watch = owner_of(env, arguments[0], &ADDRESS_WATCH);
  if (!watch) return NULL;
  while (watch->handle.open && (message = netlink_next(&watch->events, &error)))
    if ((object = address_value(env, message))) return object;
  return number(env, error);
}

static napi_value watch_close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct address_watch *watch = owner_of(env, arguments[0], &ADDRESS_WATCH);
  if (watch) handle_close(&watch->handle, false);
  return NULL;
}

EXPORTS({"addressWatchOpen", watch_open}, {"addressWatchNext", watch_next}, {"addressWatchClose", watch_close})
