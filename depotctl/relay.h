/* A process of a container on our standard input, output and error, until it ends or we leave it: bytes, signals and the
 * window's size go to it, its output comes to us. What run and attach have in common. */
#ifndef DEPOTCTL_RELAY_H
#define DEPOTCTL_RELAY_H

#include "common/base/error.h"
#include "common/ops/operations.h"

#include <stdbool.h>

struct relay {
	const struct settings *settings;
	const char *handle, *id;
	struct streams *streams; /* its `in` is closed when there is no more input */
	int signals;             /* from relay_signals */
	bool input;              /* standard input goes to the process, and its end too */
	bool terminal;           /* the process has a terminal: ours shall be its image */
	bool window_follows;
	bool may_detach; /* the detach keys leave it */
	bool guest;      /* it is not our process: a hang-up is no signal for it, we leave */
};

/* Blocks the signals that go to the process, so that none is lost between its start and relay_run. Returns the
 * descriptor they come from, -1 with err. */
int relay_signals(struct error *err);

/* Returns 1 once the process has ended and its output was passed on, 0 when we have left it before. *code is the process's
 * exit code, 0 if the detach keys were typed, 128 plus the signal's number if that made us leave, which SIGPIPE stands for
 * when nobody takes our output. -1 with err when the code could not be learnt, or output could not be written. */
int relay_run(const struct relay *relay, int *code, struct error *err);

#endif
