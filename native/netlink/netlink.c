/* One netlink socket. */
#include "addon.h"
#include "netlink.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECEIVE_SIZE (8 << 20)

static int open_socket(struct netlink *netlink, int protocol, uint32_t groups) {
  struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
  int size = RECEIVE_SIZE;
  netlink->have = netlink->at = 0;
  netlink->fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (netlink->fd < 0) return -errno;
  /* Without CAP_NET_ADMIN the limit of net.core.rmem_max stays; ENOBUFS then comes earlier and is survived. */
  if (setsockopt(netlink->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0)
    setsockopt(netlink->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
  return bind(netlink->fd, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : -errno;
}

int netlink_open(struct netlink *netlink, uint32_t groups) { return open_socket(netlink, NETLINK_ROUTE, groups); }

int netlink_open_netfilter(struct netlink *netlink, uint32_t groups) {
  return open_socket(netlink, NETLINK_NETFILTER, groups);
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
    /* A message that was cut off is lost. */
    *error = got < 0 ? -errno : got > 0 ? -ENOBUFS : -EAGAIN;
    if (*error != -EINTR) return NULL;
  }
}

struct requester {
  struct owner owner;
  struct netlink netlink;
};

static const napi_type_tag REQUESTER = {0x6574726e6b640004, 0x6e65746c696e6b00};

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

EXPORTS({"netlinkOpen", requester_open}, {"netlinkClose", requester_close})
