#include "nstar/attributes.h"

#include <archive.h>
#include <errno.h>
#include <linux/limits.h>
#include <string.h>
#include <sys/xattr.h>

static int read_one(int fd, const char *name, struct archive_entry *entry)
{
	static char value[XATTR_SIZE_MAX];
	ssize_t len = fgetxattr(fd, name, value, sizeof value);

	if (len < 0)
		return errno == ENODATA ? 0 : -1; /* removed meanwhile */
	archive_entry_xattr_add_entry(entry, name, value, (size_t)len);
	return 0;
}

int attributes_read(int fd, struct archive_entry *entry)
{
	static char names[XATTR_LIST_MAX];
	ssize_t len = flistxattr(fd, names, sizeof names);
	int result = 0;

	if (len < 0)
		return errno == ENOTSUP ? 0 : -1;
	for (const char *name = names; name < names + len; name += strlen(name) + 1)
		if (read_one(fd, name, entry) < 0)
			result = -1;
	return result;
}

static bool is_list(const char *name)
{
	return strcmp(name, "system.posix_acl_access") == 0 || strcmp(name, "system.posix_acl_default") == 0;
}

/* Sets the lists at path, or only counts them when it is NULL. */
static int each_list(struct archive_entry *entry, const char *path)
{
	const char *name;
	const void *value;
	size_t len;
	int count = 0;

	archive_entry_xattr_reset(entry);
	while (archive_entry_xattr_next(entry, &name, &value, &len) == ARCHIVE_OK) {
		if (!is_list(name))
			continue;
		if (path && lsetxattr(path, name, value, len, 0) < 0)
			return -1;
		count++;
	}
	return count;
}

bool attributes_have_lists(struct archive_entry *entry)
{
	return each_list(entry, NULL) > 0;
}

int attributes_set_lists(const char *path, struct archive_entry *entry)
{
	return each_list(entry, path) < 0 ? -1 : 0;
}
