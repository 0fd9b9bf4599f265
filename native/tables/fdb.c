/* A bridge's forwarding database and the neighbours known over it: emptied and probed, as a Flush asks. */
#include "addon.h"
#include "netlink/request.h"

#include <errno.h>
#include <linux/neighbour.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

/* linux/netlink.h and linux/neighbour.h of Linux 5.19. */
#define BULK 0x200
#define STATE_MASK 16
#define FLAGS_MASK 17
#define VLANS 4096
/* Octets of the longest batch, which rtnetlink takes as one datagram. */
#define BATCH_SIZE 32768u

#define STATIC_STATES (NUD_NOARP | NUD_PERMANENT)
#define CONFIRMED_STATES (NUD_REACHABLE | NUD_STALE | NUD_DELAY)

/* Entries found in a dump, kept until it ends, for a socket carries one request at a time. */
struct entry {
  uint8_t family, address_length;
  uint8_t mac[6];
  uint8_t address[16];
  uint16_t vlan;
  uint8_t flags;
};

struct entries {
  struct entry *all;
  size_t count, room;
  bool full;
  /* The interface and the VLANs that are looked for. */
  uint32_t ifindex;
  const uint8_t *vlans;
};

static struct entry *append(struct entries *entries) {
  if (entries->count == entries->room) {
    size_t room = entries->room == 0 ? 256 : 2 * entries->room;
    struct entry *all = realloc(entries->all, room * sizeof *all);
    entries->full = entries->full || !all;
    if (!all) return NULL;
    entries->all = all;
    entries->room = room;
  }
  struct entry *entry = &entries->all[entries->count++];
  memset(entry, 0, sizeof *entry);
  return entry;
}

/* The attributes of an RTM_NEWNEIGH by type, those below `count`. */
static const struct ndmsg *read_neighbour(const struct nlmsghdr *message, const struct rtattr **by_type, size_t count) {
  const struct ndmsg *about = NLMSG_DATA(message);
  if (message->nlmsg_type != RTM_NEWNEIGH || message->nlmsg_len < NLMSG_LENGTH(sizeof *about)) return NULL;
  memset(by_type, 0, count * sizeof *by_type);
  const struct rtattr *at = (const void *)((const uint8_t *)about + NLMSG_ALIGN(sizeof *about));
  int left = (int)(message->nlmsg_len - NLMSG_LENGTH(sizeof *about));
  for (; RTA_OK(at, left); at = RTA_NEXT(at, left))
    if (at->rta_type < count) by_type[at->rta_type] = at;
  return about;
}

static bool is_wanted_vlan(const uint8_t *vlans, uint16_t vlan) {
  return !vlans || (vlan < VLANS && (vlans[vlan >> 3] & (0x80 >> (vlan & 7))) != 0);
}

/* A dynamic entry of the bridge: neither static, nor the bridge's own, nor externally learned. */
static void take_forwarding(const struct nlmsghdr *message, void *data) {
  struct entries *entries = data;
  const struct rtattr *by_type[NDA_MASTER + 1];
  const struct ndmsg *about = read_neighbour(message, by_type, NDA_MASTER + 1);
  if (!about || about->ndm_family != AF_BRIDGE || (uint32_t)about->ndm_ifindex != entries->ifindex) return;
  if ((about->ndm_state & STATIC_STATES) || (about->ndm_flags & NTF_EXT_LEARNED) || !by_type[NDA_MASTER]) return;
  if (!by_type[NDA_LLADDR] || RTA_PAYLOAD(by_type[NDA_LLADDR]) != 6) return;
  uint16_t vlan = 0;
  if (by_type[NDA_VLAN] && RTA_PAYLOAD(by_type[NDA_VLAN]) >= sizeof vlan)
    memcpy(&vlan, RTA_DATA(by_type[NDA_VLAN]), sizeof vlan);
  if (!is_wanted_vlan(entries->vlans, vlan)) return;
  struct entry *entry = append(entries);
  if (!entry) return;
  entry->vlan = vlan;
  memcpy(entry->mac, RTA_DATA(by_type[NDA_LLADDR]), 6);
}

/* An ARP or ND entry that is in use and was learned from the neighbour itself. */
static void take_neighbour(const struct nlmsghdr *message, void *data) {
  struct entries *entries = data;
  const struct rtattr *by_type[NDA_LLADDR + 1];
  const struct ndmsg *about = read_neighbour(message, by_type, NDA_LLADDR + 1);
  if (!about || (uint32_t)about->ndm_ifindex != entries->ifindex) return;
  if (!(about->ndm_state & CONFIRMED_STATES) || (about->ndm_flags & (NTF_EXT_LEARNED | NTF_PROXY))) return;
  const struct rtattr *address = by_type[NDA_DST], *mac = by_type[NDA_LLADDR];
  if (!address || !mac || RTA_PAYLOAD(address) > 16 || RTA_PAYLOAD(mac) != 6) return;
  struct entry *entry = append(entries);
  if (!entry) return;
  entry->family = about->ndm_family;
  /* Without this flag the kernel would no longer take the neighbour for a router. */
  entry->flags = about->ndm_flags & NTF_ROUTER;
  entry->address_length = (uint8_t)RTA_PAYLOAD(address);
  memcpy(entry->address, RTA_DATA(address), entry->address_length);
  memcpy(entry->mac, RTA_DATA(mac), 6);
}

/* Many requests in one datagram, the last of them acknowledged. */
struct batch {
  uint8_t bytes[BATCH_SIZE];
  size_t length;
  struct nlmsghdr *last;
};

static int batch_send(struct netlink *netlink, struct batch *batch) {
  const struct nlmsghdr *message;
  int error = 0;
  if (batch->length == 0) return 0;
  batch->last->nlmsg_flags |= NLM_F_ACK;
  netlink->have = netlink->at = 0;
  ssize_t sent = send(netlink->fd, batch->bytes, batch->length, 0);
  uint32_t first = ((const struct nlmsghdr *)batch->bytes)->nlmsg_seq, last = batch->last->nlmsg_seq;
  batch->length = 0;
  if (sent < 0) return -errno;
  /* An entry that is gone (ENOENT) is no failure; any other error counts, also of a request in the middle. */
  int first_error = 0;
  while ((message = netlink_next(netlink, &error))) {
    if (message->nlmsg_type != NLMSG_ERROR || message->nlmsg_seq - first > last - first) continue;
    int answer = request_error(message);
    if (answer != 0 && answer != -ENOENT && first_error == 0) first_error = answer;
    if (message->nlmsg_seq == last) return first_error;
  }
  return error;
}

static int batch_add(struct netlink *netlink, struct batch *batch, struct request *request) {
  size_t length = NLMSG_ALIGN(request->header.nlmsg_len);
  if (batch->length + length > BATCH_SIZE) {
    int error = batch_send(netlink, batch);
    if (error) return error;
  }
  request->header.nlmsg_seq = ++netlink->sequence;
  batch->last = (struct nlmsghdr *)(batch->bytes + batch->length);
  memcpy(batch->last, request, request->header.nlmsg_len);
  batch->length += length;
  return 0;
}

/*
 * fdbFlush(netlink, bridge, port, vlan): dynamic entries of a port, of one VLAN or for 0 of all, in one request. 0 or
 * negative errno; EINVAL or EOPNOTSUPP from a kernel before 5.19.
 */
static napi_value fdb_flush(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  uint32_t bridge, port, vlan;
  struct request request;
  if (!take_arguments(env, info, 4, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], "bridge", &bridge) || !take_index(env, arguments[2], "port", &port) ||
      !take_u32(env, arguments[3], "vlan", 0, VLANS - 1, &vlan))
    return NULL;
  struct ndmsg which = {.ndm_family = AF_BRIDGE, .ndm_ifindex = (int)bridge, .ndm_flags = NTF_SELF};
  uint16_t states = STATIC_STATES, id = (uint16_t)vlan;
  uint8_t flags = NTF_EXT_LEARNED;
  request_begin(&request, RTM_DELNEIGH, NLM_F_ACK | BULK, &which, sizeof which);
  request_add_u32(&request, NDA_IFINDEX, port);
  /* None of these states, none of these flags. */
  request_add(&request, STATE_MASK, &states, sizeof states);
  request_add(&request, FLAGS_MASK, &flags, sizeof flags);
  if (vlan != 0) request_add(&request, NDA_VLAN, &id, sizeof id);
  return number(env, request_ask(netlink, &request, NULL, NULL));
}

/* Finds a port's dynamic entries. */
static int find_forwarding(struct netlink *netlink, uint32_t bridge, struct entries *entries) {
  struct request request;
  struct ifinfomsg which = {.ifi_family = AF_BRIDGE, .ifi_index = (int)entries->ifindex};
  request_begin(&request, RTM_GETNEIGH, NLM_F_DUMP, &which, sizeof which);
  request_add_u32(&request, IFLA_MASTER, bridge);
  return request_ask(netlink, &request, take_forwarding, entries);
}

static int delete_forwarding(struct netlink *netlink, const struct entries *entries, struct batch *batch) {
  struct request request;
  int error = 0;
  for (size_t at = 0; at < entries->count && !error; at++) {
    const struct entry *entry = &entries->all[at];
    struct ndmsg which = {.ndm_family = AF_BRIDGE, .ndm_ifindex = (int)entries->ifindex, .ndm_flags = NTF_MASTER};
    request_begin(&request, RTM_DELNEIGH, 0, &which, sizeof which);
    request_add(&request, NDA_LLADDR, entry->mac, 6);
    if (entry->vlan != 0) request_add(&request, NDA_VLAN, &entry->vlan, sizeof entry->vlan);
    error = batch_add(netlink, batch, &request);
  }
  return error ? error : batch_send(netlink, batch);
}

/*
 * fdbSweep(netlink, bridge, port, vlans or undefined): the same one by one, for any set of VLANs (512 octets, VLAN v is
 * octet v >> 3, bit 0x80 >> (v & 7)) and any kernel. How many, or negative errno.
 */
static napi_value fdb_sweep(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  uint32_t bridge;
  uint8_t *vlans = NULL;
  size_t length = VLANS / 8;
  struct entries entries = {0};
  if (!take_arguments(env, info, 4, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], "bridge", &bridge) ||
      !take_index(env, arguments[2], "port", &entries.ifindex) ||
      (!is_undefined(env, arguments[3]) && !take_bytes(env, arguments[3], "vlans", &vlans, &length)))
    return NULL;
  if (length != VLANS / 8) {
    refuse_range(env, "vlans must have 512 octets");
    return NULL;
  }
  struct batch *batch = calloc(1, sizeof *batch);
  entries.vlans = vlans;
  int error = batch ? find_forwarding(netlink, bridge, &entries) : -ENOMEM;
  if (!error && entries.full) error = -ENOMEM;
  if (!error) error = delete_forwarding(netlink, &entries, batch);
  free(batch);
  free(entries.all);
  return number(env, error ? error : (double)entries.count);
}

static int find_neighbours(struct netlink *netlink, uint8_t family, struct entries *entries) {
  struct request request;
  struct ndmsg which = {.ndm_family = family};
  request_begin(&request, RTM_GETNEIGH, NLM_F_DUMP, &which, sizeof which);
  request_add_u32(&request, NDA_IFINDEX, entries->ifindex);
  return request_ask(netlink, &request, take_neighbour, entries);
}

static int probe_neighbours(struct netlink *netlink, const struct entries *entries, uint32_t most, struct batch *batch) {
  struct request request;
  int error = 0;
  for (size_t at = 0; at < entries->count && !error; at++) {
    const struct entry *entry = &entries->all[at];
    struct ndmsg which = {.ndm_family = entry->family,
                          .ndm_ifindex = (int)entries->ifindex,
                          .ndm_state = at < most ? NUD_PROBE : NUD_STALE,
                          .ndm_flags = entry->flags};
    request_begin(&request, RTM_NEWNEIGH, NLM_F_REPLACE, &which, sizeof which);
    request_add(&request, NDA_DST, entry->address, entry->address_length);
    request_add(&request, NDA_LLADDR, entry->mac, 6);
    error = batch_add(netlink, batch, &request);
  }
  return error ? error : batch_send(netlink, batch);
}

/*
 * neighbourProbe(netlink, ifindex, most): asks the neighbours of an interface whether they are still there, at most so
 * many now and the others when they are used next. Meanwhile they stay. How many, or negative errno.
 */
static napi_value neighbour_probe(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  uint32_t most;
  struct entries entries = {0};
  if (!take_arguments(env, info, 3, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], "ifindex", &entries.ifindex) ||
      !take_u32(env, arguments[2], "most", 0, UINT32_MAX, &most))
    return NULL;
  struct batch *batch = calloc(1, sizeof *batch);
  int error = batch ? find_neighbours(netlink, AF_INET, &entries) : -ENOMEM;
  if (!error) error = find_neighbours(netlink, AF_INET6, &entries);
  if (!error && entries.full) error = -ENOMEM;
  if (!error) error = probe_neighbours(netlink, &entries, most, batch);
  free(batch);
  free(entries.all);
  return number(env, error ? error : (double)entries.count);
}

/* The attribute of a type inside another one; NULL when it is not there. */
static const struct rtattr *inside(const struct rtattr *outer, uint16_t type) {
  if (!outer) return NULL;
  const struct rtattr *at = RTA_DATA(outer);
  int left = (int)RTA_PAYLOAD(outer);
  for (; RTA_OK(at, left); at = RTA_NEXT(at, left))
    if (at->rta_type == type) return at;
  return NULL;
}

static const struct rtattr *link_attribute(const struct nlmsghdr *message, uint16_t type) {
  const struct ifinfomsg *about = NLMSG_DATA(message);
  if (message->nlmsg_type != RTM_NEWLINK || message->nlmsg_len < NLMSG_LENGTH(sizeof *about)) return NULL;
  int left = (int)IFLA_PAYLOAD(message);
  for (const struct rtattr *at = IFLA_RTA(about); RTA_OK(at, left); at = RTA_NEXT(at, left))
    if (at->rta_type == type) return at;
  return NULL;
}

/* VLAN devices on top of an interface: rows of ifindex and VLAN. */
struct vlan_devices {
  uint32_t lower;
  uint32_t *rows;
  size_t count, most;
};

static void forget_vlan_devices(void *data) { ((struct vlan_devices *)data)->count = 0; }

static void take_vlan_device(const struct nlmsghdr *message, void *data) {
  struct vlan_devices *found = data;
  const struct rtattr *lower = link_attribute(message, IFLA_LINK);
  const struct rtattr *about = link_attribute(message, IFLA_LINKINFO);
  const struct rtattr *kind = inside(about, IFLA_INFO_KIND);
  const struct rtattr *id = inside(inside(about, IFLA_INFO_DATA), IFLA_VLAN_ID);
  uint32_t below;
  uint16_t vlan;
  if (!lower || !kind || !id || RTA_PAYLOAD(lower) < sizeof below || RTA_PAYLOAD(id) < sizeof vlan) return;
  memcpy(&below, RTA_DATA(lower), sizeof below);
  memcpy(&vlan, RTA_DATA(id), sizeof vlan);
  /* A kernel without 8021q does not know the kind and dumps every link. */
  if (below != found->lower || RTA_PAYLOAD(kind) < 4 || memcmp(RTA_DATA(kind), "vlan", 4) != 0) return;
  if (found->count < found->most) {
    found->rows[2 * found->count] = (uint32_t)((const struct ifinfomsg *)NLMSG_DATA(message))->ifi_index;
    found->rows[2 * found->count + 1] = vlan;
  }
  found->count++;
}

/* vlanDevices(netlink, ifindex, rows): writes ifindex and VLAN of each VLAN device on an interface. How many there are. */
static napi_value vlan_devices(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  struct vlan_devices found = {0};
  size_t length;
  struct ifinfomsg none = {0};
  struct request request;
  if (!take_arguments(env, info, 3, arguments)) return NULL;
  struct netlink *netlink = netlink_of(env, arguments[0]);
  if (!netlink || !take_index(env, arguments[1], "ifindex", &found.lower) ||
      !take_u32_array(env, arguments[2], "rows", &found.rows, &length))
    return NULL;
  found.most = length / 2;
  request_begin(&request, RTM_GETLINK, NLM_F_DUMP, &none, sizeof none);
  struct rtattr *link = request_nest(&request, IFLA_LINKINFO, NULL, 0);
  request_add_text(&request, IFLA_INFO_KIND, "vlan");
  request_nest_end(&request, link);
  int error = request_dump(netlink, &request, take_vlan_device, forget_vlan_devices, &found);
  return number(env, error ? error : (double)found.count);
}

EXPORTS({"fdbFlush", fdb_flush}, {"fdbSweep", fdb_sweep}, {"neighbourProbe", neighbour_probe}, {"vlanDevices", vlan_devices})
