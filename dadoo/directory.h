/* The process directory: entered once, locked for life, and written to. */
#ifndef DADOO_DIRECTORY_H
#define DADOO_DIRECTORY_H

#include <stdbool.h>

struct directory {
	int fd;           /* carries the lock that says "a dadoo lives here" */
	const char *path; /* as we were told it, for the runtime and for messages */
	bool watched;     /* removals in it are announced by SIGIO; if not, they have to be looked for */
};

/* Opens it, takes the lock and asks for SIGIO. Gives up when another dadoo has it. */
void directory_enter(struct directory *dir, const char *path);

/* Leaves our identity there, so that a dadoo that got stuck can be found. */
void directory_sign(const struct directory *dir);

bool directory_has(const struct directory *dir, const char *name);

/* Records how the process ended. 0, or -1 after a report. */
int directory_leave_code(const struct directory *dir, int code);

#endif
