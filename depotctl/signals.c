#include "depotctl/signals.h"

#include "common/base/text.h"

#include <stdlib.h>
#include <string.h>

const struct signal_name signal_names[] = {
	{ "HUP", SIGHUP },
	{ "INT", SIGINT },
	{ "QUIT", SIGQUIT },
	{ "ILL", SIGILL },
	{ "TRAP", SIGTRAP },
	{ "ABRT", SIGABRT },
	{ "BUS", SIGBUS },
	{ "FPE", SIGFPE },
	{ "KILL", SIGKILL },
	{ "USR1", SIGUSR1 },
	{ "SEGV", SIGSEGV },
	{ "USR2", SIGUSR2 },
	{ "PIPE", SIGPIPE },
	{ "ALRM", SIGALRM },
	{ "TERM", SIGTERM },
	{ "STKFLT", SIGSTKFLT },
	{ "CHLD", SIGCHLD },
	{ "CONT", SIGCONT },
	{ "STOP", SIGSTOP },
	{ "TSTP", SIGTSTP },
	{ "TTIN", SIGTTIN },
	{ "TTOU", SIGTTOU },
	{ "URG", SIGURG },
	{ "XCPU", SIGXCPU },
	{ "XFSZ", SIGXFSZ },
	{ "VTALRM", SIGVTALRM },
	{ "PROF", SIGPROF },
	{ "WINCH", SIGWINCH },
	{ "IO", SIGIO },
	{ "PWR", SIGPWR },
	{ "SYS", SIGSYS },
};
const size_t signal_name_count = ARRAY_SIZE(signal_names);

int signal_number(const char *word)
{
	const char *name = strncasecmp(word, "SIG", 3) == 0 ? word + 3 : word;
	char *end;
	long number;

	for (size_t i = 0; i < signal_name_count; i++)
		if (strcasecmp(name, signal_names[i].name) == 0)
			return signal_names[i].number;
	if (*word < '0' || *word > '9')
		return -1;
	number = strtol(word, &end, 10);
	return *end || number < 1 || number >= NSIG ? -1 : (int)number;
}
