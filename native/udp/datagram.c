/* Datagrams to be sent as JavaScript passes them, and received ones as it is told of them. */
#include "datagram.h"

#include "arguments.h"

#include <string.h>

static bool take_numbers(napi_env env, napi_value value, size_t size, struct outgoing *out) {
  uint32_t *numbers;
  size_t count;
  if (!take_u32_array(env, value, "numbers", &numbers, &count)) return false;
  if (count < OUT_FIELDS) return refuse_range(env, "numbers must be eight");
  uint32_t start = numbers[OUT_START], length = numbers[OUT_LENGTH];
  if (start > size || length > size - start) return refuse_range(env, "start and length must lie inside bytes");
  if (numbers[OUT_PORT] > 65535 || numbers[OUT_SOURCE_PORT] > 65535) return refuse_range(env, "a port is beyond 65535");
  if (numbers[OUT_TTL] < 1 || numbers[OUT_TTL] > 255) return refuse_range(env, "ttl must be in 1..255");
  if (numbers[OUT_CLASS] > 255) return refuse_range(env, "trafficClass must be in 0..255");
  if (numbers[OUT_IFINDEX] > INT32_MAX) return refuse_range(env, "ifindex must be in 0..2147483647");
  out->bytes += start;
  out->length = length;
  out->target.port = (uint16_t)numbers[OUT_PORT];
  out->target.ttl = numbers[OUT_TTL];
  out->target.traffic_class = numbers[OUT_CLASS];
  out->target.ifindex = numbers[OUT_IFINDEX];
  out->source_port = (uint16_t)numbers[OUT_SOURCE_PORT];
  out->endpoint = numbers[OUT_ENDPOINT];
  return true;
}

bool take_outgoing(napi_env env, const napi_value *arguments, struct outgoing *out) {
  uint8_t *bytes;
  size_t size;
  if (!take_bytes(env, arguments[0], "bytes", &bytes, &size)) return false;
  out->bytes = bytes;
  return take_numbers(env, arguments[1], size, out) &&
         take_address(env, arguments[2], "source", &out->target.source) &&
         take_address(env, arguments[3], "destination", &out->target.destination);
}

static void write_address(uint32_t *words, const struct address *address) {
  for (int n = 0; n < 4; n++) {
    uint32_t word;
    memcpy(&word, address->octets + 4 * n, 4);
    words[n] = ntohl(word);
  }
}

void write_origin(uint32_t *row, size_t start, size_t length, const struct udp_origin *origin) {
  row[0] = (uint32_t)start;
  row[1] = (uint32_t)length;
  row[2] = origin->ttl;
  row[3] = origin->ifindex;
  row[4] = origin->source_port;
  write_address(row + 5, &origin->source);
  write_address(row + 9, &origin->destination);
}
