#include "common/ops/recover.h"

#include "common/base/fd.h"
#include "common/base/say.h"
#include "common/depot/names.h"
#include "common/ops/container.h"
#include "common/ops/operations.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static bool has(int dir, const char *name)
{
	return faccessat(dir, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Without a record a directory is ours only if it holds no more than we make before the record: another tool's container has
 * a bundle, or an image. */
static bool abandoned_before_record(int dir)
{
	return !has(dir, NAME_BUNDLE) && !has(dir, NAME_INIT_PID) && !has(dir, "image");
}

static bool half_done(int dir)
{
	autorecord struct record record = { 0 };
	struct error ignored;

	if (lock_held(dir))
		return false; /* somebody is at it */
	if (record_load(dir, &record, &ignored) < 0)
		return errno == ENOENT && abandoned_before_record(dir);
	return record.state != RECORD_CREATED || !record_this_boot(&record);
}

/* "HANDLE~gone" is a removal that was interrupted, unless the handle is there again: then its next removal takes both. */
static void add_interrupted_removals(const struct settings *settings, struct strings *handles)
{
	DIR *depot = opendir(settings->depot);
	struct dirent *entry;

	while (depot && (entry = readdir(depot))) {
		char *mark = strchr(entry->d_name, NAME_GONE_MARK);

		if (!mark)
			continue;
		*mark = '\0';
		if (!has(dirfd(depot), entry->d_name))
			strings_add(handles, entry->d_name);
	}
	if (depot)
		closedir(depot);
}

int depot_half_done(const struct settings *settings, struct strings *handles, struct error *err)
{
	autostrings struct strings all = { 0 };

	if (container_list(settings, &all, err) < 0)
		return -1;
	for (size_t i = 0; i < all.count; i++) {
		struct error ignored;
		autoclose int dir = container_directory(settings, all.item[i], &ignored);

		/* What is no directory, or has a name that no container of ours can have, is somebody else's. */
		if (dir >= 0 && half_done(dir))
			strings_add(handles, all.item[i]);
	}
	add_interrupted_removals(settings, handles);
	return 0;
}

static int doom(const struct settings *settings, const char *handle, struct error *err)
{
	autorecord struct record record = { 0 };
	autoclose int dir = container_open(settings, handle, &record, err);

	if (dir < 0)
		return -1;
	record.state = RECORD_DESTROYING;
	return record_save(dir, &record, err);
}

int depot_doom_all(const struct settings *settings, struct error *err)
{
	autostrings struct strings all = { 0 };

	if (container_list(settings, &all, err) < 0)
		return -1;
	for (size_t i = 0; i < all.count; i++) {
		struct error why;

		if (doom(settings, all.item[i], &why) < 0)
			say(SAY_WARN, "%s: %s", all.item[i], why.text);
	}
	return 0;
}
