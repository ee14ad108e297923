#include "common/base/signals.h"

#include <stdarg.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
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

/* By the bare call: the C library keeps some signals to itself and would leave those as whoever started us set them. */
void signals_default(void)
{
	static const unsigned long default_action[8]; /* at least as large as the kernel's struct, all zeros: SIG_DFL */
	sigset_t none;

	for (int number = 1; number < NSIG; number++)
		syscall(SYS_rt_sigaction, number, default_action, NULL, 8); /* fails for KILL and STOP alone */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}
