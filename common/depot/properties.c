#include "common/depot/properties.h"

#include "common/base/fd.h"
#include "common/base/lock.h"
#include "common/base/object.h"
#include "common/base/statefile.h"
#include "common/depot/names.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LARGEST (16 << 20)
#define WAIT_SECONDS 30 /* for other changes, which take well under a millisecond each */
#define NUL_AS "\xc0\x80"

char *property_string(json_object *value)
{
	const char *from = json_object_get_string(value);
	struct text string = { 0 };

	for (int i = 0; i < json_object_get_string_len(value); i++)
		text_add(&string, from[i] ? &from[i] : NUL_AS, from[i] ? 1 : 2);
	return text_take(&string);
}

json_object *property_value(const char *string)
{
	autotext struct text bytes = { 0 };
	const char *nul;

	for (; (nul = strstr(string, NUL_AS)); string = nul + 2) {
		text_add(&bytes, string, (size_t)(nul - string));
		text_add(&bytes, "", 1);
	}
	text_add(&bytes, string, strlen(string));
	return json_object_new_string_len(bytes.data, (int)bytes.len);
}

/* Whoever edits the file may put there what clients are promised never to get, or what is no JSON at all but json-c's. */
static int check_strings(json_object *properties, struct error *err)
{
	json_object_object_foreach(properties, name, value)
	{
		if (!json_object_is_type(value, json_type_string))
			return fail(err, "the property %s is no string", name);
	}
	return 0;
}

static int check(json_object *properties, struct error *err)
{
	return json_object_is_type(properties, json_type_object) ? check_strings(properties, err)
								 : fail(err, "it is no object");
}

int properties_load(int bundle_dir, json_object **properties, struct error *err)
{
	size_t len;
	autofree char *line = statefile_read(bundle_dir, NAME_PROPERTIES, LARGEST, &len);

	*properties = NULL;
	if (!line)
		return errno == ENOENT ? 0 : fail_sys(err, "read %s", NAME_PROPERTIES);
	*properties = json_parse(line, len, err);
	if (*properties && check(*properties, err) == 0)
		return 0;
	json_object_put(*properties);
	*properties = NULL;
	return wrap(err, "parse %s", NAME_PROPERTIES);
}

/* Whether the file of that name is the one that is open here. */
static bool still_named(int dir, const char *name, int fd)
{
	struct stat ours, there;

	return fstat(fd, &ours) == 0 && fstatat(dir, name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
		ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

/* The new file in the making is the lock, so that there is nothing beside it to be left over: whoever has it under its name may
 * write it, and gives it up by the rename that ends each change. Returns its descriptor. */
static int begin_change(int dir, struct error *err)
{
	for (;;) {
		autoclose int fd = openat(dir, "." NAME_PROPERTIES, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);

		if (fd < 0)
			return fail_sys(err, "create .%s", NAME_PROPERTIES);
		if (lock_take(fd, LOCK_EXCLUSIVE, WAIT_SECONDS) < 0)
			return fail_sys(err, "lock .%s", NAME_PROPERTIES);
		if (still_named(dir, "." NAME_PROPERTIES, fd))
			return fd_take(&fd);
		/* Somebody's change ended meanwhile, and this is now what everybody reads. */
	}
}

static int write_all(int dir, json_object *properties, struct error *err)
{
	autotext struct text line = { 0 };

	if (check_strings(properties, err) < 0 || object_write(properties, &line, err) < 0)
		return -1;
	text_add(&line, "\n", 1);
	if (line.len > LARGEST)
		return fail(err, "the properties of a container may not take more than %d bytes", LARGEST);
	return statefile_write(dir, NAME_PROPERTIES, line.data, line.len, 0600) < 0
		? fail_sys(err, "write %s", NAME_PROPERTIES)
		: 0;
}

/* Leaves no file behind that nobody will rename. */
static void end_change(int dir, int fd)
{
	if (still_named(dir, "." NAME_PROPERTIES, fd))
		(void)unlinkat(dir, "." NAME_PROPERTIES, 0); /* the next change would take it over */
}

static int set(int dir, const char *name, const char *value, struct error *err)
{
	autojson json_object *properties = NULL;

	if (properties_load(dir, &properties, err) < 0)
		return -1;
	if (!value && !json_object_object_get_ex(properties, name, NULL))
		return 0;
	if (!properties)
		properties = json_object_new_object();
	if (value)
		object_add(properties, name, property_value(value));
	else
		json_object_object_del(properties, name);
	return write_all(dir, properties, err);
}

int properties_set(int bundle_dir, const char *name, const char *value, struct error *err)
{
	autoclose int change = begin_change(bundle_dir, err);
	int result;

	if (change < 0)
		return -1;
	result = set(bundle_dir, name, value, err);
	end_change(bundle_dir, change);
	return result;
}

int properties_replace(int bundle_dir, json_object *properties, struct error *err)
{
	autoclose int change = begin_change(bundle_dir, err);
	int result;

	if (change < 0)
		return -1;
	result = write_all(bundle_dir, properties, err);
	end_change(bundle_dir, change);
	return result;
}
