/* A process directory, depot/HANDLE/processes/ID: make it, find it, and say from its files alone what became of the
 * process. */
#ifndef COMMON_DEPOT_PROCESS_H
#define COMMON_DEPOT_PROCESS_H

#include "common/base/error.h"
#include "common/base/pidfile.h"
#include "common/base/text.h"

#include <stdbool.h>
#include <sys/types.h>

enum process_state {
	PROCESS_STARTING, /* a shim lives, no pid yet */
	PROCESS_RUNNING,  /* pid alive, shim alive */
	PROCESS_ENDING,   /* shim alive, pid gone, no exit code yet */
	PROCESS_ENDED,    /* exit code recorded */
	PROCESS_ORPHAN,   /* pid alive, its shim is dead: can be adopted */
	PROCESS_LOST,     /* ended, and nobody recorded how */
	PROCESS_FAILED,   /* never started: no pid, no shim */
};

struct process {
	enum process_state state;
	int exit_code;        /* when ended */
	struct identity who;  /* pid 0 if never known */
	struct identity shim; /* pid 0 if none was recorded */
	bool terminal;
	bool terminal_lost;   /* it had one, which went with its first shim */
	long long started_ms; /* mtime of the pid file, ms since 1970; 0 if none */
};

/* Makes processes/ID with its five FIFOs, owned by uid and gid, and the hold on stdin. Returns the directory's descriptor.
 * ERROR_IN_USE when the id is taken. */
int process_make(int bundle_dir, const char *id, uid_t uid, gid_t gid, bool terminal, struct error *err);

/* Opens it. ERROR_UNKNOWN_PROCESS when it is not there. */
int process_open(int bundle_dir, const char *id, struct error *err);

/* Looks at the files, and at the kernel for the pids they name. Changes nothing, wakes nobody. */
int process_probe(int process_dir, struct process *process, struct error *err);

/* The exit code that was recorded. -1 with errno: ENOENT when there is none, ENODATA or EINVAL when the file is no code. */
int process_exit_code(int process_dir, int *code);

/* The identity of the process itself, recorded by its shim or behind the runtime's pid file. -1 with errno; ENOENT before it
 * has started. */
int process_identity(int process_dir, struct identity *who);

/* Whether a shim lives: ours holds a lock on the directory, any holds `exit`. */
bool process_has_shim(int process_dir);

/* "starting", "running", ... */
const char *process_state_name(enum process_state state);

/* The ids in processes/, sorted; none when there is no such directory. */
int process_list(int bundle_dir, struct strings *ids, struct error *err);

/* Removes the directory and everything in it, and dadoo's log. The directory is renamed aside first, so that it is there
 * whole or not at all. */
int process_remove(int bundle_dir, const char *id, struct error *err);

#endif
