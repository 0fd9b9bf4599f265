/* One rtnetlink request with nested attributes, and its answers. */
#include "request.h"

#include "arguments.h"

#include <errno.h>
#include <string.h>

/* Dumps of one request; a list that changes during each of them is EINTR. */
#define MOST_DUMPS 16

static void *append(struct request *request, const void *data, size_t length) {
  uint8_t *to = (uint8_t *)request + NLMSG_ALIGN(request->header.nlmsg_len);
  if (length > 0) memcpy(to, data, length);
  memset(to + length, 0, NLMSG_ALIGN(length) - length);
  request->header.nlmsg_len = NLMSG_ALIGN(request->header.nlmsg_len) + (uint32_t)NLMSG_ALIGN(length);
  return to;
}

void request_begin(struct request *request, uint16_t type, uint16_t flags, const void *head, size_t length) {
  /* Only the header is cleared: clearing the body would be a tenth of the work of ten thousand small requests. */
  memset(&request->header, 0, sizeof request->header);
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

uint32_t attribute_u32(const struct rtattr *attribute) {
  uint32_t value = 0;
  if (RTA_PAYLOAD(attribute) >= sizeof value) memcpy(&value, RTA_DATA(attribute), sizeof value);
  return value;
}

void attribute_text(char *to, size_t size, const struct rtattr *attribute) {
  size_t length = RTA_PAYLOAD(attribute);
  if (length >= size) length = size - 1;
  memcpy(to, RTA_DATA(attribute), length);
  to[length] = '\0';
}

int request_error(const struct nlmsghdr *message) {
  /* NLMSG_ERROR and NLMSG_DONE both begin with the error. */
  const int *error = NLMSG_DATA(message);
  if (message->nlmsg_len < NLMSG_LENGTH(sizeof *error)) return message->nlmsg_type == NLMSG_DONE ? 0 : -EPROTO;
  return *error > 0 ? 0 : *error;
}

int request_ask(struct netlink *netlink, struct request *request, void (*each)(const struct nlmsghdr *, void *), void *data) {
  int error = netlink_send(netlink, &request->header);
  const struct nlmsghdr *message;
  bool interrupted = false;
  if (error) return error;
  /* rtnetlink answers inside send, and continues a dump inside receive, so the next message waits already. */
  while ((message = netlink_next(netlink, &error))) {
    if (message->nlmsg_seq != netlink->sequence) continue;
    if (message->nlmsg_flags & NLM_F_DUMP_INTR) interrupted = true;
    if (message->nlmsg_type == NLMSG_DONE || message->nlmsg_type == NLMSG_ERROR) {
      error = request_error(message);
      return error == 0 && interrupted ? -EINTR : error;
    }
    if (each) each(message, data);
  }
  return error;
}

int request_dump(struct netlink *netlink, struct request *request, void (*each)(const struct nlmsghdr *, void *),
                 void (*forget)(void *), void *data) {
  int error = -EINTR;
  for (int tries = 0; tries < MOST_DUMPS && error == -EINTR; tries++) {
    forget(data);
    error = request_ask(netlink, request, each, data);
  }
  return error;
}

bool take_ip(napi_env env, napi_value value, const char *what, uint8_t **octets, uint8_t *family) {
  size_t length;
  if (!take_bytes(env, value, what, octets, &length)) return false;
  if (length != 4 && length != 16) return refuse_range(env, "an address must have 4 or 16 octets");
  *family = length == 4 ? AF_INET : AF_INET6;
  return true;
}

size_t ip_size(uint8_t family) { return family == AF_INET ? 4 : 16; }

void request_list_forget(void *data) {
  struct request_list *list = data;
  list->length = list->kept;
  set_number(list->env, list->array, "length", list->kept);
}

void request_list_add(struct request_list *list, napi_value object) {
  if (object) napi_set_element(list->env, list->array, list->length++, object);
}
