#include "common/ops/container.h"

#include "common/base/fd.h"
#include "common/base/statefile.h"
#include "common/base/text.h"
#include "common/bundle/bundle.h"
#include "common/bundle/host.h"
#include "common/bundle/limits.h"
#include "common/depot/names.h"
#include "common/runtime/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

char *container_path(const struct settings *settings, const char *handle)
{
	return xprintf("%s/%s", settings->depot, handle);
}

int container_directory(const struct settings *settings, const char *handle, struct error *err)
{
	autofree char *path = container_path(settings, handle);
	int dir;

	if (name_check_handle(handle, err) < 0)
		return -1;
	dir = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir >= 0)
		return dir;
	if (errno == ENOENT || errno == ENOTDIR || errno == ELOOP)
		return fail_kind(err, ERROR_UNKNOWN_HANDLE, "unknown handle: %s", handle);
	return fail_sys(err, "open %s", path);
}

/* A bundle of another tool: what its files and the kernel tell is the record that it lacks. */
static int adopt(const struct settings *settings, int bundle_dir, struct record *record, struct error *err)
{
	autojson json_object *bundle = NULL;
	struct error ignored;
	struct limits limits;
	struct stat st;

	if (record_begin(record, settings->runtime, settings->runtime_root, err) < 0)
		return -1;
	if (fstatat(bundle_dir, NAME_INIT_PID, &st, 0) < 0 || bundle_load(bundle_dir, &bundle, &ignored) < 0 ||
		pidfile_identity(bundle_dir, NAME_INIT_PID, &record->init) < 0) {
		record->init = (struct identity){ 0 };
		return 0; /* half made, by whomever: state creating */
	}
	record->state = RECORD_CREATED;
	record->privileged = bundle_privileged(bundle);
	limits_of(bundle, &limits);
	record->memory_bytes = limits.memory_bytes;
	record->cpu_shares = limits.cpu_shares;
	record->created_ms = (long long)st.st_mtim.tv_sec * 1000 + st.st_mtim.tv_nsec / 1000000;
	return cgroup_of(record->init.pid, &record->cgroups, err);
}

int container_record(const struct settings *settings, int bundle_dir, struct record *record, struct error *err)
{
	if (record_load(bundle_dir, record, err) == 0)
		return 0;
	return errno == ENOENT ? adopt(settings, bundle_dir, record, err) : -1;
}

int container_open(const struct settings *settings, const char *handle, struct record *record, struct error *err)
{
	autoclose int dir = container_directory(settings, handle, err);

	if (dir < 0 || container_record(settings, dir, record, err) < 0)
		return -1;
	return fd_take(&dir);
}

int container_lock(const struct settings *settings, const char *handle, int bundle_dir, enum lock_mode mode,
	struct error *err)
{
	autofree char *path = container_path(settings, handle);
	struct stat ours, there;

	if (lock_take(bundle_dir, mode, settings->lock_seconds) < 0)
		return errno != EWOULDBLOCK
			? fail_sys(err, "lock %s", path)
			: fail_kind(err, ERROR_TIMEOUT, "container %s is held by another operation, waited %d s",
				  handle, settings->lock_seconds);
	/* Whoever waited may now hold the lock of a directory that was removed, or that stands there anew. */
	if (fstat(bundle_dir, &ours) < 0 || stat(path, &there) < 0 || ours.st_dev != there.st_dev ||
		ours.st_ino != there.st_ino)
		return fail_kind(err, ERROR_UNKNOWN_HANDLE, "unknown handle: %s", handle);
	return 0;
}

bool container_init_alive(const struct record *record)
{
	return record_this_boot(record) && record_this_namespace(record) && identity_alive(&record->init);
}

int container_require_init(const struct record *record, struct error *err)
{
	if (record->state == RECORD_DESTROYING)
		return fail(err, "container is being destroyed");
	if (!record_this_boot(record))
		return fail(err, "container is from before the last reboot: only destroy is left");
	if (!record_this_namespace(record))
		return fail(err, "container belongs to another pid namespace");
	if (record->state == RECORD_CREATING)
		return fail(err,
			"container is not created yet, or its creation was interrupted: then only destroy is left");
	if (!identity_alive(&record->init))
		return fail(err, "container is dead: its init, pid %d, has ended; only destroy is left",
			(int)record->init.pid);
	return 0;
}

int container_root(const struct record *record, struct error *err)
{
	autofree char *path = xprintf("/proc/%d/root", (int)record->init.pid);
	autoclose int root = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return fail_sys(err, "open %s", path);
	/* Looked at afterwards: if init lives now, the directory was its own. */
	if (!identity_alive(&record->init))
		return container_require_init(record, err) < 0 ? -1 : fail(err, "container is dead");
	return fd_take(&root);
}

int container_root_id(uid_t *id, struct error *err)
{
	autofree char *map = statefile_read(AT_FDCWD, "/proc/self/uid_map", 1 << 20, NULL);
	uint64_t highest;

	if (!map)
		return fail_sys(err, "read /proc/self/uid_map");
	if (host_highest_id(map, &highest, err) < 0)
		return -1;
	*id = (uid_t)highest;
	return 0;
}

struct runc container_runtime(const struct settings *settings, const struct record *record)
{
	return (struct runc){
		.program = record->runtime,
		.root = record->runtime_root,
		.extra_args = &settings->runtime_extra_args,
		.step_seconds = settings->step_seconds,
	};
}
