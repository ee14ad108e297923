#include "common/ops/workdir.h"

#include "common/base/fd.h"
#include "common/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/securebits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_there(int root, const char *dir)
{
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC, .resolve = RESOLVE_IN_ROOT };
	autoclose int fd = (int)syscall(SYS_openat2, root, dir, &how, sizeof how);

	return fd >= 0;
}

/* On a mount with shifted ids the host's root is nobody, and may make nothing. Its own root may: the capabilities that the
 * change of user would take away are kept (capabilities(7), SECBIT_NO_SETUID_FIXUP). Other mounts of the container, such as
 * its tmpfs, are not for the host to write in. */
static int make_as_owner(const char *path)
{
	struct stat root, parent;
	autofree char *above = xprintf("%.*s/", (int)(strrchr(path, '/') - path), path);
	int result;

	if (stat("/", &root) < 0 || stat(above, &parent) < 0)
		return -1;
	if (parent.st_dev != root.st_dev || prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP) < 0) {
		errno = EOVERFLOW;
		return -1;
	}
	setfsgid(root.st_gid);
	setfsuid(root.st_uid);
	result = mkdir(path, 0755);
	setfsuid(0);
	setfsgid(0);
	return result;
}

static int make_directory(const char *path)
{
	int result = mkdir(path, 0755);

	return result < 0 && errno == EOVERFLOW ? make_as_owner(path) : result;
}

/* One component, below the child's root. A link to nowhere has its target made, as mkdir -p through it would want. */
static int make_one(const char *path, uid_t uid, gid_t gid, int depth)
{
	char target[4096];
	struct stat st;
	ssize_t len;

	if (stat(path, &st) == 0)
		return S_ISDIR(st.st_mode) ? 0 : (errno = ENOTDIR, -1);
	len = readlink(path, target, sizeof target - 1);
	if (len > 0) {
		autofree char *whole = NULL;
		const char *slash = strrchr(path, '/');

		target[len] = '\0';
		whole = target[0] == '/' ? xstrdup(target) : xprintf("%.*s/%s", (int)(slash - path), path, target);
		errno = ELOOP;
		return depth > 40 ? -1 : make_one(whole, uid, gid, depth + 1);
	}
	return make_directory(path) < 0 || lchown(path, uid, gid) < 0 ? -1 : 0;
}

static int make_all(const char *dir, uid_t uid, gid_t gid)
{
	autofree char *path = xprintf("/%s", dir + (*dir == '/'));

	for (char *at = path + 1; *at; at++) {
		if (*at != '/')
			continue;
		*at = '\0';
		if (make_one(path, uid, gid, 0) < 0)
			return -1;
		*at = '/';
	}
	return make_one(path, uid, gid, 0);
}

/* A child enters the container's root, so that no link in there can lead out of it. It tells its errno by a pipe. */
static int make_in_child(int root, const char *dir, uid_t uid, gid_t gid)
{
	int ends[2], number = ECHILD;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	pid = fork();
	if (pid == 0) {
		int result = fchdir(root) < 0 || chroot(".") < 0 || make_all(dir, uid, gid) < 0 ? errno : 0;

		(void)!write(ends[1], &result, sizeof result); /* then the parent sees ECHILD */
		_exit(0);
	}
	if (pid < 0)
		number = errno;
	fd_close(&ends[1]);
	if (pid > 0) {
		(void)!fd_read_full(ends[0], &number, sizeof number);
		waitpid(pid, NULL, 0);
	}
	fd_close(&ends[0]);
	errno = number;
	return number ? -1 : 0;
}

int workdir_make(int root, const char *dir, uid_t uid, gid_t gid, struct error *err)
{
	if (is_there(root, dir) || make_in_child(root, dir, uid, gid) == 0)
		return 0;
	/* The first words are the contract's, which says no more. */
	fail(err, "exit status 2: unable to make working directory %s for host user %u: %s", dir, (unsigned)uid,
		errno_text(errno));
	return -1;
}
