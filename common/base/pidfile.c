#include "common/base/pidfile.h"

#include "common/base/fd.h"
#include "common/base/statefile.h"
#include "common/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

int identity_of(pid_t pid, struct identity *who, char *state)
{
	autofree char *path = xprintf("/proc/%d/stat", (int)pid);
	autofree char *stat = statefile_read(AT_FDCWD, path, 4096, NULL);
	/* The command name stands in parentheses and may hold any byte, so fields are counted from the last one. */
	char *at = stat ? strrchr(stat, ')') : NULL;
	unsigned long long start;
	char letter;

	if (!at ||
		sscanf(at + 1, " %c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %*u %*u %*d %*d %*d %*d %*d %*d %llu",
			&letter, &start) != 2) {
		errno = ESRCH;
		return -1;
	}
	if (state)
		*state = letter;
	*who = (struct identity){ pid, start };
	return 0;
}

bool identity_alive(const struct identity *who)
{
	struct identity now;
	char state;

	return who->pid > 0 && identity_of(who->pid, &now, &state) == 0 && now.start == who->start && state != 'Z' &&
		state != 'X';
}

int identity_pidfd(const struct identity *who)
{
	autoclose int fd = who->pid > 0 ? (int)syscall(SYS_pidfd_open, who->pid, 0) : -1;
	struct identity now;

	/* Looked at after the pidfd is there: if it is the right one now, the pidfd was taken of the right one. */
	if (fd < 0 || identity_of(who->pid, &now, NULL) < 0 || now.start != who->start) {
		errno = ESRCH;
		return -1;
	}
	return fd_take(&fd);
}

int identity_save(int dir, const char *name, const struct identity *who)
{
	char line[64];
	int len = snprintf(line, sizeof line, "%d %llu\n", (int)who->pid, who->start);

	return statefile_write(dir, name, line, (size_t)len, 0600);
}

int identity_load(int dir, const char *name, struct identity *who)
{
	autofree char *line = statefile_read(dir, name, 64, NULL);

	if (!line)
		return -1;
	if (sscanf(line, "%d %llu", &who->pid, &who->start) != 2 || who->pid <= 0) {
		errno = EINVAL;
		return -1;
	}
	return 0;
}

pid_t pidfile_read(int dir, const char *name)
{
	autofree char *line = statefile_read(dir, name, 64, NULL);
	char *end;
	long pid;

	if (!line)
		return -1;
	pid = strtol(line, &end, 10);
	if (end == line || pid <= 0 || pid > 4194304) { /* PID_MAX_LIMIT */
		errno = *line ? EINVAL : ENODATA;
		return -1;
	}
	return (pid_t)pid;
}

/* The wall clock of a start time. Boot is "now minus uptime", both read here, since the wall clock may have been set. */
static double started_at(unsigned long long start)
{
	struct timespec wall, up;

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_BOOTTIME, &up);
	return (double)(wall.tv_sec - up.tv_sec) + (double)start / (double)sysconf(_SC_CLK_TCK);
}

int pidfile_identity(int dir, const char *name, struct identity *who)
{
	pid_t pid = pidfile_read(dir, name);
	struct stat st;

	if (pid < 0 || fstatat(dir, name, &st, 0) < 0 || identity_of(pid, who, NULL) < 0)
		return -1;
	if (started_at(who->start) > (double)st.st_mtim.tv_sec + 2) {
		errno = ESRCH;
		return -1;
	}
	return 0;
}
