/* Signals by name. */
#ifndef DEPOTCTL_SIGNALS_H
#define DEPOTCTL_SIGNALS_H

#include <signal.h>
#include <stddef.h>

/* Without "SIG". */
struct signal_name {
	const char *name;
	int number;
};
extern const struct signal_name signal_names[];
extern const size_t signal_name_count;

/* The number of "TERM", "SIGTERM", "term" or "15"; -1 if there is no such signal. */
int signal_number(const char *word);

#endif
