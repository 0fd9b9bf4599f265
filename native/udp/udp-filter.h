/* The filter of a UDP socket. */
#ifndef ETRUNKD_UDP_FILTER_H
#define ETRUNKD_UDP_FILTER_H

#include "ip-address.h"

#include <stddef.h>

/* Takes datagrams from these addresses only, of the socket's family; none: from anybody. 0 or negative errno. */
int udp_admit(int fd, const struct address *from, size_t count);

#endif
