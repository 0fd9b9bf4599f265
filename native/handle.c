/* Native objects and their clean-up hooks. */
#include "handle.h"

#include "arguments.h"

#include <errno.h>
#include <stdlib.h>

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
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", "the handle must be one this function works on");
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
  /* The environment may end once its hook is gone, so this is the last use of env. */
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
  /* Released before the wake-up closes, so that no thread of the handle can use it any more. */
  handle->release(handle, ending);
  uv_close((uv_handle_t *)&handle->wake, on_closed);
}

static void on_environment_ends(napi_async_cleanup_hook_handle hook, void *data) {
  struct handle *handle = data;
  (void)hook;
  /* For a closed handle the close callback is under way and removes the hook. */
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
