/* Small questions to the kernel: the clock, the capabilities, the network namespace. */
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* now(): CLOCK_MONOTONIC in microseconds. */
static napi_value now(napi_env env, napi_callback_info info) {
  struct timespec time;
  (void)info;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return number(env, (double)time.tv_sec * 1e6 + (double)(time.tv_nsec / 1000));
}

/* capabilities(): the effective set as a number, bit n for capability n; negative errno. */
static napi_value capabilities(napi_env env, napi_callback_info info) {
  struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
  struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3] = {0};
  (void)info;
  if (syscall(SYS_capget, &header, data) != 0) return number(env, -errno);
  return number(env, (double)data[0].effective + (double)data[1].effective * 0x1p32);
}

/* setns(path or pid): moves this thread into a network namespace; sockets opened before stay. 0 or negative errno. */
static napi_value set_namespace(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  napi_valuetype type;
  char path[4096];
  uint32_t pid;
  if (!take_arguments(env, info, 1, arguments) || napi_typeof(env, arguments[0], &type) != napi_ok) return NULL;
  if (type == napi_number) {
    if (!take_u32(env, arguments[0], "pid", 1, INT32_MAX, &pid)) return NULL;
    snprintf(path, sizeof path, "/proc/%u/ns/net", pid);
  } else if (!take_text(env, arguments[0], "path or pid", path, sizeof path)) {
    return NULL;
  }
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return number(env, -errno);
  int error = setns(fd, CLONE_NEWNET) == 0 ? 0 : -errno;
  close(fd);
  return number(env, error);
}

EXPORTS({"now", now}, {"capabilities", capabilities}, {"setns", set_namespace})
