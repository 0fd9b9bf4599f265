/* Static routes of the main table. A route etrunkd adds bears a mark (its protocol number), by which it knows the route again. */
#include "addon.h"
#include "request.h"

#include <errno.h>
#include <linux/filter.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* As many gateways as fit a request. */
#define MOST_GATEWAYS 16u

/* That of IPv6 routes the kernel makes (net/ipv6_route.h of the kernel, IP6_RT_PRIO_ADDRCONF). */
#define KERNEL_METRIC 256u

/* A route in a request. */
struct route {
  struct rtmsg head;
  uint8_t *destination;
  uint32_t metric;
  /* In a row; a route to be removed needs none. */
  uint8_t *gateways;
  size_t gateway_count;
};

static bool take_gateways(napi_env env, napi_value value, struct route *route) {
  size_t octets, size = ip_size(route->head.rtm_family);
  if (!take_bytes(env, value, "gateways", &route->gateways, &octets)) return false;
  route->gateway_count = octets / size;
  if (octets == 0 || octets % size != 0 || route->gateway_count > MOST_GATEWAYS)
    return refuse_range(env, "gateways must be 1 to 16 addresses like the destination");
  return true;
}

/* {destination, length, metric, mark, gateways}; a route to be removed needs no gateways. */
static bool take_route(napi_env env, napi_value value, bool is_new, struct route *route) {
  static const char *const names[] = {"destination", "length", "metric", "mark", "gateways"};
  napi_value fields[5];
  uint32_t length, mark;
  *route = (struct route){0};
  if (!take_fields(env, value, "the route", 5, names, fields) ||
      !take_ip(env, fields[0], "destination", &route->destination, &route->head.rtm_family) ||
      !take_u32(env, fields[1], "length", 0, (uint32_t)ip_size(route->head.rtm_family) * 8, &length) ||
      !take_u32(env, fields[2], "metric", 1, UINT32_MAX, &route->metric) ||
      !take_u32(env, fields[3], "mark", 1, 255, &mark) || (is_new && !take_gateways(env, fields[4], route)))
    return false;
  route->head.rtm_dst_len = (uint8_t)length;
  route->head.rtm_table = RT_TABLE_MAIN;
  route->head.rtm_protocol = (uint8_t)mark;
  route->head.rtm_type = RTN_UNICAST;
  return true;
}

static void route_begin(struct request *request, uint16_t type, uint16_t flags, const struct route *route) {
  request_begin(request, type, NLM_F_ACK | flags, &route->head, sizeof route->head);
  if (route->head.rtm_dst_len > 0) request_add(request, RTA_DST, route->destination, ip_size(route->head.rtm_family));
  request_add_u32(request, RTA_PRIORITY, route->metric);
}

/* One next hop is an attribute, several are a list of heads, each with its attribute. */
static void add_gateways(struct request *request, const uint8_t *octets, size_t size, size_t count) {
  uint8_t paths[MOST_GATEWAYS * (sizeof(struct rtnexthop) + RTA_SPACE(16))] = {0};
  size_t at = 0;
  if (count == 1) {
    request_add(request, RTA_GATEWAY, octets, size);
    return;
  }
  for (size_t hop = 0; hop < count; hop++) {
    struct rtnexthop head = {.rtnh_len = (uint16_t)(sizeof head + RTA_LENGTH(size))};
    struct rtattr gateway = {.rta_len = (uint16_t)RTA_LENGTH(size), .rta_type = RTA_GATEWAY};
    memcpy(paths + at, &head, sizeof head);
    memcpy(paths + at + sizeof head, &gateway, sizeof gateway);
    memcpy(paths + at + sizeof head + RTA_LENGTH(0), octets + hop * size, size);
    at += sizeof head + RTA_SPACE(size);
  }
  request_add(request, RTA_MULTIPATH, paths, at);
}

/*
 * routeAdd(netlink, {destination, length, metric, mark, gateways}, replace): `gateways` are one to sixteen addresses in a
 * row. `replace`: the route of the same destination and metric goes, whosever it is. 0 or negative errno.
 */
static napi_value route_add(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  struct route route;
  struct request request;
  bool replace;
  if (!take_arguments(env, info, 3, arguments) || !take_route(env, arguments[1], true, &route)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_boolean(env, arguments[2], "replace", &replace)) return NULL;
  route_begin(&request, RTM_NEWROUTE, NLM_F_CREATE | (replace ? NLM_F_REPLACE : NLM_F_EXCL), &route);
  add_gateways(&request, route.gateways, ip_size(route.head.rtm_family), route.gateway_count);
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

/* routeRemove(netlink, {destination, length, metric, mark}): only one with that mark. 0 or negative errno. */
static napi_value route_remove(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct route route;
  struct request request;
  if (!take_arguments(env, info, 2, arguments) || !take_route(env, arguments[1], false, &route)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink) return NULL;
  /* Any scope matches: the kernel chose the route's. */
  route.head.rtm_scope = RT_SCOPE_NOWHERE;
  route_begin(&request, RTM_DELROUTE, 0, &route);
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

/*
 * routeConnect(netlink, {destination, length, device, source}): the route of a network as the kernel makes it with an address of an
 * interface, which is `source`; it goes with that address. 0 or negative errno.
 */
static napi_value route_connect(napi_env env, napi_callback_info info) {
  static const char *const names[] = {"destination", "length", "device", "source"};
  napi_value arguments[2], fields[4];
  struct rtmsg head = {.rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_KERNEL, .rtm_type = RTN_UNICAST};
  struct request request;
  uint8_t *destination, *source, family;
  uint32_t length, device;
  if (!take_arguments(env, info, 2, arguments) || !take_fields(env, arguments[1], "the route", 4, names, fields) ||
      !take_ip(env, fields[0], "destination", &destination, &head.rtm_family) ||
      !take_u32(env, fields[1], "length", 1, (uint32_t)ip_size(head.rtm_family) * 8, &length) ||
      !take_index(env, fields[2], "device", &device) || !take_ip(env, fields[3], "source", &source, &family))
    return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink) return NULL;
  head.rtm_dst_len = (uint8_t)length;
  /* Two interfaces may be in the same network. */
  request_begin(&request, RTM_NEWROUTE, NLM_F_ACK | NLM_F_CREATE | NLM_F_APPEND, &head, sizeof head);
  request_add(&request, RTA_DST, destination, ip_size(head.rtm_family));
  request_add_u32(&request, RTA_OIF, device);
  if (head.rtm_family == AF_INET) {
    ((struct rtmsg *)NLMSG_DATA(&request.header))->rtm_scope = RT_SCOPE_LINK;
    request_add(&request, RTA_PREFSRC, source, ip_size(family));
  } else {
    request_add_u32(&request, RTA_PRIORITY, KERNEL_METRIC);
  }
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

/* The gateways of a list of next hops, in a row; returns how many octets. */
static size_t read_gateways(const struct rtattr *paths, uint8_t *to, size_t size) {
  const struct rtnexthop *hop = RTA_DATA(paths);
  int left = (int)RTA_PAYLOAD(paths);
  size_t have = 0;
  for (; RTNH_OK(hop, left) && have < MOST_GATEWAYS * size; left -= RTNH_ALIGN(hop->rtnh_len), hop = RTNH_NEXT(hop)) {
    int inner = hop->rtnh_len - (int)sizeof *hop;
    for (const struct rtattr *at = RTNH_DATA(hop); RTA_OK(at, inner); at = RTA_NEXT(at, inner))
      if (at->rta_type == RTA_GATEWAY && RTA_PAYLOAD(at) == size && have < MOST_GATEWAYS * size) {
        memcpy(to + have, RTA_DATA(at), size);
        have += size;
      }
  }
  return have;
}

struct route_list {
  /* First, for request_list_forget. */
  struct request_list list;
  uint8_t mark;
};

static void add_route(const struct nlmsghdr *message, void *data) {
  struct route_list *routes = data;
  napi_env env = routes->list.env;
  const struct rtmsg *about = NLMSG_DATA(message);
  uint8_t destination[16] = {0}, gateways[MOST_GATEWAYS * 16];
  uint32_t metric = 0, device = 0;
  napi_value object;
  if (message->nlmsg_type != RTM_NEWROUTE || message->nlmsg_len < NLMSG_LENGTH(sizeof *about)) return;
  size_t size = ip_size(about->rtm_family), octets = 0;
  if (about->rtm_protocol != routes->mark) return;
  if (about->rtm_family != AF_INET && about->rtm_family != AF_INET6) return;
  if (about->rtm_table != RT_TABLE_MAIN) return;
  int left = (int)RTM_PAYLOAD(message);
  for (const struct rtattr *at = RTM_RTA(about); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    size_t length = RTA_PAYLOAD(at);
    if (at->rta_type == RTA_DST && length == size) memcpy(destination, RTA_DATA(at), size);
    if (at->rta_type == RTA_PRIORITY && length >= 4) memcpy(&metric, RTA_DATA(at), 4);
    if (at->rta_type == RTA_OIF) device = attribute_u32(at);
    if (at->rta_type == RTA_GATEWAY && length == size) memcpy(gateways, RTA_DATA(at), octets = size);
    if (at->rta_type == RTA_MULTIPATH) octets = read_gateways(at, gateways, size);
  }
  if (napi_create_object(env, &object) != napi_ok) return;
  set_octets(env, object, "destination", destination, size);
  set_number(env, object, "length", about->rtm_dst_len);
  set_number(env, object, "metric", metric);
  set_number(env, object, "device", device);
  set_octets(env, object, "gateways", gateways, octets);
  request_list_add(&routes->list, object);
}

/*
 * routeList(netlink, mark): the routes of the main table with that mark, or negative errno. `device` is the interface index of one
 * with a single next hop, else 0.
 */
static napi_value route_list(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct route_list routes = {.list = {.env = env}};
  uint32_t mark;
  int strict = 1, error = 0;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_u32(env, arguments[1], "mark", 1, 255, &mark)) return NULL;
  if (napi_create_array(env, &routes.list.array) != napi_ok) return NULL;
  routes.mark = (uint8_t)mark;
  /* With strict checking (Linux 4.20) the kernel dumps only these routes; an older kernel dumps all. */
  setsockopt(netlink->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strict, sizeof strict);
  for (size_t at = 0; at < 2 && !error; at++) {
    struct request request;
    struct rtmsg which = {.rtm_family = at == 0 ? AF_INET : AF_INET6, .rtm_protocol = (uint8_t)mark};
    request_begin(&request, RTM_GETROUTE, NLM_F_DUMP, &which, sizeof which);
    routes.list.kept = routes.list.length;
    error = request_dump(netlink, &request, add_route, request_list_forget, &routes);
    /* A kernel without IPv6. */
    if (at == 1 && error == -EOPNOTSUPP) error = 0;
  }
  strict = 0;
  setsockopt(netlink->fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &strict, sizeof strict);
  return error ? number(env, error) : routes.list.array;
}

static void read_reach(const struct nlmsghdr *message, void *reached) {
  const struct rtmsg *about = NLMSG_DATA(message);
  if (message->nlmsg_type != RTM_NEWROUTE || message->nlmsg_len < NLMSG_LENGTH(sizeof *about)) return;
  bool direct = about->rtm_type == RTN_UNICAST;
  int left = (int)RTM_PAYLOAD(message);
  for (const struct rtattr *at = RTM_RTA(about); RTA_OK(at, left); at = RTA_NEXT(at, left))
    if (at->rta_type == RTA_GATEWAY || at->rta_type == RTA_MULTIPATH || at->rta_type == RTA_VIA) direct = false;
  *(bool *)reached = direct;
}

/* routeReaches(netlink, address): whether it is a neighbour's, so that it can be a gateway. */
static napi_value route_reaches(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct rtmsg which = {0};
  struct request request;
  uint8_t *octets;
  bool reached = false;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_ip(env, arguments[1], "address", &octets, &which.rtm_family)) return NULL;
  which.rtm_dst_len = (uint8_t)(ip_size(which.rtm_family) * 8);
  request_begin(&request, RTM_GETROUTE, NLM_F_ACK, &which, sizeof which);
  request_add(&request, RTA_DST, octets, ip_size(which.rtm_family));
  if (request_ask(netlink, &request, read_reach, &reached) < 0) reached = false;
  return boolean(env, reached);
}

/* Which routes with our mark, or of a network the host is in, go, whoever removes them. Routes of others do not wake us. */
struct route_watch {
  struct handle handle;
  struct netlink events;
};

static const napi_type_tag ROUTE_WATCH = {0x6574726e6b640014, 0x726f757465776174};

static void watch_release(struct handle *handle, bool ending) {
  (void)ending;
  netlink_close(&((struct route_watch *)handle)->events);
}

/* A host with a full routing table has thousands of changes a second. */
static int hear_mark(int fd, uint8_t mark) {
  struct sock_filter code[] = {
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_protocol)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, mark, 3, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RTPROT_KERNEL, 0, 3),
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, NLMSG_HDRLEN + offsetof(struct rtmsg, rtm_table)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RT_TABLE_MAIN, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, UINT32_MAX),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog filter = {.len = sizeof code / sizeof *code, .filter = code};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0 ? 0 : -errno;
}

/* routeWatchOpen(mark, readable): watch or negative errno. */
static napi_value route_watch_open(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint32_t mark;
  if (!take_arguments(env, info, 2, arguments) || !take_u32(env, arguments[0], "mark", 1, 255, &mark) ||
      !take_function(env, arguments[1], "readable"))
    return NULL;
  struct route_watch *watch = calloc(1, sizeof *watch);
  if (!watch) return number(env, -ENOMEM);
  watch->events.fd = -1;
  watch->handle.release = watch_release;
  int error = netlink_open(&watch->events, RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE);
  if (!error) error = hear_mark(watch->events.fd, (uint8_t)mark);
  if (error) {
    watch_release(&watch->handle, false);
    free(watch);
    return number(env, error);
  }
  return handle_open(env, &watch->handle, &ROUTE_WATCH, watch->events.fd, arguments[1]);
}

/* routeWatchGone(watch): whether routes went since the last call; true also when events got lost. */
static napi_value route_watch_gone(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  const struct nlmsghdr *message;
  int error = -EAGAIN;
  bool gone = false;
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct route_watch *watch = owner_of(env, arguments[0], &ROUTE_WATCH);
  if (!watch) return NULL;
  while (watch->handle.open && (message = netlink_next(&watch->events, &error)))
    if (message->nlmsg_type == RTM_DELROUTE) gone = true;
  return boolean(env, gone || error == -ENOBUFS);
}

static napi_value route_watch_close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct route_watch *watch = owner_of(env, arguments[0], &ROUTE_WATCH);
  if (watch) handle_close(&watch->handle, false);
  return NULL;
}

EXPORTS({"routeAdd", route_add}, {"routeRemove", route_remove}, {"routeList", route_list},
        {"routeConnect", route_connect}, {"routeReaches", route_reaches}, {"routeWatchOpen", route_watch_open}, {"routeWatchGone", route_watch_gone},
        {"routeWatchClose", route_watch_close})
