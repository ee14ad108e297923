#include "common/base/spawn.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/signals.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIFTED 64 /* above every number that a map may name as its target */

/* Sets the map's descriptors down on their numbers. They are lifted above all targets first, so that none is overwritten
 * before it was placed. dup2 makes the copies survive exec; everything else we have is close-on-exec. */
static int place(const struct fdmap *map, size_t count)
{
	int lifted[LIFTED];
	bool named[3] = { false };

	for (size_t i = 0; i < count; i++) {
		lifted[i] = fcntl(map[i].from, F_DUPFD_CLOEXEC, LIFTED);
		if (lifted[i] < 0)
			return -1;
		if (map[i].to < 3)
			named[map[i].to] = true;
	}
	for (int fd = 0; fd < 3; fd++) {
		if (named[fd])
			continue;
		autoclose int null = open("/dev/null", O_RDWR | O_CLOEXEC);
		if (null < 0 || (null != fd && dup2(null, fd) < 0))
			return -1;
		if (null == fd) {
			fcntl(fd, F_SETFD, 0);
			(void)fd_take(&null); /* it is already where it belongs */
		}
	}
	for (size_t i = 0; i < count; i++)
		if (dup2(lifted[i], map[i].to) < 0)
			return -1;
	return 0;
}

/* In the child. A failed exec, or anything before it, is reported as an errno through a pipe that a good exec closes. */
_Noreturn static void child(char *const argv[], const struct fdmap *map, size_t count, int (*setup)(void *), void *data,
	int report)
{
	int number;

	/* The report must not stand where the map wants something. */
	report = fcntl(report, F_DUPFD_CLOEXEC, LIFTED * 2);
	signals_default();
	setpgid(0, 0);
	if (report >= 0 && place(map, count) == 0 && (!setup || setup(data) == 0))
		execvp(argv[0], argv);
	number = errno;
	(void)!write(report, &number, sizeof number); /* the parent then sees end of file: as good as it gets */
	_exit(127);
}

pid_t spawn_with(char *const argv[], const struct fdmap *map, size_t count, int (*setup)(void *data), void *data)
{
	int ends[2], number = 0;
	ssize_t got;
	pid_t pid;

	if (count > LIFTED) {
		errno = EINVAL;
		return -1;
	}
	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0)
		child(argv, map, count, setup, data, ends[1]);
	number = pid < 0 ? errno : 0;
	fd_close(&ends[1]);
	got = pid < 0 ? 0 : fd_read_full(ends[0], &number, sizeof number);
	fd_close(&ends[0]);
	if (pid > 0 && got == 0)
		return pid;
	if (pid > 0)
		waitpid(pid, NULL, 0);
	errno = number;
	return -1;
}

pid_t spawn(char *const argv[], const struct fdmap *map, size_t count)
{
	return spawn_with(argv, map, count, NULL, NULL);
}

static int reap(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

int spawn_wait(pid_t pid, int timeout_ms)
{
	long long deadline = clock_ms() + timeout_ms;
	autoclose int handle = -1;
	struct pollfd ended = { .events = POLLIN };
	int ready;

	if (timeout_ms < 0)
		return reap(pid);
	handle = (int)syscall(SYS_pidfd_open, pid, 0);
	if (handle < 0)
		return -1;
	ended.fd = handle;
	do
		ready = poll(&ended, 1, clock_left_ms(deadline));
	while (ready < 0 && errno == EINTR);
	if (ready > 0)
		return reap(pid);
	kill(-pid, SIGKILL);
	kill(pid, SIGKILL);
	reap(pid);
	errno = ETIMEDOUT;
	return -1;
}

void spawn_describe(int status, struct text *words)
{
	if (!WIFSIGNALED(status)) {
		text_addf(words, "exit status %d", WEXITSTATUS(status));
		return;
	}
	autofree char *name = xstrdup(strsignal(WTERMSIG(status)));
	for (char *at = name; *at; at++)
		*at = (char)tolower((unsigned char)*at);
	text_addf(words, "signal: %s", name);
}

int spawn_exit_code(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
