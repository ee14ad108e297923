/* The command line: [-v] [--config FILE] COMMAND [flags]. */
#ifndef GUARDIAN_ARGUMENTS_H
#define GUARDIAN_ARGUMENTS_H

#include "common/base/text.h"
#include "guardian/flags.h"

#include <stdbool.h>

/* How the program ends when its arguments ask for no more than words, or make no sense: what to print where, and the exit
 * code. */
struct ending {
	int code;
	struct text out, err;
};

/* Fills in flags from defaults, then the configuration file, then the command line. Returns the command to run; or
 * COMMAND_NONE, then ending is filled. Both are the caller's to free. */
enum command arguments_parse(int argc, char **argv, struct flags *flags, struct ending *ending);

#endif
