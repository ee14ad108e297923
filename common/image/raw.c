#include "common/image/raw.h"

#include "common/base/text.h"

#include <string.h>
#include <sys/stat.h>

static int check_parents(const char *path, struct error *err)
{
	autofree char *parent = xstrdup(path);
	struct stat st;

	for (char *slash = strrchr(parent, '/'); slash && slash != parent; slash = strrchr(parent, '/')) {
		*slash = '\0';
		if (stat(parent, &st) < 0)
			return fail_sys(err, "stat %s", parent);
		if (!(st.st_mode & S_IXOTH))
			return fail_kind(err, ERROR_BAD_INPUT,
				"root filesystem %s: %s is closed to the container's root user (mode %04o): chmod o+x it",
				path, parent, (unsigned)st.st_mode & 07777);
	}
	return 0;
}

int raw_check(const char *path, uid_t uid, struct error *err)
{
	struct stat st;

	if (path[0] != '/')
		return fail_kind(err, ERROR_BAD_INPUT, "root filesystem '%s': not an absolute path", path);
	if (stat(path, &st) < 0) {
		fail_sys(err, "root filesystem: stat %s", path);
		err->kind = ERROR_BAD_INPUT;
		return -1;
	}
	if (!S_ISDIR(st.st_mode))
		return fail_kind(err, ERROR_BAD_INPUT, "root filesystem %s: not a directory", path);
	if (uid == 0)
		return 0;
	if (st.st_uid != uid)
		return fail_kind(err, ERROR_BAD_INPUT,
			"root filesystem %s: belongs to user %u, but must belong to the container's root user, %u: chown it",
			path, (unsigned)st.st_uid, (unsigned)uid);
	return check_parents(path, err);
}
