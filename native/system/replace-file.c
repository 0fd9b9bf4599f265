/* Small files that a thread replaces: a disk that hangs keeps JavaScript waiting no longer than it wants to. */
#include "addon.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A file that is to be in place. */
struct job {
  char temporary[PATH_MAX], path[PATH_MAX];
  /* Without octets the temporary file is there already. */
  bool writes;
  size_t length;
  uint64_t ticket;
  struct job *next;
  uint8_t octets[];
};

/* One thread for the whole process: files are replaced in the order of the calls. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t given, done;
static bool running;
static struct job *waiting;
static uint64_t last_ticket, last_done;
static int last_error;

static int write_file(const struct job *job) {
  int fd = open(job->temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return -errno;
  size_t at = 0;
  int error = 0;
  while (at < job->length && !error) {
    ssize_t wrote = write(fd, job->octets + at, job->length - at);
    if (wrote >= 0) at += (size_t)wrote;
    else if (errno != EINTR) error = -errno;
  }
  if (close(fd) < 0 && !error) error = -errno;
  return error;
}

static void *replace_all(void *unused) {
  (void)unused;
  pthread_mutex_lock(&lock);
  for (;;) {
    while (!waiting) pthread_cond_wait(&given, &lock);
    struct job *job = waiting;
    waiting = job->next;
    pthread_mutex_unlock(&lock);
    int error = job->writes ? write_file(job) : 0;
    if (!error && rename(job->temporary, job->path) < 0) error = -errno;
    pthread_mutex_lock(&lock);
    last_done = job->ticket;
    last_error = error;
    free(job);
    pthread_cond_broadcast(&done);
  }
  return NULL;
}

/* With the lock held. */
static int start(void) {
  pthread_condattr_t monotonic;
  pthread_t thread;
  if (running) return 0;
  pthread_condattr_init(&monotonic);
  pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init(&done, &monotonic);
  pthread_cond_init(&given, NULL);
  pthread_condattr_destroy(&monotonic);
  int error = pthread_create(&thread, NULL, replace_all, NULL);
  if (error) return -error;
  pthread_detach(thread);
  running = true;
  return 0;
}

/* With the lock held: appends a job; those of the same file that wait need not be done any more. */
static void append(struct job *job) {
  struct job **at = &waiting;
  while (*at) {
    struct job *other = *at;
    if (strcmp(other->path, job->path) == 0) {
      *at = other->next;
      free(other);
    } else at = &other->next;
  }
  *at = job;
  job->ticket = ++last_ticket;
}

/* With the lock held: 0, the error of the file, or -EINPROGRESS after so long. */
static int await(uint64_t ticket, uint32_t milliseconds) {
  struct timespec until;
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_sec += milliseconds / 1000;
  until.tv_nsec += (long)(milliseconds % 1000) * 1000000;
  if (until.tv_nsec >= 1000000000) {
    until.tv_sec++;
    until.tv_nsec -= 1000000000;
  }
  while (last_done < ticket)
    if (pthread_cond_timedwait(&done, &lock, &until) == ETIMEDOUT && last_done < ticket) return -EINPROGRESS;
  return last_error;
}

/*
 * replaceFile(temporary, path, octets, writes, milliseconds, behind): writes the octets to the temporary file, where it writes,
 * and renames that to the path. 0, negative errno, or -EINPROGRESS when that takes longer; it goes on then, and a later call for
 * the path takes its place. `behind` milliseconds are waited while an earlier call goes on.
 */
static napi_value replace_file(napi_env env, napi_callback_info info) {
  napi_value arguments[6];
  uint8_t *octets;
  size_t length;
  bool writes;
  uint32_t milliseconds, behind;
  char temporary[PATH_MAX], path[PATH_MAX];
  if (!take_arguments(env, info, 6, arguments) || !take_text(env, arguments[0], "temporary", temporary, sizeof temporary) ||
      !take_text(env, arguments[1], "path", path, sizeof path) ||
      !take_bytes(env, arguments[2], "octets", &octets, &length) || !take_boolean(env, arguments[3], "writes", &writes) ||
      !take_u32(env, arguments[4], "milliseconds", 0, 60000, &milliseconds) ||
      !take_u32(env, arguments[5], "behind", 0, 60000, &behind))
    return NULL;
  struct job *job = calloc(1, sizeof *job + length);
  if (!job) return number(env, -ENOMEM);
  memcpy(job->temporary, temporary, sizeof temporary);
  memcpy(job->path, path, sizeof path);
  job->writes = writes;
  job->length = length;
  if (length) memcpy(job->octets, octets, length);
  pthread_mutex_lock(&lock);
  int result = start();
  if (result) free(job);
  else {
    bool is_late = last_done < last_ticket;
    append(job);
    pthread_cond_signal(&given);
    result = await(last_ticket, is_late ? behind : milliseconds);
  }
  pthread_mutex_unlock(&lock);
  return number(env, result);
}

EXPORTS({"replaceFile", replace_file})
