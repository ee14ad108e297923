/* Where the log's lines go: standard output or a file, without ever waiting for it; or, from a forked worker, to the daemon.
 * A process has one. SIGPIPE must be ignored. */
#ifndef GUARDIAN_LOGFILE_H
#define GUARDIAN_LOGFILE_H

#include "common/base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* path is of a file that lines are appended to, NULL or "" for standard output. tell_lost makes the line that says how many
 * were lost, for the caller to free. 0, or -1 with err. */
int logfile_open(const char *path, char *(*tell_lost)(unsigned long long lines), struct error *err);

/* Opens the file anew, after its old one was renamed; does nothing with standard output. -1 with err: the old one is kept. */
int logfile_reopen(struct error *err);

/* Writes one line, or keeps it until it can be written, or drops it and counts it when too much is kept already. line ends
 * with a newline. */
void logfile_put(const char *line, size_t len);

/* Calls changed with true when lines begin to wait for the descriptor to be writable (logfile_flush is to be called then),
 * and with false when none waits any more, or the descriptor is about to be closed. */
void logfile_watch(void (*changed)(int fd, bool waiting));
void logfile_flush(void);

/* Writes what waits, for at most so long. */
void logfile_finish(int timeout_ms);

/* In a forked worker: lines go to put. Those that wait are left to the process that keeps them. */
void logfile_through(void (*put)(const char *line, size_t len));

#endif
