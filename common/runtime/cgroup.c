#include "common/runtime/cgroup.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/statefile.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST (16 << 20)

/* Does a comma-separated list hold the word? */
static bool list_holds(const char *list, const char *word, size_t len)
{
	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, word, len) && (at[len] == ',' || at[len] == '\0'))
			return true;
	}
	return false;
}

/* A line of /proc/self/mountinfo (proc(5)) that is of a hierarchy: what part of it is mounted where. */
struct mount {
	const char *root, *point, *type, *options;
};

/* All of them; the strings are in text. */
struct mounts {
	char *text;
	struct mount *mount;
	size_t count;
};

static void add_mount(struct mounts *mounts, char *line)
{
	/* Optional fields of any number stand before it. Other mounts, of which there may be thousands, are not parsed. */
	char *rest = strstr(line, " - cgroup"), *field[5];
	struct mount mount;

	if (!rest)
		return;
	*rest = '\0';
	rest += strlen(" - ");
	for (size_t i = 0; i < ARRAY_SIZE(field); i++)
		field[i] = strsep(&line, " ");
	mount = (struct mount){ .root = field[3], .point = field[4], .type = strsep(&rest, " ") };
	strsep(&rest, " ");
	mount.options = strsep(&rest, " ");
	if (!mount.point || !mount.options)
		return;
	mounts->mount = xrealloc(mounts->mount, (mounts->count + 1) * sizeof mount);
	mounts->mount[mounts->count++] = mount;
}

#define automounts __attribute__((cleanup(mounts_free)))

static void mounts_free(struct mounts *mounts)
{
	free(mounts->text);
	free(mounts->mount);
}

static int mounts_read(struct mounts *mounts, struct error *err)
{
	char *rest = mounts->text = statefile_read(AT_FDCWD, "/proc/self/mountinfo", LARGEST, NULL), *line;

	while (rest && (line = strsep(&rest, "\n")))
		add_mount(mounts, line);
	return mounts->text ? 0 : fail_sys(err, "read /proc/self/mountinfo");
}

/* A process's place in one hierarchy, as a line of /proc/PID/cgroup names it: "ID:CONTROLLERS:PATH". */
struct membership {
	const char *controllers; /* "" for v2, "name=X" for a named one */
	const char *path;
};

static bool shows(const struct mount *mount, const struct membership *membership)
{
	size_t first = strcspn(membership->controllers, ",");

	if (!*membership->controllers)
		return !strcmp(mount->type, "cgroup2");
	return !strcmp(mount->type, "cgroup") && list_holds(mount->options, membership->controllers, first);
}

/* Where we see the group of that path in the membership's hierarchy; NULL if no mount of ours shows it. */
static char *directory_of(const struct mounts *mounts, const struct membership *membership, const char *path)
{
	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount *mount = &mounts->mount[i];
		size_t root = strcmp(mount->root, "/") != 0 ? strlen(mount->root) : 0;

		if (shows(mount, membership) && !strncmp(path, mount->root, root) &&
			(path[root] == '/' || path[root] == '\0'))
			return xprintf("%s%s", mount->point, path + root);
	}
	return NULL;
}

typedef void visit_membership(const struct mounts *, const struct membership *, void *data);

/* Calls visit for each hierarchy that the process (a pid, or "self") is in. */
static int each_membership(const char *who, visit_membership *visit, void *data, struct error *err)
{
	autofree char *path = xprintf("/proc/%s/cgroup", who);
	autofree char *table = statefile_read(AT_FDCWD, path, LARGEST, NULL);
	automounts struct mounts mounts = { 0 };
	char *rest = table, *line;

	if (!table)
		return fail_sys(err, "read %s", path);
	if (mounts_read(&mounts, err) < 0)
		return -1;
	while ((line = strsep(&rest, "\n"))) {
		char *controllers = strchr(line, ':'), *group = controllers ? strchr(controllers + 1, ':') : NULL;

		if (!group)
			continue;
		*group++ = '\0';
		visit(&mounts, &(struct membership){ controllers + 1, group }, data);
	}
	return 0;
}

static void add_own(const struct mounts *mounts, const struct membership *membership, void *data)
{
	autofree char *dir = directory_of(mounts, membership, membership->path);

	/* "/../x" is outside of our cgroup namespace: not to be reached by a path. */
	if (dir && strcmp(membership->path, "/") != 0 && strncmp(membership->path, "/../", 4) != 0)
		strings_add(data, dir);
}

int cgroup_of(pid_t pid, struct strings *dirs, struct error *err)
{
	autofree char *who = xprintf("%d", (int)pid);

	return each_membership(who, add_own, dirs, err);
}

struct candidates {
	const char *path;
	struct strings *dirs;
};

static void add_candidate(const struct mounts *mounts, const struct membership *membership, const char *above,
	struct candidates *wanted)
{
	autofree char *path = xprintf("%s/%s", above, wanted->path);
	autofree char *dir = directory_of(mounts, membership, path);

	if (dir)
		strings_add(wanted->dirs, dir);
}

static void add_candidates(const struct mounts *mounts, const struct membership *membership, void *data)
{
	if (strcmp(membership->path, "/") != 0)
		add_candidate(mounts, membership, membership->path, data);
	add_candidate(mounts, membership, "", data);
}

int cgroup_candidates(const char *path, const char *handle, struct strings *dirs, struct error *err)
{
	struct candidates wanted = { *path ? path + (*path == '/') : handle, dirs };

	return each_membership("self", add_candidates, &wanted, err);
}

struct making {
	const char *name;
	struct error *err;
	int result;
};

static void make_below(const struct mounts *mounts, const struct membership *membership, void *data)
{
	struct making *making = data;
	autofree char *path = xprintf("%s/%s", strcmp(membership->path, "/") != 0 ? membership->path : "",
		making->name);
	autofree char *dir = directory_of(mounts, membership, path);

	if (dir && mkdir(dir, 0755) < 0 && errno != EEXIST)
		making->result = fail_sys(making->err, "mkdir %s", dir);
}

int cgroup_make(const char *name, struct error *err)
{
	struct making making = { name, err, 0 };

	return each_membership("self", make_below, &making, err) < 0 ? -1 : making.result;
}

void pids_free(struct pids *pids)
{
	free(pids->pid);
	*pids = (struct pids){ 0 };
}

void pids_add(struct pids *pids, pid_t pid)
{
	for (size_t i = 0; i < pids->count; i++)
		if (pids->pid[i] == pid)
			return;
	pids->pid = xrealloc(pids->pid, (pids->count + 1) * sizeof *pids->pid);
	pids->pid[pids->count++] = pid;
}

static void add_file(struct pids *pids, int dir, const char *name)
{
	autofree char *list = statefile_read(dir, name, LARGEST, NULL);

	for (char *at = list, *end; at && *at; at = end) {
		long pid = strtol(at, &end, 10);

		if (end == at)
			break;
		if (pid > 0)
			pids_add(pids, (pid_t)pid);
	}
}

/* Calls visit for dir/name and every directory below it, the deepest first. */
static void each_group(int dir, const char *name, void (*visit)(int parent, const char *name, int group, void *),
	void *data)
{
	autoclose int group = openat(dir, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = group < 0 ? NULL : fdopendir(fcntl(group, F_DUPFD_CLOEXEC, 0));
	struct dirent *entry;

	while (entries && (entry = readdir(entries)))
		if (entry->d_type == DT_DIR && strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			each_group(group, entry->d_name, visit, data);
	if (entries)
		closedir(entries);
	if (group >= 0)
		visit(dir, name, group, data);
}

static void visit_processes(int parent, const char *name, int group, void *data)
{
	(void)parent, (void)name;
	add_file(data, group, "cgroup.procs");
}

void cgroup_processes(const struct strings *dirs, struct pids *pids)
{
	for (size_t i = 0; i < dirs->count; i++)
		each_group(AT_FDCWD, dirs->item[i], visit_processes, pids);
}

static char *control(const char *dir, const char *file, char first[static 2])
{
	char *path = xprintf("%s/%s", dir, file);
	autofree char *value = statefile_read(AT_FDCWD, path, 4096, NULL);

	first[0] = value ? value[0] : '\0';
	first[1] = '\0';
	return path;
}

static bool says(const char *dir, const char *file, const char *value)
{
	char first[2];
	autofree char *path = control(dir, file, first);

	return first[0] == value[0];
}

bool cgroup_frozen(const struct strings *dirs, bool *above)
{
	bool frozen = false;

	*above = false;
	for (size_t i = 0; i < dirs->count; i++) {
		/* v1: THAWED, FREEZING or FROZEN; who did it is in the two files beside. */
		if (says(dirs->item[i], "freezer.state", "FROZEN")) {
			frozen = true;
			*above |= says(dirs->item[i], "freezer.parent_freezing", "1");
		}
		frozen |= says(dirs->item[i], "cgroup.freeze", "1");
	}
	return frozen;
}

static int write_control(const char *dir, const char *file, const char *value)
{
	autofree char *path = xprintf("%s/%s", dir, file);
	autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -1 : fd_write_all(fd, value, strlen(value));
}

void cgroup_thaw(const struct strings *dirs)
{
	for (size_t i = 0; i < dirs->count; i++) {
		/* A hierarchy has one of the two files or neither; a failure shows in cgroup_frozen. */
		(void)write_control(dirs->item[i], "freezer.state", "THAWED");
		(void)write_control(dirs->item[i], "cgroup.freeze", "0");
	}
}

bool cgroup_kill(const struct strings *dirs)
{
	bool killed = false;

	for (size_t i = 0; i < dirs->count; i++)
		killed |= write_control(dirs->item[i], "cgroup.kill", "1") == 0;
	return killed;
}

static void visit_remove(int parent, const char *name, int group, void *data)
{
	(void)group;
	if (unlinkat(parent, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
		*(int *)data = errno;
}

int cgroup_remove(const struct strings *dirs, int timeout_ms, struct error *err)
{
	long long deadline = clock_ms() + timeout_ms;

	for (size_t i = 0; i < dirs->count; i++) {
		for (;;) {
			int number = 0;

			each_group(AT_FDCWD, dirs->item[i], visit_remove, &number);
			if (!number)
				break;
			if (number != EBUSY || clock_ms() >= deadline) {
				errno = number;
				return fail_sys(err, "remove cgroup %s", dirs->item[i]);
			}
			clock_sleep_ms(5);
		}
	}
	return 0;
}
