/* A datagram between JavaScript and C: how one to be sent is passed, and how one that came is described. */
#ifndef ETRUNKD_DATAGRAM_H
#define ETRUNKD_DATAGRAM_H

#include "udp-socket.h"

/* The numbers of a datagram to be sent, a Uint32Array; the last two are for the BFD pacer, which has many sockets. */
enum { OUT_START, OUT_LENGTH, OUT_PORT, OUT_TTL, OUT_CLASS, OUT_IFINDEX, OUT_SOURCE_PORT, OUT_ENDPOINT, OUT_FIELDS };

struct outgoing {
  const uint8_t *bytes;
  size_t length;
  struct udp_target target;
  uint16_t source_port;
  uint32_t endpoint;
};

/* Four arguments: bytes, numbers, source, destination. Else a pending error and false. */
bool take_outgoing(napi_env env, const napi_value *arguments, struct outgoing *out);

/* Columns of a row: start, length, TTL, interface index, source port, source and destination of 4 words each. */
#define ORIGIN_FIELDS 13u
void write_origin(uint32_t *row, size_t start, size_t length, const struct udp_origin *origin);

#endif
