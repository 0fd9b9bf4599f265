/* One rtnetlink socket, and the requests etrunkd makes about links. */
#include "netlink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECEIVE_SIZE (8 << 20)
#define ALIAS_SIZE 256u

int netlink_open(struct netlink *netlink, uint32_t groups) {
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
  int size = RECEIVE_SIZE;
  netlink->have = netlink->at = 0;
  netlink->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
  if (netlink->fd < 0) return -errno;
  /* Without CAP_NET_ADMIN the limit of net.core.rmem_max stays; ENOBUFS then comes earlier and is survived. */
  if (setsockopt(netlink->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
    setsockopt(netlink->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  return bind(netlink->fd, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : -errno;
}

void netlink_close(struct netlink *netlink) {
  if (netlink->fd >= 0) close(netlink->fd);
  netlink->fd = -1;
}

int netlink_send(struct netlink *netlink, struct nlmsghdr *request) {
  request->nlmsg_seq = ++netlink->sequence;
  netlink->have = netlink->at = 0;
  return send(netlink->fd, request, request->nlmsg_len, 0) < 0 ? -errno : 0;
}

const struct nlmsghdr *netlink_next(struct netlink *netlink, int *error) {
  for (;;) {
    const struct nlmsghdr *message = (const void *)(netlink->buffer + netlink->at);
    int left = (int)(netlink->have - netlink->at);
    if (left > 0 && NLMSG_OK(message, (unsigned)left)) {
      size_t length = NLMSG_ALIGN(message->nlmsg_len);
      netlink->at = netlink->at + length < netlink->have ? netlink->at + length : netlink->have;
      return message;
    }
    ssize_t got = recv(netlink->fd, netlink->buffer, sizeof netlink->buffer, MSG_DONTWAIT | MSG_TRUNC);
    netlink->at = 0;
    netlink->have = got > 0 && (size_t)got <= sizeof netlink->buffer ? (size_t)got : 0;
    if (netlink->have > 0) continue;
    /* Cut off is lost. */
    *error = got < 0 ? -errno : got > 0 ? -ENOBUFS : -EAGAIN;
    if (*error != -EINTR) return NULL;
  }
}

struct requester {
  struct owner owner;
  struct netlink netlink;
};

static const napi_type_tag REQUESTER = {0x6574726e6b640004, 0x6e65746c696e6b00};

/* One RTM_*LINK request with room for its attributes. */
struct link_request {
  struct nlmsghdr header;
  struct ifinfomsg link;
  uint8_t attributes[512];
};

static void begin(struct link_request *request, uint16_t type, uint16_t flags) {
  memset(request, 0, sizeof *request);
  request->header.nlmsg_len = NLMSG_LENGTH(sizeof request->link);
  request->header.nlmsg_type = type;
  request->header.nlmsg_flags = NLM_F_REQUEST | flags;
}

/* The attributes etrunkd sends (name, alias, MAC, MTU) fit the request together. */
static void add(struct link_request *request, uint16_t type, const void *data, size_t length) {
  struct rtattr *attribute = (void *)((uint8_t *)request + NLMSG_ALIGN(request->header.nlmsg_len));
  attribute->rta_type = type;
  attribute->rta_len = (uint16_t)RTA_LENGTH(length);
  memcpy(RTA_DATA(attribute), data, length);
  request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
}

static int errno_of(const struct nlmsghdr *message) {
  const struct nlmsgerr *answer = NLMSG_DATA(message);
  return message->nlmsg_len < NLMSG_LENGTH(sizeof *answer) ? -EPROTO : answer->error;
}

/* rtnetlink answers inside send, so the answer waits when it returns. `link` is filled by an RTM_NEWLINK on the way. */
static int ask(struct netlink *netlink, struct link_request *request, struct link *link) {
  int error = netlink_send(netlink, &request->header);
  const struct nlmsghdr *message;
  if (error) return error;
  while ((message = netlink_next(netlink, &error))) {
    if (message->nlmsg_seq != netlink->sequence) continue;
    if (message->nlmsg_type == NLMSG_ERROR) return errno_of(message);
    if (link) link_read(message, link);
  }
  return error;
}

static void requester_collected(napi_env env, void *data, void *hint) {
  struct requester *requester = data;
  (void)env, (void)hint;
  netlink_close(&requester->netlink);
  free(requester);
}

/* netlinkOpen(): requester or negative errno. */
static napi_value requester_open(napi_env env, napi_callback_info info) {
  (void)info;
  struct requester *requester = calloc(1, sizeof *requester);
  if (!requester) return number(env, -ENOMEM);
  int error = netlink_open(&requester->netlink, 0);
  napi_value object = NULL;
  if (!error) {
    object = owner_wrap(env, &requester->owner, &REQUESTER, requester_collected);
    if (object) return object;
  }
  netlink_close(&requester->netlink);
  free(requester);
  return error ? number(env, error) : NULL;
}

static napi_value requester_close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct requester *requester = owner_of(env, arguments[0], &REQUESTER);
  if (requester) netlink_close(&requester->netlink);
  return NULL;
}

struct netlink *netlink_of(napi_env env, napi_value value) {
  struct requester *requester = owner_of(env, value, &REQUESTER);
  return requester ? &requester->netlink : NULL;
}

static bool add_wishes(napi_env env, struct link_request *request, const napi_value *wishes) {
  bool up;
  char alias[ALIAS_SIZE];
  double mac;
  uint32_t mtu;
  if (!is_undefined(env, wishes[0])) {
    if (napi_get_value_bool(env, wishes[0], &up) != napi_ok) {
      napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "up must be a boolean");
      return false;
    }
    request->link.ifi_change = IFF_UP;
    request->link.ifi_flags = up ? IFF_UP : 0;
  }
  if (!is_undefined(env, wishes[1])) {
    if (!take_text(env, wishes[1], "alias", alias, sizeof alias)) return false;
    add(request, IFLA_IFALIAS, alias, strlen(alias));
  }
  if (!is_undefined(env, wishes[2])) {
    uint8_t octets[6];
    if (!take_integer(env, wishes[2], "mac", 0, 0xffffffffffff, &mac)) return false;
    for (int at = 0; at < 6; at++) octets[at] = (uint8_t)((uint64_t)mac >> (40 - 8 * at));
    add(request, IFLA_ADDRESS, octets, sizeof octets);
  }
  if (!is_undefined(env, wishes[3])) {
    if (!take_u32(env, wishes[3], "mtu", 0, INT32_MAX, &mtu)) return false;
    add(request, IFLA_MTU, &mtu, sizeof mtu);
  }
  return true;
}

/* linkSet(netlink, name, up, alias, mac, mtu): undefined leaves a thing as it is. 0 or negative errno. */
static napi_value link_set(napi_env env, napi_callback_info info) {
  napi_value arguments[6];
  char name[IF_NAMESIZE];
  struct link_request request;
  if (!take_arguments(env, info, 6, arguments)) return NULL;
  struct requester *requester = owner_of(env, arguments[0], &REQUESTER);
  if (!requester || !take_text(env, arguments[1], "name", name, sizeof name)) return NULL;
  /* By name, so that the kernel looks it up and changes it under one lock. */
  begin(&request, RTM_NEWLINK, NLM_F_ACK);
  add(&request, IFLA_IFNAME, name, strlen(name) + 1);
  if (!add_wishes(env, &request, arguments + 2)) return NULL;
  return number(env, ask(&requester->netlink, &request, NULL));
}

/* linkGet(netlink, name or index): the link as linkWatch reports it, or negative errno. */
static napi_value link_get(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  char name[IF_NAMESIZE];
  uint32_t index;
  napi_valuetype type;
  struct link_request request;
  struct link link = {0};
  if (!take_arguments(env, info, 2, arguments) || napi_typeof(env, arguments[1], &type) != napi_ok) return NULL;
  struct requester *requester = owner_of(env, arguments[0], &REQUESTER);
  if (!requester) return NULL;
  begin(&request, RTM_GETLINK, NLM_F_ACK);
  if (type == napi_number) {
    if (!take_u32(env, arguments[1], "index", 1, INT32_MAX, &index)) return NULL;
    request.link.ifi_index = (int)index;
  } else {
    if (!take_text(env, arguments[1], "name or index", name, sizeof name)) return NULL;
    add(&request, IFLA_IFNAME, name, strlen(name) + 1);
  }
  int error = ask(&requester->netlink, &request, &link);
  return error ? number(env, error) : link_object(env, &link, requester->netlink.fd);
}

const struct export netlink_exports[] = {{"netlinkOpen", requester_open},
                                         {"netlinkClose", requester_close},
                                         {"linkSet", link_set},
                                         {"linkGet", link_get},
                                         {NULL, NULL}};
