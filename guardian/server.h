/* The commands of the daemon: serve a depot; destroy what is in it; prepare the host. */
#ifndef GUARDIAN_SERVER_H
#define GUARDIAN_SERVER_H

#include "guardian/flags.h"

/* Serves until it is told to stop. Returns the exit code; the reason of a failed start has been logged and printed. */
int server_run(const struct flags *flags, int argc, char **argv);

/* Destroys every container in the depot, in parallel, and tries again for a while what fails. */
int server_cleanup(const struct flags *flags);

/* Prepares the host for a server that is started with --skip-setup. */
int server_setup(const struct flags *flags);

#endif
