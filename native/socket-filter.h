/* A filter of a socket: classic BPF that JavaScript has assembled. */
#ifndef ETRUNKD_SOCKET_FILTER_H
#define ETRUNKD_SOCKET_FILTER_H

#include "arguments.h"

#include <linux/filter.h>

struct socket_filter {
  unsigned short length;
  struct sock_filter steps[BPF_MAXINSNS];
};

/* A Uint32Array of code, jt, jf and k of each instruction, at most 4,096; undefined: none. As the checks of arguments.h. */
bool take_filter(napi_env env, napi_value value, struct socket_filter *filter);
/* Takes the place of the filter before; one of no instructions lets everything in. 0 or negative errno. */
int attach_filter(int fd, struct socket_filter *filter);

#endif
