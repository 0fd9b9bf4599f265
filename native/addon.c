/* What crosses the boundary: argument checks, handles with their clean-up hooks, the table of functions. */
#include "addon.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static bool refuse(napi_env env, const char *what, const char *wanted) {
  char text[160];
  snprintf(text, sizeof text, "%s must be %s", what, wanted);
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", text);
  return false;
}

bool take_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *arguments) {
  /* Missing arguments arrive as undefined and fail the check of their type. */
  return napi_get_cb_info(env, info, &count, arguments, NULL, NULL) == napi_ok;
}

bool take_integer(napi_env env, napi_value value, const char *what, double least, double greatest, double *out) {
  double given;
  if (napi_get_value_double(env, value, &given) != napi_ok) return refuse(env, what, "a number");
  if (!(given >= least && given <= greatest) || floor(given) != given) {
    char text[160];
    snprintf(text, sizeof text, "%s must be an integer in %.0f..%.0f", what, least, greatest);
    napi_throw_range_error(env, "ERR_OUT_OF_RANGE", text);
    return false;
  }
  *out = given;
  return true;
}

bool take_u32(napi_env env, napi_value value, const char *what, uint32_t least, uint32_t greatest, uint32_t *out) {
  double given;
  if (!take_integer(env, value, what, least, greatest, &given)) return false;
  *out = (uint32_t)given;
  return true;
}

bool take_text(napi_env env, napi_value value, const char *what, char *out, size_t size) {
  size_t length;
  if (napi_get_value_string_utf8(env, value, NULL, 0, &length) != napi_ok) return refuse(env, what, "a string");
  if (length >= size) return refuse(env, what, "shorter");
  if (napi_get_value_string_utf8(env, value, out, size, &length) != napi_ok) return refuse(env, what, "a string");
  /* A NUL inside would name something else than JavaScript sees. */
  if (strlen(out) != length) return refuse(env, what, "text without NUL");
  return true;
}

bool take_function(napi_env env, napi_value value, const char *what) {
  napi_valuetype type;
  if (napi_typeof(env, value, &type) != napi_ok || type != napi_function) return refuse(env, what, "a function");
  return true;
}

bool take_bytes(napi_env env, napi_value value, const char *what, uint8_t **data, size_t *length) {
  bool is = false;
  napi_typedarray_type type;
  void *from = NULL;
  if (napi_is_dataview(env, value, &is) == napi_ok && is) {
    if (napi_get_dataview_info(env, value, length, &from, NULL, NULL) != napi_ok) return false;
  } else {
    if (napi_is_typedarray(env, value, &is) != napi_ok || !is) return refuse(env, what, "a DataView or Uint8Array");
    if (napi_get_typedarray_info(env, value, &type, length, &from, NULL, NULL) != napi_ok) return false;
    if (type != napi_uint8_array) return refuse(env, what, "a DataView or Uint8Array");
  }
  *data = from;
  if (!from) *length = 0;
  return true;
}

bool take_u32_array(napi_env env, napi_value value, const char *what, uint32_t **data, size_t *length) {
  bool is = false;
  napi_typedarray_type type;
  void *from = NULL;
  if (napi_is_typedarray(env, value, &is) != napi_ok || !is) return refuse(env, what, "a Uint32Array");
  if (napi_get_typedarray_info(env, value, &type, length, &from, NULL, NULL) != napi_ok) return false;
  if (type != napi_uint32_array) return refuse(env, what, "a Uint32Array");
  *data = from;
  if (!from) *length = 0;
  return true;
}

bool is_undefined(napi_env env, napi_value value) {
  napi_valuetype type;
  return napi_typeof(env, value, &type) == napi_ok && type == napi_undefined;
}

napi_value number(napi_env env, double value) {
  napi_value result = NULL;
  napi_create_double(env, value, &result);
  return result;
}

void set_number(napi_env env, napi_value object, const char *name, double value) {
  napi_set_named_property(env, object, name, number(env, value));
}

void set_text(napi_env env, napi_value object, const char *name, const char *value) {
  napi_value text;
  if (napi_create_string_utf8(env, value, NAPI_AUTO_LENGTH, &text) == napi_ok)
    napi_set_named_property(env, object, name, text);
}

void set_boolean(napi_env env, napi_value object, const char *name, bool value) {
  napi_value boolean;
  if (napi_get_boolean(env, value, &boolean) == napi_ok) napi_set_named_property(env, object, name, boolean);
}

napi_value owner_wrap(napi_env env, struct owner *owner, const napi_type_tag *kind, napi_finalize finalize) {
  napi_value object;
  owner->kind = kind;
  if (napi_create_object(env, &object) != napi_ok || napi_type_tag_object(env, object, kind) != napi_ok ||
      napi_wrap(env, object, owner, finalize, NULL, NULL) != napi_ok) {
    napi_throw_error(env, NULL, "cannot make the native object");
    return NULL;
  }
  return object;
}

void *owner_of(napi_env env, napi_value value, const napi_type_tag *kind) {
  void *owner = NULL;
  napi_valuetype type;
  bool matches = false;
  if (napi_typeof(env, value, &type) == napi_ok && type == napi_object &&
      napi_check_object_type_tag(env, value, kind, &matches) == napi_ok && matches &&
      napi_unwrap(env, value, &owner) == napi_ok)
    return owner;
  refuse(env, "the handle", "one this function works on");
  return NULL;
}

static void free_when_done(struct handle *handle) {
  if (handle->collected && handle->closing == 0 && !handle->open) free(handle);
}

static void on_collected(napi_env env, void *data, void *hint) {
  struct handle *handle = data;
  (void)env, (void)hint;
  handle->collected = true;
  free_when_done(handle);
}

static void on_closed(uv_handle_t *closed) {
  struct handle *handle = closed->data;
  if (--handle->closing > 0) return;
  napi_delete_reference(handle->env, handle->readable);
  napi_async_destroy(handle->env, handle->context);
  /* The last use of env: without the hook it may end. */
  napi_ref object = handle->object;
  napi_env env = handle->env;
  napi_async_cleanup_hook_handle hook = handle->hook;
  free_when_done(handle);
  napi_delete_reference(env, object);
  napi_remove_async_cleanup_hook(hook);
}

void handle_close(struct handle *handle, bool ending) {
  if (!handle->open) return;
  handle->open = false;
  handle->closing = 2;
  uv_close((uv_handle_t *)&handle->poll, on_closed);
  /* Before the wake-up is closed, so that no thread of the handle can still use it. */
  handle->release(handle, ending);
  uv_close((uv_handle_t *)&handle->wake, on_closed);
}

static void on_environment_ends(napi_async_cleanup_hook_handle hook, void *data) {
  struct handle *handle = data;
  (void)hook;
  /* Closed already: its close callback is under way and removes the hook. */
  handle_close(handle, true);
}

void handle_notify(struct handle *handle) {
  napi_env env = handle->env;
  napi_handle_scope scope;
  napi_value self, readable, error;
  if (!handle->open || napi_open_handle_scope(env, &scope) != napi_ok) return;
  if (napi_get_reference_value(env, handle->object, &self) == napi_ok &&
      napi_get_reference_value(env, handle->readable, &readable) == napi_ok &&
      napi_make_callback(env, handle->context, self, readable, 0, NULL, NULL) == napi_pending_exception &&
      napi_get_and_clear_last_exception(env, &error) == napi_ok)
    napi_fatal_exception(env, error);
  napi_close_handle_scope(env, scope);
}

static void on_readable(uv_poll_t *poll, int status, int events) {
  struct handle *handle = poll->data;
  (void)events;
  if (status < 0) {
    /* libuv stopped polling. An interface that went down (ENETDOWN) is a state: clear it and go on. */
    if (handle->failed) handle->failed(handle);
    uv_poll_start(poll, UV_READABLE, on_readable);
  }
  handle_notify(handle);
}

static void on_wake(uv_async_t *wake) { handle_notify(wake->data); }

napi_value handle_open(napi_env env, struct handle *handle, const napi_type_tag *kind, int fd, napi_value readable) {
  uv_loop_t *loop;
  napi_value name, object;
  int error = 0;
  handle->env = env;
  if (napi_get_uv_event_loop(env, &loop) != napi_ok ||
      napi_create_string_utf8(env, "etrunkd", NAPI_AUTO_LENGTH, &name) != napi_ok)
    error = -ENOMEM;
  if (error == 0) error = uv_poll_init(loop, &handle->poll, fd);
  if (error != 0) {
    handle->release(handle, false);
    free(handle);
    return number(env, error);
  }
  handle->poll.data = handle;
  handle->wake.data = handle;
  uv_async_init(loop, &handle->wake, on_wake);
  uv_poll_start(&handle->poll, UV_READABLE, on_readable);
  handle->open = true;
  napi_create_reference(env, readable, 1, &handle->readable);
  napi_async_init(env, NULL, name, &handle->context);
  napi_add_async_cleanup_hook(env, on_environment_ends, handle, &handle->hook);
  object = owner_wrap(env, &handle->owner, kind, on_collected);
  if (!object) {
    handle->collected = true;
    handle_close(handle, false);
    return NULL;
  }
  napi_create_reference(env, object, 1, &handle->object);
  return object;
}

static napi_status add_exports(napi_env env, napi_value exports, const struct export *table) {
  napi_status status = napi_ok;
  for (; table->name && status == napi_ok; table++) {
    napi_value function;
    status = napi_create_function(env, table->name, NAPI_AUTO_LENGTH, table->call, NULL, &function);
    if (status == napi_ok) status = napi_set_named_property(env, exports, table->name, function);
  }
  return status;
}

NAPI_MODULE_INIT() {
  static const struct export *const tables[] = {ring_exports,    send_exports,   netlink_exports, watch_exports,
                                                channel_exports, system_exports, service_exports,
                                                plane_exports,   veth_exports,   address_exports,
                                                route_exports,   device_exports, address_watch_exports,
                                                udp_exports,     fdb_exports,    pacer_exports,
                                                endpoint_exports};
  for (size_t at = 0; at < sizeof tables / sizeof *tables; at++) {
    if (add_exports(env, exports, tables[at]) == napi_ok) continue;
    napi_throw_error(env, NULL, "cannot export the functions of the addon");
    return NULL;
  }
  return exports;
}
