#include "common/base/statefile.h"

#include "common/base/fd.h"
#include "common/base/text.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int write_beside(int dir, const char *beside, const void *data, size_t len, mode_t mode)
{
	autoclose int fd = openat(dir, beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, mode);

	return fd < 0 ? -1 : fd_write_all(fd, data, len);
}

int statefile_write(int dir, const char *name, const void *data, size_t len, mode_t mode)
{
	autofree char *beside = xprintf(".%s", name);

	if (write_beside(dir, beside, data, len, mode) < 0 || renameat(dir, beside, dir, name) < 0) {
		int saved = errno;

		unlinkat(dir, beside, 0);
		errno = saved;
		return -1;
	}
	return 0;
}

int statefile_replace(const char *path, const void *data, size_t len, mode_t mode)
{
	const char *slash = strrchr(path, '/');
	autofree char *directory = slash ? xprintf("%.*s", (int)(slash - path) + 1, path) : xstrdup(".");
	autoclose int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return dir < 0 ? -1 : statefile_write(dir, slash ? slash + 1 : path, data, len, mode);
}

char *statefile_read(int dir, const char *name, size_t max, size_t *len)
{
	autoclose int fd = openat(dir, name, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	autofree char *data = NULL;
	char *taken;
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return NULL;
	if (!S_ISREG(st.st_mode)) {
		errno = EINVAL;
		return NULL;
	}
	/* Files of /proc and /sys say they are empty, so the size is no more than a first guess. */
	for (size_t got = 0, size = st.st_size > 0 ? (size_t)st.st_size + 1 : 1024;; size *= 2) {
		data = xrealloc(data, size + 1);
		n = fd_read_full(fd, data + got, size - got);
		if (n < 0)
			return NULL;
		got += (size_t)n;
		if (got > max) {
			errno = EFBIG;
			return NULL;
		}
		if (got < size) {
			data[got] = '\0';
			if (len)
				*len = got;
			break;
		}
	}
	taken = data;
	data = NULL;
	return taken;
}

int statefile_read_number(int dir, const char *name, long long *number)
{
	autofree char *data = statefile_read(dir, name, 64, NULL);
	char *end;

	if (!data)
		return -1;
	if (!*data) {
		errno = ENODATA;
		return -1;
	}
	errno = 0;
	*number = strtoll(data, &end, 10);
	if (*end == '\n')
		end++;
	if (*end || isspace((unsigned char)*data) || *data == '+')
		errno = EINVAL;
	return errno ? -1 : 0;
}
