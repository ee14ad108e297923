/* A process's identity: its pid with its start time, since the number alone may be somebody else's by now. */
#ifndef COMMON_BASE_PIDFILE_H
#define COMMON_BASE_PIDFILE_H

#include <stdbool.h>
#include <sys/types.h>

struct identity {
	pid_t pid;                /* 0: nobody */
	unsigned long long start; /* field 22 of /proc/PID/stat (proc(5)): clock ticks since boot */
};

/* Reads the start time (and the state letter, if state is not NULL) of a pid that exists. 0, or -1 with errno ESRCH. */
int identity_of(pid_t pid, struct identity *who, char *state);

/* Whether that very process still exists and is no zombie. */
bool identity_alive(const struct identity *who);

/* A pidfd (close-on-exec) that is sure to be that very process. -1 with errno; ESRCH when it is gone or recycled. */
int identity_pidfd(const struct identity *who);

/* "pid start\n" written whole to dir/name, and read back. -1 with errno; EINVAL when it is no identity. */
int identity_save(int dir, const char *name, const struct identity *who);
int identity_load(int dir, const char *name, struct identity *who);

/* The leading decimal of a pid file. -1 with errno; ENODATA when it is empty, EINVAL when it is no pid. */
pid_t pidfile_read(int dir, const char *name);

/* The identity behind a pid file that keeps only a number: the process must have started no later than the file was
 * written (a second of rounding allowed). -1 with errno; ESRCH when that process is gone. */
int pidfile_identity(int dir, const char *name, struct identity *who);

#endif
