/* The OCI runtime's command line, one function a verb: argv in, result out. Works with any program that has runc's. */
#ifndef COMMON_RUNTIME_RUNC_H
#define COMMON_RUNTIME_RUNC_H

#include "common/base/error.h"
#include "common/base/text.h"

#include <stdbool.h>

/* Which runtime, and where it keeps its state. Borrowed strings. */
struct runc {
	const char *program;
	const char *root;
	const struct strings *extra_args; /* of create only, or NULL */
	int step_seconds;                 /* a command that takes longer is killed with its process group */
};

/* Starts the container from its bundle (absolute path; bundle_dir is the same, open) and returns when init runs. The runtime's
 * log stays in the bundle as create.log; while the command runs, the file `starter` there names it. */
int runc_run(const struct runc *runc, const char *handle, const char *bundle_path, int bundle_dir, struct error *err);

/* Deletes the runtime's state of a container, by force if it may still live. */
int runc_delete(const struct runc *runc, const char *handle, bool force, struct error *err);

/* The bundle path that the runtime knows the handle by; NULL with errno ENOENT when it does not know the handle, else err is
 * filled and errno is EIO. The caller frees it. */
char *runc_bundle_of(const struct runc *runc, const char *handle, struct error *err);

/* The message of the last line of level error or fatal in a runtime's JSON log ("" if there is none), every line being logged
 * at debug. The caller frees it. */
char *runc_log_last_error(const char *log, size_t len);

/* Whether that message means that the program asked for is not in the container, as runc or crun words it. */
bool runc_says_not_found(const char *message);

#endif
