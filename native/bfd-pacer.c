/*
 * Fast BFD, the calls from JavaScript. The pacer owns the BFD sockets for all sessions at all times, so a hand-over moves
 * no packet between sockets; what JavaScript itself sends goes out by them too.
 */
#include "bfd-pacer.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* Columns of a row of pacerNext: expiry, start, length, TTL, interface, source port, endpoint, discriminator, hand-over,
   source and destination of 4 words each. */
#define ROW_FIELDS 17u
static const napi_type_tag PACER = {0x6574726e6b640013, 0x7061636572000000};

static void pacer_release(struct handle *handle, bool ending) {
  struct pacer *pacer = (struct pacer *)handle;
  (void)ending;
  if (pacer->running) {
    pthread_mutex_lock(&pacer->lock);
    pacer->stopping = true;
    pthread_mutex_unlock(&pacer->lock);
    pacer_nudge(pacer);
    pthread_join(pacer->thread, NULL);
    pacer->running = false;
  }
  for (int at = 0; at < MOST_ENDPOINTS; at++) endpoint_close(&pacer->endpoints[at]);
  for (uint32_t bucket = 0; bucket < BUCKETS; bucket++)
    for (struct paced *session = pacer->buckets[bucket], *next; session; session = next) {
      next = session->next;
      free(session);
    }
  memset(pacer->buckets, 0, sizeof pacer->buckets);
  pacer->sessions = pacer->waiting = 0;
  free(pacer->reports);
  pacer->reports = NULL;
  if (pacer->events >= 0) close(pacer->events);
  if (pacer->control >= 0) close(pacer->control);
  pacer->events = pacer->control = -1;
}

/* The thread may run before all others; who holds the lock then runs as early. */
static void init_lock(pthread_mutex_t *lock) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setprotocol(&attributes, PTHREAD_PRIO_INHERIT);
  pthread_mutex_init(lock, &attributes);
  pthread_mutexattr_destroy(&attributes);
}

/* pacerOpen(readable): pacer or negative errno. */
static napi_value pacer_open(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments) || !take_function(env, arguments[0], "readable")) return NULL;
  struct pacer *pacer = calloc(1, sizeof *pacer);
  if (!pacer) return number(env, -ENOMEM);
  pacer->handle.release = pacer_release;
  for (int at = 0; at < MOST_ENDPOINTS; at++) pacer->endpoints[at].receive = pacer->endpoints[at].send = -1;
  init_lock(&pacer->lock);
  pacer->random = nanoseconds() | 1;
  pacer->planned = UINT64_MAX;
  pacer->events = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  pacer->control = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  pacer->reports = calloc(MOST_REPORTS, sizeof *pacer->reports);
  int error = pacer->events < 0 || pacer->control < 0 ? -EMFILE : pacer->reports ? 0 : -ENOMEM;
  if (!error) error = -pthread_create(&pacer->thread, NULL, pacer_run, pacer);
  if (error) {
    pacer_release(&pacer->handle, false);
    free(pacer);
    return number(env, error);
  }
  pacer->running = true;
  return handle_open(env, &pacer->handle, &PACER, pacer->events, arguments[0]);
}

/* Microseconds up to what 64 bits of nanoseconds bear many times. */
#define LONGEST 1e13
static const double LIMITS[NUMBERS] = {UINT32_MAX, UINT32_MAX, MOST_ENDPOINTS - 1, 65535, 65535,   255,     255,       INT32_MAX,
                                       LONGEST,    1000,       1000,               LONGEST, LONGEST, UINT32_MAX, 255};

bool take_numbers(napi_env env, napi_value value, size_t count, double *out) {
  bool is = false;
  napi_typedarray_type type;
  size_t length;
  void *data = NULL;
  if (napi_is_typedarray(env, value, &is) != napi_ok || !is ||
      napi_get_typedarray_info(env, value, &type, &length, &data, NULL, NULL) != napi_ok || type != napi_float64_array) {
    napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "numbers must be a Float64Array");
    return false;
  }
  if (data && length >= count) memcpy(out, data, count * sizeof *out);
  for (size_t at = 0; at < count; at++)
    if (!data || length < count || !(out[at] >= 0 && out[at] <= LIMITS[at]) || floor(out[at]) != out[at]) {
      napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "one of the numbers is missing, no integer or out of its range");
      return false;
    }
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
}

/* But for Poll and Final, which wait for the next packet (RFC 5880 6.5, 6.8.7). */
static bool says_the_same(const uint8_t *one, const uint8_t *other) {
  return ((one[1] ^ other[1]) & ~0x30) == 0 && one[0] == other[0] && memcmp(one + 2, other + 2, PACKET_SIZE - 2) == 0;
}

/* With the lock held; `given` is complete but for what a session keeps over hand-overs. */
static int pace(struct pacer *pacer, const struct paced *given) {
  uint64_t now = nanoseconds();
  struct paced **at = pacer_find(pacer, given->discriminator), *session = *at;
  if (!endpoint_of(pacer, given->endpoint)) return -EBADF;
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
  session->received = before.received;
  session->sent = before.sent;
  session->longest_silence = before.longest_silence;
  session->last_heard = goes_on ? before.last_heard : now;
  session->last_sent = goes_on ? before.last_sent : 0;
  session->knows_heard = goes_on && before.knows_heard;
  memcpy(session->heard, before.heard, PACKET_SIZE);
  if (session->interval != 0) {
    if (goes_on && before.interval != 0 && says_the_same(before.packet, session->packet)) pacer_plan(pacer, session);
    else pacer_send(pacer, session, now);
  }
  return 0;
}

/*
 * pacerPace(pacer, numbers, packet, source, destination): 0 or negative errno. The numbers are those of the enumeration
 * above, intervals in microseconds, an interval of 0 sends nothing. A session that is paced already goes on with this.
 */
static napi_value pacer_pace(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  double numbers[NUMBERS];
  struct paced given = {0};
  uint8_t *packet;
  size_t length;
  if (!take_arguments(env, info, 5, arguments)) return NULL;
  struct pacer *pacer = pacer_of(env, arguments[0]);
  if (!pacer || !take_numbers(env, arguments[1], NUMBERS, numbers) ||
      !take_bytes(env, arguments[2], "packet", &packet, &length) ||
      !take_address(env, arguments[3], "source", &given.target.source) ||
      !take_address(env, arguments[4], "destination", &given.target.destination))
    return NULL;
  if (length != PACKET_SIZE || numbers[TTL] == 0) {
    napi_throw_range_error(env, "ERR_OUT_OF_RANGE", "a packet must have 24 octets and a TTL");
    return NULL;
  }
  set_session(&given, numbers);
  memcpy(given.packet, packet, PACKET_SIZE);
  pthread_mutex_lock(&pacer->lock);
  int error = pace(pacer, &given);
  pthread_mutex_unlock(&pacer->lock);
  if (pacer->handle.open) pacer_nudge(pacer);
  return number(env, error);
}

/* Received, sent, longest silence in microseconds. */
static bool take_counts(napi_env env, napi_value value, double **counts) {
  bool is = false;
  napi_typedarray_type type;
  size_t length;
  void *data = NULL;
  if (napi_is_typedarray(env, value, &is) == napi_ok && is &&
      napi_get_typedarray_info(env, value, &type, &length, &data, NULL, NULL) == napi_ok &&
      type == napi_float64_array && data && length >= 6) {
    *counts = data;
    return true;
  }
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "counts must be a Float64Array of 6");
  return false;
}

static napi_value tell_counts(napi_env env, napi_callback_info info, bool release) {
  napi_value arguments[3], known;
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
  }
  if (session && release) {
    *at = session->next;
    pacer->sessions--;
    free(session);
  }
  pthread_mutex_unlock(&pacer->lock);
  return napi_get_boolean(env, session != NULL, &known) == napi_ok ? known : NULL;
}

/* pacerCounts(pacer, discriminator, counts), pacerRelease: the same, and the session is paced no more. Whether it was. */
static napi_value pacer_counts(napi_env env, napi_callback_info info) { return tell_counts(env, info, false); }
static napi_value pacer_let_go(napi_env env, napi_callback_info info) { return tell_counts(env, info, true); }

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

static void describe(uint32_t *row, size_t start, const struct report *report) {
  const struct udp_origin *origin = &report->origin;
  const uint32_t told[] = {report->is_expiry,   (uint32_t)start,     report->length,        origin->ttl,     origin->ifindex,
                           origin->source_port, report->endpoint, report->discriminator, report->handover};
  memcpy(row, told, sizeof told);
  for (int n = 0; n < 4; n++) {
    uint32_t word;
    memcpy(&word, origin->source.octets + 4 * n, 4);
    row[9 + n] = ntohl(word);
    memcpy(&word, origin->destination.octets + 4 * n, 4);
    row[13 + n] = ntohl(word);
  }
}

/*
 * pacerNext(pacer, bytes, rows): what JavaScript must see, oldest first: datagrams, each in a slot of 256 octets of
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
  if (!pacer->handle.open) return number(env, -EBADF);
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

struct pacer *pacer_of(napi_env env, napi_value value) { return owner_of(env, value, &PACER); }

static napi_value pacer_close(napi_env env, napi_callback_info info) {
  napi_value arguments[1];
  if (!take_arguments(env, info, 1, arguments)) return NULL;
  struct pacer *pacer = pacer_of(env, arguments[0]);
  if (pacer) handle_close(&pacer->handle, false);
  return NULL;
}

const struct export pacer_exports[] = {{"pacerOpen", pacer_open},     {"pacerPace", pacer_pace},
                                       {"pacerRelease", pacer_let_go}, {"pacerCounts", pacer_counts},
                                       {"pacerStats", pacer_stats},   {"pacerNext", pacer_next},
                                       {"pacerClose", pacer_close},   {NULL, NULL}};
