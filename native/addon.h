/* What every file of the addon shares: argument checks, handles, the table of exported functions. */
#ifndef ETRUNKD_ADDON_H
#define ETRUNKD_ADDON_H

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

/* One exported function. A table of them ends with a NULL name. */
struct export {
  const char *name;
  napi_callback call;
};

extern const struct export ring_exports[];
extern const struct export send_exports[];
extern const struct export netlink_exports[];
extern const struct export watch_exports[];
extern const struct export channel_exports[];
extern const struct export system_exports[];
extern const struct export service_exports[];
extern const struct export plane_exports[];
extern const struct export veth_exports[];
extern const struct export address_watch_exports[];
extern const struct export udp_exports[];
extern const struct export pacer_exports[];
extern const struct export endpoint_exports[];
extern const struct export address_exports[];
extern const struct export route_exports[];
extern const struct export device_exports[];
extern const struct export fdb_exports[];

/*
 * Arguments. Each check throws a TypeError that names the argument and returns false when the value does not fit.
 * None runs JavaScript, so a pointer taken by one stays valid while the others run.
 */
bool take_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *arguments);
bool take_integer(napi_env env, napi_value value, const char *what, double least, double greatest, double *out);
bool take_u32(napi_env env, napi_value value, const char *what, uint32_t least, uint32_t greatest, uint32_t *out);
bool take_text(napi_env env, napi_value value, const char *what, char *out, size_t size);
bool take_function(napi_env env, napi_value value, const char *what);
/* A DataView or Uint8Array. */
bool take_bytes(napi_env env, napi_value value, const char *what, uint8_t **data, size_t *length);
bool take_u32_array(napi_env env, napi_value value, const char *what, uint32_t **data, size_t *length);
bool is_undefined(napi_env env, napi_value value);

napi_value number(napi_env env, double value);
void set_number(napi_env env, napi_value object, const char *name, double value);
void set_text(napi_env env, napi_value object, const char *name, const char *value);
void set_boolean(napi_env env, napi_value object, const char *name, bool value);

/*
 * A native object behind a JavaScript object. `kind` tells them apart, so that a ring passed for a sender is a
 * TypeError. An embedded struct owner must be the first member; the whole is allocated with calloc.
 */
struct owner {
  const napi_type_tag *kind;
};

/* Wraps it; `finalize` runs when JavaScript lets go of it. NULL and a pending exception when that fails. */
napi_value owner_wrap(napi_env env, struct owner *owner, const napi_type_tag *kind, napi_finalize finalize);
/* The native object of this kind behind a value; NULL and a pending TypeError when it is something else. */
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
  /* Stops and frees what it has; runs once, `ending` when the environment ends and no JavaScript may be touched. */
  void (*release)(struct handle *handle, bool ending);
  uv_poll_t poll;
  uv_async_t wake;
  /* libuv handles whose close callback is still to come. */
  int closing;
  bool open;
  /* JavaScript holds no reference any more. */
  bool collected;
  /* Errors of the descriptor libuv told us about; the poll goes on. */
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
