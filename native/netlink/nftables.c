/* What nftables holds in a table of family netdev, as one short text: another text, and somebody changed it. */
#include "addon.h"
#include "netlink.h"
#include "nftables.h"
#include "request.h"

#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <string.h>

/* Of messages in their order, and of map elements, whose order means nothing. */
struct sums {
  uint64_t ordered, summed;
};

struct print {
  const char *table;
  struct sums now;
  /* What it was before the dump that is under way. */
  struct sums before;
};

/* FNV-1a. */
static uint64_t hash(uint64_t value, const void *data, size_t length) {
  const uint8_t *octets = data;
  for (size_t at = 0; at < length; at++) value = (value ^ octets[at]) * 0x100000001b3u;
  return value;
}

#define HASH_BEGIN 0xcbf29ce484222325u

/* The attributes behind the head, which holds the number of the generation. */
static const struct rtattr *attributes(const struct nlmsghdr *message, int *left) {
  const uint8_t *head = NLMSG_DATA(message);
  *left = (int)message->nlmsg_len - (int)NLMSG_LENGTH(sizeof(struct nfgenmsg));
  return (const void *)(head + NLMSG_ALIGN(sizeof(struct nfgenmsg)));
}

const struct rtattr *nftables_attribute(const struct nlmsghdr *message, uint16_t type) {
  int left;
  for (const struct rtattr *at = attributes(message, &left); RTA_OK(at, left); at = RTA_NEXT(at, left))
    if ((at->rta_type & NLA_TYPE_MASK) == type) return at;
  return NULL;
}

/* Tables, chains and rules name their table in the first attribute; some dumps hold those of other tables too. */
static void add_object(const struct nlmsghdr *message, void *data) {
  struct print *print = data;
  int left;
  const struct rtattr *table = nftables_attribute(message, NFTA_TABLE_NAME), *first = attributes(message, &left);
  if (!table || RTA_PAYLOAD(table) != strlen(print->table) + 1 || strcmp(RTA_DATA(table), print->table) != 0) return;
  if (left > 0) print->now.ordered = hash(print->now.ordered, first, (size_t)left);
}

static void add_elements(const struct nlmsghdr *message, void *data) {
  struct print *print = data;
  const struct rtattr *list = nftables_attribute(message, NFTA_SET_ELEM_LIST_ELEMENTS);
  if (!list) return;
  int left = (int)RTA_PAYLOAD(list);
  for (const struct rtattr *at = RTA_DATA(list); RTA_OK(at, left); at = RTA_NEXT(at, left))
    print->now.summed += hash(HASH_BEGIN, RTA_DATA(at), RTA_PAYLOAD(at));
}

static void begin(struct request *request, uint16_t type, uint16_t flags, const char *table) {
  struct nfgenmsg head = {.nfgen_family = NFPROTO_NETDEV, .version = NFNETLINK_V0};
  request_begin(request, (uint16_t)(NFNL_SUBSYS_NFTABLES << 8 | type), flags, &head, sizeof head);
  request_add_text(request, NFTA_TABLE_NAME, table);
}

static void forget(void *data) {
  struct print *print = data;
  print->now = print->before;
}

static int dump(struct netlink *netlink, struct request *request, void (*each)(const struct nlmsghdr *, void *),
                struct print *print) {
  print->before = print->now;
  return request_dump(netlink, request, each, forget, print);
}

static int read_table(struct netlink *netlink, struct print *print, const char *map) {
  struct request request;
  begin(&request, NFT_MSG_GETTABLE, NLM_F_ACK, print->table);
  int error = request_ask(netlink, &request, add_object, print);
  if (error) return error;
  begin(&request, NFT_MSG_GETCHAIN, NLM_F_DUMP, print->table);
  error = dump(netlink, &request, add_object, print);
  if (error) return error;
  begin(&request, NFT_MSG_GETRULE, NLM_F_DUMP, print->table);
  error = dump(netlink, &request, add_object, print);
  if (error) return error;
  begin(&request, NFT_MSG_GETSETELEM, NLM_F_DUMP, print->table);
  request_add_text(&request, NFTA_SET_ELEM_LIST_SET, map);
  return dump(netlink, &request, add_elements, print);
}

/* nftablesPrint(table, map): what the table holds, with the elements of one map, in one short text; or negative errno. */
napi_value nftables_print(napi_env env, napi_callback_info info) {
  napi_value arguments[2], value;
  char table[64], map[64], text[40];
  static struct netlink netlink;
  if (!take_arguments(env, info, 2, arguments) || !take_text(env, arguments[0], "table", table, sizeof table) ||
      !take_text(env, arguments[1], "map", map, sizeof map))
    return NULL;
  struct print print = {.table = table, .now = {.ordered = HASH_BEGIN}};
  int error = netlink_open_netfilter(&netlink, 0);
  if (!error) error = read_table(&netlink, &print, map);
  netlink_close(&netlink);
  if (error) return number(env, error);
  snprintf(text, sizeof text, "%016llx%016llx", (unsigned long long)print.now.ordered,
           (unsigned long long)print.now.summed);
  return napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value) == napi_ok ? value : NULL;
}
