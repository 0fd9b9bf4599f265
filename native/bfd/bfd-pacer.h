/* The BFD pacer as JavaScript holds it. */
#ifndef ETRUNKD_BFD_PACER_H
#define ETRUNKD_BFD_PACER_H

#include "pacer.h"

#include <node_api.h>

/* The pacer behind a value pacerOpen returned; NULL and a pending TypeError for any other value. */
struct pacer *pacer_of(napi_env env, napi_value value);

#endif
