/* The thread of the BFD pacer: it runs its turns when they are due. */
#ifndef ETRUNKD_THREAD_H
#define ETRUNKD_THREAD_H

#include "pacer.h"

/* 0 or negative errno. */
int pacer_start(struct pacer *pacer);
/* Joins the thread; nothing where none runs. */
void pacer_stop(struct pacer *pacer);
/* Wakes the thread: its plans changed. */
void pacer_nudge(struct pacer *pacer);

#endif
