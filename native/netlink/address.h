/* An address of an interface as rtnetlink tells it. */
#ifndef ETRUNKD_ADDRESS_H
#define ETRUNKD_ADDRESS_H

#include "netlink.h"

/* The JavaScript object of an address; NULL for any other message. */
napi_value address_value(napi_env env, const struct nlmsghdr *message);

#endif
