/* The addon as Node loads it: an object with the functions of every file. */
#include "addon.h"

/* Filled before Node asks for it, once for all environments of the process. */
static struct export_table *tables;

void addon_register(struct export_table *table) {
  table->next = tables;
  tables = table;
}

static napi_status add_exports(napi_env env, napi_value exports, const struct export_table *table) {
  napi_status status = napi_ok;
  for (size_t at = 0; at < table->count && status == napi_ok; at++) {
    const struct export *export = &table->functions[at];
    napi_value function;
    status = napi_create_function(env, export->name, NAPI_AUTO_LENGTH, export->call, NULL, &function);
    if (status == napi_ok) status = napi_set_named_property(env, exports, export->name, function);
  }
  return status;
}

NAPI_MODULE_INIT() {
  for (const struct export_table *table = tables; table; table = table->next)
    if (add_exports(env, exports, table) != napi_ok) {
      napi_throw_error(env, NULL, "cannot define the functions of the addon");
      return NULL;
    }
  return exports;
}
