/*
 * The BFD pacer (RFC 5880 6.8.4, 6.8.7): Up sessions whose packets are sent on time and whose peers are watched, without
 * JavaScript. A packet or an expiry that needs a decision becomes a report.
 */
#ifndef ETRUNKD_PACER_H
#define ETRUNKD_PACER_H

#include "endpoint.h"
#include "signed.h"

#include <pthread.h>

/* Endpoints, each for a port, a family and a VRF. */
#define MOST_ENDPOINTS 32
#define BUCKETS 1024u
/* Reports that wait for JavaScript; the last quarter is for expiries alone. */
#define MOST_REPORTS 1024u
#define MOST_DATAGRAMS 768u

/* An Up session. Times in nanoseconds of CLOCK_MONOTONIC. */
struct paced {
  uint32_t discriminator, handover, remote;
  uint32_t endpoint;
  uint8_t packet[PACKET_SIZE];
  struct signer signer;
  struct udp_target target;
  uint16_t source_port;
  uint32_t least_ttl;
  /* 0: nothing is sent. */
  uint64_t interval;
  uint32_t jitter_least, jitter_most;
  uint64_t detection, receive_interval;
  uint64_t last_sent, send_at, last_heard;
  /* The peer's last packet but for its section; JavaScript gets a packet only when it differs. */
  uint8_t heard[PACKET_SIZE];
  bool knows_heard;
  /* This silence was forgiven once because the thread had stalled. */
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
  /* Two eventfds: readable while reports wait; and to wake the thread. */
  int events, control;
  uint64_t random;
  /* When the thread meant to wake. */
  uint64_t planned;
  /* Counters. */
  uint64_t turns, worst_lateness, overflowed, send_errors;
  struct udp_batch batch;
  uint8_t octets[UDP_BATCH * MOST_OCTETS];
};

/* CLOCK_MONOTONIC. */
uint64_t nanoseconds(void);

/* All that follows with the lock held. */

/* The endpoint of a number; NULL when it is closed. */
struct endpoint *pacer_endpoint(struct pacer *pacer, uint32_t at);
/* Where a session is, or would be: *pacer_find(...) is NULL for one that is not paced. */
struct paced **pacer_find(struct pacer *pacer, uint32_t discriminator);
/*
 * Paces a session as `given`, which is complete but for what a session keeps over hand-overs; one that is paced already goes
 * on with it. 0 or negative errno.
 */
int pacer_pace(struct pacer *pacer, const struct paced *given);
void pacer_forget(struct pacer *pacer, struct paced **at);
/* Reads what waits in the sockets: keeps sessions alive, and reports what JavaScript must see. */
void pacer_read(struct pacer *pacer, uint64_t now);
/* One turn: the sockets are read before anything is judged. Returns when the next one is wanted. */
uint64_t pacer_turn(struct pacer *pacer);

#endif
