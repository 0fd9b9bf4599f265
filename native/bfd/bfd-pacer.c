/*
 * Fast BFD, the calls from JavaScript about sessions. The pacer always owns the BFD sockets of all sessions, so a hand-over
 * moves no packet between sockets.
 */
#include "addon.h"
#include "bfd-pacer.h"
#include "thread.h"
#include "udp/datagram.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

static const napi_type_tag PACER = {0x6574726e6b640013, 0x7061636572000000};

/* A pacer on the event loop. */
struct held {
  struct handle handle;
  struct pacer pacer;
};

static void held_release(struct handle *handle, bool ending) {
  struct pacer *pacer = &((struct held *)handle)->pacer;
  (void)ending;
  pacer_stop(pacer);
  for (int at = 0; at < MOST_ENDPOINTS; at++) endpoint_close(&pacer->endpoints[at]);
  for (uint32_t bucket = 0; bucket < BUCKETS; bucket++)
    while (pacer->buckets[bucket]) pacer_forget(pacer, &pacer->buckets[bucket]);
  pacer->waiting = 0;
  free(pacer->reports);
  pacer->reports = NULL;
  if (pacer->events >= 0) close(pacer->events);
  if (pacer->control >= 0) close(pacer->control);
  pacer->events = pacer->control = -1;
}

/* The thread may run before all others; the holder of the lock then runs as early. */
static void init_lock(pthread_mutex_t *lock) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  pthread_mutex_init(lock, &attributes);
  pthread_mutexattr_destroy(&attributes);
}

static int init_pacer(struct pacer *pacer) {
  for (int at = 0; at < MOST_ENDPOINTS; at++) pacer->endpoints[at].receive = pacer->endpoints[at].send = -1;
  init_lock(&pacer->lock);
  pacer->random = nanoseconds() | 1;
  pacer->planned = UINT64_MAX;
  pacer->events = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  pacer->control = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  pacer->reports = calloc(MOST_REPORTS, sizeof *pacer->reports);
  if (pacer->events < 0 || pacer->control < 0) return -EMFILE;
  return pacer->reports ? pacer_start(pacer) : -ENOMEM;
}

/* pacerOpen(readable): pacer or negative errno. */
static napi_value pacer_open(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments) || !take_function(env, arguments[0], "readable")) return NULL;
  struct held *held = calloc(1, sizeof *held);
  if (!held) return number(env, -ENOMEM);
  held->handle.release = held_release;
  int error = init_pacer(&held->pacer);
  if (error) {
    held_release(&held->handle, false);
    free(held);
    return number(env, error);
  }
  return handle_open(env, &held->handle, &PACER, held->pacer.events, arguments[0]);
}

struct pacer *pacer_of(napi_env env, napi_value value) {
  struct held *held = owner_of(env, value, &PACER);
  return held ? &held->pacer : NULL;
}

/*
 * The numbers of a session in one Float64Array: times in microseconds, an interval of 0 sends nothing, jitter per 1000 of the
 * interval.
 */
enum { DISCRIMINATOR, HANDOVER, ENDPOINT, SOURCE_PORT, PORT, TTL, CLASS, IFINDEX, INTERVAL, LEAST, MOST, DETECTION, RECEIVE,
       REMOTE, LEAST_TTL, KEY_ID, SENT, TAKEN, WINDOW, NUMBERS };
/* The longest time in microseconds: 64 bits of nanoseconds hold it many times. */
#define LONGEST 1e13
static const double LIMITS[NUMBERS] = {UINT32_MAX, UINT32_MAX, MOST_ENDPOINTS - 1, 65535, 65535,   255,     255,       INT32_MAX,
                                       LONGEST,    1000,       1000,               LONGEST, LONGEST, UINT32_MAX, 255,
                                       255,        UINT32_MAX, UINT32_MAX,         UINT32_MAX};

/* Each an integer in its range; else a pending error and false. */
static bool take_numbers(napi_env env, napi_value value, double *out) {
  double *data;
  size_t length;
  if (!take_f64_array(env, value, "numbers", &data, &length)) return false;
  if (length < NUMBERS) return refuse_range(env, "numbers must be nineteen");
  memcpy(out, data, NUMBERS * sizeof *out);
  for (size_t at = 0; at < NUMBERS; at++)
    if (!(out[at] >= 0 && out[at] <= LIMITS[at]) || floor(out[at]) != out[at])
      return refuse_range(env, "one of the numbers is no integer or out of its range");
  return true;
}

static void set_session(struct paced *session, const double *numbers) {
  session->discriminator = (uint32_t)numbers[DISCRIMINATOR];
  session->handover = (uint32_t)numbers[HANDOVER];
  session->endpoint = (uint32_t)numbers[ENDPOINT];
  session->source_port = (uint16_t)numbers[SOURCE_PORT];
  session->target.port = (uint16_t)numbers[PORT];
  session->target.ttl = (uint32_t)numbers[TTL];
  session->target.traffic_class = (uint32_t)numbers[CLASS];
  session->target.ifindex = (uint32_t)numbers[IFINDEX];
  session->interval = (uint64_t)numbers[INTERVAL] * 1000;
  session->jitter_least = (uint32_t)numbers[LEAST];
  session->jitter_most = (uint32_t)(numbers[MOST] > numbers[LEAST] ? numbers[MOST] : numbers[LEAST]);
  session->detection = (uint64_t)numbers[DETECTION] * 1000;
  session->receive_interval = (uint64_t)numbers[RECEIVE] * 1000;
  session->remote = (uint32_t)numbers[REMOTE];
  session->least_ttl = (uint32_t)numbers[LEAST_TTL];
  session->signer.key_id = (uint8_t)numbers[KEY_ID];
  session->signer.sent = (uint32_t)numbers[SENT];
  session->signer.taken = (uint32_t)numbers[TAKEN];
  session->signer.window = (uint32_t)numbers[WINDOW];
}

/*
 * pacerPace(pacer, numbers, packet, source, destination, key): 0 or negative errno. The numbers are those of the enumeration
 * above, intervals in microseconds, an interval of 0 sends nothing; a key of 20 octets signs, one of 0 does not. A session that
 * is paced already goes on with this, and with its own sequence numbers unless the key is another.
 */
static napi_value pacer_session(napi_env env, napi_callback_info info) {
  napi_value arguments[6];
  double numbers[NUMBERS];
  struct paced given = {0};
  uint8_t *packet, *key;
  size_t length, key_length;
  if (!take_arguments(env, info, 6, arguments)) return NULL;
  struct pacer *pacer = pacer_of(env, arguments[0]);
  if (!pacer || !take_numbers(env, arguments[1], numbers) ||
      !take_bytes(env, arguments[2], "packet", &packet, &length) ||
      !take_address(env, arguments[3], "source", &given.target.source) ||
      !take_address(env, arguments[4], "destination", &given.target.destination) ||
      !take_bytes(env, arguments[5], "key", &key, &key_length))
    return NULL;
  if (key_length != 0 && key_length != DIGEST_SIZE) {
    refuse_range(env, "a key must have 0 or 20 octets");
    return NULL;
  }
  if (length != PACKET_SIZE || numbers[TTL] == 0) {
    refuse_range(env, "a packet must have 24 octets and a TTL");
    return NULL;
  }
  set_session(&given, numbers);
  memcpy(given.packet, packet, PACKET_SIZE);
  given.signer.on = key_length != 0;
  if (given.signer.on) memcpy(given.signer.key, key, DIGEST_SIZE);
  pthread_mutex_lock(&pacer->lock);
  int error = pacer_pace(pacer, &given);
  pthread_mutex_unlock(&pacer->lock);
  pacer_nudge(pacer);
  return number(env, error);
}

/* As many as pacerStats writes. */
#define COUNTS 6u

static bool take_counts(napi_env env, napi_value value, double **counts) {
  size_t length;
  if (!take_f64_array(env, value, "counts", counts, &length)) return false;
  return length >= COUNTS || refuse_range(env, "counts must be six");
}

static napi_value tell_counts(napi_env env, napi_callback_info info, bool release) {
  napi_value arguments[3];
  uint32_t discriminator;
  double *counts;
  if (!take_arguments(env, info, 3, arguments)) return NULL;
  struct pacer *pacer = pacer_of(env, arguments[0]);
  if (!pacer || !take_u32(env, arguments[1], "discriminator", 0, UINT32_MAX, &discriminator) ||
      !take_counts(env, arguments[2], &counts))
    return NULL;
  pthread_mutex_lock(&pacer->lock);
  struct paced **at = pacer_find(pacer, discriminator), *session = *at;
  if (session) {
    counts[0] = (double)session->received;
    counts[1] = (double)session->sent;
    counts[2] = (double)(session->longest_silence / 1000);
    counts[3] = session->signer.sent;
    counts[4] = session->signer.taken;
  }
  if (session && release) pacer_forget(pacer, at);
  pthread_mutex_unlock(&pacer->lock);
  return boolean(env, session != NULL);
}

/*
 * pacerCounts(pacer, discriminator, counts): received, sent, longest silence in microseconds, sequence numbers of the last packet
 * that was signed and that was taken; false when it does not pace the session. pacerRelease: the same, and the session is paced
 * no more.
 */
static napi_value pacer_counts(napi_env env, napi_callback_info info) { return tell_counts(env, info, false); }
static napi_value pacer_let_go(napi_env env, napi_callback_info info) { return tell_counts(env, info, true); }

/* pacerSign(pacer, discriminator): the sequence number of a packet that JavaScript signs; -1 when it does not pace the session. */
static napi_value pacer_number(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint32_t discriminator;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct pacer *pacer = pacer_of(env, arguments[0]);
  if (!pacer || !take_u32(env, arguments[1], "discriminator", 0, UINT32_MAX, &discriminator)) return NULL;
  pthread_mutex_lock(&pacer->lock);
  struct paced *session = *pacer_find(pacer, discriminator);
  double sequence = session ? (double)++session->signer.sent : -1;
  pthread_mutex_unlock(&pacer->lock);
  return number(env, sequence);
}

/* pacerStats(pacer, counts): turns, worst lateness in microseconds since the last call, reports lost, send errors, datagrams
   the kernel dropped, sessions. */
static napi_value pacer_stats(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  double *counts;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct pacer *pacer = pacer_of(env, arguments[0]);
  if (!pacer || !take_counts(env, arguments[1], &counts)) return NULL;
  pthread_mutex_lock(&pacer->lock);
  uint32_t dropped = 0;
  for (int at = 0; at < MOST_ENDPOINTS; at++)
    if (pacer->endpoints[at].receive >= 0) dropped += udp_dropped(pacer->endpoints[at].receive);
  const double told[] = {(double)pacer->turns,       (double)(pacer->worst_lateness / 1000), (double)pacer->overflowed,
                         (double)pacer->send_errors, dropped,                               pacer->sessions};
  pacer->worst_lateness = 0;
  pthread_mutex_unlock(&pacer->lock);
  memcpy(counts, told, sizeof told);
  return NULL;
}

/* Columns of a row of pacerNext: expiry, endpoint, discriminator, hand-over, then those of a datagram (datagram.h). */
#define ROW_FIELDS (4u + ORIGIN_FIELDS)

static void describe(uint32_t *row, size_t start, const struct report *report) {
  row[0] = report->is_expiry;
  row[1] = report->endpoint;
  row[2] = report->discriminator;
  row[3] = report->handover;
  write_origin(row + 4, start, report->length, &report->origin);
}

/*
 * pacerNext(pacer, bytes, rows): the reports for JavaScript, oldest first: datagrams, each in a slot of 256 octets of
 * `bytes`, and expiries. How many; 0 when nothing waits. The sockets are read first, so that nothing is missing.
 */
static napi_value pacer_next(napi_env env, napi_callback_info info) {
  napi_value arguments[3];
  uint8_t *bytes;
  uint32_t *rows;
  size_t size, words, taken = 0;
  uint64_t signals = 1;
  if (!take_arguments(env, info, 3, arguments)) return NULL;
  struct pacer *pacer = pacer_of(env, arguments[0]);
  if (!pacer || !take_bytes(env, arguments[1], "bytes", &bytes, &size) ||
      !take_u32_array(env, arguments[2], "rows", &rows, &words))
    return NULL;
  if (!pacer->running) return number(env, -EBADF);
  size_t most = size / MOST_OCTETS < words / ROW_FIELDS ? size / MOST_OCTETS : words / ROW_FIELDS;
  pthread_mutex_lock(&pacer->lock);
  pacer_read(pacer, nanoseconds());
  for (; taken < most && pacer->waiting > 0; taken++) {
    const struct report *report = &pacer->reports[pacer->first_report];
    if (!report->is_expiry) memcpy(bytes + taken * MOST_OCTETS, report->octets, report->length);
    describe(rows + taken * ROW_FIELDS, taken * MOST_OCTETS, report);
    pacer->first_report = (pacer->first_report + 1) % MOST_REPORTS;
    pacer->waiting--;
  }
  /* Readable exactly while something waits. */
  if (pacer->waiting == 0 && read(pacer->events, &signals, sizeof signals) < 0) signals = 0;
  pthread_mutex_unlock(&pacer->lock);
  return number(env, (double)taken);
}

static napi_value pacer_close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct held *held = owner_of(env, arguments[0], &PACER);
  if (held) handle_close(&held->handle, false);
  return NULL;
}

EXPORTS({"pacerOpen", pacer_open}, {"pacerPace", pacer_session}, {"pacerRelease", pacer_let_go},
        {"pacerCounts", pacer_counts}, {"pacerSign", pacer_number}, {"pacerStats", pacer_stats}, {"pacerNext", pacer_next}, {"pacerClose", pacer_close})
