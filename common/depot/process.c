#include "common/depot/process.h"

#include "common/base/fd.h"
#include "common/base/fifo.h"
#include "common/base/lock.h"
#include "common/base/statefile.h"
#include "common/base/tree.h"
#include "common/depot/names.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const fifos[] = { NAME_STDIN, NAME_STDOUT, NAME_STDERR, NAME_WINSZ, NAME_EXIT };

static const char *const state_names[] = {
	[PROCESS_STARTING] = "starting",
	[PROCESS_RUNNING] = "running",
	[PROCESS_ENDING] = "ending",
	[PROCESS_ENDED] = "ended",
	[PROCESS_ORPHAN] = "orphan",
	[PROCESS_LOST] = "lost",
	[PROCESS_FAILED] = "failed",
};

const char *process_state_name(enum process_state state)
{
	return state_names[state];
}

static int open_processes(int bundle_dir)
{
	return openat(bundle_dir, NAME_PROCESSES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

/* An empty file whose presence alone says something. */
static int mark(int dir, const char *name)
{
	autoclose int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	return fd < 0 ? -1 : 0;
}

static int fill(int dir, uid_t uid, gid_t gid, bool terminal, struct error *err)
{
	for (size_t i = 0; i < ARRAY_SIZE(fifos); i++)
		if (fifo_make(dir, fifos[i], uid, gid) < 0)
			return fail_sys(err, "make FIFO %s", fifos[i]);
	if (mark(dir, NAME_STDIN_HOLD) < 0 || (terminal && mark(dir, NAME_TERMINAL) < 0))
		return fail_sys(err, "mark process directory");
	return 0;
}

int process_make(int bundle_dir, const char *id, uid_t uid, gid_t gid, bool terminal, struct error *err)
{
	autoclose int processes = -1, dir = -1;

	if (mkdirat(bundle_dir, NAME_PROCESSES, 0700) < 0 && errno != EEXIST)
		return fail_sys(err, "mkdir %s", NAME_PROCESSES);
	processes = open_processes(bundle_dir);
	if (processes < 0)
		return fail_sys(err, "open %s", NAME_PROCESSES);
	if (mkdirat(processes, id, 0700) < 0)
		return errno == EEXIST ? fail_kind(err, ERROR_IN_USE, "process ID '%s' already in use", id)
				       : fail_sys(err, "mkdir %s/%s", NAME_PROCESSES, id);
	dir = openat(processes, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		fail_sys(err, "open %s/%s", NAME_PROCESSES, id);
	else if (fill(dir, uid, gid, terminal, err) == 0)
		return fd_take(&dir);
	(void)tree_remove(processes, id); /* the first error is the one to tell */
	return -1;
}

int process_open(int bundle_dir, const char *id, struct error *err)
{
	autoclose int processes = -1;
	int dir;

	if (name_check_id(id, err) < 0)
		return -1;
	processes = open_processes(bundle_dir);
	dir = processes < 0 ? -1 : openat(processes, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir >= 0)
		return dir;
	if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
		return fail_kind(err, ERROR_UNKNOWN_PROCESS, "unknown process: %s", id);
	return fail_sys(err, "open %s/%s", NAME_PROCESSES, id);
}

int process_exit_code(int process_dir, int *code)
{
	long long number;

	if (statefile_read_number(process_dir, NAME_EXITCODE, &number) < 0)
		return -1;
	if (number < 0 || number > 255) {
		errno = EINVAL;
		return -1;
	}
	*code = (int)number;
	return 0;
}

int process_identity(int process_dir, struct identity *who)
{
	if (identity_load(process_dir, NAME_STARTED, who) == 0)
		return 0;
	return pidfile_identity(process_dir, NAME_PID, who);
}

bool process_has_shim(int process_dir)
{
	return lock_held(process_dir) || fifo_held(process_dir, NAME_EXIT) == 1;
}

static long long start_time(int process_dir)
{
	struct stat st;

	if (fstatat(process_dir, NAME_PID, &st, 0) < 0)
		return 0;
	return (long long)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
}

/* The order matters: a shim that ends between two looks leaves the exit code first and lets go afterwards, so whether there is
 * a shim is asked before the exit code is looked for. */
int process_probe(int process_dir, struct process *process, struct error *err)
{
	bool shim = process_has_shim(process_dir), alive;

	*process = (struct process){ .exit_code = -1 };
	process->terminal = faccessat(process_dir, NAME_TERMINAL, F_OK, 0) == 0;
	process->terminal_lost = faccessat(process_dir, NAME_TERMINAL_LOST, F_OK, 0) == 0;
	process->started_ms = start_time(process_dir);
	if (process_identity(process_dir, &process->who) < 0)
		process->who = (struct identity){ 0 };
	if (identity_load(process_dir, NAME_SHIM, &process->shim) < 0)
		process->shim = (struct identity){ 0 };
	alive = identity_alive(&process->who);
	if (process_exit_code(process_dir, &process->exit_code) == 0) {
		process->state = PROCESS_ENDED;
		return 0;
	}
	if (errno != ENOENT && !shim && !alive)
		return fail_sys(err, "read %s", NAME_EXITCODE);
	if (!process->started_ms)
		process->state = shim ? PROCESS_STARTING : PROCESS_FAILED;
	else if (alive)
		process->state = shim ? PROCESS_RUNNING : PROCESS_ORPHAN;
	else
		process->state = shim ? PROCESS_ENDING : PROCESS_LOST;
	process->terminal_lost |= process->terminal && process->state == PROCESS_ORPHAN;
	return 0;
}

int process_list(int bundle_dir, struct strings *ids, struct error *err)
{
	autoclose int processes = open_processes(bundle_dir);
	DIR *entries = processes < 0 ? NULL : fdopendir(processes);
	struct dirent *entry;
	struct stat st;

	if (!entries)
		return errno == ENOENT ? 0 : fail_sys(err, "open %s", NAME_PROCESSES);
	while ((entry = readdir(entries)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0 &&
			!strchr(entry->d_name, NAME_GONE_MARK) &&
			fstatat(processes, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode))
			strings_add(ids, entry->d_name);
	(void)fd_take(&processes); /* closedir closes it */
	closedir(entries);
	strings_sort(ids);
	return 0;
}

int process_remove(int bundle_dir, const char *id, struct error *err)
{
	autoclose int processes = open_processes(bundle_dir);
	autofree char *gone = name_gone(id), *log = name_shim_log(id);

	if (processes < 0)
		return errno == ENOENT ? 0 : fail_sys(err, "open %s", NAME_PROCESSES);
	if (tree_remove(processes, gone) < 0 || (renameat(processes, id, processes, gone) < 0 && errno != ENOENT) ||
		tree_remove(processes, gone) < 0)
		return fail_sys(err, "remove %s/%s", NAME_PROCESSES, id);
	if (unlinkat(bundle_dir, log, 0) < 0 && errno != ENOENT)
		return fail_sys(err, "remove %s", log);
	return 0;
}
