/* Values between JavaScript and C: checked arguments, and results. */
#ifndef ETRUNKD_ARGUMENTS_H
#define ETRUNKD_ARGUMENTS_H

#include <node_api.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Arguments. Each check throws a TypeError or RangeError that names the argument and returns false when the value does not
 * fit. None but take_fields runs JavaScript, so a pointer taken by one stays valid while the others run.
 */
bool take_arguments(napi_env env, napi_callback_info info, size_t count, napi_value *arguments);
/*
 * The named properties of an object, undefined where it has none. A getter may run JavaScript, so this check comes before
 * any pointer is taken.
 */
bool take_fields(napi_env env, napi_value object, const char *what, size_t count, const char *const *names,
                 napi_value *fields);
bool take_integer(napi_env env, napi_value value, const char *what, double least, double greatest, double *out);
bool take_u32(napi_env env, napi_value value, const char *what, uint32_t least, uint32_t greatest, uint32_t *out);
/* An interface index. */
bool take_index(napi_env env, napi_value value, const char *what, uint32_t *out);
bool take_boolean(napi_env env, napi_value value, const char *what, bool *out);
bool take_text(napi_env env, napi_value value, const char *what, char *out, size_t size);
bool take_function(napi_env env, napi_value value, const char *what);
/* A MAC address as a number. */
bool take_mac(napi_env env, napi_value value, const char *what, uint8_t octets[6]);
/* A DataView or Uint8Array. */
bool take_bytes(napi_env env, napi_value value, const char *what, uint8_t **data, size_t *length);
bool take_u32_array(napi_env env, napi_value value, const char *what, uint32_t **data, size_t *length);
bool take_f64_array(napi_env env, napi_value value, const char *what, double **data, size_t *length);
bool is_undefined(napi_env env, napi_value value);

/* For a check of the caller's own: throws a RangeError and returns false. */
bool refuse_range(napi_env env, const char *text);

napi_value number(napi_env env, double value);
napi_value boolean(napi_env env, bool value);
void set_number(napi_env env, napi_value object, const char *name, double value);
void set_text(napi_env env, napi_value object, const char *name, const char *value);
void set_boolean(napi_env env, napi_value object, const char *name, bool value);
/* As a Uint8Array. */
void set_octets(napi_env env, napi_value object, const char *name, const void *octets, size_t length);

#endif
