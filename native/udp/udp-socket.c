/* A UDP or raw socket: bound to an address and a port and, if wanted, to a device. */
#include "udp-socket.h"

#include <errno.h>
#include <linux/pkt_sched.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#define RECEIVE_SIZE (1 << 20)

static struct sockaddr_in ipv4_name(const struct address *address, uint16_t port) {
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
  memcpy(&name.sin_addr, address->octets + 12, sizeof name.sin_addr);
  return name;
}

static struct sockaddr_in6 ipv6_name(const struct address *address, uint16_t port, uint32_t scope) {
  struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_scope_id = scope};
  memcpy(&name.sin6_addr, address->octets, sizeof name.sin6_addr);
  return name;
}

static void set(int fd, int level, int option, int value) { setsockopt(fd, level, option, &value, sizeof value); }

int udp_socket(bool ipv4, int type, int protocol, const char *device) {
  int fd = socket(ipv4 ? AF_INET : AF_INET6, type | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
  if (fd < 0) return -errno;
  if (device[0] != '\0' && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, (socklen_t)strlen(device)) != 0) {
    int error = -errno;
    close(fd);
    return error;
  }
  /* Beyond net.core.rmem_max only with CAP_NET_ADMIN; less room is no failure. */
  int size = RECEIVE_SIZE;
  if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &size, sizeof size) != 0) set(fd, SOL_SOCKET, SO_RCVBUF, size);
  /* What protocols say of themselves passes a congested interface before data. */
  set(fd, SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL);
  if (ipv4) {
    set(fd, IPPROTO_IP, IP_PKTINFO, 1);
    set(fd, IPPROTO_IP, IP_RECVTTL, 1);
    /* Never DF: a datagram too long for a link on its way is fragmented. */
    set(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
    /* Datagrams to groups of this socket only, and none it sent itself. */
    set(fd, IPPROTO_IP, IP_MULTICAST_ALL, 0);
    set(fd, IPPROTO_IP, IP_MULTICAST_LOOP, 0);
  } else {
    set(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
    set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    set(fd, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
    set(fd, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DONT);
    set(fd, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0);
    set(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0);
  }
  return fd;
}

int udp_bind(int fd, const struct address *address, uint16_t port) {
  struct sockaddr_in ipv4 = ipv4_name(address, port);
  struct sockaddr_in6 ipv6 = ipv6_name(address, port, 0);
  bool is_ipv4 = address_is_ipv4(address);
  const struct sockaddr *name = is_ipv4 ? (struct sockaddr *)&ipv4 : (struct sockaddr *)&ipv6;
  return bind(fd, name, is_ipv4 ? sizeof ipv4 : sizeof ipv6) == 0 ? 0 : -errno;
}

int udp_join(int fd, const struct address *group, uint32_t ifindex, bool join) {
  if (address_is_ipv4(group)) {
    struct ip_mreqn request = {.imr_ifindex = (int)ifindex};
    memcpy(&request.imr_multiaddr, group->octets + 12, sizeof request.imr_multiaddr);
    int option = join ? IP_ADD_MEMBERSHIP : IP_DROP_MEMBERSHIP;
    return setsockopt(fd, IPPROTO_IP, option, &request, sizeof request) == 0 ? 0 : -errno;
  }
  struct ipv6_mreq request = {.ipv6mr_interface = ifindex};
  memcpy(&request.ipv6mr_multiaddr, group->octets, sizeof request.ipv6mr_multiaddr);
  int option = join ? IPV6_ADD_MEMBERSHIP : IPV6_DROP_MEMBERSHIP;
  return setsockopt(fd, IPPROTO_IPV6, option, &request, sizeof request) == 0 ? 0 : -errno;
}

static uint32_t count_of(int fd, int which) {
  uint32_t counts[SK_MEMINFO_VARS] = {0};
  socklen_t size = sizeof counts;
  return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, counts, &size) == 0 ? counts[which] : 0;
}

uint32_t udp_dropped(int fd) { return count_of(fd, SK_MEMINFO_DROPS); }

uint32_t udp_waiting(int fd) { return count_of(fd, SK_MEMINFO_RMEM_ALLOC); }

int udp_receive(int fd, struct udp_batch *batch, uint8_t *bytes, size_t slot, unsigned count) {
  for (unsigned n = 0; n < count; n++) {
    batch->pieces[n] = (struct iovec){.iov_base = bytes + n * slot, .iov_len = slot};
    batch->messages[n].msg_hdr = (struct msghdr){.msg_name = &batch->names[n],
                                                 .msg_namelen = sizeof batch->names[n],
                                                 .msg_iov = &batch->pieces[n],
                                                 .msg_iovlen = 1,
                                                 .msg_control = batch->control[n],
                                                 .msg_controllen = sizeof batch->control[n]};
  }
  int got = recvmmsg(fd, batch->messages, count, MSG_DONTWAIT | MSG_TRUNC, NULL);
  if (got >= 0) return got;
  /* An ICMP error of something sent earlier says nothing of what waits. */
  return errno == EAGAIN || errno == EINTR ? 0 : -errno;
}

void udp_origin(const struct udp_batch *batch, int n, struct udp_origin *origin) {
  struct msghdr *header = (struct msghdr *)&batch->messages[n].msg_hdr;
  const struct sockaddr_in6 *ipv6 = &batch->names[n];
  const struct sockaddr_in *ipv4 = (const void *)ipv6;
  memset(origin, 0, sizeof *origin);
  if (ipv6->sin6_family == AF_INET) {
    address_set_ipv4(&origin->source, &ipv4->sin_addr);
    origin->source_port = ntohs(ipv4->sin_port);
  } else {
    memcpy(origin->source.octets, &ipv6->sin6_addr, 16);
    origin->source_port = ntohs(ipv6->sin6_port);
  }
  for (struct cmsghdr *at = CMSG_FIRSTHDR(header); at; at = CMSG_NXTHDR(header, at)) {
    if (at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo info;
      memcpy(&info, CMSG_DATA(at), sizeof info);
      address_set_ipv4(&origin->destination, &info.ipi_addr);
      origin->ifindex = (uint32_t)info.ipi_ifindex;
    } else if (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_PKTINFO) {
      struct in6_pktinfo info;
      memcpy(&info, CMSG_DATA(at), sizeof info);
      memcpy(origin->destination.octets, &info.ipi6_addr, 16);
      origin->ifindex = info.ipi6_ifindex;
    } else if ((at->cmsg_level == IPPROTO_IP && at->cmsg_type == IP_TTL) ||
               (at->cmsg_level == IPPROTO_IPV6 && at->cmsg_type == IPV6_HOPLIMIT)) {
      int ttl;
      memcpy(&ttl, CMSG_DATA(at), sizeof ttl);
      origin->ttl = (uint32_t)ttl;
    }
  }
}

static struct cmsghdr *attach(struct msghdr *header, struct cmsghdr *at, int level, int type, const void *data, size_t size) {
  at->cmsg_level = level;
  at->cmsg_type = type;
  at->cmsg_len = CMSG_LEN(size);
  memcpy(CMSG_DATA(at), data, size);
  return CMSG_NXTHDR(header, at);
}

/*
 * Of IPv4 the traffic class is an option of the socket: the kernel would derive the priority of a datagram with a control
 * message IP_TOS from that, and CS6 from it is best effort. The option does the same to the socket's priority.
 */
static int set_tos(int fd, int tos) {
  int now = 0;
  socklen_t size = sizeof now;
  if (getsockopt(fd, IPPROTO_IP, IP_TOS, &now, &size) == 0 && now == tos) return 0;
  if (setsockopt(fd, IPPROTO_IP, IP_TOS, &tos, sizeof tos) != 0) return -errno;
  set(fd, SOL_SOCKET, SO_PRIORITY, TC_PRIO_CONTROL);
  return 0;
}

int udp_send(int fd, const void *bytes, size_t length, const struct udp_target *target) {
  bool is_ipv4 = address_is_ipv4(&target->destination);
  bool link_local = !is_ipv4 && target->destination.octets[0] == 0xfe && (target->destination.octets[1] & 0xc0) == 0x80;
  struct sockaddr_in ipv4 = ipv4_name(&target->destination, target->port);
  struct sockaddr_in6 ipv6 = ipv6_name(&target->destination, target->port, link_local ? target->ifindex : 0);
  struct iovec piece = {.iov_base = (void *)bytes, .iov_len = length};
  _Alignas(struct cmsghdr) uint8_t control[128] = {0};
  struct msghdr header = {.msg_name = is_ipv4 ? (void *)&ipv4 : (void *)&ipv6,
                          .msg_namelen = is_ipv4 ? sizeof ipv4 : sizeof ipv6,
                          .msg_iov = &piece,
                          .msg_iovlen = 1,
                          .msg_control = control,
                          .msg_controllen = sizeof control};
  int ttl = (int)target->ttl, traffic_class = (int)target->traffic_class;
  struct cmsghdr *at = CMSG_FIRSTHDR(&header);
  if (is_ipv4) {
    struct in_pktinfo info = {.ipi_ifindex = (int)target->ifindex};
    memcpy(&info.ipi_spec_dst, target->source.octets + 12, sizeof info.ipi_spec_dst);
    at = attach(&header, at, IPPROTO_IP, IP_TTL, &ttl, sizeof ttl);
    at = attach(&header, at, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    header.msg_controllen = CMSG_SPACE(sizeof ttl) + CMSG_SPACE(sizeof info);
    int error = set_tos(fd, traffic_class);
    if (error) return error;
  } else {
    struct in6_pktinfo info = {.ipi6_ifindex = target->ifindex};
    memcpy(&info.ipi6_addr, target->source.octets, sizeof info.ipi6_addr);
    at = attach(&header, at, IPPROTO_IPV6, IPV6_HOPLIMIT, &ttl, sizeof ttl);
    at = attach(&header, at, IPPROTO_IPV6, IPV6_TCLASS, &traffic_class, sizeof traffic_class);
    at = attach(&header, at, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    header.msg_controllen = 2 * CMSG_SPACE(sizeof ttl) + CMSG_SPACE(sizeof info);
  }
  for (;;) {
    if (sendmsg(fd, &header, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return 0;
    if (errno != EINTR) return -errno;
  }
}
