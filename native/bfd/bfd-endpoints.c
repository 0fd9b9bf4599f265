/* Fast BFD, the calls from JavaScript about sockets. Packets that JavaScript itself sends leave by the same sockets. */
#include "addon.h"
#include "bfd-pacer.h"
#include "thread.h"
#include "udp/datagram.h"

#include <errno.h>

/* pacerListen(pacer, port, ipv4, device): the endpoint's number or negative errno. */
static napi_value pacer_listen(napi_env env, napi_callback_info info) {
  napi_value arguments[4];
  struct endpoint endpoint = {.receive = -1, .send = -1};
  uint32_t port;
  if (!take_arguments(env, info, 4, arguments)) return NULL;
  struct pacer *pacer = pacer_of(env, arguments[0]);
  if (!pacer || !take_u32(env, arguments[1], "port", 1, 65535, &port) ||
      !take_boolean(env, arguments[2], "ipv4", &endpoint.ipv4) ||
      !take_text(env, arguments[3], "device", endpoint.device, sizeof endpoint.device))
    return NULL;
  if (!pacer->running) return number(env, -EBADF);
  endpoint.port = (uint16_t)port;
  int error = endpoint_open(&endpoint), at = 0;
  pthread_mutex_lock(&pacer->lock);
  while (at < MOST_ENDPOINTS && pacer->endpoints[at].receive >= 0) at++;
  if (!error && at == MOST_ENDPOINTS) error = -EMFILE;
  if (!error) pacer->endpoints[at] = endpoint;
  pthread_mutex_unlock(&pacer->lock);
  if (error) endpoint_close(&endpoint);
  pacer_nudge(pacer);
  return number(env, error ? error : at);
}

/* pacerUnlisten(pacer, endpoint). */
static napi_value pacer_unlisten(napi_env env, napi_callback_info info) {
  napi_value arguments[2];
  uint32_t at;
  if (!take_arguments(env, info, 2, arguments)) return NULL;
  struct pacer *pacer = pacer_of(env, arguments[0]);
  if (!pacer || !take_u32(env, arguments[1], "endpoint", 0, MOST_ENDPOINTS - 1, &at)) return NULL;
  pthread_mutex_lock(&pacer->lock);
  struct endpoint *endpoint = pacer_endpoint(pacer, at);
  if (endpoint) endpoint_close(endpoint);
  pthread_mutex_unlock(&pacer->lock);
  pacer_nudge(pacer);
  return NULL;
}

/* pacerJoin(pacer, endpoint, group, ifindex, join): 0 or negative errno. */
static napi_value pacer_join(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  struct address group;
  uint32_t at, ifindex;
  bool join;
  if (!take_arguments(env, info, 5, arguments)) return NULL;
  struct pacer *pacer = pacer_of(env, arguments[0]);
  if (!pacer || !take_u32(env, arguments[1], "endpoint", 0, MOST_ENDPOINTS - 1, &at) ||
      !take_address(env, arguments[2], "group", &group) ||
      !take_u32(env, arguments[3], "ifindex", 0, INT32_MAX, &ifindex) ||
      !take_boolean(env, arguments[4], "join", &join))
    return NULL;
  pthread_mutex_lock(&pacer->lock);
  struct endpoint *endpoint = pacer_endpoint(pacer, at);
  int error = endpoint && endpoint->ipv4 == address_is_ipv4(&group) ? udp_join(endpoint->receive, &group, ifindex, join)
                                                                    : -EBADF;
  pthread_mutex_unlock(&pacer->lock);
  return number(env, error);
}

/* pacerSend(pacer, bytes, numbers, source, destination): numbers as datagram.h has them. 0 or negative errno. */
static napi_value pacer_send_one(napi_env env, napi_callback_info info) {
  napi_value arguments[5];
  struct outgoing out;
  if (!take_arguments(env, info, 5, arguments)) return NULL;
  struct pacer *pacer = pacer_of(env, arguments[0]);
  if (!pacer || !take_outgoing(env, arguments + 1, &out)) return NULL;
  pthread_mutex_lock(&pacer->lock);
  const struct endpoint *endpoint = pacer_endpoint(pacer, out.endpoint);
  int error = endpoint && endpoint->ipv4 == address_is_ipv4(&out.target.destination)
                  ? endpoint_send(endpoint, &out.target, out.source_port, out.bytes, out.length)
                  : -EBADF;
  if (error) pacer->send_errors++;
  pthread_mutex_unlock(&pacer->lock);
  return number(env, error);
}

EXPORTS({"pacerListen", pacer_listen}, {"pacerUnlisten", pacer_unlisten}, {"pacerJoin", pacer_join},
        {"pacerSend", pacer_send_one})
