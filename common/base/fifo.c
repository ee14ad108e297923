#include "common/base/fifo.h"

#include "common/base/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

int fifo_make(int dir, const char *name, uid_t uid, gid_t gid)
{
	if (mkfifoat(dir, name, 0600) < 0)
		return -1;
	return fchownat(dir, name, uid, gid, AT_SYMLINK_NOFOLLOW);
}

int fifo_open(int dir, const char *name, int flags)
{
	autoclose int fd = openat(dir, name, flags | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (!S_ISFIFO(st.st_mode)) {
		errno = EINVAL;
		return -1;
	}
	return fd_take(&fd);
}

int fifo_open_blocking(int dir, const char *name, int flags)
{
	autoclose int fd = fifo_open(dir, name, flags);
	int now;

	/* This open file is ours alone, so clearing its flag disturbs nobody. */
	if (fd < 0 || (now = fcntl(fd, F_GETFL)) < 0 || fcntl(fd, F_SETFL, now & ~O_NONBLOCK) < 0)
		return -1;
	return fd_take(&fd);
}

int fifo_held(int dir, const char *name)
{
	autoclose int fd = fifo_open(dir, name, O_RDONLY);
	ssize_t n;
	char byte;

	if (fd < 0)
		return -1;
	n = read(fd, &byte, 1);
	return n == 0 ? 0 : n < 0 && errno == EAGAIN ? 1 : -1;
}

int fifo_pending(int fd)
{
	int bytes;

	return ioctl(fd, FIONREAD, &bytes) < 0 ? -1 : bytes;
}
