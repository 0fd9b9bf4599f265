/* sd_notify for a service manager, and locks against a second process, which end with their holder. */
#include "addon.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

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

EXPORTS({"notify", notify}, {"lock", lock}, {"holdName", hold_name})
