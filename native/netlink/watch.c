/*
 * The link watch: RTNLGRP_LINK events on one socket, dumps on another, and the carrier thread. A new dump makes
 * lost events (ENOBUFS) good.
 */
#include "addon.h"
#include "carrier.h"
#include "link.h"
#include "request.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define MOST_POLLED 4096u
/* Dumps begun anew, for a list that changes during each, before the event loop gets its turn. */
#define MOST_DUMPS 8

struct watch {
  struct handle handle;
  struct netlink events;
  struct netlink dump;
  struct carrier_watch *carriers;
  /* A dump is wanted, and how often it was begun anew; one is under way. */
  bool stale;
  int dumps;
  bool dumping;
  /* The dump under way skipped or repeated links, or failed. */
  bool interrupted;
};

static const napi_type_tag WATCH = {0x6574726e6b640005, 0x7761746368000000};

static void watch_release(struct handle *handle, bool ending) {
  struct watch *watch = (struct watch *)handle;
  (void)ending;
  if (watch->carriers) carrier_stop(watch->carriers);
  watch->carriers = NULL;
  netlink_close(&watch->events);
  netlink_close(&watch->dump);
}

/* watchOpen(readable): watch or negative errno. The first watchNext begins a dump. */
static napi_value watch_open(napi_env env, napi_callback_info info) {
  napi_value arguments[1], object;
  napi_valuetype type;
  if (!take_arguments(env, info, 1, arguments) || !take_function(env, arguments[0], "readable")) return NULL;
  struct watch *watch = calloc(1, sizeof *watch);
  if (!watch) return number(env, -ENOMEM);
  watch->events.fd = watch->dump.fd = -1;
  watch->handle.release = watch_release;
  watch->stale = true;
  /* The socket of events is opened first, so that no change falls between dump and events. */
  int error = netlink_open(&watch->events, RTMGRP_LINK);
  if (!error) error = netlink_open(&watch->dump, 0);
  if (error) {
    watch_release(&watch->handle, false);
    free(watch);
    return number(env, error);
  }
  object = handle_open(env, &watch->handle, &WATCH, watch->events.fd, arguments[0]);
  if (!object || napi_typeof(env, object, &type) != napi_ok || type != napi_object) return object;
  watch->carriers = carrier_start(watch->dump.fd, &watch->handle.wake);
  if (!watch->carriers) {
    handle_close(&watch->handle, false);
    return number(env, -EAGAIN);
  }
  /* The dump waits to be read. */
  uv_async_send(&watch->handle.wake);
  return object;
}

static napi_value mark(napi_env env, const char *name) {
  napi_value object;
  if (napi_create_object(env, &object) != napi_ok) return NULL;
  set_text(env, object, "dump", name);
  return object;
}

static napi_value begin_dump(napi_env env, struct watch *watch) {
  struct {
    struct nlmsghdr header;
    struct ifinfomsg link;
  } request = {.header = {.nlmsg_len = sizeof request,
                          .nlmsg_type = RTM_GETLINK,
                          .nlmsg_flags = NLM_F_REQUEST | NLM_F_DUMP}};
  watch->stale = false;
  watch->dumping = true;
  /* A dump that cannot be requested ends at once, and is requested again. */
  watch->interrupted = netlink_send(&watch->dump, &request.header) != 0;
  return mark(env, "begin");
}

static napi_value link_value(napi_env env, struct watch *watch, struct link *link) {
  if (link->present) {
    carrier_named(watch->carriers, link->index, link->name);
    /* The thread's answer is newer than the event. */
    int carrier = carrier_last(watch->carriers, link->index);
    if (carrier >= 0) link->carrier = carrier;
  }
  return link_object(env, link, watch->dump.fd);
}

static napi_value end_dump(napi_env env, struct watch *watch) {
  watch->dumping = false;
  if (watch->interrupted && ++watch->dumps < MOST_DUMPS) return begin_dump(env, watch);
  watch->dumps = 0;
  if (!watch->interrupted) return mark(env, "end");
  watch->stale = true;
  uv_async_send(&watch->handle.wake);
  return NULL;
}

static napi_value next_of_dump(napi_env env, struct watch *watch) {
  const struct nlmsghdr *message;
  struct link link;
  int error = 0;
  while ((message = netlink_next(&watch->dump, &error))) {
    if (message->nlmsg_seq != watch->dump.sequence) continue;
    if (message->nlmsg_flags & NLM_F_DUMP_INTR) watch->interrupted = true;
    if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
      /* A dump that failed half-way must not make the links gone that it did not reach. */
      if (request_error(message) != 0) watch->interrupted = true;
      return end_dump(env, watch);
    }
    if (link_read(message, &link)) return link_value(env, watch, &link);
  }
  watch->interrupted = true;
  return end_dump(env, watch);
}

static napi_value carrier_value(napi_env env, uint32_t index, int carrier) {
  napi_value object;
  if (napi_create_object(env, &object) != napi_ok) return NULL;
  set_number(env, object, "index", index);
  set_number(env, object, "carrier", carrier);
  return object;
}

/*
 * watchNext(watch): what is new, oldest first: a link, {index, carrier} as the thread learned it, or {dump: "begin" |
 * "end"} around the links of a dump, after which a link not in it is gone. Undefined when nothing waits.
 */
static napi_value watch_next(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  const struct nlmsghdr *message;
  struct link link;
  uint32_t index;
  int carrier, error = 0;
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct watch *watch = owner_of(env, arguments[0], &WATCH);
  if (!watch || !watch->handle.open) return NULL;
  if (watch->dumping) return next_of_dump(env, watch);
  do {
    while ((message = netlink_next(&watch->events, &error)))
      if (link_read(message, &link)) return link_value(env, watch, &link);
    if (error == -ENOBUFS) watch->stale = true;
    /* ENOBUFS comes before the queued events, which have to be read before the newer dump. */
  } while (error == -ENOBUFS);
  if (watch->stale) return begin_dump(env, watch);
  return carrier_changed(watch->carriers, &index, &carrier) ? carrier_value(env, index, carrier) : NULL;
}

/* watchPoll(watch, indexes): the interfaces the thread asks from now on. 0 or negative errno. */
static napi_value watch_poll(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint32_t *indexes;
  size_t count;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct watch *watch = owner_of(env, arguments[0], &WATCH);
  if (!watch || !take_u32_array(env, arguments[1], "indexes", &indexes, &count)) return NULL;
  if (count > MOST_POLLED) return number(env, -E2BIG);
  return number(env, watch->handle.open ? carrier_set(watch->carriers, indexes, count) : -EBADF);
}

static napi_value watch_close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct watch *watch = owner_of(env, arguments[0], &WATCH);
  if (watch) handle_close(&watch->handle, false);
  return NULL;
}

EXPORTS({"watchOpen", watch_open}, {"watchNext", watch_next}, {"watchPoll", watch_poll}, {"watchClose", watch_close})
