/*
 * stalls: a bare timer on each CPU, to be run before everything else (SCHED_FIFO): a thread that sleeps a millisecond at a
 * time. For each line on stdin it prints, since the line before: how often one of them woke more than two milliseconds
 * late, and the longest lateness in milliseconds. Nothing on the machine can delay them: then the machine itself stood still.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define MILLISECOND 1000000L
#define LATE 2000000L

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long count;
static long longest;

static long since(const struct timespec *due) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (now.tv_sec - due->tv_sec) * 1000000000L + now.tv_nsec - due->tv_nsec;
}

static void *run(void *cpu) {
  cpu_set_t only;
  CPU_ZERO(&only);
  CPU_SET((size_t)cpu, &only);
  pthread_setaffinity_np(pthread_self(), sizeof only, &only);
  for (;;) {
    struct timespec due;
    clock_gettime(CLOCK_MONOTONIC, &due);
    due.tv_nsec += MILLISECOND;
    if (due.tv_nsec >= 1000000000L) due.tv_sec++, due.tv_nsec -= 1000000000L;
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &due, NULL);
    long late = since(&due);
    pthread_mutex_lock(&lock);
    if (late > LATE) count++;
    if (late > longest) longest = late;
    pthread_mutex_unlock(&lock);
  }
  return NULL;
}

int main(void) {
  char line[64];
  pthread_t thread;
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (long cpu = 0; cpu < sysconf(_SC_NPROCESSORS_ONLN); cpu++)
    if (pthread_create(&thread, NULL, run, (void *)cpu) != 0) return 2;
  puts("ready");
  while (read(STDIN_FILENO, line, sizeof line) > 0) {
    pthread_mutex_lock(&lock);
    printf("{\"count\":%lu,\"longest\":%.3f}\n", count, (double)longest / MILLISECOND);
    count = 0;
    longest = 0;
    pthread_mutex_unlock(&lock);
  }
  return 0;
}
