#include "common/base/fd.h"
#include "common/base/lock.h"
#include "common/base/tree.h"
#include "common/depot/names.h"
#include "common/ops/container.h"
#include "common/ops/operations.h"
#include "common/ops/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* A removal that was interrupted left the directory under its other name; nothing but files is in it. */
static int finish_removal(const struct settings *settings, const char *handle, struct error *err)
{
	autofree char *gone = name_gone(handle);
	autoclose int depot = open(settings->depot, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autoclose int dir = depot < 0 ? -1 : openat(depot, gone, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (dir < 0)
		return fail_kind(err, ERROR_UNKNOWN_HANDLE, "unknown handle: %s", handle);
	if (lock_take(dir, LOCK_EXCLUSIVE, 0) < 0)
		return fail_kind(err, ERROR_IN_USE, "container already being destroyed");
	return tree_remove(depot, gone) < 0 ? fail_sys(err, "remove %s/%s", settings->depot, gone) : 0;
}

/* Somebody holds the lock: if he is destroying it there is nothing to wait for. */
static int already_destroying(const struct settings *settings, int dir)
{
	autorecord struct record record = { 0 };
	struct error ignored;

	return lock_held(dir) && container_record(settings, dir, &record, &ignored) == 0 &&
		record.state == RECORD_DESTROYING;
}

int container_destroy(const struct settings *settings, const char *handle, struct error *err)
{
	autoclose int dir = container_directory(settings, handle, err);

	if (dir < 0)
		return err->kind == ERROR_UNKNOWN_HANDLE ? finish_removal(settings, handle, err) : -1;
	if (already_destroying(settings, dir))
		return fail_kind(err, ERROR_IN_USE, "container already being destroyed");
	if (container_lock(settings, handle, dir, LOCK_EXCLUSIVE, err) < 0)
		return -1;
	return container_undo(settings, handle, dir, err);
}
