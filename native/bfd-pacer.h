/* What the two halves of the BFD pacer share: the calls from JavaScript and the thread. */
#ifndef ETRUNKD_BFD_PACER_H
#define ETRUNKD_BFD_PACER_H

#include "udp.h"

#include <poll.h>
#include <pthread.h>

/* Sockets for a port, a family and a VRF. */
#define MOST_ENDPOINTS 32
/* Without an authentication section; authenticated sessions are not paced. */
#define PACKET_SIZE 24
/* The length field of a packet is an octet, so what follows is none of it. */
#define MOST_OCTETS 256
#define BUCKETS 1024u
/* What waits for JavaScript; the last quarter is for expiries alone. */
#define MOST_REPORTS 1024u
#define MOST_DATAGRAMS 768u

struct endpoint {
  /* -1: the place is free. */
  int receive, send;
  bool ipv4;
  uint16_t port;
  char device[IF_NAMESIZE];
};

/* An Up session. Times in nanoseconds of CLOCK_MONOTONIC. */
struct paced {
  uint32_t discriminator, handover, remote;
  uint32_t endpoint;
  uint8_t packet[PACKET_SIZE];
  struct udp_target target;
  uint16_t source_port;
  uint32_t least_ttl;
  /* 0: nothing is sent. */
  uint64_t interval;
  uint32_t jitter_least, jitter_most;
  uint64_t detection, receive_interval;
  uint64_t last_sent, send_at, last_heard;
  /* What the peer said last; told to JavaScript only when it changes. */
  uint8_t heard[PACKET_SIZE];
  bool knows_heard;
  /* A stall of ours has lengthened this silence once. */
  bool forgiven;
  bool expired, reported;
  uint64_t received, sent, longest_silence;
  struct paced *next;
};

struct report {
  bool is_expiry;
  uint32_t discriminator, handover;
  uint32_t endpoint, length;
  struct udp_origin origin;
  uint8_t octets[MOST_OCTETS];
};

struct pacer {
  struct handle handle;
  pthread_t thread;
  bool running;
  /* Guards all that follows. */
  pthread_mutex_t lock;
  bool stopping;
  struct endpoint endpoints[MOST_ENDPOINTS];
  struct paced *buckets[BUCKETS];
  uint32_t sessions;
  struct report *reports;
  uint32_t first_report, waiting;
  /* Readable while reports wait; and the thread's: its plans changed. */
  int events, control;
  uint64_t random;
  /* When the thread meant to wake. */
  uint64_t planned;
  /* Counters. */
  uint64_t turns, worst_lateness, overflowed, send_errors;
  struct udp_batch batch;
  uint8_t octets[UDP_BATCH * MOST_OCTETS];
};

/* The pacer behind what pacerOpen gave JavaScript; NULL and a pending TypeError when it is something else. */
struct pacer *pacer_of(napi_env env, napi_value value);
/* Wakes the thread: its plans changed. */
void pacer_nudge(struct pacer *pacer);
void endpoint_close(struct endpoint *endpoint);

/* The numbers that come in one Float64Array; the first eight are those of any datagram. Intervals in microseconds. */
enum { DISCRIMINATOR, HANDOVER, ENDPOINT, SOURCE_PORT, PORT, TTL, CLASS, IFINDEX, INTERVAL, LEAST, MOST, DETECTION, RECEIVE,
       REMOTE, LEAST_TTL, NUMBERS };
/* `count` of them, each an integer in its range; else a pending error and false. */
bool take_numbers(napi_env env, napi_value value, size_t count, double *out);

uint64_t nanoseconds(void);
void *pacer_run(void *data);
/* The rest with the lock held. */
/* The endpoint of a number; NULL when it is closed. */
struct endpoint *endpoint_of(struct pacer *pacer, uint32_t at);
struct paced **pacer_find(struct pacer *pacer, uint32_t discriminator);
/* Reads what waits in the sockets: keeps sessions alive, and reports what JavaScript must see. */
void pacer_read(struct pacer *pacer, uint64_t now);
/* Sends a session's packet and plans the next. */
void pacer_send(struct pacer *pacer, struct paced *session, uint64_t now);
void pacer_plan(struct pacer *pacer, struct paced *session);
/* A datagram with a UDP header of its own, for the source port is the session's. 0 or negative errno. */
int endpoint_send(const struct endpoint *endpoint, const struct udp_target *target, uint16_t source_port,
                  const uint8_t *bytes, size_t length);

#endif
