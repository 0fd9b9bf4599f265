/*
 * The thread of the BFD pacer (RFC 5880 6.8.4, 6.8.7): it sends prepared packets on time and waits for those of the
 * peers. Whatever it may not decide goes to JavaScript.
 */
#include "bfd-pacer.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define MICROSECOND 1000ull
#define MILLISECOND (1000 * MICROSECOND)
/* One turn for all that comes and goes in so long; then rest, so that a flood does not take the whole processor. */
#define TURN MILLISECOND
#define REST (200 * MICROSECOND)
/* What is due so soon leaves now. */
#define SOON (300 * MICROSECOND)
/* So late the thread was not running when it wanted to. */
#define STALL (5 * MILLISECOND)
/* More than a socket holds. */
#define MOST_BATCHES 128
#define PRIORITY 20

/* Octets 0 and 1 of a packet. */
#define VERSION_MASK 0xe0u
#define VERSION_1 0x20u
#define STATE_MASK 0xc0u
#define STATE_UP 0xc0u
#define POLL_OR_FINAL 0x30u
#define AUTHENTICATION_OR_MULTIPOINT 0x05u

uint64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 * MILLISECOND + (uint64_t)now.tv_nsec;
}

static uint32_t read_u32(const uint8_t *octets) {
  return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 | octets[3];
}

struct paced **pacer_find(struct pacer *pacer, uint32_t discriminator) {
  struct paced **at = &pacer->buckets[discriminator % BUCKETS];
  while (*at && (*at)->discriminator != discriminator) at = &(*at)->next;
  return at;
}

/* xorshift64: RFC 5880 6.8.7 wants packets out of step, no more. */
static uint32_t random_below(struct pacer *pacer, uint32_t bound) {
  uint64_t x = pacer->random;
  x ^= x << 13;
  x ^= x >> 7;
  x ^= x << 17;
  pacer->random = x;
  return (uint32_t)((x >> 32) * bound >> 32);
}

void pacer_plan(struct pacer *pacer, struct paced *session) {
  uint64_t least = session->interval * session->jitter_least / 1000, most = session->interval * session->jitter_most / 1000;
  uint64_t part = session->jitter_least + random_below(pacer, session->jitter_most - session->jitter_least + 1);
  uint64_t after = session->interval * part / 1000;
  /* The thread may come a turn late. */
  if (after + TURN > most) after = most > least + TURN ? most - TURN : least;
  session->send_at = session->last_sent + after;
}

void pacer_send(struct pacer *pacer, struct paced *session, uint64_t now) {
  session->last_sent = now;
  pacer_plan(pacer, session);
  int error = endpoint_send(&pacer->endpoints[session->endpoint], &session->target, session->source_port,
                            session->packet, PACKET_SIZE);
  if (error) pacer->send_errors++;
  else session->sent++;
}

static struct report *new_report(struct pacer *pacer, uint32_t most) {
  if (pacer->waiting >= most) return NULL;
  uint64_t one = 1;
  /* Readable already when it is full. */
  if (pacer->waiting == 0 && write(pacer->events, &one, sizeof one) < 0 && errno != EAGAIN) return NULL;
  return &pacer->reports[(pacer->first_report + pacer->waiting++) % MOST_REPORTS];
}

static bool report_datagram(struct pacer *pacer, uint32_t endpoint, const uint8_t *octets, uint32_t length,
                            const struct udp_origin *origin) {
  struct report *report = new_report(pacer, MOST_DATAGRAMS);
  if (!report) {
    pacer->overflowed++;
    return false;
  }
  report->is_expiry = false;
  report->endpoint = endpoint;
  report->length = length < MOST_OCTETS ? length : MOST_OCTETS;
  report->origin = *origin;
  memcpy(report->octets, octets, report->length);
  return true;
}

/* Whether the peer of an Up session said, over the path of the session, that it is Up. */
static bool fits(const struct paced *session, uint32_t endpoint, const uint8_t *octets, const struct udp_origin *origin) {
  const struct udp_target *target = &session->target;
  bool group = address_is_group(&target->destination);
  return !session->expired && session->endpoint == endpoint && (octets[0] & VERSION_MASK) == VERSION_1 &&
         (octets[1] & STATE_MASK) == STATE_UP && (octets[1] & AUTHENTICATION_OR_MULTIPOINT) == 0 && octets[2] != 0 &&
         octets[3] == PACKET_SIZE && read_u32(octets + 4) == session->remote && origin->ttl >= session->least_ttl &&
         (target->ifindex == 0 || target->ifindex == origin->ifindex) &&
         (group || address_equal(&origin->source, &target->destination)) &&
         (group || address_is_any(&target->source) || address_equal(&origin->destination, &target->source));
}

static void take(struct pacer *pacer, uint32_t endpoint, const uint8_t *octets, uint32_t length,
                 const struct udp_origin *origin, uint64_t now) {
  struct paced *session = length < PACKET_SIZE ? NULL : *pacer_find(pacer, read_u32(octets + 8));
  if (!session || !fits(session, endpoint, octets, origin)) {
    report_datagram(pacer, endpoint, octets, length, origin);
    return;
  }
  uint64_t silence = now - session->last_heard;
  if (silence > session->longest_silence) session->longest_silence = silence;
  session->last_heard = now;
  session->forgiven = false;
  bool is_same = session->knows_heard && memcmp(session->heard, octets, PACKET_SIZE) == 0;
  if (is_same && (octets[1] & POLL_OR_FINAL) == 0) {
    session->received++;
    return;
  }
  /* What did not get through is told again when it comes again. */
  session->knows_heard = report_datagram(pacer, endpoint, octets, length, origin);
  memcpy(session->heard, octets, PACKET_SIZE);
}

void pacer_read(struct pacer *pacer, uint64_t now) {
  for (uint32_t at = 0; at < MOST_ENDPOINTS; at++) {
    struct endpoint *endpoint = &pacer->endpoints[at];
    if (endpoint->receive < 0) continue;
    for (int n = 0; n < MOST_BATCHES; n++) {
      int got = udp_receive(endpoint->receive, &pacer->batch, pacer->octets, MOST_OCTETS, UDP_BATCH);
      for (int of = 0; of < got; of++) {
        struct udp_origin origin;
        udp_origin(&pacer->batch, of, &origin);
        take(pacer, at, pacer->octets + of * MOST_OCTETS, pacer->batch.messages[of].msg_len, &origin, now);
      }
      if (got < UDP_BATCH) break;
    }
  }
}

/* After a stall of ours a peer is given one more interval, once a silence: our own pause must not look like its. */
static void forgive(struct paced *session, uint64_t now) {
  uint64_t until = now + session->receive_interval;
  if (session->forgiven || session->last_heard + session->detection >= until || until < session->detection) return;
  session->forgiven = true;
  session->last_heard = until - session->detection;
}

/* Sends what is due, judges, and returns when to come again. */
static uint64_t serve(struct pacer *pacer, struct paced *session, bool stalled, uint64_t now) {
  uint64_t next = UINT64_MAX;
  if (session->expired) {
    struct report *report = session->reported ? NULL : new_report(pacer, MOST_REPORTS);
    if (!report) return session->reported ? next : now + TURN;
    report->is_expiry = true;
    report->discriminator = session->discriminator;
    report->handover = session->handover;
    session->reported = true;
    return next;
  }
  if (stalled) forgive(session, now);
  uint64_t deadline = session->last_heard + session->detection;
  if (now >= deadline) {
    session->expired = true;
    return serve(pacer, session, false, now);
  }
  if (session->interval != 0) {
    if (session->send_at <= now + SOON) pacer_send(pacer, session, now);
    next = session->send_at;
  }
  return deadline < next ? deadline : next;
}

/* One turn: the sockets are read before anything is judged. Returns when the next one is wanted. */
static uint64_t turn(struct pacer *pacer) {
  uint64_t now = nanoseconds(), next = UINT64_MAX;
  uint64_t late = pacer->planned < now ? now - pacer->planned : 0;
  pacer->turns++;
  if (late > pacer->worst_lateness) pacer->worst_lateness = late;
  pacer_read(pacer, now);
  for (uint32_t bucket = 0; pacer->sessions > 0 && bucket < BUCKETS; bucket++)
    for (struct paced *session = pacer->buckets[bucket]; session; session = session->next) {
      uint64_t wanted = serve(pacer, session, late >= STALL, now);
      if (wanted < next) next = wanted;
    }
  return next;
}

static nfds_t watched(struct pacer *pacer, struct pollfd *polled) {
  nfds_t count = 0;
  polled[count++] = (struct pollfd){.fd = pacer->control, .events = POLLIN};
  for (int at = 0; at < MOST_ENDPOINTS; at++)
    if (pacer->endpoints[at].receive >= 0)
      polled[count++] = (struct pollfd){.fd = pacer->endpoints[at].receive, .events = POLLIN};
  return count;
}

static struct timespec timespec_of(uint64_t time) {
  return (struct timespec){.tv_sec = (time_t)(time / (1000 * MILLISECOND)), .tv_nsec = (long)(time % (1000 * MILLISECOND))};
}

/* Before all others if that is allowed (CAP_SYS_NICE), else as early as it is. */
static void become_urgent(void) {
  struct sched_param urgent = {.sched_priority = PRIORITY};
  if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &urgent) != 0)
    setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), -10);
}

void *pacer_run(void *data) {
  struct pacer *pacer = data;
  struct pollfd polled[1 + MOST_ENDPOINTS];
  sigset_t all;
  uint64_t ignored;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, NULL);
  pthread_setname_np(pthread_self(), "bfd-pacer");
  become_urgent();
  for (;;) {
    pthread_mutex_lock(&pacer->lock);
    if (pacer->stopping) break;
    uint64_t began = nanoseconds();
    uint64_t next = turn(pacer);
    pacer->planned = next;
    nfds_t count = watched(pacer, polled);
    pthread_mutex_unlock(&pacer->lock);
    /* What comes meanwhile is read together, at the next turn. */
    uint64_t ended = nanoseconds(), rest = began + TURN > ended + REST ? began + TURN : ended + REST;
    struct timespec until = timespec_of(rest);
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
    uint64_t now = nanoseconds();
    struct timespec wait = timespec_of(next > now ? next - now : 0);
    ppoll(polled, count, next == UINT64_MAX ? NULL : &wait, NULL);
    if ((polled[0].revents & POLLIN) && read(pacer->control, &ignored, sizeof ignored) < 0) continue;
  }
  pthread_mutex_unlock(&pacer->lock);
  return NULL;
}
