/* Signals as descriptors, and a clean slate for children. */
#ifndef COMMON_BASE_SIGNALS_H
#define COMMON_BASE_SIGNALS_H

#include <signal.h>
#include <sys/types.h>

/* Blocks the signals listed (ended by 0) and returns a non-blocking, close-on-exec signalfd for them. -1 with errno. */
int signals_block(int first, ...);

/* Takes one pending signal of the signalfd: its number, 0 if there is none. */
int signals_next(int fd);

/* What a child needs before exec: every disposition default, nothing blocked. */
void signals_default(void);

#endif
