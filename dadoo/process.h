/* The process that dadoo is there for, and how it ends. Usually it has become dadoo's child when the runtime ended, by way
 * of the subreaper; an adopted one is somebody else's child, and is watched through a pidfd. */
#ifndef DADOO_PROCESS_H
#define DADOO_PROCESS_H

#include "common/base/pidfile.h"
#include "dadoo/directory.h"

#include <stdbool.h>

struct process {
	struct identity who;
	int pidfd;  /* to be polled: an adopted process; -1 for a child, whom SIGCHLD announces */
	short wait; /* the events to poll pidfd for */
	bool lost;  /* it has ended, and nobody can tell how */
	int code;   /* how it ended, otherwise: its exit status, or 128 plus the signal */
};

/* The process that the runtime has left in pidfile, whose identity is written down beside it. Gives up without one. */
void process_find(struct process *process, const struct directory *dir);

/* The process that an earlier dadoo left behind. Gives up when it is gone, or its end was recorded. */
void process_adopt(struct process *process, const struct directory *dir);

/* Reaps whoever is there to be reaped, and looks at the events polled for pidfd. True once the process has ended. */
bool process_ended(struct process *process, short events);

#endif
