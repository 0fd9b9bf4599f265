/* What runs at the hooks of an interface; bpf/plane.c exports it. */
#ifndef ETRUNKD_HOOKS_H
#define ETRUNKD_HOOKS_H

#include <node_api.h>

napi_value hook_filters(napi_env env, napi_callback_info info);
napi_value hook_tcx(napi_env env, napi_callback_info info);

#endif
