/* The data plane of one Eth-Trunk: its programs, and the hooks that run them. */
#include "addon.h"
#include "bpf.h"
#include "hooks.h"
#include "maps.h"
#include "netlink/nftables.h"
#include "netlink/plane-watch.h"
#include "netlink/request.h"
#include "trunk-bytecode.h"

#include <errno.h>
#include <linux/if_ether.h>
#include <linux/pkt_cls.h>
#include <linux/pkt_sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void plane_close_descriptors(struct plane *plane) {
  for (int at = 0; at < TRUNK_MAPS; at++) {
    if (plane->maps[at] >= 0) close(plane->maps[at]);
    plane->maps[at] = -1;
  }
  for (int at = 0; at < TRUNK_PROGRAMS; at++) {
    if (plane->programs[at] >= 0) close(plane->programs[at]);
    plane->programs[at] = -1;
  }
}

static void plane_free(struct plane *plane) {
  plane_close_descriptors(plane);
  free(plane->counters);
  free(plane);
}

static void plane_collected(napi_env env, void *data, void *hint) {
  (void)env, (void)hint;
  plane_free(data);
}

static int create_maps(struct plane *plane) {
  static const struct {
    enum bpf_map_type type;
    uint32_t value_size, entries;
    const char *name;
  } maps[TRUNK_MAPS] = {
      [MAP_TRUNKS] = {BPF_MAP_TYPE_ARRAY, sizeof(struct trunk), 1, "etrunkd_trunk"},
      [MAP_MEMBERS] = {BPF_MAP_TYPE_HASH, sizeof(struct member), TRUNK_SLOTS, "etrunkd_members"},
      [MAP_COUNTERS] = {BPF_MAP_TYPE_PERCPU_ARRAY, sizeof(struct counters), TRUNK_SLOTS, "etrunkd_counter"},
      [MAP_VLANS] = {BPF_MAP_TYPE_ARRAY, sizeof(uint32_t), TRUNK_VLANS, "etrunkd_vlans"},
  };
  for (int at = 0; at < TRUNK_MAPS; at++) {
    int map = bpf_map_create(maps[at].type, maps[at].value_size, maps[at].entries, maps[at].name);
    if (map < 0) return map;
    plane->maps[at] = map;
  }
  return 0;
}

/* Loads a program with the descriptors of this trunk's maps in it. */
static int load_program(struct plane *plane, uint32_t number, char *log, size_t log_size) {
  const struct program_code *program = &trunk_code[number];
  struct bpf_insn *code = malloc(program->length * sizeof *code);
  if (!code) return -ENOMEM;
  memcpy(code, program->code, program->length * sizeof *code);
  for (size_t at = 0; at < program->uses_length; at++) {
    struct bpf_insn *load = &code[program->uses[at].at];
    load->src_reg = BPF_PSEUDO_MAP_FD;
    load->imm = plane->maps[program->uses[at].map];
  }
  int loaded = bpf_program_load(program->name, code, program->length, NULL, 0);
  /* The second attempt is for the verifier's log. */
  if (loaded < 0) loaded = bpf_program_load(program->name, code, program->length, log, log_size);
  free(code);
  return loaded;
}

static int plane_load(struct plane *plane, char *log, size_t log_size) {
  memset(plane->maps, -1, sizeof plane->maps);
  memset(plane->programs, -1, sizeof plane->programs);
  plane->cpus = bpf_possible_cpus();
  plane->counters = calloc(plane->cpus, sizeof *plane->counters);
  if (!plane->counters) return -ENOMEM;
  int error = create_maps(plane);
  for (uint32_t at = 0; at < TRUNK_PROGRAMS && !error; at++) {
    int program = load_program(plane, at, log, log_size);
    if (program >= 0) plane->programs[at] = program;
    else error = program;
  }
  return error;
}

/* planeOpen(log): plane or negative errno. `log` gets the verifier's log when it refuses, ended by a 0. */
static napi_value plane_open(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  uint8_t *log;
  size_t log_size;
  if (!take_arguments(env, info, 1, arguments) || !take_bytes(env, arguments[0], "log", &log, &log_size)) return NULL;
  struct plane *plane = calloc(1, sizeof *plane);
  if (!plane) return number(env, -ENOMEM);
  int error = plane_load(plane, (char *)log, log_size);
  napi_value object = error ? NULL : owner_wrap(env, &plane->owner, &PLANE, plane_collected);
  if (object) return object;
  plane_free(plane);
  return error ? number(env, error) : NULL;
}

static napi_value plane_close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct plane *plane = plane_of(env, arguments[0]);
  if (plane) plane_close_descriptors(plane);
  return NULL;
}

/* Our filter of an interface; `direction` is TC_H_MIN_INGRESS or TC_H_MIN_EGRESS. */
static struct tcmsg filter_at(uint32_t ifindex, uint32_t direction) {
  return (struct tcmsg){.tcm_ifindex = (int)ifindex,
                        .tcm_handle = HOOK_HANDLE,
                        .tcm_parent = TC_H_MAKE(TC_H_CLSACT, direction),
                        .tcm_info = HOOK_PREFERENCE << 16 | __builtin_bswap16(ETH_P_ALL)};
}

/* Asks for, makes or removes the qdisc that holds the filters, be it clsact or the older ingress. */
static int ask_qdisc(struct netlink *netlink, uint32_t ifindex, uint16_t type, uint16_t flags) {
  struct request request;
  struct tcmsg where = {
      .tcm_ifindex = (int)ifindex, .tcm_handle = TC_H_MAKE(TC_H_CLSACT, 0), .tcm_parent = TC_H_CLSACT};
  request_begin(&request, type, NLM_F_ACK | flags, &where, sizeof where);
  if (type == RTM_NEWQDISC) request_add_text(&request, TCA_KIND, "clsact");
  return request_ask(netlink, &request, NULL, NULL);
}

struct hook {
  uint32_t ifindex, program, vlan;
  char name[64];
};

static int add_filter(struct netlink *netlink, const struct hook *hook, int program) {
  struct request request;
  struct tcmsg where =
      filter_at(hook->ifindex, hook->program == PROGRAM_KEEP ? TC_H_MIN_EGRESS : TC_H_MIN_INGRESS);
  /* The kernel replaces an existing filter at once: every frame sees the old or the new one. */
  request_begin(&request, RTM_NEWTFILTER, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, &where, sizeof where);
  request_add_text(&request, TCA_KIND, "bpf");
  struct rtattr *options = request_nest(&request, TCA_OPTIONS | NLA_F_NESTED, NULL, 0);
  request_add_u32(&request, TCA_BPF_FD, (uint32_t)program);
  request_add_text(&request, TCA_BPF_NAME, hook->name);
  if (hook->vlan != 0) request_add_u32(&request, TCA_BPF_CLASSID, hook->vlan);
  request_add_u32(&request, TCA_BPF_FLAGS, TCA_BPF_FLAG_ACT_DIRECT);
  request_nest_end(&request, options);
  return request_ask(netlink, &request, NULL, NULL);
}

/*
 * planeHook(plane, netlink, {ifindex, program, vlan, name}): runs it for frames that arrive at an interface (PROGRAM_KEEP: that
 * leave by it), in place of an earlier one of ours. Makes a clsact qdisc where there is none. `vlan` is for
 * PROGRAM_SEND_TAGGED, else 0. 0 or negative errno.
 */
static napi_value plane_hook(napi_env env, napi_callback_info info) {
  static const char *const names[] = {"ifindex", "program", "vlan", "name"};
  napi_value arguments[3], fields[4];
  struct hook hook;
  if (!take_arguments(env, info, 3, arguments) || !take_fields(env, arguments[2], "the hook", 4, names, fields))
    return NULL;
  struct plane *plane = plane_of(env, arguments[0]);
  struct netlink *netlink = plane ? netlink_of(env, arguments[1]) : NULL;
  if (!netlink || !take_index(env, fields[0], "ifindex", &hook.ifindex) ||
      !take_u32(env, fields[1], "program", 0, TRUNK_PROGRAMS - 1, &hook.program) ||
      !take_u32(env, fields[2], "vlan", 0, TRUNK_VLANS - 1, &hook.vlan) ||
      !take_text(env, fields[3], "name", hook.name, sizeof hook.name))
    return NULL;
  int error = ask_qdisc(netlink, hook.ifindex, RTM_NEWQDISC, NLM_F_CREATE | NLM_F_EXCL);
  if (error && error != -EEXIST) return number(env, error);
  return number(env, add_filter(netlink, &hook, plane->programs[hook.program]));
}

static int remove_filter(struct netlink *netlink, uint32_t ifindex, uint32_t direction) {
  struct request request;
  struct tcmsg where = filter_at(ifindex, direction);
  request_begin(&request, RTM_DELTFILTER, NLM_F_ACK, &where, sizeof where);
  request_add_text(&request, TCA_KIND, "bpf");
  return request_ask(netlink, &request, NULL, NULL);
}

static void count_filter(const struct nlmsghdr *message, void *count) {
  if (message->nlmsg_type == RTM_NEWTFILTER) ++*(uint32_t *)count;
}

static uint32_t filters_at(struct netlink *netlink, uint32_t ifindex, uint32_t direction) {
  struct request request;
  uint32_t count = 0;
  struct tcmsg where = {.tcm_ifindex = (int)ifindex, .tcm_parent = TC_H_MAKE(TC_H_CLSACT, direction)};
  request_begin(&request, RTM_GETTFILTER, NLM_F_DUMP, &where, sizeof where);
  return request_ask(netlink, &request, count_filter, &count) < 0 ? 1 : count;
}

/*
 * hookRemove(netlink, ifindex, qdisc): takes our filters away, and the clsact qdisc when `qdisc` is true and nobody else
 * uses it. 0 or negative errno, of the filter at ingress.
 */
static napi_value hook_remove(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  uint32_t ifindex;
  bool qdisc = false;
  if (!take_arguments(env, info, 3, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], "ifindex", &ifindex)) return NULL;
  napi_get_value_bool(env, arguments[2], &qdisc);
  remove_filter(netlink, ifindex, TC_H_MIN_EGRESS);
  int error = remove_filter(netlink, ifindex, TC_H_MIN_INGRESS);
  if (qdisc && filters_at(netlink, ifindex, TC_H_MIN_INGRESS) == 0 && filters_at(netlink, ifindex, TC_H_MIN_EGRESS) == 0)
    ask_qdisc(netlink, ifindex, RTM_DELQDISC, 0);
  return number(env, error);
}

/* hookQdisc(netlink, ifindex): whether the interface has a qdisc for filters at ingress. */
static napi_value hook_qdisc(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint32_t ifindex;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], "ifindex", &ifindex)) return NULL;
  return boolean(env, ask_qdisc(netlink, ifindex, RTM_GETQDISC, 0) == 0);
}

EXPORTS({"planeOpen", plane_open}, {"planeClose", plane_close}, {"planeSpread", plane_spread},
        {"planeMember", plane_member}, {"planeVlan", plane_vlan}, {"planeForget", plane_forget},
        {"planeCounters", plane_counters}, {"planeClear", plane_clear}, {"planeHook", plane_hook},
        {"planeStands", plane_stands}, {"planeMemberStands", plane_member_stands},
        {"hookRemove", hook_remove}, {"hookQdisc", hook_qdisc},
        {"planeWatchOpen", plane_watch_open}, {"planeWatchNext", plane_watch_next},
        {"planeWatchClose", plane_watch_close}, {"hookFilters", hook_filters}, {"hookTcx", hook_tcx},
        {"nftablesPrint", nftables_print})
