/* What runs at the hooks of an interface, ours and other people's. */
#include "addon.h"
#include "bpf.h"
#include "hooks.h"
#include "netlink/request.h"

#include <errno.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <string.h>

struct filters {
  /* First, for request_list_forget. */
  struct request_list list;
};

static void read_options(const struct rtattr *options, char *name, size_t size, uint32_t *id) {
  const struct rtattr *at = RTA_DATA(options);
  int left = (int)RTA_PAYLOAD(options);
  for (; RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    if ((at->rta_type & NLA_TYPE_MASK) == TCA_BPF_NAME) attribute_text(name, size, at);
    if ((at->rta_type & NLA_TYPE_MASK) == TCA_BPF_ID) *id = attribute_u32(at);
  }
}

static void add_filter(const struct nlmsghdr *message, void *data) {
  struct filters *filters = data;
  const struct tcmsg *where = NLMSG_DATA(message);
  char kind[16] = "", name[64] = "";
  uint32_t id = 0, chain = 0;
  const struct rtattr *options = NULL;
  napi_env env = filters->list.env;
  napi_value object;
  if (message->nlmsg_type != RTM_NEWTFILTER || message->nlmsg_len < NLMSG_LENGTH(sizeof *where)) return;
  const struct rtattr *at = (const void *)((const uint8_t *)where + NLMSG_ALIGN(sizeof *where));
  int left = (int)(message->nlmsg_len - NLMSG_LENGTH(sizeof *where));
  for (; RTA_OK(at, left); at = RTA_NEXT(at, left)) {
    if (at->rta_type == TCA_KIND) attribute_text(kind, sizeof kind, at);
    if (at->rta_type == TCA_CHAIN) chain = attribute_u32(at);
    if ((at->rta_type & NLA_TYPE_MASK) == TCA_OPTIONS) options = at;
  }
  /* Handle 0 stands for all filters of a preference. A filter of another chain runs where one of this chain sends frames there. */
  if (where->tcm_handle == 0 || chain != 0) return;
  if (options && strcmp(kind, "bpf") == 0) read_options(options, name, sizeof name, &id);
  if (napi_create_object(env, &object) != napi_ok) return;
  set_number(env, object, "preference", where->tcm_info >> 16);
  set_boolean(env, object, "isOurs", where->tcm_info >> 16 == HOOK_PREFERENCE && where->tcm_handle == HOOK_HANDLE);
  set_text(env, object, "kind", kind);
  set_text(env, object, "name", name);
  set_number(env, object, "program", id);
  request_list_add(&filters->list, object);
}

/*
 * hookFilters(netlink, ifindex, ingress): the filters of the clsact qdisc at ingress or egress in the order in which they run, as
 * {preference, isOurs, kind, name, program}: name and program ID of kind `bpf` only. Or negative errno.
 */
napi_value hook_filters(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  uint32_t ifindex;
  bool ingress;
  struct filters filters = {.list = {.env = env}};
  struct request request;
  if (!take_arguments(env, info, 3, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], "ifindex", &ifindex) ||
      !take_boolean(env, arguments[2], "ingress", &ingress) || napi_create_array(env, &filters.list.array) != napi_ok)
    return NULL;
  struct tcmsg where = {.tcm_ifindex = (int)ifindex,
                        .tcm_parent = TC_H_MAKE(TC_H_CLSACT, ingress ? TC_H_MIN_INGRESS : TC_H_MIN_EGRESS)};
  request_begin(&request, RTM_GETTFILTER, NLM_F_DUMP, &where, sizeof where);
  int error = request_dump(netlink, &request, add_filter, request_list_forget, &filters);
  return error ? number(env, error) : filters.list.array;
}

/*
 * hookTcx(ifindex): the number of TCX programs at ingress, which run before every filter; 0 also where the kernel has none. Or negative
 * errno.
 */
napi_value hook_tcx(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  uint32_t ifindex;
  if (!take_arguments(env, info, 1, arguments) || !take_index(env, arguments[0], "ifindex", &ifindex)) return NULL;
  int count = bpf_tcx_count(ifindex);
  /* A kernel before 6.6 does not know the place. */
  return number(env, count == -EINVAL ? 0 : count);
}
