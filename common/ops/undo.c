#include "common/ops/undo.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/say.h"
#include "common/base/statefile.h"
#include "common/base/text.h"
#include "common/base/tree.h"
#include "common/depot/names.h"
#include "common/depot/process.h"
#include "common/ops/container.h"
#include "common/runtime/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define SHIM_SECONDS 5 /* for a shim to notice that its process has ended, or that its directory is gone */
#define ROUND_MS 10    /* between two looks at a cgroup that something may still be started in */

static void kill_pidfd(int pidfd)
{
	/* It may have ended by itself meanwhile, which is what is wanted. */
	(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
}

/* True once the process behind a pidfd has ended. */
static bool ended(int pidfd, int timeout_ms)
{
	struct pollfd gone = { .fd = pidfd, .events = POLLIN };

	return poll(&gone, 1, timeout_ms) > 0;
}

/* Kills the process group that who leads, and waits for the leader. */
static int end_group(const struct identity *who, const char *what, int timeout_ms, struct error *err)
{
	autoclose int pidfd = identity_pidfd(who);

	if (pidfd < 0)
		return 0;
	/* While the pidfd's process lives or is a zombie, its group cannot be somebody else's. */
	kill(-who->pid, SIGKILL);
	kill_pidfd(pidfd);
	return ended(pidfd, timeout_ms)
		? 0
		: fail_kind(err, ERROR_TIMEOUT, "%s, pid %d, does not end", what, (int)who->pid);
}

/* A create whose caller was killed leaves the runtime at work. */
static int end_starter(int dir, const struct settings *settings, struct error *err)
{
	struct identity starter;

	if (identity_load(dir, NAME_STARTER, &starter) < 0)
		return 0; /* none, or torn: then it never ran */
	return end_group(&starter, "the runtime command that creates it", settings->step_seconds * 1000, err);
}

static int open_process(int dir, const char *id)
{
	struct error ignored;

	return process_open(dir, id, &ignored);
}

/* Shims whose process has not started yet would start it later. */
static int end_starting_shims(const struct settings *settings, int dir, const struct strings *ids, struct error *err)
{
	for (size_t i = 0; i < ids->count; i++) {
		autoclose int process_dir = open_process(dir, ids->item[i]);
		struct process process;

		if (process_dir < 0 || process_probe(process_dir, &process, err) < 0 ||
			process.state != PROCESS_STARTING)
			continue;
		if (end_group(&process.shim, "a shim that was starting a process", settings->step_seconds * 1000, err) <
			0)
			return -1;
	}
	return 0;
}

static int thaw(const struct record *record, struct error *err)
{
	bool above;

	if (!cgroup_frozen(&record->cgroups, &above))
		return 0;
	cgroup_thaw(&record->cgroups);
	if (cgroup_frozen(&record->cgroups, &above) && above)
		return fail(err, "container is frozen by a cgroup above its own, %s: thaw that first",
			record->cgroups.count ? record->cgroups.item[0] : "?");
	return 0;
}

/* "pid 12 (sh, state D, in do_exit)": what an operator needs to know of a process that does not end. */
static void describe(pid_t pid, struct text *words)
{
	autofree char *comm_path = xprintf("/proc/%d/comm", (int)pid),
		      *wchan_path = xprintf("/proc/%d/wchan", (int)pid);
	autofree char *comm = statefile_read(AT_FDCWD, comm_path, 4096, NULL);
	autofree char *wchan = statefile_read(AT_FDCWD, wchan_path, 4096, NULL);
	struct identity who;
	char state = '?';

	if (identity_of(pid, &who, &state) < 0)
		return;
	if (comm)
		comm[strcspn(comm, "\n")] = '\0';
	text_addf(words, "%spid %d (%s, state %c, in %s)", words->len ? ", " : "", (int)pid, comm ? comm : "?", state,
		wchan && *wchan ? wchan : "?");
}

static int still_alive(const struct pids *pids, int seconds, struct error *err)
{
	autotext struct text words = { 0 };

	for (size_t i = 0; i < pids->count && words.len < 2000; i++)
		describe(pids->pid[i], &words);
	return fail_kind(err, ERROR_TIMEOUT, "processes do not end within %d s: %s", seconds, text_string(&words));
}

static void kill_each(const struct pids *pids)
{
	for (size_t i = 0; i < pids->count; i++)
		(void)kill(pids->pid[i], SIGKILL); /* gone meanwhile is as good */
}

/* Kills until the groups are empty: a runtime command in flight can bring a process in after each look. Killing init takes its
 * whole pid namespace with it, so that this works without any cgroup too. */
static int end_processes(const struct settings *settings, const struct record *record, struct error *err)
{
	autoclose int init = identity_pidfd(&record->init);
	long long deadline = clock_ms() + settings->step_seconds * 1000LL;
	pid_t init_pid = record->init.pid;
	struct pids only_init = { &init_pid, 1 };

	say_step("end processes");
	for (;;) {
		autopids struct pids left = { 0 };

		cgroup_kill(&record->cgroups);
		if (init >= 0)
			kill_pidfd(init);
		/* Init ends only after all its namespace has ended and was reaped. */
		if (init >= 0 && !ended(init, clock_left_ms(deadline)))
			return still_alive(&only_init, settings->step_seconds, err);
		cgroup_processes(&record->cgroups, &left);
		if (!left.count)
			return 0;
		kill_each(&left); /* where the kernel has no cgroup.kill */
		if (clock_ms() >= deadline)
			return still_alive(&left, settings->step_seconds, err);
		clock_sleep_ms(ROUND_MS);
	}
}

/* Where runc, crun and their like keep what they know of a container. */
static bool has_state(const struct runc *runc, const char *handle)
{
	autofree char *path = xprintf("%s/%s", runc->root, handle);

	return access(path, F_OK) == 0;
}

/* The runtime forgets the container. Where the record does not know its init, the runtime may have it or not, or may know
 * somebody else's container by that name, which must not be touched. */
static int delete_state(const struct settings *settings, const char *handle, const struct record *record,
	struct error *err)
{
	struct runc runc = container_runtime(settings, record);
	autofree char *path = container_path(settings, handle), *bundle = NULL;

	if (record->init.pid && (runc_delete(&runc, handle, false, err) == 0 || strstr(err->text, "does not exist")))
		return 0;
	bundle = runc_bundle_of(&runc, handle, err);
	if (bundle && strcmp(bundle, path) != 0) {
		say(SAY_WARN, "%s: the runtime knows it as the container of %s, which is left alone", handle, bundle);
		return 0;
	}
	/* A runtime that cannot even be asked must not keep a container that it never had. */
	if (!bundle && errno != ENOENT && !record->init.pid && !has_state(&runc, handle)) {
		say(SAY_WARN, "%s: %s; it left no state, and is not asked again", handle, err->text);
		return 0;
	}
	/* By force also when the runtime does not know it: it then removes what an interrupted start of it left. */
	return runc_delete(&runc, handle, true, err);
}

static int unmount(const struct record *record, struct error *err)
{
	for (size_t i = record->mounts.count; i-- > 0;)
		if (umount2(record->mounts.item[i], UMOUNT_NOFOLLOW) < 0 && errno != EINVAL && errno != ENOENT)
			return fail_sys(err, "unmount %s", record->mounts.item[i]);
	return 0;
}

/* Pidfds of the shims that live, ended by -1. The caller closes them and frees the list. */
static int *shims_open(int dir, const struct strings *ids)
{
	int *pidfds = xmalloc((ids->count + 1) * sizeof *pidfds);
	size_t count = 0;

	for (size_t i = 0; i < ids->count; i++) {
		autoclose int process_dir = open_process(dir, ids->item[i]);
		struct identity shim;

		if (process_dir < 0 || identity_load(process_dir, NAME_SHIM, &shim) < 0)
			continue;
		pidfds[count] = identity_pidfd(&shim);
		count += pidfds[count] >= 0;
	}
	pidfds[count] = -1;
	return pidfds;
}

/* Shims record the end of their processes, for whoever still waits for one, before the files go. */
static void shims_record(int dir, const struct strings *ids)
{
	long long deadline = clock_ms() + SHIM_SECONDS * 1000LL;

	for (size_t i = 0; i < ids->count; i++) {
		autoclose int process_dir = open_process(dir, ids->item[i]);
		int code;

		while (process_dir >= 0 && process_exit_code(process_dir, &code) < 0 && process_has_shim(process_dir) &&
			clock_ms() < deadline)
			clock_sleep_ms(1);
	}
}

/* A shim goes by itself once its process has ended and its directory is gone. One that does not is killed: it has nothing left
 * to record. */
static void shims_end(int *pidfds)
{
	long long deadline = clock_ms() + SHIM_SECONDS * 1000LL;

	for (int *pidfd = pidfds; *pidfd >= 0; pidfd++) {
		if (!ended(*pidfd, clock_left_ms(deadline)))
			kill_pidfd(*pidfd);
		fd_close(pidfd);
	}
	free(pidfds);
}

static void shims_leave(int *pidfds)
{
	for (int *pidfd = pidfds; *pidfd >= 0; pidfd++)
		fd_close(pidfd);
	free(pidfds);
}

/* The last step. The directory leaves its name at once, and then goes file by file. */
static int remove_bundle(const struct settings *settings, const char *handle, struct error *err)
{
	autofree char *gone = name_gone(handle);
	autoclose int depot = open(settings->depot, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (depot < 0)
		return fail_sys(err, "open %s", settings->depot);
	if (tree_remove(depot, gone) < 0 || renameat(depot, handle, depot, gone) < 0 || tree_remove(depot, gone) < 0)
		return fail_sys(err, "remove %s/%s", settings->depot, handle);
	return 0;
}

static int undo_kernel(const struct settings *settings, const char *handle, int dir, struct record *record,
	const struct strings *ids, struct error *err)
{
	if (end_starter(dir, settings, err) < 0 || end_starting_shims(settings, dir, ids, err) < 0)
		return -1;
	/* The runtime may have got as far as writing its pid file, and its caller no further. */
	if (!record->init.pid && pidfile_identity(dir, NAME_INIT_PID, &record->init) == 0 &&
		cgroup_of(record->init.pid, &record->cgroups, err) < 0)
		return -1;
	if (thaw(record, err) < 0 || end_processes(settings, record, err) < 0 ||
		delete_state(settings, handle, record, err) < 0)
		return -1;
	return cgroup_remove(&record->cgroups, settings->step_seconds * 1000, err);
}

/* An unreadable record must not keep a container for ever: what can be found out otherwise is undone. */
static int load_or_guess(const struct settings *settings, const char *handle, int dir, struct record *record,
	struct error *err)
{
	if (container_record(settings, dir, record, err) == 0)
		return 0;
	say(SAY_WARN, "%s: %s; destroyed by what else can be found", handle, err->text);
	if (unlinkat(dir, NAME_RECORD, 0) < 0)
		return fail_sys(err, "remove %s", NAME_RECORD);
	return container_record(settings, dir, record, err);
}

int container_undo(const struct settings *settings, const char *handle, int bundle_dir, struct error *err)
{
	autorecord struct record record = { 0 };
	autostrings struct strings ids = { 0 };
	int *shims;

	if (load_or_guess(settings, handle, bundle_dir, &record, err) < 0)
		return -1;
	if (record_this_boot(&record) && !record_this_namespace(&record))
		return fail(err, "container %s belongs to another pid namespace", handle);
	record.state = RECORD_DESTROYING;
	if (record_save(bundle_dir, &record, err) < 0 || process_list(bundle_dir, &ids, err) < 0)
		return -1;
	/* After a reboot the kernel has forgotten everything, and pids mean others. */
	if (!record_this_boot(&record))
		return remove_bundle(settings, handle, err);
	shims = shims_open(bundle_dir, &ids);
	if (undo_kernel(settings, handle, bundle_dir, &record, &ids, err) < 0 || unmount(&record, err) < 0) {
		shims_leave(shims);
		return -1;
	}
	say_step("remove bundle");
	shims_record(bundle_dir, &ids);
	if (remove_bundle(settings, handle, err) < 0) {
		shims_leave(shims);
		return -1;
	}
	shims_end(shims);
	return 0;
}
