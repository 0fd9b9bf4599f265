/*
 * A message channel to a child process: a SOCK_SEQPACKET pair, one frame a message. Unlike a net.Socket it can be read
 * at any time, so that the daemon empties it before it judges its timers, and its size is bounded by the kernel.
 */
#include "addon.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUEUE_SIZE (8 << 20)

struct channel {
  struct handle handle;
  int fd;
  /* The child's end. Kept, so that the next child gets the same. */
  int far;
};

static const napi_type_tag CHANNEL = {0x6574726e6b640003, 0x6368616e6e656c00};

static void channel_release(struct handle *handle, bool ending) {
  struct channel *channel = (struct channel *)handle;
  (void)ending;
  if (channel->fd >= 0) close(channel->fd);
  if (channel->far >= 0) close(channel->far);
  channel->fd = channel->far = -1;
}

/* channelOpen(readable): channel or negative errno; its property `far` is the descriptor for the child. */
static napi_value channel_open(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  int ends[2], size = QUEUE_SIZE;
  napi_valuetype type;
  if (!take_arguments(env, info, 1, arguments) || !take_function(env, arguments[0], "readable")) return NULL;
  struct channel *channel = calloc(1, sizeof *channel);
  if (!channel) return number(env, -ENOMEM);
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) != 0) {
    int error = -errno;
    free(channel);
    return number(env, error);
  }
  channel->fd = ends[0];
  channel->far = ends[1];
  channel->handle.release = channel_release;
  /* The kernel charges waiting messages to the sending end. Beyond net.core.wmem_max only with CAP_NET_ADMIN. */
  if (setsockopt(channel->far, SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof size) != 0)
    setsockopt(channel->far, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
  int far = channel->far;
  napi_value object = handle_open(env, &channel->handle, &CHANNEL, channel->fd, arguments[0]);
  if (object && napi_typeof(env, object, &type) == napi_ok && type == napi_object)
    set_number(env, object, "far", far);
  return object;
}

/* channelRead(channel, bytes): length of one message, cut to `bytes`; negative errno, -EAGAIN when none waits. */
static napi_value channel_read(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint8_t *bytes;
  size_t size;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct channel *channel = owner_of(env, arguments[0], &CHANNEL);
  if (!channel || !take_bytes(env, arguments[1], "bytes", &bytes, &size)) return NULL;
  ssize_t length = recv(channel->fd, bytes, size, MSG_DONTWAIT);
  return number(env, length < 0 ? -errno : (double)length);
}

static napi_value channel_close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct channel *channel = owner_of(env, arguments[0], &CHANNEL);
  if (channel) handle_close(&channel->handle, false);
  return NULL;
}

EXPORTS({"channelOpen", channel_open}, {"channelRead", channel_read}, {"channelClose", channel_close})
