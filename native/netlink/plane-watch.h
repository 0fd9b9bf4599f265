/* What somebody does to the data plane; bpf/plane.c exports it. */
#ifndef ETRUNKD_PLANE_WATCH_H
#define ETRUNKD_PLANE_WATCH_H

#include <node_api.h>

napi_value plane_watch_open(napi_env env, napi_callback_info info);
napi_value plane_watch_next(napi_env env, napi_callback_info info);
napi_value plane_watch_close(napi_env env, napi_callback_info info);

#endif
