/* UDP datagrams with what a protocol must know of them: TTL, interface, both addresses. */
#ifndef ETRUNKD_UDP_SOCKET_H
#define ETRUNKD_UDP_SOCKET_H

#include "ip-address.h"

#include <netinet/in.h>
#include <stddef.h>
#include <sys/socket.h>

/* Datagrams read by one system call. */
#define UDP_BATCH 32

/* The origin of a received datagram. */
struct udp_origin {
  struct address source, destination;
  uint16_t source_port;
  uint32_t ttl;
  uint32_t ifindex;
};

/* The target of a datagram to be sent. An unspecified source and interface 0 are the kernel's choice. */
struct udp_target {
  struct address source, destination;
  uint16_t port;
  uint32_t ttl, traffic_class, ifindex;
};

/* A socket whose datagrams come with all of struct udp_origin. `type` and `protocol` as of socket(2). The descriptor or negative errno. */
int udp_socket(bool ipv4, int type, int protocol, const char *device);
int udp_bind(int fd, const struct address *address, uint16_t port);
/* A group is joined on one interface, or left. 0 or negative errno. */
int udp_join(int fd, const struct address *group, uint32_t ifindex, bool join);
/* Datagrams the kernel dropped for want of room, or by the filter of the socket. */
uint32_t udp_dropped(int fd);
/* Octets of memory that datagrams take which were not read yet. */
uint32_t udp_waiting(int fd);

struct udp_batch {
  struct mmsghdr messages[UDP_BATCH];
  struct iovec pieces[UDP_BATCH];
  struct sockaddr_in6 names[UDP_BATCH];
  _Alignas(struct cmsghdr) uint8_t control[UDP_BATCH][128];
};

/*
 * Reads up to `count` datagrams, each into its slot of `bytes`. How many came, 0 when none waits, or negative errno.
 * For a datagram longer than its slot messages[n].msg_len is the true length.
 */
int udp_receive(int fd, struct udp_batch *batch, uint8_t *bytes, size_t slot, unsigned count);
void udp_origin(const struct udp_batch *batch, int n, struct udp_origin *origin);

/* 0 or negative errno. */
int udp_send(int fd, const void *bytes, size_t length, const struct udp_target *target);

#endif
