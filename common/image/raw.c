#include "common/image/raw.h"

#include "common/base/fd.h"
#include "common/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int check_parents(const char *path, uid_t root_id, struct error *err)
{
	autofree char *parent = xstrdup(path);
	struct stat st;

	for (char *slash = strrchr(parent, '/'); slash && slash != parent; slash = strrchr(parent, '/')) {
		*slash = '\0';
		if (stat(parent, &st) < 0)
			return fail_sys(err, "stat %s", parent);
		if (!(st.st_mode & S_IXOTH))
			return fail_kind(err, ERROR_BAD_INPUT,
				"root filesystem %s: %s is closed to the container's root user, %u (mode %04o): chmod o+x it",
				path, parent, (unsigned)root_id, (unsigned)st.st_mode & 07777);
	}
	return 0;
}

int raw_check(const char *path, uid_t root_id, enum raw_fit *fit, struct error *err)
{
	struct stat st;

	*fit = RAW_FITS;
	if (path[0] != '/')
		return fail_kind(err, ERROR_BAD_INPUT, "root filesystem '%s': not an absolute path", path);
	if (stat(path, &st) < 0) {
		fail_sys(err, "root filesystem: stat %s", path);
		err->kind = ERROR_BAD_INPUT;
		return -1;
	}
	if (!S_ISDIR(st.st_mode))
		return fail_kind(err, ERROR_BAD_INPUT, "root filesystem %s: not a directory", path);
	if (root_id == 0)
		return 0;
	if (st.st_uid != root_id && st.st_uid != 0)
		return fail_kind(err, ERROR_BAD_INPUT,
			"root filesystem %s: belongs to user %u, but must belong to root or to the container's root user, %u: "
			"chown it",
			path, (unsigned)st.st_uid, (unsigned)root_id);
	*fit = st.st_uid == 0 ? RAW_SHIFT : RAW_FITS;
	/* A shifted one is reached through its mount, not through the directories above it. */
	return *fit == RAW_FITS ? check_parents(path, root_id, err) : 0;
}

static int write_map(pid_t pid, const char *file, const char *map)
{
	autofree char *path = xprintf("/proc/%d/%s", (int)pid, file);
	autoclose int fd = open(path, O_WRONLY | O_CLOEXEC);

	return fd < 0 ? -1 : fd_write_all(fd, map, strlen(map));
}

/* A user namespace is had from a process in it, which then has served. It waits to be killed. */
static int namespace_make(const char *uid_map, const char *gid_map)
{
	pid_t pid = (pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, NULL, NULL, NULL, NULL);
	autofree char *path = xprintf("/proc/%d/ns/user", (int)pid);
	int fd = -1, saved;

	if (pid == 0)
		for (;;)
			pause();
	if (pid < 0)
		return -1;
	if (write_map(pid, "uid_map", uid_map) == 0 && write_map(pid, "gid_map", gid_map) == 0)
		fd = open(path, O_RDONLY | O_CLOEXEC);
	saved = errno;
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	errno = saved;
	return fd;
}

int raw_mount(const char *path, const char *target, const char *uid_map, const char *gid_map, struct error *err)
{
	autoclose int ids = namespace_make(uid_map, gid_map);
	autoclose int tree = (int)syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	struct mount_attr shift = { .attr_set = MOUNT_ATTR_IDMAP, .userns_fd = (unsigned)ids };

	if (ids < 0)
		return fail_sys(err, "make a user namespace to shift ids with");
	if (tree < 0)
		return fail_sys(err, "open_tree %s", path);
	if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &shift, sizeof shift) < 0)
		return fail_sys(err,
			"root filesystem %s belongs to root, and its filesystem cannot shift ids (mount_setattr): chown it to the "
			"container's root user instead",
			path);
	if (syscall(SYS_move_mount, tree, "", AT_FDCWD, target, MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return fail_sys(err, "mount %s on %s", path, target);
	return 0;
}
