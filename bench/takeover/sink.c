/*
 * sink INTERFACE...: receives the frames generate.c sends, on any of the interfaces. For each line on stdin it prints, since
 * the line before: how many came, the longest time between two of them in microseconds by the kernel's time stamps, how many
 * it lost itself, and the name of the interface the last one came by. The line "down NAME" or "up NAME" cuts or heals a
 * link instead, which is done when the answer comes.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define BATCH 64
/* Enough to tell a frame of ours: UDP to port 9. */
#define SEEN 38

struct received {
  unsigned long frames;
  double longest, last;
  int ifindex;
};

static double stamp_of(struct msghdr *message) {
  for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at; at = CMSG_NXTHDR(message, at)) {
    struct timespec time;
    if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_TIMESTAMPNS) continue;
    memcpy(&time, CMSG_DATA(at), sizeof time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
  }
  return 0;
}

static int ours(const unsigned char *frame, unsigned length) {
  return length >= SEEN && frame[12] == 8 && frame[13] == 0 && frame[23] == 17 && frame[36] == 0 && frame[37] == 9;
}

static void take(struct received *received, double stamp, int ifindex) {
  if (received->last > 0 && stamp - received->last > received->longest) received->longest = stamp - received->last;
  received->last = stamp;
  received->ifindex = ifindex;
  received->frames++;
}

static void drain(int fd, struct received *received, const int *wanted, int count) {
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
    int got = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
    if (got <= 0) return;
    for (int at = 0; at < got; at++) {
      if (from[at].sll_pkttype == PACKET_OUTGOING || !ours(frames[at], messages[at].msg_len)) continue;
      for (int which = 0; which < count; which++)
        if (from[at].sll_ifindex == wanted[which])
          take(received, stamp_of(&messages[at].msg_hdr), from[at].sll_ifindex);
    }
  }
}

/* False for another line. */
static int set_link(int fd, const char *line) {
  struct ifreq request = {0};
  char word[8] = "";
  if (sscanf(line, "%7s %15s", word, request.ifr_name) != 2 || ioctl(fd, SIOCGIFFLAGS, &request) != 0) return 0;
  if (strcmp(word, "up") == 0) request.ifr_flags |= IFF_UP;
  else request.ifr_flags &= (short)~IFF_UP;
  return ioctl(fd, SIOCSIFFLAGS, &request) == 0;
}

int main(int count, char **words) {
  int one = 1, room = 256 << 20, wanted[16];
  int fd = socket(AF_PACKET, SOCK_RAW, htons(0x0800));
  struct received received = {0};
  char line[64], name[IF_NAMESIZE] = "";
  if (fd < 0 || count < 2 || count > 16) return 2;
  for (int at = 1; at < count; at++) wanted[at - 1] = (int)if_nametoindex(words[at]);
  setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
  setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &one, sizeof one);
  setvbuf(stdout, NULL, _IOLBF, 0);
  puts("ready");
  for (;;) {
    struct pollfd waits[] = {{fd, POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
    poll(waits, 2, -1);
    if (waits[0].revents) drain(fd, &received, wanted, count - 1);
    if (!waits[1].revents) continue;
    ssize_t length = read(STDIN_FILENO, line, sizeof line - 1);
    if (length <= 0) return 0;
    line[length] = 0;
    if (set_link(fd, line)) {
      puts("{}");
      continue;
    }
    drain(fd, &received, wanted, count - 1);
    struct tpacket_stats lost = {0};
    socklen_t size = sizeof lost;
    getsockopt(fd, SOL_PACKET, PACKET_STATISTICS, &lost, &size);
    if (received.ifindex) if_indextoname((unsigned)received.ifindex, name);
    printf("{\"frames\":%lu,\"longest\":%.1f,\"dropped\":%u,\"last\":\"%s\"}\n", received.frames, received.longest,
           lost.tp_drops, name);
    received = (struct received){0};
  }
}
