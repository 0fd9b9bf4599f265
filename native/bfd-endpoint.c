/* The sockets of the BFD pacer: one that hears and one that speaks for each port, family and VRF. */
#include "bfd-pacer.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

/* A checksum at this octet of the datagram is made by the kernel (RFC 3542, 3.1). */
#define CHECKSUM_AT 6

static const struct address ANY_IPV4 = {.octets = {[10] = 0xff, [11] = 0xff}}, ANY_IPV6 = {{0}};

void endpoint_close(struct endpoint *endpoint) {
  if (endpoint->receive >= 0) close(endpoint->receive);
  if (endpoint->send >= 0) close(endpoint->send);
  endpoint->receive = endpoint->send = -1;
}

void pacer_nudge(struct pacer *pacer) {
  uint64_t one = 1;
  /* EAGAIN: it is nudged already. */
  while (write(pacer->control, &one, sizeof one) < 0 && errno == EINTR) continue;
}

static uint32_t sum(uint32_t total, const void *data, size_t length) {
  const uint8_t *octets = data;
  for (size_t at = 0; at + 1 < length; at += 2) total += (uint32_t)octets[at] << 8 | octets[at + 1];
  return length & 1 ? total + ((uint32_t)octets[length - 1] << 8) : total;
}

/* RFC 768. Without a source address it cannot be made, and 0 says that there is none. */
static uint16_t ipv4_checksum(const struct udp_target *target, const uint8_t *datagram, size_t length) {
  if (address_is_any(&target->source)) return 0;
  uint32_t total = sum(sum(IPPROTO_UDP + (uint32_t)length, target->source.octets + 12, 4),
                       target->destination.octets + 12, 4);
  total = sum(total, datagram, length);
  while (total >> 16) total = (total & 0xffff) + (total >> 16);
  return total == 0xffff ? 0xffff : (uint16_t)~total;
}

int endpoint_send(const struct endpoint *endpoint, const struct udp_target *target, uint16_t source_port,
                  const uint8_t *bytes, size_t length) {
  uint8_t datagram[sizeof(struct udphdr) + MOST_OCTETS];
  if (length > MOST_OCTETS) return -EMSGSIZE;
  struct udp_target to = *target;
  struct udphdr header = {.source = htons(source_port),
                          .dest = htons(target->port),
                          .len = htons((uint16_t)(sizeof header + length))};
  memcpy(datagram, &header, sizeof header);
  memcpy(datagram + sizeof header, bytes, length);
  length += sizeof header;
  /* Over IPv6 the kernel does it (IPV6_CHECKSUM). */
  header.check = endpoint->ipv4 ? htons(ipv4_checksum(target, datagram, length)) : 0;
  memcpy(datagram, &header, sizeof header);
  /* The name of a raw socket's peer has no port. */
  to.port = 0;
  return udp_send(endpoint->send, datagram, length, &to);
}

/* A raw socket that hears nothing: each session has a source port of its own (RFC 5881 4), and no socket needs one each. */
static int open_sender(bool ipv4, const char *device) {
  static struct sock_filter nothing = {.code = BPF_RET | BPF_K, .k = 0};
  struct sock_fprog filter = {.len = 1, .filter = &nothing};
  int at = CHECKSUM_AT, fd = udp_socket(ipv4, SOCK_RAW, IPPROTO_UDP, device);
  if (fd < 0) return fd;
  if (setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &filter, sizeof filter) == 0 &&
      (ipv4 || setsockopt(fd, IPPROTO_IPV6, IPV6_CHECKSUM, &at, sizeof at) == 0))
    return fd;
  int error = -errno;
  close(fd);
  return error;
}

static int open_endpoint(struct endpoint *endpoint) {
  endpoint->receive = udp_socket(endpoint->ipv4, SOCK_DGRAM, 0, endpoint->device);
  if (endpoint->receive < 0) return endpoint->receive;
  int error = udp_bind(endpoint->receive, endpoint->ipv4 ? &ANY_IPV4 : &ANY_IPV6, endpoint->port);
  if (error) return error;
  endpoint->send = open_sender(endpoint->ipv4, endpoint->device);
  return endpoint->send < 0 ? endpoint->send : 0;
}

/* pacerListen(pacer, port, ipv4, device): the endpoint's number or negative errno. */
static napi_value pacer_listen(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  struct endpoint endpoint = {.receive = -1, .send = -1};
  uint32_t port;
  if (!take_arguments(env, info, 4, arguments)) return NULL;
  struct pacer *pacer = pacer_of(env, arguments[0]);
  if (!pacer || !take_u32(env, arguments[1], "port", 1, 65535, &port)) return NULL;
  if (napi_get_value_bool(env, arguments[2], &endpoint.ipv4) != napi_ok) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "ipv4 must be a boolean");
    return NULL;
  }
  if (!take_text(env, arguments[3], "device", endpoint.device, sizeof endpoint.device)) return NULL;
  if (!pacer->handle.open) return number(env, -EBADF);
  endpoint.port = (uint16_t)port;
  int error = open_endpoint(&endpoint), at = 0;
  pthread_mutex_lock(&pacer->lock);
  while (at < MOST_ENDPOINTS && pacer->endpoints[at].receive >= 0) at++;
  if (!error && at == MOST_ENDPOINTS) error = -EMFILE;
  if (!error) pacer->endpoints[at] = endpoint;
  pthread_mutex_unlock(&pacer->lock);
  if (error) endpoint_close(&endpoint);
  pacer_nudge(pacer);
  return number(env, error ? error : at);
}

struct endpoint *endpoint_of(struct pacer *pacer, uint32_t at) {
  return pacer->handle.open && at < MOST_ENDPOINTS && pacer->endpoints[at].receive >= 0 ? &pacer->endpoints[at] : NULL;
}

/* pacerUnlisten(pacer, endpoint). */
static napi_value pacer_unlisten(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint32_t at;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct pacer *pacer = pacer_of(env, arguments[0]);
  if (!pacer || !take_u32(env, arguments[1], "endpoint", 0, MOST_ENDPOINTS - 1, &at)) return NULL;
  pthread_mutex_lock(&pacer->lock);
  struct endpoint *endpoint = endpoint_of(pacer, at);
  if (endpoint) endpoint_close(endpoint);
  pthread_mutex_unlock(&pacer->lock);
  if (pacer->handle.open) pacer_nudge(pacer);
  return NULL;
}

/* pacerJoin(pacer, endpoint, group, ifindex, join): 0 or negative errno. */
static napi_value pacer_join(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  struct address group;
  uint32_t at, ifindex;
  bool join;
  if (!take_arguments(env, info, 5, arguments)) return NULL;
  struct pacer *pacer = pacer_of(env, arguments[0]);
  if (!pacer || !take_u32(env, arguments[1], "endpoint", 0, MOST_ENDPOINTS - 1, &at) ||
      !take_address(env, arguments[2], "group", &group) ||
      !take_u32(env, arguments[3], "ifindex", 0, INT32_MAX, &ifindex))
    return NULL;
  if (napi_get_value_bool(env, arguments[4], &join) != napi_ok) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "join must be a boolean");
    return NULL;
  }
  pthread_mutex_lock(&pacer->lock);
  struct endpoint *endpoint = endpoint_of(pacer, at);
  int error = endpoint && endpoint->ipv4 == address_is_ipv4(&group) ? udp_join(endpoint->receive, &group, ifindex, join)
                                                                    : -EBADF;
  pthread_mutex_unlock(&pacer->lock);
  return number(env, error);
}

/* pacerSend(pacer, bytes, start, length, numbers, source, destination): of the numbers only those of an endpoint, ports,
   TTL, class and interface count. 0 or negative errno. */
static napi_value pacer_send_one(napi_env env, napi_callback_info info) {
  napi_value arguments[7];
  double numbers[IFINDEX + 1];
  uint8_t *bytes;
  size_t size;
  uint32_t start, length;
  struct udp_target target = {0};
  if (!take_arguments(env, info, 7, arguments)) return NULL;
  struct pacer *pacer = pacer_of(env, arguments[0]);
  if (!pacer || !take_bytes(env, arguments[1], "bytes", &bytes, &size) ||
      !take_u32(env, arguments[2], "start", 0, UINT32_MAX, &start) ||
      !take_u32(env, arguments[3], "length", 0, UINT32_MAX, &length) ||
      !take_numbers(env, arguments[4], IFINDEX + 1, numbers) ||
      !take_address(env, arguments[5], "source", &target.source) ||
      !take_address(env, arguments[6], "destination", &target.destination))
    return NULL;
  if (start > size || length > size - start) {
    napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "start and length must lie inside bytes");
    return NULL;
  }
  target.port = (uint16_t)numbers[PORT];
  target.ttl = (uint32_t)numbers[TTL];
  target.traffic_class = (uint32_t)numbers[CLASS];
  target.ifindex = (uint32_t)numbers[IFINDEX];
  pthread_mutex_lock(&pacer->lock);
  struct endpoint *endpoint = endpoint_of(pacer, (uint32_t)numbers[ENDPOINT]);
  int error = endpoint && endpoint->ipv4 == address_is_ipv4(&target.destination)
                  ? endpoint_send(endpoint, &target, (uint16_t)numbers[SOURCE_PORT], bytes + start, length)
                  : -EBADF;
  if (error) pacer->send_errors++;
  pthread_mutex_unlock(&pacer->lock);
  return number(env, error);
}

const struct export endpoint_exports[] = {{"pacerListen", pacer_listen},
                                          {"pacerUnlisten", pacer_unlisten},
                                          {"pacerJoin", pacer_join},
                                          {"pacerSend", pacer_send_one},
                                          {NULL, NULL}};
