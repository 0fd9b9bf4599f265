/* ARP and ND entries of the kernel: many put in or taken away at once, and those of our mark read out. */
#include "addon.h"
#include "netlink/request.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <string.h>
#include <sys/socket.h>

/* Our mark, which the kernel keeps through its own changes: `ip neigh show proto 190`. */
#define MARK 190
/* linux/neighbour.h of Linux 5.17 and 6.17. */
#define FLAGS_EXT 15
#define EXT_VALIDATED 4u

/* A row: interface 4 (host order), operation 1, octets of the address 1, router 1, free 1, MAC 6, free 2, address 16. */
#define ROW 32u
enum { OPERATION = 4, WIDTH = 5, ROUTER = 6, LLADDR = 8, ADDRESS = 16 };
enum { DELETE = 0, STALE = 1, VALIDATED = 2, NOARP = 3 };
/* Rows of one datagram: what they become fits into 32 KiB. */
#define MOST_ROWS 256u
#define LONGEST 128u

struct rows {
  uint8_t *all;
  size_t count;
};

static bool take_rows(napi_env env, napi_value value, struct rows *rows) {
  size_t length;
  if (!take_bytes(env, value, "rows", &rows->all, &length)) return false;
  rows->count = length / ROW;
  if (length % ROW == 0) return true;
  return refuse_range(env, "rows must be whole");
}

static bool fill_request(struct request *request, const uint8_t *row) {
  uint32_t ifindex, validated = EXT_VALIDATED;
  uint8_t operation = row[OPERATION], width = row[WIDTH], mark = MARK;
  if (operation > NOARP || (width != 4 && width != 16)) return false;
  memcpy(&ifindex, row, sizeof ifindex);
  struct ndmsg which = {.ndm_family = width == 4 ? AF_INET : AF_INET6, .ndm_ifindex = (int)ifindex};
  if (operation != DELETE) {
    which.ndm_state = operation == NOARP ? NUD_NOARP : NUD_STALE;
    which.ndm_flags = (uint8_t)(NTF_EXT_LEARNED | (row[ROUTER] ? NTF_ROUTER : 0));
  }
  request_begin(request, operation == DELETE ? RTM_DELNEIGH : RTM_NEWNEIGH,
                operation == DELETE ? 0 : NLM_F_CREATE | NLM_F_REPLACE, &which, sizeof which);
  request_add(request, NDA_DST, row + ADDRESS, width);
  if (operation == DELETE) return true;
  request_add(request, NDA_LLADDR, row + LLADDR, 6);
  request_add(request, NDA_PROTOCOL, &mark, sizeof mark);
  if (operation == VALIDATED) request_add(request, FLAGS_EXT, &validated, sizeof validated);
  return true;
}

/* Sends the requests of some rows in one datagram and writes the answer of each. Only the last one is acknowledged: errors always come. */
static int change_some(struct netlink *netlink, const uint8_t *rows, size_t count, uint32_t *errors) {
  uint8_t bytes[MOST_ROWS * LONGEST];
  struct request request;
  size_t length = 0;
  uint32_t first = netlink->sequence + 1;
  for (size_t n = 0; n < count; n++) {
    if (!fill_request(&request, rows + n * ROW)) return -EINVAL;
    request.header.nlmsg_seq = ++netlink->sequence;
    if (n + 1 == count) request.header.nlmsg_flags |= NLM_F_ACK;
    memcpy(bytes + length, &request, request.header.nlmsg_len);
    length += NLMSG_ALIGN(request.header.nlmsg_len);
  }
  memset(errors, 0, count * sizeof *errors);
  netlink->have = netlink->at = 0;
  if (send(netlink->fd, bytes, length, 0) < 0) return -errno;
  int error = 0;
  const struct nlmsghdr *message;
  while ((message = netlink_next(netlink, &error))) {
    uint32_t row = message->nlmsg_seq - first;
    if (message->nlmsg_type != NLMSG_ERROR || row >= count) continue;
    int answer = request_error(message);
    /* An entry that is gone is as it shall be. */
    errors[row] = answer == -ENOENT ? 0 : (uint32_t)-answer;
    if (row + 1 == count) return 0;
  }
  return error;
}

/*
 * neighboursChange(netlink, rows, errors): each row put in as its operation says, or taken away; errors (Uint32Array) gets an errno
 * for each, 0 where it was done. How many were refused, or negative errno where nothing is known of them.
 */
static napi_value neighbours_change(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  struct rows rows;
  uint32_t *errors;
  size_t room;
  if (!take_arguments(env, info, 3, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_rows(env, arguments[1], &rows) || !take_u32_array(env, arguments[2], "errors", &errors, &room))
    return NULL;
  if (room < rows.count) {
    refuse_range(env, "errors must have room for each row");
    return NULL;
  }
  for (size_t at = 0; at < rows.count; at += MOST_ROWS) {
    size_t count = rows.count - at < MOST_ROWS ? rows.count - at : MOST_ROWS;
    int error = change_some(netlink, rows.all + at * ROW, count, errors + at);
    if (error) return number(env, error);
  }
  size_t refused = 0;
  for (size_t at = 0; at < rows.count; at++) refused += errors[at] != 0;
  return number(env, (double)refused);
}

/* neighboursAsk(netlink, ifindex, width): begins to read out what an interface has of one family. 0 or negative errno. */
static napi_value neighbours_ask(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  uint32_t ifindex, width;
  struct request request;
  if (!take_arguments(env, info, 3, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], "ifindex", &ifindex) ||
      !take_u32(env, arguments[2], "width", 4, 16, &width))
    return NULL;
  struct ndmsg which = {.ndm_family = width == 4 ? AF_INET : AF_INET6};
  request_begin(&request, RTM_GETNEIGH, NLM_F_DUMP, &which, sizeof which);
  request_add_u32(&request, NDA_IFINDEX, ifindex);
  return number(env, netlink_send(netlink, &request.header));
}

/* Writes the row of an entry with our mark; false for any other. */
static bool read_entry(const struct nlmsghdr *message, uint8_t *row) {
  const struct ndmsg *about = NLMSG_DATA(message);
  if (message->nlmsg_type != RTM_NEWNEIGH || message->nlmsg_len < NLMSG_LENGTH(sizeof *about)) return false;
  const struct rtattr *address = NULL, *mac = NULL, *mark = NULL;
  int left = (int)(message->nlmsg_len - NLMSG_LENGTH(sizeof *about));
  const struct rtattr *at = (const void *)((const uint8_t *)about + NLMSG_ALIGN(sizeof *about));
  for (; RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    if (at->rta_type == NDA_DST) address = at;
    if (at->rta_type == NDA_LLADDR) mac = at;
    if (at->rta_type == NDA_PROTOCOL) mark = at;
  }
  if (!address || !mac || !mark || RTA_PAYLOAD(mac) != 6 || RTA_PAYLOAD(mark) < 1) return false;
  size_t width = RTA_PAYLOAD(address);
  if (*(const uint8_t *)RTA_DATA(mark) != MARK || (width != 4 && width != 16)) return false;
  uint32_t ifindex = (uint32_t)about->ndm_ifindex;
  memset(row, 0, ROW);
  memcpy(row, &ifindex, sizeof ifindex);
  row[OPERATION] = about->ndm_state & NUD_NOARP ? NOARP : STALE;
  row[WIDTH] = (uint8_t)width;
  row[ROUTER] = (about->ndm_flags & NTF_ROUTER) != 0;
  memcpy(row + LLADDR, RTA_DATA(mac), 6);
  memcpy(row + ADDRESS, RTA_DATA(address), width);
  return true;
}

/*
 * neighboursNext(netlink, rows): writes the next entries with our mark as rows. Returns their number, fewer than there is room for
 * at the end alone; or negative errno, EINTR where the list changed meanwhile.
 */
static napi_value neighbours_next(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct rows rows;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_rows(env, arguments[1], &rows)) return NULL;
  size_t count = 0;
  int error = 0;
  while (count < rows.count) {
    const struct nlmsghdr *message = netlink_next(netlink, &error);
    if (!message) return number(env, error);
    if (message->nlmsg_seq != netlink->sequence) continue;
    if (message->nlmsg_flags & NLM_F_DUMP_INTR) error = -EINTR;
    if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
      int answer = request_error(message);
      if (answer || error) return number(env, answer ? answer : error);
      break;
    }
    if (read_entry(message, rows.all + count * ROW)) count++;
  }
  return number(env, (double)count);
}

EXPORTS({"neighboursChange", neighbours_change}, {"neighboursAsk", neighbours_ask}, {"neighboursNext", neighbours_next})
