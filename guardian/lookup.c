#include "guardian/lookup.h"

#include "common/base/fd.h"
#include "common/base/json.h"
#include "common/depot/names.h"
#include "common/depot/properties.h"
#include "common/ops/operations.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

/* A file's times move in steps, and a new file may get the inode of the one before the last. So a file that was changed as short
 * a time ago as this may change again and look the same. */
#define SETTLED_SECONDS 2

/* The files that the properties of a container come from. */
static const char *const sources[] = { NAME_RECORD, NAME_PROPERTIES };
enum { SOURCES = ARRAY_SIZE(sources) };

/* Tells a file from all that may stand in its place. */
struct stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec modified, changed;
};

struct known {
	char *handle;
	struct strings properties; /* name, value, name, value, ... */
	bool valid;                /* they are those of the files that the stamps tell */
	struct stamp stamps[SOURCES];
};

/* The containers there were the last time, sorted by handle. */
static struct {
	struct known *item;
	size_t count;
} memory;

static void forget(struct known *known)
{
	free(known->handle);
	strings_free(&known->properties);
}

/* --- Are the files still those that were read? --- */

static bool same_time(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec == b->tv_sec && a->tv_nsec == b->tv_nsec;
}

static bool same_file(const struct stamp *a, const struct stamp *b)
{
	return a->device == b->device && a->inode == b->inode && a->size == b->size &&
		same_time(&a->modified, &b->modified) && same_time(&a->changed, &b->changed);
}

static bool same_files(const struct stamp a[SOURCES], const struct stamp b[SOURCES])
{
	return same_file(&a[0], &b[0]) && same_file(&a[1], &b[1]);
}

/* All stamps of a container; that of a file which is not there is empty. */
static bool stamp_files(int depot, const char *handle, struct stamp stamps[SOURCES])
{
	for (int i = 0; i < SOURCES; i++) {
		autofree char *path = xprintf("%s/%s", handle, sources[i]);
		struct stat st;

		stamps[i] = (struct stamp){ 0 };
		if (fstatat(depot, path, &st, AT_SYMLINK_NOFOLLOW) == 0)
			stamps[i] = (struct stamp){ st.st_dev, st.st_ino, st.st_size, st.st_mtim, st.st_ctim };
		else if (errno != ENOENT)
			return false;
	}
	return true;
}

/* Another tool's bundle has no record: what its properties are does not hang on these files alone. */
static bool settled(const struct stamp stamps[SOURCES])
{
	time_t now = time(NULL);

	for (int i = 0; i < SOURCES; i++)
		if (stamps[i].inode && now - stamps[i].changed.tv_sec <= SETTLED_SECONDS)
			return false;
	return stamps[0].inode != 0;
}

/* --- Reading --- */

static void keep_properties(struct known *known, json_object *properties)
{
	json_object_object_foreach(properties, name, value)
	{
		autofree char *string = json_object_is_type(value, json_type_string) ? property_string(value) : NULL;

		if (!string)
			continue;
		strings_add(&known->properties, name);
		strings_add(&known->properties, string);
	}
}

/* False when they may be others the next time, though the files are the same: a record that is not there, is of a container in the
 * making, or could not be read now. */
static bool read_properties(const struct settings *settings, struct known *known)
{
	autojson json_object *properties = NULL;
	struct error ignored;

	strings_free(&known->properties);
	/* One whose properties cannot be read has none, and is no reason to hide the others. */
	if (container_properties(settings, known->handle, &properties, &ignored) < 0 || !properties)
		return false;
	keep_properties(known, properties);
	return *json_string(properties, "garden.state");
}

static void look(const struct settings *settings, int depot, struct known *known)
{
	struct stamp before[SOURCES], after[SOURCES];
	bool stamped = stamp_files(depot, known->handle, before);

	if (known->valid && stamped && same_files(known->stamps, before))
		return;
	memcpy(known->stamps, before, sizeof before);
	known->valid = read_properties(settings, known) && stamped && settled(before) &&
		stamp_files(depot, known->handle, after) && same_files(before, after);
}

/* --- Finding --- */

static bool equals(const struct strings *properties, const char *name, const char *value)
{
	for (size_t i = 0; i < properties->count; i += 2)
		if (!strcmp(properties->item[i], name))
			return !strcmp(properties->item[i + 1], value);
	return !*value;
}

static bool matches(const struct strings *properties, const struct strings *wanted)
{
	bool state_given = false;

	for (size_t i = 0; i + 1 < wanted->count; i += 2) {
		const char *name = wanted->item[i], *value = wanted->item[i + 1];
		bool state = !strcmp(name, "garden.state");

		state_given |= state;
		if (!(state && !strcmp(value, "all")) && !equals(properties, name, value))
			return false;
	}
	return state_given || equals(properties, "garden.state", "created");
}

/* What is known of those that are still there is kept, what is not is forgotten: both lists are sorted. */
static void remember(const struct strings *handles)
{
	struct known *item = xmalloc(handles->count * sizeof *item);
	size_t old = 0;

	for (size_t i = 0; i < handles->count; i++) {
		while (old < memory.count && strcmp(memory.item[old].handle, handles->item[i]) < 0)
			forget(&memory.item[old++]);
		if (old < memory.count && !strcmp(memory.item[old].handle, handles->item[i]))
			item[i] = memory.item[old++];
		else
			item[i].handle = xstrdup(handles->item[i]);
	}
	while (old < memory.count)
		forget(&memory.item[old++]);
	free(memory.item);
	memory.item = item;
	memory.count = handles->count;
}

int lookup_handles(const struct settings *settings, const struct strings *wanted, struct strings *handles,
	struct error *err)
{
	autoclose int depot = open(settings->depot, O_PATH | O_DIRECTORY | O_CLOEXEC);
	autostrings struct strings all = { 0 };

	if (depot < 0)
		return fail_sys(err, "invalid depot directory %s: open %s", settings->depot, settings->depot);
	if (container_list(settings, &all, err) < 0)
		return -1;
	remember(&all);
	for (size_t i = 0; i < memory.count; i++) {
		struct known *known = &memory.item[i];

		look(settings, depot, known);
		if (matches(&known->properties, wanted))
			strings_add(handles, known->handle);
	}
	return 0;
}
