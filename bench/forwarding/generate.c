/*
 * generate INTERFACE DESTINATION FLOWS LENGTH SECONDS RATE: sends IPv4/UDP frames of LENGTH octets to a MAC address, RATE a
 * second or with 0 as fast as it goes, the flows in turns by source port. Prints how many went out, the time it took and the
 * CPU time of this process, which is that of the whole path as far as the kernel works it off inside send. SIGTERM ends it
 * before SECONDS are over.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH 32
/* At a given rate: sleeping costs less than a frame. */
#define PACED_BATCH 8
#define MOST 2048

static volatile sig_atomic_t stopped;

static void stop(int number) { stopped = number; }

static double seconds(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void sleep_until(double when) {
  struct timespec time = {(time_t)when, (long)((when - (double)(time_t)when) * 1e9)};
  clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL);
}

static void put16(unsigned char *at, unsigned value) {
  at[0] = (unsigned char)(value >> 8);
  at[1] = (unsigned char)value;
}

static unsigned checksum(const unsigned char *header) {
  unsigned sum = 0;
  for (int at = 0; at < 20; at += 2) sum += (unsigned)header[at] << 8 | header[at + 1];
  return ~((sum & 0xffff) + (sum >> 16)) & 0xffff;
}

static void fill(unsigned char *frame, const unsigned char *destination, int length) {
  memcpy(frame, destination, 6);
  memcpy(frame + 6, "\x02\xcc\0\0\0\x01\x08\x00\x45\0", 10);
  put16(frame + 16, (unsigned)length - 14);
  memcpy(frame + 22, "\x40\x11\0\0\x0a\x09\0\x01\x0a\x09\0\x02", 12);
  put16(frame + 24, checksum(frame + 14));
  put16(frame + 36, 9);
  put16(frame + 38, (unsigned)length - 34);
}

int main(int count, char **words) {
  static unsigned char frames[BATCH][MOST];
  struct mmsghdr messages[BATCH] = {0};
  struct iovec parts[BATCH];
  unsigned char destination[6];
  int one = 1, room = 4 << 20;
  if (count != 7 || sscanf(words[2], "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", destination, destination + 1, destination + 2,
                           destination + 3, destination + 4, destination + 5) != 6)
    return 2;
  int flows = atoi(words[3]), length = atoi(words[4]);
  struct sockaddr_ll address = {
      .sll_family = AF_PACKET, .sll_protocol = htons(0x0800), .sll_ifindex = (int)if_nametoindex(words[1])};
  int fd = socket(AF_PACKET, SOCK_RAW, 0);
  if (fd < 0 || flows < 1 || length < 60 || length > MOST) return 2;
  setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
  for (int at = 0; at < BATCH; at++) {
    fill(frames[at], destination, length);
    parts[at] = (struct iovec){frames[at], (size_t)length};
    messages[at].msg_hdr = (struct msghdr){
        .msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &parts[at], .msg_iovlen = 1};
  }
  unsigned long sent = 0;
  double rate = atof(words[6]);
  unsigned batch = rate > 0 ? PACED_BATCH : BATCH;
  double begin = seconds(CLOCK_MONOTONIC), end = begin + atof(words[5]);
  signal(SIGTERM, stop);
  while (!stopped && seconds(CLOCK_MONOTONIC) < end) {
    if (rate > 0) sleep_until(begin + (double)sent / rate);
    for (unsigned at = 0; at < batch; at++) put16(frames[at] + 34, 10000 + (unsigned)((sent + at) % (unsigned)flows));
    int went = sendmmsg(fd, messages, batch, 0);
    if (went > 0) sent += (unsigned long)went;
  }
  printf("{\"sent\":%lu,\"seconds\":%.6f,\"cpu\":%.6f}\n", sent, seconds(CLOCK_MONOTONIC) - begin,
         seconds(CLOCK_PROCESS_CPUTIME_ID));
  return 0;
}
