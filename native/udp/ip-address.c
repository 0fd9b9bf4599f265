/* IP addresses of 16 octets. */
#include "ip-address.h"

#include "arguments.h"

#include <string.h>

static const uint8_t MAPPED[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

bool address_is_ipv4(const struct address *address) { return memcmp(address->octets, MAPPED, sizeof MAPPED) == 0; }

bool address_is_any(const struct address *address) {
  static const uint8_t zero[16];
  return memcmp(address->octets, zero, 16) == 0 ||
         (address_is_ipv4(address) && memcmp(address->octets + 12, zero, 4) == 0);
}

bool address_is_group(const struct address *address) {
  return address_is_ipv4(address) ? (address->octets[12] & 0xf0) == 0xe0 : address->octets[0] == 0xff;
}

bool address_equal(const struct address *one, const struct address *other) {
  return memcmp(one->octets, other->octets, sizeof one->octets) == 0;
}

void address_set_ipv4(struct address *address, const void *octets) {
  memcpy(address->octets, MAPPED, sizeof MAPPED);
  memcpy(address->octets + 12, octets, 4);
}

bool take_address(napi_env env, napi_value value, const char *what, struct address *out) {
  uint8_t *octets;
  size_t length;
  if (!take_bytes(env, value, what, &octets, &length)) return false;
  if (length != sizeof out->octets) return refuse_range(env, "an address must have 16 octets, IPv4 as v4-mapped");
  memcpy(out->octets, octets, length);
  return true;
}
