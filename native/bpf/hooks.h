/* What runs at the hooks of an interface; bpf/plane.c exports it. */
#ifndef ETRUNKD_HOOKS_H
#define ETRUNKD_HOOKS_H

#include <node_api.h>

/* Our place among the filters of an interface: "ET". Lower numbers run before, and the kernel itself picks 0xc000 first. */
#define HOOK_PREFERENCE 0x4554u
#define HOOK_HANDLE 1u

napi_value hook_filters(napi_env env, napi_callback_info info);
napi_value hook_tcx(napi_env env, napi_callback_info info);

#endif
