/* How a process ends: told by its exit code once its shim lets go of the FIFO `exit`, and found out by a worker when the shim
 * has died. */
#ifndef GUARDIAN_ENDING_H
#define GUARDIAN_ENDING_H

#include "guardian/loop.h"
#include "guardian/target.h"

struct ending {
	bool known; /* how it ended, or that nobody knows */
	int exit_code;
	char *failure; /* why the exit code is not known, NULL if it is */
	bool looking;  /* a worker is at it: the memory must stay */
	const struct target *target;
	struct watch exit;
	void (*happened)(struct ending *ending);
};

/* Calls happened once known is true, perhaps at once. The target must stay. */
void ending_await(struct ending *ending, const struct target *target, void (*happened)(struct ending *ending));

void ending_forget(struct ending *ending);

#endif
