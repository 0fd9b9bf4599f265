/* Sending whole frames over one AF_PACKET socket; the interface goes with each frame. */
#include "addon.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <linux/pkt_sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST_IN_ONE_CALL 64u
/* One row of sendBatch: start, length, ifindex, and the answer: 0 or errno. */
#define ROW_FIELDS 4u

struct sender {
  struct owner owner;
  int fd;
};

static const napi_type_tag SENDER = {0x6574726e6b640002, 0x73656e6465720000};

static void sender_collected(napi_env env, void *data, void *hint) {
  struct sender *sender = data;
  (void)env, (void)hint;
  if (sender->fd >= 0) close(sender->fd);
  free(sender);
}

/* The address names the frame's EtherType, so that traffic control and taps see the frame under it. */
static struct sockaddr_ll address_of(const uint8_t *frame, size_t length, uint32_t ifindex) {
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_ifindex = (int)ifindex};
  if (length >= ETH_HLEN) memcpy(&address.sll_protocol, frame + 2 * ETH_ALEN, sizeof address.sll_protocol);
  return address;
}

/* senderOpen(priority): a sender whose frames have this SO_PRIORITY, or negative errno. The socket receives nothing. */
static napi_value sender_open(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  uint32_t priority;
  if (!take_arguments(env, info, 1, arguments) ||
      !take_u32(env, arguments[0], "priority", 0, TC_PRIO_MAX, &priority))
    return NULL;
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return number(env, -errno);
  if (setsockopt(fd, SOL_SOCKET, SO_PRIORITY, &priority, sizeof priority) != 0) {
    int error = -errno;
    close(fd);
    return number(env, error);
  }
  struct sender *sender = calloc(1, sizeof *sender);
  napi_value object = NULL;
  if (sender) {
    sender->fd = fd;
    object = owner_wrap(env, &sender->owner, &SENDER, sender_collected);
    if (object) return object;
  }
  close(fd);
  free(sender);
  return sender ? NULL : number(env, -ENOMEM);
}

/* send(sender, bytes, start, length, ifindex): 0 or negative errno; ENOBUFS, ENETDOWN and ENXIO are a lost frame. */
static napi_value send_one(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  uint8_t *bytes;
  size_t size;
  uint32_t start, length, ifindex;
  if (!take_arguments(env, info, 5, arguments)) return NULL;
  struct sender *sender = owner_of(env, arguments[0], &SENDER);
  if (!sender || !take_bytes(env, arguments[1], "bytes", &bytes, &size) ||
      !take_u32(env, arguments[2], "start", 0, UINT32_MAX, &start) ||
      !take_u32(env, arguments[3], "length", 0, UINT32_MAX, &length) ||
      !take_u32(env, arguments[4], "ifindex", 0, INT32_MAX, &ifindex))
    return NULL;
  if (start > size || length > size - start) {
    refuse_range(env, "start and length must lie inside bytes");
    return NULL;
  }
  struct sockaddr_ll address = address_of(bytes + start, length, ifindex);
  ssize_t sent = sendto(sender->fd, bytes + start, length, 0, (struct sockaddr *)&address, sizeof address);
  return number(env, sent < 0 ? -errno : 0);
}

static bool rows_fit(napi_env env, const uint32_t *rows, uint32_t count, size_t size) {
  for (uint32_t at = 0; at < count; at++) {
    const uint32_t *row = rows + at * ROW_FIELDS;
    if (row[0] <= size && row[1] <= size - row[0] && row[2] <= INT32_MAX) continue;
    return refuse_range(env, "start and length of each row must lie inside bytes");
  }
  return true;
}

/* Sends up to MOST_IN_ONE_CALL rows. A frame that fails is skipped, its errno noted. Returns how many went out. */
static uint32_t send_rows(int fd, const uint8_t *bytes, uint32_t *rows, uint32_t count) {
  struct mmsghdr messages[MOST_IN_ONE_CALL] = {0};
  struct iovec parts[MOST_IN_ONE_CALL];
  struct sockaddr_ll addresses[MOST_IN_ONE_CALL];
  uint32_t sent = 0;
  for (uint32_t at = 0; at < count; at++) {
    const uint32_t *row = rows + at * ROW_FIELDS;
    parts[at] = (struct iovec){(void *)(bytes + row[0]), row[1]};
    addresses[at] = address_of(bytes + row[0], row[1], row[2]);
    messages[at].msg_hdr = (struct msghdr){.msg_name = &addresses[at],
                                           .msg_namelen = sizeof addresses[at],
                                           .msg_iov = &parts[at],
                                           .msg_iovlen = 1};
  }
  for (uint32_t at = 0; at < count;) {
    /* sendmmsg stops before a frame that fails, and returns the error only when that frame is the first. */
    int went = sendmmsg(fd, messages + at, count - at, 0);
    if (went <= 0) {
      rows[at++ * ROW_FIELDS + 3] = (uint32_t)(went < 0 ? errno : EIO);
      continue;
    }
    for (int row = 0; row < went; row++) rows[at++ * ROW_FIELDS + 3] = 0;
    sent += (uint32_t)went;
  }
  return sent;
}

/* sendBatch(sender, bytes, rows, count): rows of start, length, ifindex, answer. Returns how many frames went out. */
static napi_value send_batch(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  uint8_t *bytes;
  size_t size, words;
  uint32_t *rows, count, sent = 0;
  if (!take_arguments(env, info, 4, arguments)) return NULL;
  struct sender *sender = owner_of(env, arguments[0], &SENDER);
  if (!sender || !take_bytes(env, arguments[1], "bytes", &bytes, &size) ||
      !take_u32_array(env, arguments[2], "rows", &rows, &words) ||
      !take_u32(env, arguments[3], "count", 0, (uint32_t)(words / ROW_FIELDS), &count) ||
      !rows_fit(env, rows, count, size))
    return NULL;
  for (uint32_t at = 0; at < count; at += MOST_IN_ONE_CALL) {
    uint32_t part = count - at < MOST_IN_ONE_CALL ? count - at : MOST_IN_ONE_CALL;
    sent += send_rows(sender->fd, bytes, rows + (size_t)at * ROW_FIELDS, part);
  }
  return number(env, sent);
}

static napi_value sender_close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct sender *sender = owner_of(env, arguments[0], &SENDER);
  if (sender && sender->fd >= 0) {
    close(sender->fd);
    sender->fd = -1;
  }
  return NULL;
}

EXPORTS({"senderOpen", sender_open}, {"send", send_one}, {"sendBatch", send_batch}, {"senderClose", sender_close})
