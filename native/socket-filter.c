#include "socket-filter.h"

#include <errno.h>
#include <sys/socket.h>

#define FIELDS 4u

bool take_filter(napi_env env, napi_value value, struct socket_filter *filter) {
  uint32_t *words;
  size_t count;
  filter->length = 0;
  if (is_undefined(env, value)) return true;
  if (!take_u32_array(env, value, "the filter", &words, &count)) return false;
  if (count == 0 || count % FIELDS != 0 || count / FIELDS > BPF_MAXINSNS)
    return refuse_range(env, "the filter must be 1 to 4096 instructions of four numbers");
  for (size_t at = 0; at < count; at += FIELDS)
    filter->steps[filter->length++] =
        (struct sock_filter){(uint16_t)words[at], (uint8_t)words[at + 1], (uint8_t)words[at + 2], words[at + 3]};
  return true;
}

int attach_filter(int fd, struct socket_filter *filter) {
  int unused = 0;
  if (filter->length == 0)
    return setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused) == 0 || errno == ENOENT ? 0 : -errno;
  struct sock_fprog program = {.len = filter->length, .filter = filter->steps};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0 ? 0 : -errno;
}
