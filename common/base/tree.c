#include "common/base/tree.h"

#include "common/base/fd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

/* A writer that has not noticed yet may add a file between the last look and the rmdir. */
#define ATTEMPTS 10

static int remove_entries(int fd)
{
	autoclose int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	DIR *entries = own < 0 ? NULL : fdopendir(own);
	struct dirent *entry;
	int result = 0;

	if (!entries)
		return -1;
	(void)fd_take(&own); /* closedir closes it */
	rewinddir(entries);  /* the copy shares its position with fd */
	while (result == 0 && (entry = readdir(entries)))
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			result = tree_remove(fd, entry->d_name);
	closedir(entries);
	return result;
}

int tree_remove(int dir, const char *name)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS,
	};
	autoclose int fd = -1;

	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof how);
	if (fd < 0)
		return errno == ENOENT ? 0 : -1;
	for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
		if (remove_entries(fd) < 0)
			return -1;
		if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != ENOTEMPTY)
			return -1;
	}
	return -1;
}
