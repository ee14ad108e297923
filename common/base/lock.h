/* flock on a directory or file that exists anyway: no lock file, and the kernel lets go when the holder dies. */
#ifndef COMMON_BASE_LOCK_H
#define COMMON_BASE_LOCK_H

#include <stdbool.h>

enum lock_mode { LOCK_SHARED, LOCK_EXCLUSIVE };

/* Takes the lock on an open descriptor, waiting at most timeout_seconds (0: not at all). It belongs to the open file: it
 * goes when the last copy of the descriptor is closed. 0, or -1 with errno EWOULDBLOCK when somebody else kept it. */
int lock_take(int fd, enum lock_mode mode, int timeout_seconds);

/* Lets go without closing. */
void lock_release(int fd);

/* Whether somebody else holds an exclusive lock on it now. */
bool lock_held(int fd);

#endif
