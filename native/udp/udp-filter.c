/* The senders a socket hears: the kernel drops all other datagrams before they take room in its queue. */
#include "udp-filter.h"

#include <errno.h>
#include <linux/filter.h>
#include <stdlib.h>
#include <sys/socket.h>

/* Where the source address stands: RFC 791 3.1, RFC 8200 3. */
#define IPV4_SOURCE 12u
#define IPV6_SOURCE 8u
/* Instructions for one address: a load and a comparison for each word, and a return. */
#define MOST_STEPS_EACH 9u

static struct sock_filter step(uint16_t code, uint32_t k, uint8_t no) {
  return (struct sock_filter){.code = code, .jt = 0, .jf = no, .k = k};
}

static uint32_t word_of(const uint8_t *octets) {
  return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 | octets[3];
}

/* Steps that accept one address and fall through otherwise. */
static size_t admit(struct sock_filter *to, const struct address *from) {
  bool is_ipv4 = address_is_ipv4(from);
  int first = is_ipv4 ? 3 : 0;
  size_t at = 0;
  for (int word = first; word < 4; word++) {
    uint32_t offset = is_ipv4 ? IPV4_SOURCE : IPV6_SOURCE + 4 * (uint32_t)word;
    /* Over the rest of the words, two steps each, and the return. */
    uint8_t no = (uint8_t)(2 * (3 - word) + 1);
    to[at++] = step(BPF_LD | BPF_W | BPF_ABS, (uint32_t)SKF_NET_OFF + offset, 0);
    to[at++] = step(BPF_JMP | BPF_JEQ | BPF_K, word_of(from->octets + 4 * word), no);
  }
  to[at++] = step(BPF_RET | BPF_K, UINT32_MAX, 0);
  return at;
}

int udp_admit(int fd, const struct address *from, size_t count) {
  int unused = 0;
  if (count == 0)
    return setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &unused, sizeof unused) == 0 || errno == ENOENT ? 0 : -errno;
  if (count * MOST_STEPS_EACH >= BPF_MAXINSNS) return -E2BIG;
  struct sock_filter *steps = calloc(count * MOST_STEPS_EACH + 1, sizeof *steps);
  if (!steps) return -ENOMEM;
  size_t length = 0;
  for (size_t n = 0; n < count; n++) length += admit(steps + length, from + n);
  steps[length++] = step(BPF_RET | BPF_K, 0, 0);
  struct sock_fprog program = {.len = (unsigned short)length, .filter = steps};
  int error = setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) == 0 ? 0 : -errno;
  free(steps);
  return error;
}
