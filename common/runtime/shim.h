/* Starting dadoo for one process, and listening to what it has to say about the start. */
#ifndef COMMON_RUNTIME_SHIM_H
#define COMMON_RUNTIME_SHIM_H

#include "common/base/error.h"
#include "common/base/text.h"

#include <stdbool.h>
#include <sys/types.h>

/* Borrowed strings and descriptors. */
struct shim {
	const char *program; /* dadoo */
	const char *runtime, *runtime_root;
	const char *mode;         /* "exec", "run" or "adopt" */
	const char *process_path; /* absolute */
	const char *container;    /* the runtime's name for it */
	bool terminal;
	int bundle_dir;
	const char *log; /* name of dadoo's log file in the bundle */
	int step_seconds;
};

/* A start under way: what we hold of it. */
struct start {
	int spec, log_file, status, status_theirs, log, ready, ready_theirs;
	pid_t pid; /* the shim, leader of a process group with the runtime */
	long long deadline;
};

/* Starts a shim: hands spec (the OCI process object) to dadoo and returns when dadoo holds its ends of the FIFOs and has
 * written down who it is. The caller has its own three ends open already. */
int shim_spawn(const struct shim *shim, const struct text *spec, struct start *start, struct error *err);

/* Waits until the runtime has started the process. ERROR_EXECUTABLE_NOT_FOUND, ERROR_TIMEOUT. Ends the start either way; on
 * failure shim and runtime are killed. */
int shim_await(const struct shim *shim, struct start *start, struct error *err);

/* Starts a shim for a process whose own has died; returns once it watches. */
int shim_adopt(const struct shim *shim, struct error *err);

#endif
