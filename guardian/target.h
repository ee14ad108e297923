/* Which process it is that clients are attached to. */
#ifndef GUARDIAN_TARGET_H
#define GUARDIAN_TARGET_H

#include "common/depot/settings.h"

struct target {
	const struct settings *settings;
	char *handle, *id;
	int dir; /* the process's directory */
};

#endif
