/* gen INTERFACE COUNT RATE BURST: sends COUNT slow protocol frames, RATE a second, BURST at a time; prints how many went out. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#define MOST_IN_BURST 64
#define LENGTH 124

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

int main(int count, char **words) {
  static unsigned char frames[MOST_IN_BURST][LENGTH];
  struct mmsghdr messages[MOST_IN_BURST] = {0};
  struct iovec parts[MOST_IN_BURST];
  if (count != 5) return 2;
  long frames_wanted = atol(words[2]);
  double rate = atof(words[3]);
  int burst = atoi(words[4]);
  struct sockaddr_ll address = {
      .sll_family = AF_PACKET, .sll_protocol = htons(0x8809), .sll_ifindex = (int)if_nametoindex(words[1])};
  int fd = socket(AF_PACKET, SOCK_RAW, 0);
  if (burst < 1 || burst > MOST_IN_BURST || rate <= 0 || fd < 0) return 2;
  for (int at = 0; at < MOST_IN_BURST; at++) {
    memcpy(frames[at], "\x01\x80\xc2\0\0\x02\x02\0\0\0\x0c\x01\x88\x09\x01\x01", 16);
    parts[at] = (struct iovec){frames[at], LENGTH};
    messages[at].msg_hdr = (struct msghdr){
        .msg_name = &address, .msg_namelen = sizeof address, .msg_iov = &parts[at], .msg_iovlen = 1};
  }
  long sent = 0, lost = 0;
  double start = now();
  while (sent + lost < frames_wanted) {
    while ((now() - start) * rate < (double)(sent + lost));
    long left = frames_wanted - sent - lost;
    int went = sendmmsg(fd, messages, (unsigned)(left < burst ? left : burst), 0);
    if (went > 0) sent += went;
    else lost++;
  }
  printf("{\"sent\":%ld,\"seconds\":%.4f}\n", sent, now() - start);
  return 0;
}
