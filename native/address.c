/* The addresses of interfaces. Those etrunkd adds bear a mark (IFA_PROTO), by which it knows them again. */
#include "request.h"

#include <linux/if_addr.h>
#include <string.h>

/* linux/if_addr.h of Linux 5.18 */
#define IFA_PROTO 11

static napi_value ask_address(napi_env env, napi_callback_info info, uint16_t type, uint16_t flags) {
  napi_value arguments[6];
  struct ifaddrmsg address = {.ifa_scope = RT_SCOPE_UNIVERSE};
  uint32_t ifindex, length, how, mark;
  uint8_t *octets, proto;
  struct request request;
  if (!take_arguments(env, info, 6, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_u32(env, arguments[1], "ifindex", 1, INT32_MAX, &ifindex) ||
      !take_ip(env, arguments[2], "address", &octets, &address.ifa_family) ||
      !take_u32(env, arguments[3], "length", 0, (uint32_t)ip_size(address.ifa_family) * 8, &length) ||
      !take_u32(env, arguments[4], "flags", 0, UINT32_MAX, &how) || !take_u32(env, arguments[5], "mark", 0, 255, &mark))
    return NULL;
  address.ifa_index = ifindex;
  address.ifa_prefixlen = (uint8_t)length;
  proto = (uint8_t)mark;
  request_begin(&request, type, NLM_F_ACK | flags, &address, sizeof address);
  request_add(&request, IFA_LOCAL, octets, ip_size(address.ifa_family));
  request_add(&request, IFA_ADDRESS, octets, ip_size(address.ifa_family));
  if (type == RTM_NEWADDR) {
    request_add_u32(&request, IFA_FLAGS, how);
    request_add(&request, IFA_PROTO, &proto, sizeof proto);
  }
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

/* addressAdd(netlink, ifindex, address, length, flags, mark): 0 or negative errno. */
static napi_value address_add(napi_env env, napi_callback_info info) {
  return ask_address(env, info, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL);
}

/* addressRemove(netlink, ifindex, address, length, 0, 0): 0 or negative errno. */
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
    /* The own address of a pair is IFA_LOCAL; IPv6 has it only then. */
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

const struct export address_exports[] = {{"addressAdd", address_add},
                                         {"addressRemove", address_remove},
                                         {"addressList", address_list},
                                         {NULL, NULL}};
