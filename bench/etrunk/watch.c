/*
 * watch NAME.. [- NAME..]: receives what stream.c sends, as it comes in by these interfaces. Of those behind the dash, which
 * are links of LACP, it notes every LACPDU both ways, and the streams only as they come in. A line on stdin is
 * answered by all of it since the line before, in one line of JSON: times are microseconds of CLOCK_MONOTONIC, gaps the
 * longest time between two frames of a flow by the kernel's time stamps.
 */
#define _GNU_SOURCE
#include "stream.h"

#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef PACKET_IGNORE_OUTGOING
#define PACKET_IGNORE_OUTGOING 23
#endif

#define MOST_INTERFACES 8
#define MOST_PDUS 512
#define MOST_FRAMES (1u << 23)
#define BATCH 64
/* Nanoseconds between two looks at the sockets. */
#define TURN 2000000
/* An LACPDU up to the partner's state. */
#define SEEN 56
#define ACTOR_STATE 32
#define PARTNER_STATE 52

struct passage {
  unsigned frames;
  double first, last;
};

struct flow {
  unsigned frames, distinct;
  double last, gap_from, gap_to;
  struct passage by[MOST_INTERFACES];
};

struct pdu {
  double at;
  int interface, outgoing;
  unsigned char actor, partner;
};

static struct flow flows[MOST_FLOWS];
static unsigned char seen[MOST_FLOWS][MOST_FRAMES / 8];
static struct pdu pdus[MOST_PDUS];
static unsigned pdu_count, lost_by_us;
static const char *names[MOST_INTERFACES];
static int sockets[MOST_INTERFACES], is_link[MOST_INTERFACES], interfaces;
/* Difference between CLOCK_REALTIME, the clock of the time stamps, and CLOCK_MONOTONIC. */
static double ahead;

static double clock_now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static double stamp_of(struct msghdr *message) {
  for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at; at = CMSG_NXTHDR(message, at)) {
    struct timespec time;
    if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_TIMESTAMPNS) continue;
    memcpy(&time, CMSG_DATA(at), sizeof time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3 - ahead;
  }
  return 0;
}

static void take(const unsigned char *frame, int interface, double at) {
  unsigned number = frame[FLOW_AT];
  uint32_t sequence;
  if (number >= MOST_FLOWS) return;
  struct flow *flow = &flows[number];
  struct passage *by = &flow->by[interface];
  if (by->frames++ == 0) by->first = at;
  by->last = at;
  if (is_link[interface]) return;
  memcpy(&sequence, frame + SEQUENCE_AT, 4);
  sequence = ntohl(sequence) % MOST_FRAMES;
  unsigned char bit = (unsigned char)(1u << sequence % 8), *octet = &seen[number][sequence / 8];
  if (!(*octet & bit)) flow->distinct++;
  *octet |= bit;
  if (flow->frames++ > 0 && at - flow->last > flow->gap_to - flow->gap_from) {
    flow->gap_from = flow->last;
    flow->gap_to = at;
  }
  flow->last = at;
}

static void note(const unsigned char *frame, int interface, double at, int outgoing) {
  if (pdu_count == MOST_PDUS || frame[14] != 1) return;
  pdus[pdu_count++] = (struct pdu){at, interface, outgoing, frame[ACTOR_STATE], frame[PARTNER_STATE]};
}

static void drain(int interface) {
  static unsigned char frames[BATCH][SEEN], controls[BATCH][64];
  struct mmsghdr messages[BATCH];
  struct iovec parts[BATCH];
  struct sockaddr_ll from[BATCH];
  for (;;) {
    memset(messages, 0, sizeof messages);
    for (int at = 0; at < BATCH; at++) {
      parts[at] = (struct iovec){frames[at], SEEN};
      messages[at].msg_hdr = (struct msghdr){.msg_name = &from[at],
                                             .msg_namelen = sizeof from[at],
                                             .msg_iov = &parts[at],
                                             .msg_iovlen = 1,
                                             .msg_control = controls[at],
                                             .msg_controllen = sizeof controls[at]};
    }
    int got = recvmmsg(sockets[interface], messages, BATCH, MSG_DONTWAIT, NULL);
    if (got <= 0) return;
    for (int at = 0; at < got; at++) {
      int outgoing = from[at].sll_pkttype == PACKET_OUTGOING;
      double when = stamp_of(&messages[at].msg_hdr);
      if (frames[at][12] == 0x88) note(frames[at], interface, when, outgoing);
      else if (!outgoing) take(frames[at], interface, when);
    }
  }
}

/* Lets through the frames of the streams, and on a link LACPDUs too. */
static void filter(int fd, int link) {
  unsigned magic = 0;
  for (int at = 0; at < 4; at++) magic = magic << 8 | (unsigned char)MAGIC[at];
  struct sock_filter all[] = {
      BPF_STMT(BPF_LD | BPF_H | BPF_ABS, 12),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x8809, link ? 3 : 4, 0),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0x0800, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, MAGIC_AT),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, magic, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, 0xffff),
      BPF_STMT(BPF_RET | BPF_K, 0),
  };
  struct sock_fprog program = {sizeof all / sizeof *all, all};
  setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

static int open_on(const char *name, int link) {
  int one = 1, room = 256 << 20, index = (int)if_nametoindex(name);
  int fd = socket(AF_PACKET, SOCK_RAW, 0);
  struct sockaddr_ll address = {.sll_family = AF_PACKET, .sll_protocol = htons(0x0003), .sll_ifindex = index};
  filter(fd, link);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
  if (!link) setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, &one, sizeof one);
  return index != 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0 ? fd : -1;
}

static void answer(void) {
  for (int at = 0; at < interfaces; at++) {
    struct tpacket_stats lost = {0};
    socklen_t size = sizeof lost;
    drain(at);
    getsockopt(sockets[at], SOL_PACKET, PACKET_STATISTICS, &lost, &size);
    lost_by_us += lost.tp_drops;
  }
  printf("{\"dropped\":%u,\"flows\":[", lost_by_us);
  for (int at = 0; at < MOST_FLOWS; at++) {
    struct flow *flow = &flows[at];
    printf("%s{\"frames\":%u,\"distinct\":%u,\"gapFrom\":%.0f,\"gapTo\":%.0f,\"by\":{", at ? "," : "", flow->frames,
           flow->distinct, flow->gap_from, flow->gap_to);
    int first = 1;
    for (int which = 0; which < interfaces; which++) {
      struct passage *by = &flow->by[which];
      if (by->frames == 0) continue;
      printf("%s\"%s\":{\"frames\":%u,\"first\":%.0f,\"last\":%.0f}", first ? "" : ",", names[which], by->frames,
             by->first, by->last);
      first = 0;
    }
    printf("}}");
  }
  printf("],\"pdus\":[");
  for (unsigned at = 0; at < pdu_count; at++)
    printf("%s{\"at\":%.0f,\"link\":\"%s\",\"out\":%s,\"actor\":%u,\"partner\":%u}", at ? "," : "", pdus[at].at,
           names[pdus[at].interface], pdus[at].outgoing ? "true" : "false", pdus[at].actor, pdus[at].partner);
  printf("]}\n");
  memset(flows, 0, sizeof flows);
  memset(seen, 0, sizeof seen);
  pdu_count = lost_by_us = 0;
  ahead = clock_now(CLOCK_REALTIME) - clock_now(CLOCK_MONOTONIC);
}

int main(int count, char **words) {
  char line[64];
  int link = 0;
  for (int at = 1; at < count; at++) {
    if (strcmp(words[at], "-") == 0) link = 1;
    else if (interfaces == MOST_INTERFACES || (sockets[interfaces] = open_on(words[at], link)) < 0) return 2;
    else {
      is_link[interfaces] = link;
      names[interfaces++] = words[at];
    }
  }
  ahead = clock_now(CLOCK_REALTIME) - clock_now(CLOCK_MONOTONIC);
  setvbuf(stdout, NULL, _IOLBF, 0);
  puts("ready");
  for (;;) {
    struct pollfd question = {STDIN_FILENO, POLLIN, 0};
    /* The program sleeps between looks: waking it for each frame would happen in the sender's CPU time, and cost more
     * than the frame. */
    clock_nanosleep(CLOCK_MONOTONIC, 0, &(struct timespec){0, TURN}, NULL);
    for (int at = 0; at < interfaces; at++) drain(at);
    if (poll(&question, 1, 0) == 0) continue;
    if (read(STDIN_FILENO, line, sizeof line) <= 0) return 0;
    answer();
  }
}
