/* The sockets of the BFD pacer: one that hears and one that speaks for each port, family and VRF. */
#ifndef ETRUNKD_ENDPOINT_H
#define ETRUNKD_ENDPOINT_H

#include "udp/udp-socket.h"

#include <net/if.h>

/* The length field of a BFD packet is an octet, so a longer datagram is none. */
#define MOST_OCTETS 256

struct endpoint {
  /* -1: the place is free. */
  int receive, send;
  bool ipv4;
  uint16_t port;
  char device[IF_NAMESIZE];
};

/* 0 or negative errno; endpoint_close may be called either way. */
int endpoint_open(struct endpoint *endpoint);
void endpoint_close(struct endpoint *endpoint);
/* A datagram with a UDP header of its own, for the source port is the session's. 0 or negative errno. */
int endpoint_send(const struct endpoint *endpoint, const struct udp_target *target, uint16_t source_port,
                  const uint8_t *bytes, size_t length);

#endif
