/* One rtnetlink request with nested attributes, and its answers. */
#include "request.h"

#include <errno.h>
#include <string.h>

static void *append(struct request *request, const void *data, size_t length) {
  uint8_t *to = (uint8_t *)request + NLMSG_ALIGN(request->header.nlmsg_len);
  if (length > 0) memcpy(to, data, length);
  request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + (uint32_t)NLMSG_ALIGN(length);
  return to;
}

void request_begin(struct request *request, uint16_t type, uint16_t flags, const void *head, size_t length) {
  memset(request, 0, sizeof *request);
  request->header.nlmsg_len = NLMSG_HDRLEN;
  request->header.nlmsg_type = type;
  request->header.nlmsg_flags = NLM_F_REQUEST | flags;
  append(request, head, length);
}

void request_add(struct request *request, uint16_t type, const void *data, size_t length) {
  struct rtattr attribute = {.rta_type = type, .rta_len = (uint16_t)RTA_LENGTH(length)};
  append(request, &attribute, sizeof attribute);
  append(request, data, length);
}

void request_add_u32(struct request *request, uint16_t type, uint32_t value) {
  request_add(request, type, &value, sizeof value);
}

void request_add_text(struct request *request, uint16_t type, const char *text) {
  request_add(request, type, text, strlen(text) + 1);
}

struct rtattr *request_nest(struct request *request, uint16_t type, const void *head, size_t length) {
  struct rtattr attribute = {.rta_type = type};
  struct rtattr *nest = append(request, &attribute, sizeof attribute);
  append(request, head, length);
  return nest;
}

void request_nest_end(struct request *request, struct rtattr *nest) {
  nest->rta_len = (uint16_t)((uint8_t *)request + request->header.nlmsg_len - (uint8_t *)nest);
}

static int error_of(const struct nlmsghdr *message) {
  const struct nlmsgerr *answer = NLMSG_DATA(message);
  return message->nlmsg_len < NLMSG_LENGTH(sizeof *answer) ? -EPROTO : answer->error;
}

int request_ask(struct netlink *netlink, struct request *request, void (*each)(const struct nlmsghdr *, void *), void *data) {
  int error = netlink_send(netlink, &request->header);
  const struct nlmsghdr *message;
  if (error) return error;
  /* rtnetlink answers inside send, and goes on with a dump inside receive, so whatever comes next waits already. */
  while ((message = netlink_next(netlink, &error))) {
    if (message->nlmsg_seq != netlink->sequence) continue;
    if (message->nlmsg_type == NLMSG_DONE) return 0;
    if (message->nlmsg_type == NLMSG_ERROR) return error_of(message);
    if (each) each(message, data);
  }
  return error;
}
