#include "common/base/fd.h"
#include "common/base/say.h"
#include "common/base/users.h"
#include "common/depot/names.h"
#include "common/ops/attach.h"
#include "common/ops/container.h"
#include "common/ops/operations.h"
#include "common/ops/workdir.h"
#include "common/runtime/cgroup.h"
#include "common/runtime/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The bundle's root filesystem is asked, as the host has it, not what the container mounted over it: a working directory
 * that is only there inside a mount becomes "/". Links in it must not lead out into the host. */
static bool below_rootfs(json_object *bundle, const char *dir)
{
	struct open_how how = { .flags = O_PATH | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	autoclose int root = open(bundle_rootfs(bundle), O_PATH | O_DIRECTORY | O_CLOEXEC);
	autoclose int fd = root < 0 ? -1 : (int)syscall(SYS_openat2, root, dir, &how, sizeof how);

	return fd >= 0 || errno != ENOENT;
}

static int describe_process(const struct record *record, json_object *bundle, const struct process_spec *spec,
	struct text *spec_text, struct error *err)
{
	autouser struct user user = { 0 };
	autoclose int root = container_root(record, err);
	const char *dir;
	uid_t uid;
	gid_t gid;

	if (root < 0 || user_lookup(root, spec->user ? spec->user : "", &user, err) < 0)
		return -1;
	dir = spec->dir && *spec->dir ? spec->dir : user.home;
	uid = user.uid;
	gid = user.gid;
	bundle_map_ids(bundle, &uid, &gid);
	if (*dir && workdir_make(root, dir, uid, gid, err) < 0)
		return -1;
	if (!*dir || !below_rootfs(bundle, dir))
		dir = "/";
	return bundle_process(bundle, spec, &user, dir, spec_text, err);
}

static int check_running(const struct record *record, struct error *err)
{
	bool above;

	if (container_require_init(record, err) < 0)
		return -1;
	/* The runtime would say the same, but later; and some wait instead. */
	if (cgroup_frozen(&record->cgroups, &above))
		return fail(err, "container is paused: nothing can be started in it");
	return 0;
}

/* Takes the pid that the runtime left in its pid file, whole or not yet renamed. */
static void kill_started(int process_dir)
{
	static const char *const files[] = { NAME_PID, "." NAME_PID };

	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		struct identity who;
		autoclose int pidfd = pidfile_identity(process_dir, files[i], &who) < 0 ? -1 : identity_pidfd(&who);

		if (pidfd >= 0)
			(void)syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0); /* ended by itself: as good */
	}
}

/* A failed run leaves nothing: neither a process that nobody knows of, nor its directory. */
static void undo_run(int dir, const char *id, int process_dir)
{
	struct error err;

	kill_started(process_dir);
	if (process_remove(dir, id, &err) < 0)
		say(SAY_WARN, "undo run of %s: %s", id, err.text);
}

/* Everything that needs the lock: after it a shim is there, has written down who it is, and is found by a destroy. */
static int begin_run(const struct settings *settings, struct shim *shim, const struct process_spec *spec,
	struct record *record, struct streams *streams, struct start *start, struct error *err)
{
	int dir = shim->bundle_dir, process_dir;
	autojson json_object *bundle = NULL;
	autotext struct text spec_text = { 0 };
	uid_t root;

	if (container_lock(settings, shim->container, dir, LOCK_SHARED, err) < 0 ||
		container_record(settings, dir, record, err) < 0 || check_running(record, err) < 0 ||
		bundle_load(dir, &bundle, err) < 0 || describe_process(record, bundle, spec, &spec_text, err) < 0 ||
		container_root_id(&root, err) < 0)
		return -1;
	shim->runtime = record->runtime;
	shim->runtime_root = record->runtime_root;
	process_dir = process_make(dir, spec->id, root, root, spec->terminal, err);
	if (process_dir < 0)
		return -1;
	/* Ours first, so that the shim's opens never wait for anybody. */
	if (streams_open(streams, process_dir, true, err) < 0) {
		(void)process_remove(dir, spec->id, &(struct error){ 0 }); /* the first error is the one to tell */
		return -1;
	}
	if (shim_spawn(shim, &spec_text, start, err) < 0) {
		undo_run(dir, spec->id, process_dir);
		streams_close(streams);
		return -1;
	}
	return 0;
}

static int check_request(struct process_spec *spec, struct error *err)
{
	if (!spec->id || !*spec->id) {
		free(spec->id);
		spec->id = name_random();
	}
	if (spec->dir && *spec->dir && spec->dir[0] != '/')
		return fail_kind(err, ERROR_BAD_INPUT, "working directory '%s': Cwd must be an absolute path",
			spec->dir);
	return name_check_id(spec->id, err);
}

int process_run(const struct settings *settings, const char *handle, struct process_spec *spec, struct streams *streams,
	struct error *err)
{
	autoclose int dir = container_directory(settings, handle, err);
	autostreams struct streams ours = NO_STREAMS;
	autorecord struct record record = { 0 };
	autofree char *path = NULL, *log = NULL;
	struct start start;
	struct shim shim;

	if (dir < 0 || check_request(spec, err) < 0)
		return -1;
	path = xprintf("%s/%s/%s/%s", settings->depot, handle, NAME_PROCESSES, spec->id);
	log = name_shim_log(spec->id);
	shim = (struct shim){
		.program = settings->dadoo,
		.mode = "exec",
		.process_path = path,
		.container = handle,
		.terminal = spec->terminal,
		.bundle_dir = dir,
		.log = log,
		.step_seconds = settings->step_seconds,
	};
	if (begin_run(settings, &shim, spec, &record, &ours, &start, err) < 0)
		return -1;
	lock_release(dir);
	if (shim_await(&shim, &start, err) < 0) {
		undo_run(dir, spec->id, ours.process_dir);
		return -1;
	}
	if (streams) {
		*streams = ours;
		ours = (struct streams)NO_STREAMS;
	}
	return 0;
}
