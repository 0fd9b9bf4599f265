/* One rtnetlink request with nested attributes, and its answers. */
#ifndef ETRUNKD_REQUEST_H
#define ETRUNKD_REQUEST_H

#include "netlink.h"

struct request {
  struct nlmsghdr header;
  uint8_t body[1024];
};

/* `head` is the fixed part after the header, e.g. a struct tcmsg. */
void request_begin(struct request *request, uint16_t type, uint16_t flags, const void *head, size_t length);
/* Appends an attribute. Everything etrunkd sends fits. */
void request_add(struct request *request, uint16_t type, const void *data, size_t length);
void request_add_u32(struct request *request, uint16_t type, uint32_t value);
void request_add_text(struct request *request, uint16_t type, const char *text);
/* Opens a nested attribute: attributes added before request_nest_end go inside it, after `head`. */
struct rtattr *request_nest(struct request *request, uint16_t type, const void *head, size_t length);
void request_nest_end(struct request *request, struct rtattr *nest);
/*
 * Sends it and gives every answer but the last to `each`, which may be NULL. 0 or negative errno; EINTR for a dump that
 * may lack entries because its list changed.
 */
int request_ask(struct netlink *netlink, struct request *request, void (*each)(const struct nlmsghdr *, void *), void *data);
/* A dump, begun anew when its list changed meanwhile; `forget` then undoes the effects of `each` on the data. */
int request_dump(struct netlink *netlink, struct request *request, void (*each)(const struct nlmsghdr *, void *),
                 void (*forget)(void *), void *data);
/* The value of an attribute; 0 for one that is too short. */
uint32_t attribute_u32(const struct rtattr *attribute);
/* Copies the text of an attribute, cut to `size` with the NUL that ends it. */
void attribute_text(char *to, size_t size, const struct rtattr *attribute);
/* The negative errno of an NLMSG_ERROR, or of an NLMSG_DONE, whose dump may have failed half-way. */
int request_error(const struct nlmsghdr *message);

/* An address of 4 or 16 octets; a RangeError for any other. */
bool take_ip(napi_env env, napi_value value, const char *what, uint8_t **octets, uint8_t *family);
size_t ip_size(uint8_t family);

/* A JavaScript array that the answers of a dump fill. */
struct request_list {
  napi_env env;
  napi_value array;
  uint32_t length;
  /* The number of elements of an earlier dump. */
  uint32_t kept;
};

void request_list_add(struct request_list *list, napi_value object);
/* For request_dump: drops the elements that are not kept. */
void request_list_forget(void *list);

#endif
