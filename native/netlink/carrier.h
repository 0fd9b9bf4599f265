/* The thread that looks after the carrier of interfaces. */
#ifndef ETRUNKD_CARRIER_H
#define ETRUNKD_CARRIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <uv.h>

struct carrier_watch;

/* Starts the thread, which calls uv_async_send(wake) when an answer changed. NULL without memory or threads. */
struct carrier_watch *carrier_start(int fd, uv_async_t *wake);
void carrier_stop(struct carrier_watch *watch);
/* Replaces the list of interfaces asked. 0 or negative errno. */
int carrier_set(struct carrier_watch *watch, const uint32_t *indexes, size_t count);
/* The interface has this name now; the thread asks all at once. */
void carrier_named(struct carrier_watch *watch, uint32_t index, const char *name);
/* The last answer of an interface: 0 or 1; -1 for one that is not polled or does not answer. */
int carrier_last(struct carrier_watch *watch, uint32_t index);
/* Takes one changed answer; false when there is none. */
bool carrier_changed(struct carrier_watch *watch, uint32_t *index, int *carrier);

#endif
