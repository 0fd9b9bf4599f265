/* stall: runs a bare timer of 1 ms on every processor, before all other programs, as the pacer does. Prints
 * "MICROSECONDS LATE" (CLOCK_MONOTONIC) whenever one was 5 ms late or more. */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define PRIORITY 21
#define MOST_PROCESSORS 64

static uint64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_nsec / 1000;
}

static void *watch(void *data) {
  cpu_set_t only;
  struct sched_param urgent = {.sched_priority = PRIORITY};
  CPU_ZERO(&only);
  CPU_SET((int)(intptr_t)data, &only);
  if (pthread_setaffinity_np(pthread_self(), sizeof only, &only) || pthread_setschedparam(pthread_self(), SCHED_FIFO, &urgent)) {
    fprintf(stderr, "stall: this processor or priority is not allowed\n");
    _exit(1);
  }
  for (uint64_t next = now();;) {
    next += 1000;
    struct timespec until = {.tv_sec = (time_t)(next / 1000000), .tv_nsec = (long)(next % 1000000) * 1000};
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    uint64_t at = now();
    if (at - next >= 5000) printf("%llu %llu\n", (unsigned long long)at, (unsigned long long)(at - next));
    if (at > next) next = at;
  }
  return NULL;
}

int main(void) {
  long processors = sysconf(_SC_NPROCESSORS_ONLN);
  pthread_t threads[MOST_PROCESSORS];
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (long at = 0; at < processors && at < MOST_PROCESSORS; at++) pthread_create(&threads[at], NULL, watch, (void *)(intptr_t)at);
  pause();
  return 0;
}
