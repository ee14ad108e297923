/* Forked children that do what may block: each calls one operation and sends its reply back through a pipe. A crash in it costs
 * one request. */
#ifndef GUARDIAN_WORKER_H
#define GUARDIAN_WORKER_H

#include "common/base/error.h"
#include "common/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>

/* What an operation has to say to the client. */
struct reply {
	int status;
	struct text body;
};

/* How workers are limited. */
struct worker_limits {
	unsigned at_once; /* more wait in a queue, in order */
	int step_seconds; /* a worker that begins no new step for so long, and then some, is killed */
};
void worker_setup(const struct worker_limits *limits);

/* What the limit of open files was before we raised it: workers and all that they start get it back. */
void worker_restore_limit(const struct rlimit *limit);

/* Runs work(reply, data) in a child and then done(reply, data) here, where reply is what the child sent, or a 500 that says
 * which step died of what. keep, if not -1, is a descriptor that the child needs; all others are closed in it, but for 0, 1, 2.
 * unlimited: the work moves a client's bytes and takes as long as he does. */
void worker_run(const char *name, void (*work)(struct reply *reply, void *data),
	void (*done)(struct reply *reply, void *data), void *data, int keep, bool unlimited);

/* Called when a worker has died in the middle: what it was at is half done. NULL: nobody cares. */
extern void (*worker_died)(void);

/* Workers at work, and waiting for their turn. */
size_t workers_running(void);
size_t workers_waiting(void);

#endif
