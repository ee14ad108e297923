#include "common/base/fd.h"
#include "common/base/lock.h"
#include "common/depot/names.h"
#include "common/ops/container.h"
#include "common/ops/operations.h"
#include "common/runtime/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

static const char *const state_names[] = {
	[CONTAINER_CREATING] = "creating",
	[CONTAINER_ACTIVE] = "active",
	[CONTAINER_STOPPED] = "stopped",
	[CONTAINER_PAUSED] = "paused",
	[CONTAINER_DEAD] = "dead",
	[CONTAINER_DESTROYING] = "destroying",
	[CONTAINER_BROKEN] = "broken",
};

const char *container_state_name(enum container_state state)
{
	return state_names[state];
}

void container_info_free(struct container_info *info)
{
	free(info->note);
	free(info->path);
	free(info->rootfs);
	strings_free(&info->processes);
	strings_free(&info->env);
	strings_free(&info->cgroups);
	*info = (struct container_info){ 0 };
}

static void judge(struct container_info *info, enum container_state state, const char *note)
{
	info->state = state;
	free(info->note);
	info->note = note ? xstrdup(note) : NULL;
}

/* A half-made container that an operation holds is on its way; one that nobody holds was left behind. */
static void judge_half_made(struct container_info *info, const struct record *record, int dir)
{
	bool held = lock_held(dir);

	if (record->state == RECORD_DESTROYING)
		judge(info, CONTAINER_DESTROYING, held ? NULL : "its destruction was interrupted: destroy it again");
	else if (held)
		judge(info, CONTAINER_CREATING, NULL);
	else
		judge(info, CONTAINER_BROKEN, "its creation was interrupted: destroy it");
}

static void judge_made(struct container_info *info, const struct record *record)
{
	struct error why;
	bool above;

	if (!record_this_boot(record)) {
		judge(info, CONTAINER_BROKEN, "from before the last reboot: destroy it");
	} else if (container_require_init(record, &why) < 0) {
		judge(info, CONTAINER_DEAD, why.text);
	} else if (cgroup_frozen(&record->cgroups, &above)) {
		judge(info, CONTAINER_PAUSED, above ? "frozen by a cgroup above its own" : NULL);
	} else {
		judge(info, record->stopped ? CONTAINER_STOPPED : CONTAINER_ACTIVE, NULL);
	}
}

int container_info(const struct settings *settings, const char *handle, struct container_info *info, struct error *err)
{
	autoclose int dir = container_directory(settings, handle, err);
	autorecord struct record record = { 0 };
	struct error why;

	*info = (struct container_info){ .path = container_path(settings, handle) };
	if (dir < 0)
		goto undo_info;
	if (process_list(dir, &info->processes, err) < 0)
		goto undo_info;
	if (container_record(settings, dir, &record, &why) < 0) {
		judge(info, CONTAINER_BROKEN, why.text);
		return 0;
	}
	info->privileged = record.privileged;
	info->init = record.init;
	info->created_ms = record.created_ms;
	for (size_t i = 0; record.state == RECORD_CREATED && i < record.cgroups.count; i++)
		strings_add(&info->cgroups, record.cgroups.item[i]);
	if (record.state == RECORD_CREATED)
		judge_made(info, &record);
	else
		judge_half_made(info, &record, dir);
	return 0;

undo_info:
	container_info_free(info);
	return -1;
}

/* A container runs on without its bundle, but no further process can. */
void container_info_bundle(struct container_info *info)
{
	autoclose int dir = open(info->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autojson json_object *bundle = NULL;
	struct error why;

	if (dir < 0 || bundle_load(dir, &bundle, &why) < 0) {
		if (info->state == CONTAINER_ACTIVE || info->state == CONTAINER_STOPPED ||
			info->state == CONTAINER_PAUSED)
			judge(info, CONTAINER_BROKEN, dir < 0 ? "its directory cannot be opened" : why.text);
		return;
	}
	info->rootfs = xstrdup(bundle_rootfs(bundle));
	json_to_strings(json_member(json_member(bundle, "process"), "env"), &info->env);
}
