/* What every file of the addon includes: how its functions come to JavaScript, argument checks, values, handles. */
#ifndef ETRUNKD_ADDON_H
#define ETRUNKD_ADDON_H

#include "arguments.h"
#include "handle.h"

/* A function by its name in JavaScript. */
struct export {
  const char *name;
  napi_callback call;
};

/* The functions of one file. */
struct export_table {
  const struct export *functions;
  size_t count;
  struct export_table *next;
};

void addon_register(struct export_table *table);

/*
 * EXPORTS({"name", function}, ...) once in a file: its functions. The table registers itself when the addon is loaded, so
 * no other file names it.
 */
#define EXPORTS(...)                                                                                 \
  __attribute__((constructor)) static void register_exports(void) {                                  \
    static const struct export functions[] = {__VA_ARGS__};                                          \
    static struct export_table table = {functions, sizeof functions / sizeof functions[0], NULL};    \
    addon_register(&table);                                                                          \
  }

#endif
