/* Small questions to the kernel: clock, capabilities, network namespace; sd_notify, and locks against a second process. */
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
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

/* notify(path, text): one datagram to a Unix socket; a path that begins with @ is an abstract one. 0 or negative errno. */
static napi_value notify(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  struct sockaddr_un to = {.sun_family = AF_UNIX};
  char text[4096];
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  if (!take_text(env, arguments[0], "path", to.sun_path, sizeof to.sun_path)) return NULL;
  if (!take_text(env, arguments[1], "text", text, sizeof text)) return NULL;
  size_t length = offsetof(struct sockaddr_un, sun_path) + strlen(to.sun_path);
  if (to.sun_path[0] == '@') to.sun_path[0] = '\0';
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return number(env, -errno);
  ssize_t sent = sendto(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&to, (socklen_t)length);
  int error = sent < 0 ? -errno : 0;
  close(fd);
  return number(env, error);
}

/* lock(descriptor): takes the exclusive lock of an open file; 0, or -EWOULDBLOCK while another process has it. */
static napi_value lock(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  uint32_t descriptor;
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  if (!take_u32(env, arguments[0], "descriptor", 0, INT32_MAX, &descriptor)) return NULL;
  return number(env, flock((int)descriptor, LOCK_EX | LOCK_NB) == 0 ? 0 : -errno);
}

/*
 * holdName(name): binds an abstract Unix name, which one process of a network namespace can have, until this process ends.
 * 0, or -EADDRINUSE while another one has it.
 */
static napi_value hold_name(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  /* The first octet is the zero that makes it abstract. */
  if (!take_text(env, arguments[0], "name", name.sun_path + 1, sizeof name.sun_path - 1)) return NULL;
  size_t length = offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name.sun_path + 1);
  int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return number(env, -errno);
  int error = bind(fd, (struct sockaddr *)&name, (socklen_t)length) == 0 ? 0 : -errno;
  if (error) close(fd);
  return number(env, error);
}

EXPORTS({"now", now}, {"capabilities", capabilities}, {"setns", set_namespace},
        {"notify", notify}, {"lock", lock}, {"holdName", hold_name})
