#include "common/depot/record.h"

#include "common/base/json.h"
#include "common/base/statefile.h"
#include "common/depot/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define LARGEST (1 << 20)
#define PID_MOST 4194304 /* PID_MAX_LIMIT */

static const char *const state_names[] = {
	[RECORD_CREATING] = "creating",
	[RECORD_CREATED] = "created",
	[RECORD_DESTROYING] = "destroying",
};

const char *record_state_name(enum record_state state)
{
	return state_names[state];
}

void record_free(struct record *record)
{
	free(record->boot_id);
	free(record->runtime);
	free(record->runtime_root);
	strings_free(&record->cgroups);
	strings_free(&record->mounts);
	*record = (struct record){ 0 };
}

/* Stays the same for as long as we run: read once. NULL with errno. */
static const char *this_boot(void)
{
	static char *id;

	if (!id)
		id = statefile_read(AT_FDCWD, "/proc/sys/kernel/random/boot_id", 64, NULL);
	if (id)
		id[strcspn(id, "\n")] = '\0';
	return id;
}

static uint64_t namespace_of_ours(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_ino : 0;
}

int record_begin(struct record *record, const char *runtime, const char *runtime_root, struct error *err)
{
	const char *boot = this_boot();
	struct timespec now;

	*record = (struct record){ .state = RECORD_CREATING };
	if (!boot)
		return fail_sys(err, "read boot id");
	record->boot_id = xstrdup(boot);
	clock_gettime(CLOCK_REALTIME, &now);
	record->created_ms = (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
	record->pid_namespace = namespace_of_ours("/proc/self/ns/pid");
	record->mount_namespace = namespace_of_ours("/proc/self/ns/mnt");
	record->runtime = xstrdup(runtime);
	record->runtime_root = xstrdup(runtime_root);
	return 0;
}

int record_save(int bundle_dir, const struct record *record, struct error *err)
{
	autojson json_object *object = json_object_new_object();
	json_object *init = json_object_new_object();
	const char *line;

	json_object_object_add(object, "state", json_object_new_string(record_state_name(record->state)));
	json_object_object_add(object, "stopped", json_object_new_boolean(record->stopped));
	json_object_object_add(object, "privileged", json_object_new_boolean(record->privileged));
	json_object_object_add(object, "boot_id", json_object_new_string(record->boot_id));
	json_object_object_add(object, "pid_namespace", json_object_new_uint64(record->pid_namespace));
	json_object_object_add(object, "mount_namespace", json_object_new_uint64(record->mount_namespace));
	json_object_object_add(object, "runtime", json_object_new_string(record->runtime));
	json_object_object_add(object, "runtime_root", json_object_new_string(record->runtime_root));
	json_object_object_add(init, "pid", json_object_new_int(record->init.pid));
	json_object_object_add(init, "start", json_object_new_uint64(record->init.start));
	json_object_object_add(object, "init", init);
	json_object_object_add(object, "cgroups", json_of_strings(&record->cgroups));
	json_object_object_add(object, "mounts", json_of_strings(&record->mounts));
	json_object_object_add(object, "memory_bytes", json_object_new_uint64(record->memory_bytes));
	json_object_object_add(object, "cpu_shares", json_object_new_uint64(record->cpu_shares));
	json_object_object_add(object, "created_ms", json_object_new_int64(record->created_ms));
	line = json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (statefile_write(bundle_dir, NAME_RECORD, line, strlen(line), 0600) < 0)
		return fail_sys(err, "write %s", NAME_RECORD);
	return 0;
}

static int parse(json_object *object, struct record *record)
{
	const char *state = json_string(object, "state");
	json_object *init = json_member(object, "init");
	size_t i;

	for (i = 0; i < ARRAY_SIZE(state_names) && strcmp(state, state_names[i]) != 0; i++)
		continue;
	if (i == ARRAY_SIZE(state_names) || !*json_string(object, "boot_id") || json_number(init, "pid") > PID_MOST)
		return -1;
	record->state = (enum record_state)i;
	record->stopped = json_flag(object, "stopped");
	record->privileged = json_flag(object, "privileged");
	record->boot_id = xstrdup(json_string(object, "boot_id"));
	record->pid_namespace = json_number(object, "pid_namespace");
	record->mount_namespace = json_number(object, "mount_namespace");
	record->runtime = xstrdup(json_string(object, "runtime"));
	record->runtime_root = xstrdup(json_string(object, "runtime_root"));
	record->init = (struct identity){ (pid_t)json_number(init, "pid"), json_number(init, "start") };
	json_to_strings(json_member(object, "cgroups"), &record->cgroups);
	json_to_strings(json_member(object, "mounts"), &record->mounts);
	record->memory_bytes = json_number(object, "memory_bytes");
	record->cpu_shares = json_number(object, "cpu_shares");
	record->created_ms = (long long)json_number(object, "created_ms");
	return 0;
}

int record_load(int bundle_dir, struct record *record, struct error *err)
{
	autofree char *line = NULL;
	autojson json_object *object = NULL;

	*record = (struct record){ 0 };
	line = statefile_read(bundle_dir, NAME_RECORD, LARGEST, NULL);
	if (!line) {
		int saved = errno;

		fail_sys(err, "read %s", NAME_RECORD);
		errno = saved == ENOENT ? ENOENT : EINVAL;
		return -1;
	}
	object = json_parse(line, strlen(line), err);
	if (!object) {
		wrap(err, "parse %s", NAME_RECORD);
	} else if (parse(object, record) < 0) {
		fail(err, "parse %s: it lacks what a record must have, or has what none can", NAME_RECORD);
	} else {
		return 0;
	}
	record_free(record);
	errno = EINVAL;
	return -1;
}

bool record_this_boot(const struct record *record)
{
	const char *now = this_boot();

	return now && !strcmp(now, record->boot_id);
}

bool record_this_namespace(const struct record *record)
{
	return !record->pid_namespace || record->pid_namespace == namespace_of_ours("/proc/self/ns/pid");
}
