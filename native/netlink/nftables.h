/* What nftables holds in a table, and what it tells. */
#ifndef ETRUNKD_NFTABLES_H
#define ETRUNKD_NFTABLES_H

#include <linux/rtnetlink.h>
#include <node_api.h>
#include <stdint.h>

/* An attribute of a message of nftables; NULL where it has none. */
const struct rtattr *nftables_attribute(const struct nlmsghdr *message, uint16_t type);
/* Exported by bpf/plane.c. */
napi_value nftables_print(napi_env env, napi_callback_info info);

#endif
