/*
 * A thread that looks after the carrier of interfaces.
 *
 * The kernel's own event may be a second late: linkwatch limits itself to one a second on plain NICs and on a veth whose
 * two ends have the same ifindex. Event and ETHTOOL_GLINK also wait for the lock of all network configuration (RTNL), which
 * other processes may hold for tens of milliseconds. The kernel's count of carrier changes in sysfs is right at once and needs
 * no lock: when the count of an interface with carrier changes, it has lost its carrier, if only for a moment. ETHTOOL_GLINK
 * then tells the carrier of this moment, and makes the kernel release the event it held back. Where sysfs shows another
 * namespace, GLINK is asked each time.
 *
 * A link whose iflink is another's (a veth, a VLAN) has its events at once (linkwatch_urgent_event), and each makes the thread look.
 * It is looked at by itself only every LATE milliseconds, for the case that RTNL keeps the event back.
 */
#include "carrier.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

/* Interfaces polled every millisecond, for some hundredths of a core; more interfaces are polled less often. */
#define EACH_ROUND 32u
#define MILLISECOND 1000000L
/* Milliseconds between looks at links whose events are urgent. */
#define LATE 100

struct entry {
  uint32_t index;
  char name[IF_NAMESIZE];
  /* The last answer, -1 without one. */
  int carrier;
  bool changed;
};

/* The thread's own copy of an entry. */
struct watched {
  uint32_t index;
  char name[IF_NAMESIZE];
  int carrier;
  /* The open file of the count of carrier changes, or -1; the count at the last answer, and the count now. */
  int counter;
  long answered, counted;
  /* The kernel tells of it at once. */
  bool urgent;
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
static int ask(int fd, const struct watched *watched) {
  struct ethtool_value value = {.cmd = ETHTOOL_GLINK};
  struct ifreq request = {.ifr_data = (void *)&value}, named = {.ifr_ifindex = (int)watched->index};
  memcpy(request.ifr_name, watched->name, sizeof request.ifr_name);
  if (ioctl(fd, SIOCETHTOOL, &request) == 0) return value.data != 0;
  if (errno != ENODEV) return -1;
  /* The interface may have been renamed, and the event of that be unread. */
  if (ioctl(fd, SIOCGIFNAME, &named) != 0) return errno == ENODEV ? 0 : -1;
  memcpy(request.ifr_name, named.ifr_name, sizeof request.ifr_name);
  return ioctl(fd, SIOCETHTOOL, &request) == 0 ? value.data != 0 : -1;
}

/* Reads a file of sysfs; false when it is not there. */
static bool read_sysfs(const char *name, const char *what, char *text, size_t size) {
  char path[64 + IF_NAMESIZE];
  snprintf(path, sizeof path, "/sys/class/net/%s/%s", name, what);
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);
  if (fd >= 0) close(fd);
  text[length > 0 ? length : 0] = 0;
  return length > 0;
}

/* Whether sysfs means the same interface by this name: it may be that of another namespace. */
static bool is_in_sysfs(int fd, const struct watched *watched) {
  struct ifreq request = {0};
  const unsigned char *mac = (unsigned char *)request.ifr_hwaddr.sa_data;
  char text[64], address[18];
  memcpy(request.ifr_name, watched->name, IF_NAMESIZE);
  if (!read_sysfs(watched->name, "ifindex", text, sizeof text)) return false;
  if (strtoul(text, NULL, 10) != watched->index || ioctl(fd, SIOCGIFHWADDR, &request) != 0) return false;
  snprintf(address, sizeof address, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3], mac[4], mac[5]);
  return read_sysfs(watched->name, "address", text, sizeof text) && strncmp(text, address, 17) == 0;
}

/* -1 when it cannot be read. */
static long read_counter(int counter) {
  char text[24];
  ssize_t length = counter < 0 ? -1 : pread(counter, text, sizeof text - 1, 0);
  if (length <= 0) return -1;
  text[length] = 0;
  return strtol(text, NULL, 10);
}

/* Opens the count, anew for a re-made interface. Earlier changes are in no answer, so GLINK must be asked after this. */
static void open_counter(int fd, struct watched *watched) {
  char path[64 + IF_NAMESIZE], iflink[16];
  if (watched->counter >= 0) close(watched->counter);
  watched->counter = -1;
  watched->urgent = false;
  if (!is_in_sysfs(fd, watched)) return;
  watched->urgent =
      read_sysfs(watched->name, "iflink", iflink, sizeof iflink) && strtoul(iflink, NULL, 10) != watched->index;
  snprintf(path, sizeof path, "/sys/class/net/%s/carrier_changes", watched->name);
  watched->counter = open(path, O_RDONLY | O_CLOEXEC);
  watched->answered = read_counter(watched->counter);
}

static long milliseconds_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000 + now.tv_nsec / MILLISECOND;
}

/* Waits so many milliseconds for the next round; false when the thread must end. Called with the lock held. */
static bool wait_for_round(struct carrier_watch *watch, long milliseconds, bool *nudged) {
  struct timespec until;
  while (watch->count == 0 && !watch->stopped) pthread_cond_wait(&watch->signal, &watch->lock);
  clock_gettime(CLOCK_MONOTONIC, &until);
  until.tv_nsec += milliseconds * MILLISECOND;
  if (until.tv_nsec >= 1000000000L) {
    until.tv_sec++;
    until.tv_nsec -= 1000000000L;
  }
  int waited = 0;
  while (!watch->stopped && !watch->nudged && waited == 0)
    waited = pthread_cond_timedwait(&watch->signal, &watch->lock, &until);
  *nudged = watch->nudged;
  watch->nudged = false;
  return !watch->stopped;
}

struct list {
  struct watched *all;
  size_t count;
};

static void close_counters(struct list *list) {
  for (size_t at = 0; at < list->count; at++)
    if (list->all[at].counter >= 0) close(list->all[at].counter);
  free(list->all);
  *list = (struct list){0};
}

/* Copies the list, so that no lock is held during system calls, which may wait long for RTNL. Called with the lock held. */
static struct list copy_entries(const struct carrier_watch *watch) {
  struct list list = {calloc(watch->count ? watch->count : 1, sizeof *list.all), 0};
  if (!list.all) return list;
  for (; list.count < watch->count; list.count++) {
    const struct entry *entry = &watch->entries[list.count];
    struct watched *watched = &list.all[list.count];
    *watched = (struct watched){.index = entry->index, .carrier = entry->carrier, .counter = -1};
    memcpy(watched->name, entry->name, IF_NAMESIZE);
  }
  return list;
}

static void tell(struct carrier_watch *watch, struct watched *watched, int carrier) {
  watched->carrier = carrier;
  pthread_mutex_lock(&watch->lock);
  struct entry *entry = find(watch, watched->index);
  if (entry && strcmp(entry->name, watched->name) == 0) {
    entry->carrier = carrier;
    entry->changed = true;
  }
  pthread_mutex_unlock(&watch->lock);
  uv_async_send(watch->wake);
}

enum look { LOOK_AT_SLOW, LOOK_AT_ALL, LOOK_NUDGED };

/* Asks the interfaces whose count changed; all of them after an event of the kernel (LOOK_NUDGED). */
static void look_at(struct carrier_watch *watch, struct list *list, enum look look) {
  bool nudged = look == LOOK_NUDGED;
  for (size_t at = 0; at < list->count; at++) {
    struct watched *watched = &list->all[at];
    if (watched->urgent && look == LOOK_AT_SLOW) continue;
    watched->counted = read_counter(watched->counter);
    if (nudged && watched->counted < 0) {
      open_counter(watch->fd, watched);
      watched->counted = watched->answered;
    }
    bool counts = watched->counted >= 0 && watched->answered >= 0;
    if (counts && watched->counted != watched->answered && watched->carrier == 1) tell(watch, watched, 0);
  }
  for (size_t at = 0; at < list->count; at++) {
    struct watched *watched = &list->all[at];
    if (watched->urgent && look == LOOK_AT_SLOW) continue;
    if (!nudged && watched->counted >= 0 && watched->counted == watched->answered) continue;
    watched->answered = watched->counted;
    int carrier = ask(watch->fd, watched);
    if (carrier != watched->carrier) tell(watch, watched, carrier);
  }
}

/* Milliseconds between rounds. */
static long period_of(const struct list *list) {
  size_t slow = 0;
  for (size_t at = 0; at < list->count; at++) slow += !list->all[at].urgent;
  return slow == 0 ? LATE : 1 + (long)(slow / EACH_ROUND);
}

static void *run(void *argument) {
  struct carrier_watch *watch = argument;
  struct list list = {0};
  uint64_t edition = 0;
  long all_at = 0;
  bool nudged;
  pthread_mutex_lock(&watch->lock);
  while (wait_for_round(watch, period_of(&list), &nudged)) {
    bool isNew = edition != watch->edition;
    if (isNew) {
      close_counters(&list);
      list = copy_entries(watch);
    }
    edition = watch->edition;
    pthread_mutex_unlock(&watch->lock);
    long now = milliseconds_now();
    bool all = now >= all_at;
    if (all) all_at = now + LATE;
    look_at(watch, &list, nudged || isNew ? LOOK_NUDGED : all ? LOOK_AT_ALL : LOOK_AT_SLOW);
    pthread_mutex_lock(&watch->lock);
  }
  pthread_mutex_unlock(&watch->lock);
  close_counters(&list);
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
  /* Signals go to the main thread. */
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
