/* Native objects behind JavaScript objects. README.md says who owns which memory. */
#ifndef ETRUNKD_HANDLE_H
#define ETRUNKD_HANDLE_H

#include <node_api.h>
#include <stdbool.h>
#include <uv.h>

/*
 * A native object behind a JavaScript object. `kind` tells them apart, so that a ring passed for a sender is a
 * TypeError. An embedded struct owner must be the first member; the whole is allocated with calloc.
 */
struct owner {
  const napi_type_tag *kind;
};

/* Makes the JavaScript object; `finalize` runs when it is collected. NULL and a pending exception on failure. */
napi_value owner_wrap(napi_env env, struct owner *owner, const napi_type_tag *kind, napi_finalize finalize);
/* The native object of this kind behind a value; NULL and a pending TypeError for any other value. */
void *owner_of(napi_env env, napi_value value, const napi_type_tag *kind);

/*
 * A native object that lives on the event loop and calls JavaScript when its descriptor is readable. It is held until
 * it is closed: by JavaScript, or by the end of its environment (a worker's exit), which waits until libuv let go.
 */
struct handle {
  struct owner owner;
  napi_env env;
  napi_ref object;
  napi_ref readable;
  napi_async_context context;
  napi_async_cleanup_hook_handle hook;
  /* Stops and frees what the object has; runs once, `ending` when the environment ends and no JavaScript may be touched. */
  void (*release)(struct handle *handle, bool ending);
  uv_poll_t poll;
  uv_async_t wake;
  /* libuv handles whose close callback is still to come. */
  int closing;
  bool open;
  /* JavaScript holds no reference any more. */
  bool collected;
  /* libuv reported an error of the descriptor; the poll goes on. */
  void (*failed)(struct handle *handle);
};

/*
 * Starts polling `fd` and makes the JavaScript object. On failure it throws or returns a negative errno as a number,
 * has freed `handle` and called its `release`.
 */
napi_value handle_open(napi_env env, struct handle *handle, const napi_type_tag *kind, int fd, napi_value readable);
void handle_close(struct handle *handle, bool ending);
/* Calls the JavaScript function. Only on the thread of the event loop. */
void handle_notify(struct handle *handle);

#endif
