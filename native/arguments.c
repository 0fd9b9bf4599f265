/* Argument checks, and values for JavaScript. */
#include "arguments.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static bool refuse(napi_env env, const char *what, const char *wanted) {
  char text[160];
  snprintf(text, sizeof text, "%s must be %s", what, wanted);
  napi_throw_type_error(env, "ERR_INVALID_ARG_TYPE", text);
  return false;
}

bool refuse_range(napi_env env, const char *text) {
  napi_throw_range_error(env, "ERR_OUT_OF_RANGE", text);
  return false;
}

bool take_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *arguments) {
  /* Missing arguments arrive as undefined and fail the check of their type. */
  return napi_get_cb_info(env, info, &count, arguments, NULL, NULL) == napi_ok;
}

bool take_fields(napi_env env, napi_value object, const char *what, size_t count, const char *const *names,
                 napi_value *fields) {
  napi_valuetype type;
  if (napi_typeof(env, object, &type) != napi_ok || type != napi_object) return refuse(env, what, "an object");
  for (size_t at = 0; at < count; at++)
    if (napi_get_named_property(env, object, names[at], &fields[at]) != napi_ok) return false;
  return true;
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

bool take_index(napi_env env, napi_value value, const char *what, uint32_t *out) {
  return take_u32(env, value, what, 1, INT32_MAX, out);
}

bool take_boolean(napi_env env, napi_value value, const char *what, bool *out) {
  return napi_get_value_bool(env, value, out) == napi_ok || refuse(env, what, "a boolean");
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

bool take_mac(napi_env env, napi_value value, const char *what, uint8_t octets[6]) {
  double mac;
  if (!take_integer(env, value, what, 0, 0xffffffffffff, &mac)) return false;
  for (int at = 0; at < 6; at++) octets[at] = (uint8_t)((uint64_t)mac >> (40 - 8 * at));
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

static bool take_array(napi_env env, napi_value value, napi_typedarray_type wanted, void **data, size_t *length) {
  bool is = false;
  napi_typedarray_type type;
  if (napi_is_typedarray(env, value, &is) != napi_ok || !is ||
      napi_get_typedarray_info(env, value, &type, length, data, NULL, NULL) != napi_ok || type != wanted)
    return false;
  if (!*data) *length = 0;
  return true;
}

bool take_u32_array(napi_env env, napi_value value, const char *what, uint32_t **data, size_t *length) {
  void *from = NULL;
  if (!take_array(env, value, napi_uint32_array, &from, length)) return refuse(env, what, "a Uint32Array");
  *data = from;
  return true;
}

bool take_f64_array(napi_env env, napi_value value, const char *what, double **data, size_t *length) {
  void *from = NULL;
  if (!take_array(env, value, napi_float64_array, &from, length)) return refuse(env, what, "a Float64Array");
  *data = from;
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

napi_value boolean(napi_env env, bool value) {
  napi_value result = NULL;
  napi_get_boolean(env, value, &result);
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
  napi_set_named_property(env, object, name, boolean(env, value));
}

void set_octets(napi_env env, napi_value object, const char *name, const void *octets, size_t length) {
  napi_value buffer, array;
  void *data;
  if (napi_create_arraybuffer(env, length, &data, &buffer) != napi_ok) return;
  if (length > 0) memcpy(data, octets, length);
  if (napi_create_typedarray(env, napi_uint8_array, length, buffer, 0, &array) == napi_ok)
    napi_set_named_property(env, object, name, array);
}
