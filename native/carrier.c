/*
 * A thread that asks interfaces for their carrier by ETHTOOL_GLINK.
 *
 * The kernel's own event may be a second late: linkwatch limits itself to one a second on plain NICs and on a veth whose
 * two ends have the same ifindex. Asking gives the truth at once and makes the kernel release the event it held back.
 */
#include "netlink.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>

#define FEW 64u
#define INTERVAL_OF_FEW 2000000L
#define INTERVAL_OF_MANY 10000000L

struct entry {
  uint32_t index;
  char name[IF_NAMESIZE];
  /* The last answer, -1 without one. */
  int carrier;
  bool changed;
};

struct carrier_watch {
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t signal;
  int fd;
  uv_async_t *wake;
  /* All below is guarded by `lock`. */
  struct entry *entries;
  size_t count;
  /* Counts changes of the list and its names; the thread then takes a new copy. */
  uint64_t edition;
  bool nudged;
  bool stopped;
};

static struct entry *find(struct carrier_watch *watch, uint32_t index) {
  for (size_t at = 0; at < watch->count; at++)
    if (watch->entries[at].index == index) return &watch->entries[at];
  return NULL;
}

/* 0 or 1; 0 for an interface that is gone; -1 when its driver cannot say. */
static int ask(int fd, const struct entry *entry) {
  struct ethtool_value value = {.cmd = ETHTOOL_GLINK};
  struct ifreq request = {.ifr_data = (void *)&value}, named = {.ifr_ifindex = (int)entry->index};
  memcpy(request.ifr_name, entry->name, sizeof request.ifr_name);
  if (ioctl(fd, SIOCETHTOOL, &request) == 0) return value.data != 0;
  if (errno != ENODEV) return -1;
  /* One that was renamed is still there; its event may be unread. */
  if (ioctl(fd, SIOCGIFNAME, &named) != 0) return errno == ENODEV ? 0 : -1;
  memcpy(request.ifr_name, named.ifr_name, sizeof request.ifr_name);
  return ioctl(fd, SIOCETHTOOL, &request) == 0 ? value.data != 0 : -1;
}

/* Waits for the next round; false when the thread must end. Called with the lock held. */
static bool wait_for_round(struct carrier_watch *watch) {
  struct timespec until;
  while (watch->count == 0 && !watch->stopped) pthread_cond_wait(&watch->signal, &watch->lock);
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += watch->count > FEW ? INTERVAL_OF_MANY : INTERVAL_OF_FEW;
  if (until.tv_nsec >= 1000000000L) {
    until.tv_sec++;
    until.tv_nsec -= 1000000000L;
  }
  int waited = 0;
  while (!watch->stopped && !watch->nudged && waited == 0)
    waited = pthread_cond_timedwait(&watch->signal, &watch->lock, &until);
  watch->nudged = false;
  return !watch->stopped;
}

/* Takes a copy, so that no lock is held during an ioctl, which may wait long for the kernel's own. */
static struct entry *copy_entries(const struct carrier_watch *watch, struct entry *old, size_t *count) {
  struct entry *copy = realloc(old, (watch->count ? watch->count : 1) * sizeof *copy);
  if (!copy) {
    *count = 0;
    return old;
  }
  memcpy(copy, watch->entries, watch->count * sizeof *copy);
  *count = watch->count;
  return copy;
}

static void ask_all(struct carrier_watch *watch, struct entry *copy, size_t count) {
  bool changed = false;
  for (size_t at = 0; at < count; at++) {
    int carrier = ask(watch->fd, &copy[at]);
    if (carrier == copy[at].carrier) continue;
    copy[at].carrier = carrier;
    pthread_mutex_lock(&watch->lock);
    struct entry *entry = find(watch, copy[at].index);
    if (entry && strcmp(entry->name, copy[at].name) == 0) {
      entry->carrier = carrier;
      entry->changed = true;
      changed = true;
    }
    pthread_mutex_unlock(&watch->lock);
  }
  if (changed) uv_async_send(watch->wake);
}

static void *run(void *argument) {
  struct carrier_watch *watch = argument;
  struct entry *copy = NULL;
  size_t count = 0;
  uint64_t edition = 0;
  pthread_mutex_lock(&watch->lock);
  while (wait_for_round(watch)) {
    if (edition != watch->edition) copy = copy_entries(watch, copy, &count);
    edition = watch->edition;
    pthread_mutex_unlock(&watch->lock);
    ask_all(watch, copy, count);
    pthread_mutex_lock(&watch->lock);
  }
  pthread_mutex_unlock(&watch->lock);
  free(copy);
  return NULL;
}

struct carrier_watch *carrier_start(int fd, uv_async_t *wake) {
  struct carrier_watch *watch = calloc(1, sizeof *watch);
  pthread_condattr_t attributes;
  sigset_t all, before;
  if (!watch) return NULL;
  watch->fd = fd;
  watch->wake = wake;
  pthread_mutex_init(&watch->lock, NULL);
  pthread_condattr_init(&attributes);
  pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
  pthread_cond_init(&watch->signal, &attributes);
  pthread_condattr_destroy(&attributes);
  /* Signals are the main thread's. */
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  int error = pthread_create(&watch->thread, NULL, run, watch);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (error == 0) return watch;
  pthread_cond_destroy(&watch->signal);
  pthread_mutex_destroy(&watch->lock);
  free(watch);
  return NULL;
}

void carrier_stop(struct carrier_watch *watch) {
  pthread_mutex_lock(&watch->lock);
  watch->stopped = true;
  pthread_cond_signal(&watch->signal);
  pthread_mutex_unlock(&watch->lock);
  pthread_join(watch->thread, NULL);
  pthread_cond_destroy(&watch->signal);
  pthread_mutex_destroy(&watch->lock);
  free(watch->entries);
  free(watch);
}

int carrier_set(struct carrier_watch *watch, const uint32_t *indexes, size_t count) {
  struct entry *entries = calloc(count ? count : 1, sizeof *entries);
  size_t kept = 0;
  if (!entries) return -ENOMEM;
  pthread_mutex_lock(&watch->lock);
  for (size_t at = 0; at < count; at++) {
    struct ifreq request = {.ifr_ifindex = (int)indexes[at]};
    struct entry *old = find(watch, indexes[at]);
    if (old) {
      entries[kept++] = *old;
    } else if (ioctl(watch->fd, SIOCGIFNAME, &request) == 0) {
      entries[kept] = (struct entry){.index = indexes[at], .carrier = -1};
      memcpy(entries[kept++].name, request.ifr_name, IF_NAMESIZE);
    }
  }
  free(watch->entries);
  watch->entries = entries;
  watch->count = kept;
  watch->edition++;
  watch->nudged = true;
  pthread_cond_signal(&watch->signal);
  pthread_mutex_unlock(&watch->lock);
  return 0;
}

void carrier_named(struct carrier_watch *watch, uint32_t index, const char *name) {
  pthread_mutex_lock(&watch->lock);
  struct entry *entry = find(watch, index);
  if (entry) {
    if (strcmp(entry->name, name) != 0) {
      memcpy(entry->name, name, IF_NAMESIZE);
      watch->edition++;
    }
    watch->nudged = true;
    pthread_cond_signal(&watch->signal);
  }
  pthread_mutex_unlock(&watch->lock);
}

int carrier_last(struct carrier_watch *watch, uint32_t index) {
  pthread_mutex_lock(&watch->lock);
  struct entry *entry = find(watch, index);
  int carrier = entry ? entry->carrier : -1;
  pthread_mutex_unlock(&watch->lock);
  return carrier;
}

bool carrier_changed(struct carrier_watch *watch, uint32_t *index, int *carrier) {
  bool found = false;
  pthread_mutex_lock(&watch->lock);
  for (size_t at = 0; at < watch->count && !found; at++) {
    if (!watch->entries[at].changed) continue;
    watch->entries[at].changed = false;
    *index = watch->entries[at].index;
    *carrier = watch->entries[at].carrier;
    found = true;
  }
  pthread_mutex_unlock(&watch->lock);
  return found;
}
