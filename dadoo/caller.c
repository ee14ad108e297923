#include "dadoo/caller.h"

#include "common/base/error.h"
#include "common/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

void caller_prepare(void)
{
	fd_standard_open();
	/* All below are open by then, so a closed one is the number that open gives. */
	for (int fd = FD_STATUS; fd <= FD_READY; fd++)
		if (fcntl(fd, F_SETFD, FD_CLOEXEC) < 0 && open("/dev/null", O_WRONLY | O_CLOEXEC) != fd)
			give_up("open /dev/null: %s", errno_text(errno));
	(void)syscall(SYS_close_range, FD_READY + 1, ~0u, 0); /* not there before Linux 5.9; then we have to trust */
}

void caller_tell(int fd, int byte)
{
	unsigned char message = (unsigned char)byte;

	if (fd_write_all(fd, &message, 1) < 0)
		caution("Failed to write %s: %s", fd == FD_READY ? "to sync pipe" : "exit code to pipe",
			errno_text(errno));
	close(fd);
}

bool caller_gone(void)
{
	struct pollfd ready = { .fd = FD_READY };

	return poll(&ready, 1, 0) == 1 && ready.revents & POLLERR;
}

void caller_forget_spec(void)
{
	close(FD_SPEC);
	fd_standard_open();
}

static void line(int fd, const char *format, va_list args)
{
	vdprintf(fd, format, args);
	dprintf(fd, "\n");
}

void report(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line(FD_LOG, format, args);
	va_end(args);
}

void caution(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line(FD_WARNINGS, format, args);
	va_end(args);
}

void give_up(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	line(FD_LOG, format, args);
	va_end(args);
	exit(EXIT_SHIM);
}
