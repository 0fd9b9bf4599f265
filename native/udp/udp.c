/* UDP sockets for JavaScript: one each address and port. */
#include "addon.h"
#include "datagram.h"
#include "socket-filter.h"

#include <errno.h>
#include <net/if.h>
#include <stdlib.h>
#include <unistd.h>

struct udp {
  struct handle handle;
  int fd;
  struct udp_batch batch;
};

static const napi_type_tag UDP = {0x6574726e6b640011, 0x7564700000000000};

static void udp_release(struct handle *handle, bool ending) {
  struct udp *udp = (struct udp *)handle;
  (void)ending;
  if (udp->fd >= 0) close(udp->fd);
  udp->fd = -1;
}

/* udpOpen(address, port, device, readable): socket or negative errno. */
static napi_value open_udp(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  struct address address;
  uint32_t port;
  char device[IF_NAMESIZE];
  if (!take_arguments(env, info, 4, arguments) || !take_address(env, arguments[0], "address", &address) ||
      !take_u32(env, arguments[1], "port", 0, 65535, &port) ||
      !take_text(env, arguments[2], "device", device, sizeof device) || !take_function(env, arguments[3], "readable"))
    return NULL;
  struct udp *udp = calloc(1, sizeof *udp);
  if (!udp) return number(env, -ENOMEM);
  udp->handle.release = udp_release;
  udp->fd = udp_socket(address_is_ipv4(&address), SOCK_DGRAM, 0, device);
  int error = udp->fd < 0 ? udp->fd : udp_bind(udp->fd, &address, (uint16_t)port);
  if (error) {
    udp_release(&udp->handle, false);
    free(udp);
    return number(env, error);
  }
  return handle_open(env, &udp->handle, &UDP, udp->fd, arguments[3]);
}

/*
 * udpNext(udp, bytes, slot, rows): reads one batch into `bytes`, a slot each, and describes each in a row. How many
 * came, 0 when none waits, negative errno. For a datagram longer than its slot the row has the true length.
 */
static napi_value next_udp(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  uint8_t *bytes;
  uint32_t *rows, slot;
  size_t size, words;
  struct udp_origin origin;
  if (!take_arguments(env, info, 4, arguments)) return NULL;
  struct udp *udp = owner_of(env, arguments[0], &UDP);
  if (!udp || !take_bytes(env, arguments[1], "bytes", &bytes, &size) ||
      !take_u32(env, arguments[2], "slot", 1, 65536, &slot) || !take_u32_array(env, arguments[3], "rows", &rows, &words))
    return NULL;
  size_t count = size / slot < words / ORIGIN_FIELDS ? size / slot : words / ORIGIN_FIELDS;
  if (count > UDP_BATCH) count = UDP_BATCH;
  if (!udp->handle.open || count == 0) return number(env, udp->handle.open ? 0 : -EBADF);
  int got = udp_receive(udp->fd, &udp->batch, bytes, slot, (unsigned)count);
  for (int n = 0; n < got; n++) {
    udp_origin(&udp->batch, n, &origin);
    write_origin(rows + (size_t)n * ORIGIN_FIELDS, (size_t)n * slot, udp->batch.messages[n].msg_len, &origin);
  }
  return number(env, got);
}

/* udpSend(udp, bytes, numbers, source, destination): numbers as datagram.h has them. 0 or negative errno. */
static napi_value send_udp(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  struct outgoing out;
  if (!take_arguments(env, info, 5, arguments)) return NULL;
  struct udp *udp = owner_of(env, arguments[0], &UDP);
  if (!udp || !take_outgoing(env, arguments + 1, &out)) return NULL;
  return number(env, udp->handle.open ? udp_send(udp->fd, out.bytes, out.length, &out.target) : -EBADF);
}

/* udpFilter(udp, filter): what it does not pass takes no room; undefined: everything is heard. 0 or negative errno. */
static napi_value filter_udp(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct socket_filter filter;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct udp *udp = owner_of(env, arguments[0], &UDP);
  if (!udp || !take_filter(env, arguments[1], &filter)) return NULL;
  return number(env, udp->handle.open ? attach_filter(udp->fd, &filter) : -EBADF);
}

static napi_value counted(napi_env env, napi_callback_info info, uint32_t (*count)(int fd)) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct udp *udp = owner_of(env, arguments[0], &UDP);
  return udp ? number(env, udp->handle.open ? count(udp->fd) : 0) : NULL;
}

/* udpDropped(udp): datagrams the kernel dropped for want of room, or by its filter. */
static napi_value dropped_udp(napi_env env, napi_callback_info info) { return counted(env, info, udp_dropped); }

/* udpWaiting(udp): octets of memory that datagrams take which were not read yet. */
static napi_value waiting_udp(napi_env env, napi_callback_info info) { return counted(env, info, udp_waiting); }

static napi_value close_udp(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct udp *udp = owner_of(env, arguments[0], &UDP);
  if (udp) handle_close(&udp->handle, false);
  return NULL;
}

EXPORTS({"udpOpen", open_udp}, {"udpNext", next_udp}, {"udpSend", send_udp}, {"udpFilter", filter_udp},
        {"udpDropped", dropped_udp}, {"udpWaiting", waiting_udp}, {"udpClose", close_udp})
