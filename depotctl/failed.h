/* What a command says when it failed, and the exit code for it. */
#ifndef DEPOTCTL_FAILED_H
#define DEPOTCTL_FAILED_H

#include "common/base/error.h"
#include "depotctl/flags.h"

/* Says err on standard error, with the command's name before it, and returns EXIT_OURS. */
int failed(const struct options *options, const struct error *err);

/* The same for a mistake on the command line, and a hint at the command's help. */
int misused(const struct options *options, const struct error *err);

/* The same for a process that could not be started: EXIT_NOT_FOUND or EXIT_CANNOT_EXECUTE where that was why. */
int failed_start(const struct options *options, const struct error *err);

#endif
