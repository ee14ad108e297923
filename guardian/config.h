/* The configuration file: the table's flags in sections "server", "cleanup" and "setup", each also as "server.GROUP NAME". */
#ifndef GUARDIAN_CONFIG_H
#define GUARDIAN_CONFIG_H

#include "common/base/error.h"
#include "guardian/flags.h"

#include <stddef.h>

/* Sets in flags what the text says for the command. Sections of other commands are checked all the same. name is what errors
 * call the file. 0, or -1 with err; flags may have changed then. */
int config_apply(const char *data, size_t len, const char *name, enum command command, struct flags *flags,
	struct error *err);

/* The same with the text of a file, which may be a pipe. */
int config_load(const char *path, enum command command, struct flags *flags, struct error *err);

#endif
