/* Sessions of the BFD pacer: what is sent, what keeps a peer alive, what is reported. */
#include "pacer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MICROSECOND 1000ull
#define MILLISECOND (1000 * MICROSECOND)
/* One turn serves all packets of so long. */
#define TURN MILLISECOND
/* A packet due within this time leaves now. */
#define SOON (300 * MICROSECOND)
/* A turn so late means that the thread did not run. */
#define STALL (5 * MILLISECOND)
/* Batches read from one socket; more than a socket holds. */
#define MOST_BATCHES 128

/* Octets 0 and 1 of a packet. */
#define VERSION_MASK 0xe0u
#define VERSION_1 0x20u
#define STATE_MASK 0xc0u
#define STATE_UP 0xc0u
#define STATE_DOWN 0x40u
#define POLL_OR_FINAL 0x30u
#define AUTHENTICATION 0x04u
#define DEMAND 0x02u
#define MULTIPOINT 0x01u
/* Diagnostic 1, Control Detection Time Expired. */
#define DETECTION_TIME_EXPIRED 1u
/* The least Desired Min TX Interval of a session that is not Up, in microseconds (RFC 5880 6.8.3). */
#define SLOW_INTERVAL 1000000u

uint64_t nanoseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (uint64_t)now.tv_sec * 1000 * MILLISECOND + (uint64_t)now.tv_nsec;
}

static uint32_t read_u32(const uint8_t *octets) {
  return (uint32_t)octets[0] << 24 | (uint32_t)octets[1] << 16 | (uint32_t)octets[2] << 8 | octets[3];
}

struct endpoint *pacer_endpoint(struct pacer *pacer, uint32_t at) {
  return at < MOST_ENDPOINTS && pacer->endpoints[at].receive >= 0 ? &pacer->endpoints[at] : NULL;
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

static void plan(struct pacer *pacer, struct paced *session) {
  uint64_t least = session->interval * session->jitter_least / 1000, most = session->interval * session->jitter_most / 1000;
  uint64_t part = session->jitter_least + random_below(pacer, session->jitter_most - session->jitter_least + 1);
  uint64_t after = session->interval * part / 1000;
  /* The thread may come a turn late. */
  if (after + TURN > most) after = most > least + TURN ? most - TURN : least;
  session->send_at = session->last_sent + after;
}

static void send_packet(struct pacer *pacer, struct paced *session, uint64_t now) {
  uint8_t packet[SIGNED_SIZE];
  session->last_sent = now;
  plan(pacer, session);
  memcpy(packet, session->packet, PACKET_SIZE);
  if (session->signer.on) sign(&session->signer, packet);
  int error = endpoint_send(&pacer->endpoints[session->endpoint], &session->target, session->source_port, packet,
                            session->signer.on ? SIGNED_SIZE : PACKET_SIZE);
  if (error) pacer->send_errors++;
  else session->sent++;
}

/* Whether two packets differ in Poll and Final alone, which wait for the next packet (RFC 5880 6.5, 6.8.7). */
static bool says_the_same(const uint8_t *one, const uint8_t *other) {
  return ((one[1] ^ other[1]) & ~0x30) == 0 && one[0] == other[0] && memcmp(one + 2, other + 2, PACKET_SIZE - 2) == 0;
}

int pacer_pace(struct pacer *pacer, const struct paced *given) {
  uint64_t now = nanoseconds();
  struct paced **at = pacer_find(pacer, given->discriminator), *session = *at;
  if (!pacer_endpoint(pacer, given->endpoint)) return -EBADF;
  bool goes_on = session && !session->expired;
  if (!session) {
    session = calloc(1, sizeof *session);
    if (!session) return -ENOMEM;
    *at = session;
    pacer->sessions++;
  }
  struct paced before = *session;
  *session = *given;
  session->next = before.next;
  if (goes_on && before.signer.on && session->signer.on && memcmp(before.signer.key, session->signer.key, DIGEST_SIZE) == 0) {
    session->signer.sent = before.signer.sent;
    session->signer.taken = before.signer.taken;
  }
  session->received = before.received;
  session->sent = before.sent;
  session->longest_silence = before.longest_silence;
  session->last_heard = goes_on ? before.last_heard : now;
  session->last_sent = goes_on ? before.last_sent : 0;
  session->knows_heard = goes_on && before.knows_heard;
  memcpy(session->heard, before.heard, PACKET_SIZE);
  if (session->interval != 0) {
    if (goes_on && before.interval != 0 && says_the_same(before.packet, session->packet)) plan(pacer, session);
    else send_packet(pacer, session, now);
  }
  return 0;
}

void pacer_forget(struct pacer *pacer, struct paced **at) {
  struct paced *session = *at;
  *at = session->next;
  pacer->sessions--;
  free(session);
}

static struct report *new_report(struct pacer *pacer, uint32_t most) {
  if (pacer->waiting >= most) return NULL;
  uint64_t one = 1;
  /* EAGAIN: the counter is readable already. */
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

/* Whether a packet has the section that the session wants: none, or an authentic one. */
static bool is_authentic(struct signer *signer, const uint8_t *octets, uint32_t length) {
  bool has_section = (octets[1] & AUTHENTICATION) != 0;
  if (has_section != signer->on || octets[3] != (has_section ? SIGNED_SIZE : PACKET_SIZE)) return false;
  return !has_section || (length == SIGNED_SIZE && takes_signed(signer, octets));
}

/* Whether the peer of an Up session said, over the path of the session, that it is Up. */
static bool fits(const struct paced *session, uint32_t endpoint, const uint8_t *octets, const struct udp_origin *origin) {
  const struct udp_target *target = &session->target;
  bool group = address_is_group(&target->destination);
  return !session->expired && session->endpoint == endpoint && (octets[0] & VERSION_MASK) == VERSION_1 &&
         (octets[1] & STATE_MASK) == STATE_UP && (octets[1] & MULTIPOINT) == 0 && octets[2] != 0 &&
         read_u32(octets + 4) == session->remote && origin->ttl >= session->least_ttl &&
         (target->ifindex == 0 || target->ifindex == origin->ifindex) &&
         (group || address_equal(&origin->source, &target->destination)) &&
         (group || address_is_any(&target->source) || address_equal(&origin->destination, &target->source));
}

static void take(struct pacer *pacer, uint32_t endpoint, const uint8_t *octets, uint32_t length,
                 const struct udp_origin *origin, uint64_t now) {
  struct paced *session = length < PACKET_SIZE ? NULL : *pacer_find(pacer, read_u32(octets + 8));
  if (!session || !fits(session, endpoint, octets, origin) || !is_authentic(&session->signer, octets, length)) {
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
  /* A packet that did not get into the queue is reported again when it comes again. */
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

/* After a stall of this thread a peer gets one more interval, once in a silence: our pause must not look like the peer's. */
static void forgive(struct paced *session, uint64_t now) {
  uint64_t until = now + session->receive_interval;
  if (session->forgiven || session->last_heard + session->detection >= until || until < session->detection) return;
  session->forgiven = true;
  session->last_heard = until - session->detection;
}

static void write_u32(uint8_t *octets, uint32_t value) {
  for (int at = 0; at < 4; at++) octets[at] = (uint8_t)(value >> (24 - 8 * at));
}

/*
 * Tells a silent peer that the session is down, as JavaScript will (RFC 5880 6.8.1, 6.8.4). A peer that still hears us must not
 * see a silence of ours when JavaScript is late.
 */
static void say_down(struct pacer *pacer, struct paced *session, uint64_t now) {
  uint8_t *packet = session->packet;
  packet[0] = VERSION_1 | DETECTION_TIME_EXPIRED;
  packet[1] = (uint8_t)(STATE_DOWN | (packet[1] & ~(STATE_MASK | POLL_OR_FINAL | DEMAND)));
  write_u32(packet + 8, 0);
  if (read_u32(packet + 12) < SLOW_INTERVAL) write_u32(packet + 12, SLOW_INTERVAL);
  send_packet(pacer, session, now);
}

/* Sends a session's due packet, judges its peer, and returns the time of the next turn it needs. */
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
    if (session->interval != 0) say_down(pacer, session, now);
    return serve(pacer, session, false, now);
  }
  if (session->interval != 0) {
    if (session->send_at <= now + SOON) send_packet(pacer, session, now);
    next = session->send_at;
  }
  return deadline < next ? deadline : next;
}

uint64_t pacer_turn(struct pacer *pacer) {
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
