#include "common/base/signals.h"

#include <stdarg.h>
#include <sys/signalfd.h>
#include <unistd.h>

int signals_block(int first, ...)
{
	sigset_t set;
	va_list more;

	sigemptyset(&set);
	va_start(more, first);
	for (int number = first; number; number = va_arg(more, int))
		sigaddset(&set, number);
	va_end(more);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -1;
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

int signals_next(int fd)
{
	struct signalfd_siginfo info;

	return read(fd, &info, sizeof info) == sizeof info ? (int)info.ssi_signo : 0;
}

void signals_default(void)
{
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		signal(number, SIG_DFL); /* fails for KILL, STOP and the C library's own, which is as it should be */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
