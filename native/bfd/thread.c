/* The thread of the BFD pacer. */
#include "thread.h"

#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MICROSECOND 1000ull
#define MILLISECOND (1000 * MICROSECOND)
/* A turn at most each millisecond, and a rest after it, so that a flood does not take the whole processor. */
#define TURN MILLISECOND
#define REST (200 * MICROSECOND)
#define PRIORITY 20

static nfds_t watched(struct pacer *pacer, struct pollfd *polled) {
  nfds_t count = 0;
  polled[count++] = (struct pollfd){.fd = pacer->control, .events = POLLIN};
  for (int at = 0; at < MOST_ENDPOINTS; at++)
    if (pacer->endpoints[at].receive >= 0)
      polled[count++] = (struct pollfd){.fd = pacer->endpoints[at].receive, .events = POLLIN};
  return count;
}

static struct timespec timespec_of(uint64_t time) {
  return (struct timespec){.tv_sec = (time_t)(time / (1000 * MILLISECOND)), .tv_nsec = (long)(time % (1000 * MILLISECOND))};
}

/* The thread runs before all others where that is allowed (CAP_SYS_NICE), else with the best nice value. */
static void become_urgent(void) {
  struct sched_param urgent = {.sched_priority = PRIORITY};
  if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &urgent) != 0)
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), -10);
}

static void *run(void *data) {
  struct pacer *pacer = data;
  struct pollfd polled[1 + MOST_ENDPOINTS];
  sigset_t all;
  uint64_t ignored;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, NULL);
  pthread_setname_np(pthread_self(), "bfd-pacer");
  become_urgent();
  for (;;) {
    pthread_mutex_lock(&pacer->lock);
    if (pacer->stopping) break;
    uint64_t began = nanoseconds();
    uint64_t next = pacer_turn(pacer);
    pacer->planned = next;
    nfds_t count = watched(pacer, polled);
    pthread_mutex_unlock(&pacer->lock);
    /* Packets that come meanwhile are read together, in the next turn. */
    uint64_t ended = nanoseconds(), rest = began + TURN > ended + REST ? began + TURN : ended + REST;
    struct timespec until = timespec_of(rest);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    uint64_t now = nanoseconds();
    struct timespec wait = timespec_of(next > now ? next - now : 0);
    ppoll(polled, count, next == UINT64_MAX ? NULL : &wait, NULL);
    if ((polled[0].revents & POLLIN) && read(pacer->control, &ignored, sizeof ignored) < 0) continue;
  }
  pthread_mutex_unlock(&pacer->lock);
  return NULL;
}

int pacer_start(struct pacer *pacer) {
  int error = pthread_create(&pacer->thread, NULL, run, pacer);
  pacer->running = error == 0;
  return -error;
}

void pacer_stop(struct pacer *pacer) {
  if (!pacer->running) return;
  pthread_mutex_lock(&pacer->lock);
  pacer->stopping = true;
  pthread_mutex_unlock(&pacer->lock);
  pacer_nudge(pacer);
  pthread_join(pacer->thread, NULL);
  pacer->running = false;
}

void pacer_nudge(struct pacer *pacer) {
  if (pacer->control < 0) return;
  uint64_t one = 1;
  /* EAGAIN: the thread is woken already. */
  while (write(pacer->control, &one, sizeof one) < 0 && errno == EINTR) continue;
}
