/*
 * stream INTERFACE SOURCE DESTINATION FLOW LENGTH: sends numbered frames of LENGTH octets between two MAC addresses. A line
 * with a rate on stdin begins, at so many frames a second; an empty line ends, and is answered by how many were offered and
 * the longest time by which one was late, in microseconds.
 */
#define _GNU_SOURCE
#include "stream.h"

#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Bursts a second; the frames of a burst leave together. */
#define BURSTS 10000
#define MOST_TOGETHER 16
/* Seconds by which a burst may be late before the schedule is moved. */
#define MOST_LATE 1e-3
#define MOST 1500
#define LINE 64

static double seconds(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
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

static int read_mac(const char *text, unsigned char *mac) {
  return sscanf(text, "%hhx:%hhx:%hhx:%hhx:%hhx:%hhx", mac, mac + 1, mac + 2, mac + 3, mac + 4, mac + 5) == 6;
}

static void fill(unsigned char *frame, int flow, int length) {
  memcpy(frame + 12, "\x08\x00\x45\0", 4);
  put16(frame + 16, (unsigned)length - 14);
  memcpy(frame + 22, "\x40\x11\0\0\x0a\x09\0\x01\x0a\x09\0\x02", 12);
  put16(frame + 24, checksum(frame + 14));
  put16(frame + 34, 10000 + (unsigned)flow);
  put16(frame + 36, 9);
  put16(frame + 38, (unsigned)length - 34);
  memcpy(frame + MAGIC_AT, MAGIC, 4);
  frame[FLOW_AT] = (unsigned char)flow;
}

/* Reads one line and no octet more, since the next line may be there already. */
static bool read_line(char *line) {
  for (int at = 0; at < LINE; at++) {
    if (read(STDIN_FILENO, line + at, 1) <= 0) return false;
    if (line[at] != '\n') continue;
    line[at] = 0;
    return true;
  }
  return false;
}

/* Sends until a line comes, and reads it; false when there are no more. */
static bool run(int fd, struct mmsghdr *messages, unsigned char (*frames)[MOST], double rate) {
  struct pollfd line = {STDIN_FILENO, POLLIN, 0};
  double begin = seconds(), latest = 0;
  unsigned sent = 0, together = rate < BURSTS ? 1 : (unsigned)(rate / BURSTS);
  if (together > MOST_TOGETHER) together = MOST_TOGETHER;
  while (poll(&line, 1, 0) == 0) {
    double due = begin + sent / rate;
    sleep_until(due);
    double late = seconds() - due;
    if (late > latest) latest = late;
    /* Late bursts are not made up for: together they would exceed what the path can carry, and count as lost. */
    if (late > MOST_LATE) begin += late;
    for (unsigned at = 0; at < together; at++) {
      uint32_t number = htonl(sent + at);
      memcpy(frames[at] + SEQUENCE_AT, &number, 4);
    }
    /* Frames that an interface without carrier refuses count as lost. */
    sendmmsg(fd, messages, together, 0);
    sent += together;
  }
  char ended[LINE];
  if (!read_line(ended)) return false;
  printf("{\"sent\":%u,\"late\":%.0f}\n", sent, latest * 1e6);
  return true;
}

int main(int count, char **words) {
  static unsigned char frames[MOST_TOGETHER][MOST];
  struct mmsghdr messages[MOST_TOGETHER] = {0};
  struct iovec parts[MOST_TOGETHER];
  char line[LINE];
  int one = 1, room = 4 << 20;
  if (count != 6) return 2;
  int flow = atoi(words[4]), length = atoi(words[5]);
  struct sockaddr_ll address = {
      .sll_family = AF_PACKET, .sll_protocol = htons(0x0800), .sll_ifindex = (int)if_nametoindex(words[1])};
  int fd = socket(AF_PACKET, SOCK_RAW, 0);
  if (fd < 0 || address.sll_ifindex == 0 || flow < 0 || flow >= MOST_FLOWS || length < LEAST_LENGTH || length > MOST)
    return 2;
  setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS, &one, sizeof one);
  setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof room);
  for (int at = 0; at < MOST_TOGETHER; at++) {
    if (!read_mac(words[2], frames[at] + 6) || !read_mac(words[3], frames[at])) return 2;
    fill(frames[at], flow, length);
    parts[at] = (struct iovec){frames[at], (size_t)length};
    messages[at].msg_hdr = (struct msghdr){
        .msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &parts[at], .msg_iovlen = 1};
  }
  setvbuf(stdout, NULL, _IOLBF, 0);
  puts("ready");
  while (read_line(line))
    if (atof(line) > 0 && !run(fd, messages, frames, atof(line))) return 0;
  return 0;
}
