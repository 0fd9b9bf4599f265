/*
 * AF_PACKET receive ring, TPACKET_V2: the kernel writes frames into slots that JavaScript reads through one external
 * ArrayBuffer. See README.md for who owns which memory.
 */
#include "addon.h"
#include "socket-filter.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel cuts a frame to its slot. (libpcap makes slots as long as the longest GSO frame, so fewer fit.) */
#define LEAST_SLOT_SIZE 256u
#define BLOCK_SIZE 65536u
#define MOST_SLOTS 65536u

/* One row of the meta array: offset, captured length, original length, ifindex, VLAN ID or NO_VLAN, packet type. */
#define META_FIELDS 6u
#define NO_VLAN 0xffffffffu

/*
 * The mapped slots. Two hold them: the ring, and the ArrayBuffer's backing store, which outlives the ring when JavaScript
 * moved it elsewhere (ArrayBuffer.prototype.transfer).
 */
struct map {
  size_t size;
  uint8_t *slots;
  int holders;
};

struct ring {
  struct handle handle;
  napi_ref buffer;
  int fd;
  struct map *map;
  /* The slots of the map; NULL after closing. */
  uint8_t *slots;
  uint32_t slot_size;
  uint32_t slot_count;
  /* The first slot that was not looked at yet. */
  uint32_t next;
  /* Slots before `next` that JavaScript still reads. */
  uint32_t claimed;
  double dropped;
};

static const napi_type_tag RING = {0x6574726e6b640001, 0x72696e6700000000};

static struct tpacket2_hdr *slot_at(const struct ring *ring, uint32_t slot) {
  return (struct tpacket2_hdr *)(ring->slots + (size_t)slot * ring->slot_size);
}

static void give_back(struct ring *ring) {
  uint32_t slot = (ring->next + ring->slot_count - ring->claimed) % ring->slot_count;
  for (; ring->claimed > 0; ring->claimed--) {
    __atomic_store_n(&slot_at(ring, slot)->tp_status, TP_STATUS_KERNEL, __ATOMIC_RELEASE);
    slot = (slot + 1) % ring->slot_count;
  }
}

static uint32_t vlan_of(const struct tpacket2_hdr *header) {
  if (!(header->tp_status & TP_STATUS_VLAN_VALID)) return NO_VLAN;
  uint32_t id = header->tp_vlan_tci & 0xfff;
  /* 802.1Q 6.9: a priority tag (ID 0) puts the frame into no VLAN. */
  return id == 0 ? NO_VLAN : id;
}

/* Describes a slot's frame; false for a slot JavaScript must not get. JavaScript can write to the map, so it is not trusted. */
static bool describe(const struct ring *ring, uint32_t slot, uint32_t *row) {
  const struct tpacket2_hdr *header = slot_at(ring, slot);
  const struct sockaddr_ll *from = (const void *)((const uint8_t *)header + TPACKET_ALIGN(sizeof *header));
  uint32_t start = header->tp_mac;
  uint32_t captured = header->tp_snaplen;
  if (start > ring->slot_size || captured > ring->slot_size - start) return false;
  /* Kernels before 4.20 know no PACKET_IGNORE_OUTGOING. */
  if (from->sll_pkttype == PACKET_OUTGOING) return false;
  row[0] = slot * ring->slot_size + start;
  row[1] = captured;
  row[2] = header->tp_len;
  row[3] = (uint32_t)from->sll_ifindex;
  row[4] = vlan_of(header);
  row[5] = from->sll_pkttype;
  return true;
}

static uint32_t claim(struct ring *ring, uint32_t *meta, uint32_t most) {
  uint32_t rows = 0;
  while (rows < most && ring->claimed < ring->slot_count) {
    uint32_t status = __atomic_load_n(&slot_at(ring, ring->next)->tp_status, __ATOMIC_ACQUIRE);
    if (!(status & TP_STATUS_USER)) break;
    if (describe(ring, ring->next, meta + rows * META_FIELDS)) rows++;
    ring->next = (ring->next + 1) % ring->slot_count;
    ring->claimed++;
  }
  return rows;
}

static void count_drops(struct ring *ring) {
  struct tpacket_stats statistics;
  socklen_t size = sizeof statistics;
  /* Reading resets the kernel's counter. */
  if (getsockopt(ring->fd, SOL_PACKET, PACKET_STATISTICS, &statistics, &size) == 0)
    ring->dropped += statistics.tp_drops;
}

/* The interface went down (ENETDOWN), which ends nothing: reading the error clears it. */
static void on_failed(struct handle *handle) {
  struct ring *ring = (struct ring *)handle;
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(ring->fd, SOL_SOCKET, SO_ERROR, &error, &size);
}

static struct map *map_slots(int fd, size_t size) {
  struct map *map = calloc(1, sizeof *map);
  if (!map) return NULL;
  void *slots = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (slots == MAP_FAILED) {
    free(map);
    return NULL;
  }
  *map = (struct map){.size = size, .slots = slots, .holders = 1};
  return map;
}

static void leave_map(struct map *map) {
  if (--map->holders > 0) return;
  munmap(map->slots, map->size);
  free(map);
}

/* The map keeps the socket alive and receiving. While a backing store still points to it, empty memory takes its place. */
static void abandon_map(struct map *map) {
  if (map->holders > 1)
    mmap(map->slots, map->size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
  leave_map(map);
}

static void on_buffer_gone(napi_env env, void *data, void *hint) {
  (void)env, (void)data;
  leave_map(hint);
}

static void ring_release(struct handle *handle, bool ending) {
  struct ring *ring = (struct ring *)handle;
  napi_handle_scope scope;
  napi_value buffer;
  /* Detached first, so that the buffer is empty for JavaScript from now on. */
  if (ring->buffer && !ending && napi_open_handle_scope(handle->env, &scope) == napi_ok) {
    if (napi_get_reference_value(handle->env, ring->buffer, &buffer) == napi_ok)
      napi_detach_arraybuffer(handle->env, buffer);
    napi_close_handle_scope(handle->env, scope);
  }
  if (ring->buffer) napi_delete_reference(handle->env, ring->buffer);
  ring->buffer = NULL;
  if (ring->map) abandon_map(ring->map);
  ring->map = NULL;
  ring->slots = NULL;
  if (ring->fd >= 0) close(ring->fd);
  ring->fd = -1;
}

static int set_option(int fd, int level, int option, const void *value, socklen_t size) {
  return setsockopt(fd, level, option, value, size) == 0 ? 0 : -errno;
}

/* Order matters: filter and ring are in place before bind opens the tap, so no frame comes in past them. */
static int ring_start(struct ring *ring, uint16_t protocol, int ifindex, struct socket_filter *filter) {
  int version = TPACKET_V2;
  int one = 1;
  struct tpacket_req request = {.tp_block_size = BLOCK_SIZE,
                                .tp_block_nr = ring->slot_count / (BLOCK_SIZE / ring->slot_size),
                                .tp_frame_size = ring->slot_size,
                                .tp_frame_nr = ring->slot_count};
  struct sockaddr_ll address = {
      .sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = ifindex};
  /* Protocol 0: a socket that receives nothing yet. */
  ring->fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (ring->fd < 0) return -errno;
  int error = attach_filter(ring->fd, filter);
  if (!error) error = set_option(ring->fd, SOL_PACKET, PACKET_VERSION, &version, sizeof version);
  if (!error) error = set_option(ring->fd, SOL_PACKET, PACKET_RX_RING, &request, sizeof request);
  if (error) return error;
  set_option(ring->fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
  ring->map = map_slots(ring->fd, (size_t)ring->slot_count * ring->slot_size);
  if (!ring->map) return -ENOMEM;
  ring->slots = ring->map->slots;
  return bind(ring->fd, (struct sockaddr *)&address, sizeof address) == 0 ? 0 : -errno;
}

/* The JavaScript objects of a ring that is receiving. Takes over `ring`, also on failure. */
static napi_value ring_publish(napi_env env, struct ring *ring, napi_value readable) {
  napi_value object, buffer;
  napi_valuetype type;
  object = handle_open(env, &ring->handle, &RING, ring->fd, readable);
  if (!object || napi_typeof(env, object, &type) != napi_ok || type != napi_object) return object;
  ring->map->holders++;
  napi_status made =
      napi_create_external_arraybuffer(env, ring->slots, ring->map->size, on_buffer_gone, ring->map, &buffer);
  if (made != napi_ok) ring->map->holders--;
  if (made != napi_ok || napi_create_reference(env, buffer, 1, &ring->buffer) != napi_ok ||
      napi_set_named_property(env, object, "buffer", buffer) != napi_ok) {
    handle_close(&ring->handle, false);
    napi_throw_error(env, NULL, "cannot make the ring's ArrayBuffer");
    return NULL;
  }
  return object;
}

/* A ring without a socket yet; NULL without memory. */
static struct ring *new_ring(uint32_t slot_size, uint32_t slots) {
  struct ring *ring = calloc(1, sizeof *ring);
  if (!ring) return NULL;
  uint32_t per_block = BLOCK_SIZE / slot_size;
  ring->fd = -1;
  ring->slot_size = slot_size;
  ring->slot_count = (slots + per_block - 1) / per_block * per_block;
  ring->handle.release = ring_release;
  ring->handle.failed = on_failed;
  return ring;
}

/*
 * ringOpen({protocol, ifindex, slotSize, slots, filter}, readable): ring or negative errno. Interface 0 is every interface;
 * the filter may be undefined. The size of a slot is a power of two; a few dozen octets of it are the kernel's. The number
 * of slots is rounded up to whole blocks.
 */
static napi_value ring_open(napi_env env, napi_callback_info info) {
  static const char *const names[] = {"protocol", "ifindex", "slotSize", "slots", "filter"};
  napi_value arguments[2], fields[5];
  uint32_t protocol, ifindex, slot_size, slots;
  struct socket_filter filter;
  if (!take_arguments(env, info, 2, arguments) || !take_fields(env, arguments[0], "the ring", 5, names, fields) ||
      !take_u32(env, fields[0], "protocol", 1, 0xffff, &protocol) ||
      !take_u32(env, fields[1], "ifindex", 0, INT32_MAX, &ifindex) ||
      !take_u32(env, fields[2], "slotSize", LEAST_SLOT_SIZE, BLOCK_SIZE, &slot_size) ||
      !take_u32(env, fields[3], "slots", 1, MOST_SLOTS, &slots) || !take_function(env, arguments[1], "readable"))
    return NULL;
  if ((slot_size & (slot_size - 1)) != 0) {
    refuse_range(env, "slotSize must be a power of two");
    return NULL;
  }
  if (!take_filter(env, fields[4], &filter)) return NULL;
  struct ring *ring = new_ring(slot_size, slots);
  if (!ring) return number(env, -ENOMEM);
  int error = ring_start(ring, (uint16_t)protocol, (int)ifindex, &filter);
  if (!error) return ring_publish(env, ring, arguments[1]);
  ring_release(&ring->handle, true);
  free(ring);
  return number(env, error);
}

/*
 * ringNext(ring, meta, most): gives the slots of the last batch back to the kernel and describes up to `most` frames
 * that wait, oldest first, one row of six numbers each. Returns their count; 0 when none waits.
 */
static napi_value ring_next(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  uint32_t *meta, most;
  size_t length;
  if (!take_arguments(env, info, 3, arguments)) return NULL;
  struct ring *ring = owner_of(env, arguments[0], &RING);
  if (!ring || !take_u32_array(env, arguments[1], "meta", &meta, &length) ||
      !take_u32(env, arguments[2], "most", 0, MOST_SLOTS, &most))
    return NULL;
  if (!ring->handle.open) return number(env, -EBADF);
  give_back(ring);
  if (most > length / META_FIELDS) most = (uint32_t)(length / META_FIELDS);
  return number(env, claim(ring, meta, most));
}

/* ringFilter(ring, filter): takes the place of the one before, or of none. 0 or negative errno. */
static napi_value ring_filter(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct socket_filter filter;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct ring *ring = owner_of(env, arguments[0], &RING);
  if (!ring || !take_filter(env, arguments[1], &filter)) return NULL;
  return number(env, ring->handle.open ? attach_filter(ring->fd, &filter) : -EBADF);
}

/* ringMember(ring, ifindex, group, join): asks an interface to let a multicast group in. 0 or negative errno. */
static napi_value ring_member(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  uint32_t ifindex;
  uint8_t group[ETH_ALEN];
  bool join;
  if (!take_arguments(env, info, 4, arguments)) return NULL;
  struct ring *ring = owner_of(env, arguments[0], &RING);
  if (!ring || !take_index(env, arguments[1], "ifindex", &ifindex) || !take_mac(env, arguments[2], "group", group) ||
      !take_boolean(env, arguments[3], "join", &join))
    return NULL;
  if (!ring->handle.open) return number(env, -EBADF);
  struct packet_mreq request = {.mr_ifindex = (int)ifindex, .mr_type = PACKET_MR_MULTICAST, .mr_alen = ETH_ALEN};
  memcpy(request.mr_address, group, sizeof group);
  int option = join ? PACKET_ADD_MEMBERSHIP : PACKET_DROP_MEMBERSHIP;
  return number(env, set_option(ring->fd, SOL_PACKET, option, &request, sizeof request));
}

/* ringDropped(ring): frames the kernel dropped since the ring was opened, because no slot was free. */
static napi_value ring_dropped(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct ring *ring = owner_of(env, arguments[0], &RING);
  if (!ring) return NULL;
  if (ring->handle.open) count_drops(ring);
  return number(env, ring->dropped);
}

/* ringClose(ring): its buffer becomes empty. */
static napi_value ring_close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct ring *ring = owner_of(env, arguments[0], &RING);
  if (ring && ring->handle.open) {
    count_drops(ring);
    handle_close(&ring->handle, false);
  }
  return NULL;
}

/* A tally: a packet socket that nobody reads, with room for a few frames only, so that the kernel counts them. */
struct tally {
  struct owner owner;
  int fd;
};

static const napi_type_tag TALLY = {0x6574726e6b640012, 0x74616c6c79000000};

static void tally_collected(napi_env env, void *data, void *hint) {
  struct tally *tally = data;
  (void)env, (void)hint;
  if (tally->fd >= 0) close(tally->fd);
  free(tally);
}

static int tally_socket(uint16_t protocol, uint32_t ifindex) {
  struct sockaddr_ll address = {
      .sll_family = AF_PACKET, .sll_protocol = htons(protocol), .sll_ifindex = (int)ifindex};
  int one = 1, least = 0;
  int fd = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0) return -errno;
  setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &least, sizeof least);
  if (bind(fd, (struct sockaddr *)&address, sizeof address) == 0) return fd;
  int error = -errno;
  close(fd);
  return error;
}

/* tallyOpen(protocol, ifindex): a tally that counts from now on, or negative errno. */
static napi_value tally_open(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint32_t protocol, ifindex;
  if (!take_arguments(env, info, 2, arguments) || !take_u32(env, arguments[0], "protocol", 1, 0xffff, &protocol) ||
      !take_index(env, arguments[1], "ifindex", &ifindex))
    return NULL;
  int fd = tally_socket((uint16_t)protocol, ifindex);
  if (fd < 0) return number(env, fd);
  struct tally *tally = calloc(1, sizeof *tally);
  if (tally) {
    tally->fd = fd;
    napi_value object = owner_wrap(env, &tally->owner, &TALLY, tally_collected);
    if (object) return object;
  }
  close(fd);
  free(tally);
  return tally ? NULL : number(env, -ENOMEM);
}

/* tallyClose(tally): frames that came since it was opened; 0 of one that is closed. */
static napi_value tally_close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct tpacket_stats statistics = {0};
  socklen_t size = sizeof statistics;
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct tally *tally = owner_of(env, arguments[0], &TALLY);
  if (!tally) return NULL;
  /* The kernel counts those it dropped among the packets. */
  if (tally->fd >= 0) {
    getsockopt(tally->fd, SOL_PACKET, PACKET_STATISTICS, &statistics, &size);
    close(tally->fd);
  }
  tally->fd = -1;
  return number(env, statistics.tp_packets);
}

EXPORTS({"ringOpen", ring_open}, {"ringNext", ring_next}, {"ringFilter", ring_filter}, {"ringMember", ring_member},
        {"ringDropped", ring_dropped}, {"ringClose", ring_close}, {"tallyOpen", tally_open}, {"tallyClose", tally_close})
