/* An IP address in the form of the core. */
#ifndef ETRUNKD_IP_ADDRESS_H
#define ETRUNKD_IP_ADDRESS_H

#include <node_api.h>
#include <stdbool.h>
#include <stdint.h>

/* 16 octets; IPv4 as v4-mapped (RFC 4291 2.5.5.2). */
struct address {
  uint8_t octets[16];
};

bool address_is_ipv4(const struct address *address);
/* The unspecified address, 0.0.0.0 or ::. */
bool address_is_any(const struct address *address);
bool address_is_group(const struct address *address);
bool address_equal(const struct address *one, const struct address *other);
/* An IPv4 address of 4 octets in a row. */
void address_set_ipv4(struct address *address, const void *octets);
/* 16 octets of a Uint8Array or DataView; else a pending error and false. */
bool take_address(napi_env env, napi_value value, const char *what, struct address *out);

#endif
