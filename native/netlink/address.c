/* The addresses of interfaces. An address etrunkd adds bears a mark (IFA_PROTO), by which it knows the address again. */
#include "addon.h"
#include "address.h"
#include "request.h"

#include <linux/if_addr.h>
#include <string.h>

/* linux/if_addr.h of Linux 5.18 */
#define IFA_PROTO 11

/* An address as JavaScript speaks of it. */
struct wanted {
  struct ifaddrmsg head;
  uint8_t *octets;
  uint32_t flags;
  uint8_t mark;
};

/* {index, address, length, flags, mark}; an address to be removed needs no flags and mark. */
static bool take_wanted(napi_env env, napi_value value, bool is_new, struct wanted *wanted) {
  static const char *const names[] = {"index", "address", "length", "flags", "mark"};
  napi_value fields[5];
  uint32_t ifindex, length, mark = 0;
  *wanted = (struct wanted){.head = {.ifa_scope = RT_SCOPE_UNIVERSE}};
  if (!take_fields(env, value, "the address", 5, names, fields) || !take_index(env, fields[0], "index", &ifindex) ||
      !take_ip(env, fields[1], "address", &wanted->octets, &wanted->head.ifa_family) ||
      !take_u32(env, fields[2], "length", 0, (uint32_t)ip_size(wanted->head.ifa_family) * 8, &length) ||
      (is_new && !take_u32(env, fields[3], "flags", 0, UINT32_MAX, &wanted->flags)) ||
      (is_new && !take_u32(env, fields[4], "mark", 0, 255, &mark)))
    return false;
  wanted->head.ifa_index = ifindex;
  wanted->head.ifa_prefixlen = (uint8_t)length;
  wanted->mark = (uint8_t)mark;
  return true;
}

static napi_value ask_address(napi_env env, napi_callback_info info, uint16_t type, uint16_t flags) {
  napi_value arguments[2];
  struct wanted wanted;
  struct request request;
  if (!take_arguments(env, info, 2, arguments) || !take_wanted(env, arguments[1], type == RTM_NEWADDR, &wanted))
    return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink) return NULL;
  size_t size = ip_size(wanted.head.ifa_family);
  request_begin(&request, type, NLM_F_ACK | flags, &wanted.head, sizeof wanted.head);
  request_add(&request, IFA_LOCAL, wanted.octets, size);
  request_add(&request, IFA_ADDRESS, wanted.octets, size);
  if (type == RTM_NEWADDR) {
    request_add_u32(&request, IFA_FLAGS, wanted.flags);
    request_add(&request, IFA_PROTO, &wanted.mark, sizeof wanted.mark);
  }
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

/* addressAdd(netlink, {index, address, length, flags, mark}): 0 or negative errno. */
static napi_value address_add(napi_env env, napi_callback_info info) {
  return ask_address(env, info, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
}

/* addressRemove(netlink, {index, address, length}): 0 or negative errno. */
static napi_value address_remove(napi_env env, napi_callback_info info) {
  return ask_address(env, info, RTM_DELADDR, 0);
}

napi_value address_value(napi_env env, const struct nlmsghdr *message) {
  const struct ifaddrmsg *about = NLMSG_DATA(message);
  const void *octets = NULL;
  uint8_t mark = 0;
  napi_value object;
  if (message->nlmsg_type != RTM_NEWADDR && message->nlmsg_type != RTM_DELADDR) return NULL;
  if (message->nlmsg_len < NLMSG_LENGTH(sizeof *about)) return NULL;
  if (about->ifa_family != AF_INET && about->ifa_family != AF_INET6) return NULL;
  uint32_t flags = about->ifa_flags;
  int left = (int)IFA_PAYLOAD(message);
  for (const struct rtattr *at = IFA_RTA(about); RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    size_t length = RTA_PAYLOAD(at);
    /* On a point-to-point link the own address is IFA_LOCAL; IPv6 has IFA_LOCAL only there. */
    if (length == ip_size(about->ifa_family) &&
        (at->rta_type == IFA_LOCAL || (at->rta_type == IFA_ADDRESS && octets == NULL)))
      octets = RTA_DATA(at);
    if (at->rta_type == IFA_FLAGS && length >= 4) memcpy(&flags, RTA_DATA(at), 4);
    if (at->rta_type == IFA_PROTO && length >= 1) mark = *(const uint8_t *)RTA_DATA(at);
  }
  if (!octets || napi_create_object(env, &object) != napi_ok) return NULL;
  set_number(env, object, "index", about->ifa_index);
  set_octets(env, object, "address", octets, ip_size(about->ifa_family));
  set_number(env, object, "length", about->ifa_prefixlen);
  set_number(env, object, "flags", flags);
  set_number(env, object, "mark", mark);
  set_boolean(env, object, "present", message->nlmsg_type == RTM_NEWADDR);
  return object;
}

static void add_address(const struct nlmsghdr *message, void *data) {
  struct request_list *list = data;
  request_list_add(list, address_value(list->env, message));
}

/* addressList(netlink): every address of this namespace, or negative errno. */
static napi_value address_list(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct request_list list = {.env = env};
  struct ifaddrmsg all = {0};
  struct request request;
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || napi_create_array(env, &list.array) != napi_ok) return NULL;
  request_begin(&request, RTM_GETADDR, NLM_F_DUMP, &all, sizeof all);
  int error = request_dump(netlink, &request, add_address, request_list_forget, &list);
  return error ? number(env, error) : list.array;
}

EXPORTS({"addressAdd", address_add}, {"addressRemove", address_remove}, {"addressList", address_list})
