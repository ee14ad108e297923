#include "common/base/lock.h"

#include "common/base/clock.h"

#include <errno.h>
#include <sys/file.h>

int lock_take(int fd, enum lock_mode mode, int timeout_seconds)
{
	int operation = mode == LOCK_EXCLUSIVE ? LOCK_EX : LOCK_SH;
	long long deadline = clock_ms() + timeout_seconds * 1000LL;

	/* A blocking flock cannot be given a limit without a signal, and a signal handler is worse than a short sleep. */
	for (long long pause_ms = 1;; pause_ms = pause_ms < 20 ? pause_ms * 2 : 20) {
		if (flock(fd, operation | LOCK_NB) == 0)
			return 0;
		if (errno != EWOULDBLOCK && errno != EINTR)
			return -1;
		if (clock_ms() >= deadline) {
			errno = EWOULDBLOCK;
			return -1;
		}
		clock_sleep_ms(pause_ms);
	}
}

void lock_release(int fd)
{
	flock(fd, LOCK_UN);
}

bool lock_held(int fd)
{
	if (flock(fd, LOCK_SH | LOCK_NB) == 0) {
		flock(fd, LOCK_UN);
		return false;
	}
	return errno == EWOULDBLOCK;
}
