/* The datagrams of BFD: heard by a UDP socket, sent by a raw one. */
#include "endpoint.h"

#include <errno.h>
#include <linux/filter.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

/* The kernel computes the checksum at this octet of the datagram (RFC 3542 3.1). */
#define CHECKSUM_AT 6

static const struct address ANY_IPV4 = {.octets = {[10] = 0xff, [11] = 0xff}}, ANY_IPV6 = {{0}};

void endpoint_close(struct endpoint *endpoint) {
  if (endpoint->receive >= 0) close(endpoint->receive);
  if (endpoint->send >= 0) close(endpoint->send);
  endpoint->receive = endpoint->send = -1;
}

static uint32_t sum(uint32_t total, const void *data, size_t length) {
  const uint8_t *octets = data;
  for (size_t at = 0; at + 1 < length; at += 2) total += (uint32_t)octets[at] << 8 | octets[at + 1];
  return length & 1 ? total + ((uint32_t)octets[length - 1] << 8) : total;
}

/* The checksum of RFC 768. Without a source address it is unknown, and 0 says so. */
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
  /* Over IPv6 the kernel computes it (IPV6_CHECKSUM). */
  header.check = endpoint->ipv4 ? htons(ipv4_checksum(target, datagram, length)) : 0;
  memcpy(datagram, &header, sizeof header);
  /* The name of a raw socket's peer has no port. */
  to.port = 0;
  return udp_send(endpoint->send, datagram, length, &to);
}

/* A raw socket that hears nothing. It sends for all sessions, each with a source port of its own (RFC 5881 4). */
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

int endpoint_open(struct endpoint *endpoint) {
  endpoint->receive = udp_socket(endpoint->ipv4, SOCK_DGRAM, 0, endpoint->device);
  if (endpoint->receive < 0) return endpoint->receive;
  int error = udp_bind(endpoint->receive, endpoint->ipv4 ? &ANY_IPV4 : &ANY_IPV6, endpoint->port);
  if (error) return error;
  endpoint->send = open_sender(endpoint->ipv4, endpoint->device);
  return endpoint->send < 0 ? endpoint->send : 0;
}
