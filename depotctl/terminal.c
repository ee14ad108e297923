#include "depotctl/terminal.h"

#include "common/base/text.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios before;
static volatile sig_atomic_t is_raw; /* also read by the handler below */

static int make_raw(void)
{
	struct termios raw = before;

	cfmakeraw(&raw);
	return tcsetattr(0, TCSADRAIN, &raw);
}

void terminal_restore(void)
{
	/* Nothing to be done about a failure: the terminal is gone. */
	if (is_raw)
		(void)tcsetattr(0, TCSADRAIN, &before);
	is_raw = 0;
}

/* For signals that would end us by default. The handler was reset on entry, so that the second raise ends us indeed;
 * tcsetattr and raise are safe in a handler (signal-safety(7)). */
static void restore_and_die(int number)
{
	terminal_restore();
	raise(number);
}

static void catch_fatal_signals(void)
{
	static const int fatal[] = { SIGILL, SIGTRAP, SIGABRT, SIGBUS, SIGFPE, SIGSEGV, SIGSTKFLT, SIGXCPU, SIGXFSZ,
		SIGVTALRM, SIGPROF, SIGIO, SIGPWR, SIGSYS };
	struct sigaction action = { .sa_handler = restore_and_die, .sa_flags = (int)SA_RESETHAND };

	for (size_t i = 0; i < ARRAY_SIZE(fatal); i++)
		(void)sigaction(fatal[i], &action, NULL); /* cannot fail for a valid number */
	for (int number = SIGRTMIN; number <= SIGRTMAX; number++)
		(void)sigaction(number, &action, NULL);
}

int terminal_raw(void)
{
	static bool prepared;

	if (tcgetattr(0, &before) < 0)
		return -1;
	if (!prepared) {
		catch_fatal_signals();
		atexit(terminal_restore);
		prepared = true;
	}
	is_raw = 1;
	return make_raw();
}

void terminal_raw_again(void)
{
	if (is_raw)
		(void)make_raw(); /* fails only when the terminal is gone, and nothing is left to be raw */
}

void terminal_suspend(void)
{
	bool again = is_raw;

	terminal_restore();
	raise(SIGSTOP);
	/* Continued: the shell that did it may have changed the terminal. */
	if (again)
		(void)terminal_raw(); /* fails only without a terminal, when there is nothing to be raw */
}

bool terminal_size(unsigned *columns, unsigned *rows)
{
	struct winsize size;

	for (int fd = 0; fd <= 2; fd++) {
		if (ioctl(fd, TIOCGWINSZ, &size) < 0)
			continue;
		*columns = size.ws_col;
		*rows = size.ws_row;
		return size.ws_col > 0 && size.ws_row > 0;
	}
	return false;
}

int terminal_reopen(int fd, int flags)
{
	autofree char *path = NULL;

	if (!isatty(fd))
		return -1;
	path = xprintf("/proc/self/fd/%d", fd);
	return open(path, flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}
