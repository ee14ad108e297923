/* The client's ends of a process's FIFOs, and getting a process a new shim: shared by run, attach and wait. */
#ifndef COMMON_OPS_ATTACH_H
#define COMMON_OPS_ATTACH_H

#include "common/ops/operations.h"

/* Opens the ends in a process directory, whose descriptor streams takes over. The outputs are locked: a FIFO has one reader.
 * ERROR_IN_USE when somebody else has it. */
int streams_open(struct streams *streams, int process_dir, bool with_input, struct error *err);

/* Starts a shim for a process that has lost its own. When somebody else was faster that is as good. */
int process_adopt(const struct settings *settings, const char *handle, const char *id, const struct record *record,
	int bundle_dir, int process_dir, struct error *err);

/* Waits, at most timeout_ms, while a shim is still about to start the process. */
int process_settle(int process_dir, int timeout_ms, struct process *process, struct error *err);

#endif
