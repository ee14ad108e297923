#include "nstar/enter.h"

#include "common/base/confine.h"
#include "common/base/fd.h"
#include "common/base/text.h"
#include "nstar/report.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PID_MOST 4194304 /* PID_MAX_LIMIT of the kernel */
#define CAP(name) (UINT64_C(1) << CAP_##name)

/* A namespace is known by the inode that its file has. */
static bool is_ours(int namespace, const char *our_file)
{
	struct stat theirs, ours;

	if (fstat(namespace, &theirs) < 0 || stat(our_file, &ours) < 0)
		unable("stat %s", our_file);
	return theirs.st_dev == ours.st_dev && theirs.st_ino == ours.st_ino;
}

/* A number that no process can have becomes that of none. */
static pid_t parse_pid(const char *text)
{
	long pid = strtol(text, NULL, 10);

	if (!*text || text[strspn(text, "0123456789")]) {
		fputs("invalid pid\n", stderr);
		exit(STATUS_UNABLE);
	}
	return pid <= PID_MOST ? (pid_t)pid : 0;
}

/* The directory /proc/PID/ns belongs to one process for ever, so what is opened below it cannot be half somebody else's. It
 * still gave a namespace after the pidfd was taken: so the pid was not recycled, and the pidfd is that process's too. */
int enter_container(const char *pid_text)
{
	pid_t pid = parse_pid(pid_text);
	autofree char *path = xprintf("/proc/%d/ns", (int)pid);
	autoclose int dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	autoclose int process = dir < 0 ? -1 : (int)syscall(SYS_pidfd_open, pid, 0);
	autoclose int mount = process < 0 ? -1 : openat(dir, "mnt", O_RDONLY | O_CLOEXEC);
	autoclose int user = -1;

	if (mount < 0)
		unable("open mnt namespace");
	user = openat(dir, "user", O_RDONLY | O_CLOEXEC);
	if (user < 0)
		unable("open user namespace");
	/* No container has our own: whoever has this pid now would have us unpack on the host. */
	if (is_ours(mount, "/proc/self/ns/mnt")) {
		errno = EINVAL;
		unable("pid %d is in no container", (int)pid);
	}
	/* A privileged container shares our user namespace, and to join that again is an error. */
	if (!is_ours(user, "/proc/self/ns/user") && setns(user, CLONE_NEWUSER) < 0)
		unable("setns");
	if (setns(mount, CLONE_NEWNS) < 0)
		unable("setns");
	return fd_take(&process);
}

void enter_find_user(const char *name, struct user *user)
{
	autoclose int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0 || user_find_name(root, name, user) < 0)
		unable("getpwnam");
}

void enter_home(const struct user *user)
{
	if (chdir(user->home) < 0)
		unable("chdir to user home");
	if (setresgid(0, 0, 0) < 0)
		unable("setgid");
	if (setresuid(0, 0, 0) < 0)
		unable("setuid");
}

/* Adds capabilities that we may have to those that are in force. */
static int raise_capabilities(uint64_t add)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];

	if (syscall(SYS_capget, &header, data) < 0)
		return -1;
	data[0].effective |= (__u32)add;
	data[1].effective |= (__u32)(add >> 32);
	return (int)syscall(SYS_capset, &header, data);
}

/* Files are made as that user from now on; whether we may make them is not asked. */
static int make_files_as(uid_t uid, gid_t gid)
{
	/* They tell no errors, but which id is in force when they are asked for one that cannot be. */
	setfsgid(gid);
	setfsuid(uid);
	if (setfsgid((gid_t)-1) != (int)gid || setfsuid((uid_t)-1) != (int)uid) {
		errno = EINVAL;
		return -1;
	}
	return raise_capabilities(CAP(DAC_OVERRIDE)); /* lost with the file user 0 */
}

/* As mkdir -p. What is there in place of a directory shows when the last one is entered. */
static int make_all(char *path)
{
	for (char *at = path; *at; at++) {
		if (*at != '/' || at == path)
			continue;
		*at = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return -1;
		*at = '/';
	}
	return mkdir(path, 0755) < 0 && errno != EEXIST ? -1 : 0;
}

/* Directories are the user's from birth. To give them away afterwards would mean chown by a name that somebody in the
 * container may have put in place of ours. */
void enter_make(const char *directory, const struct user *user)
{
	autofree char *path = xstrdup(directory);

	if (make_files_as(user->uid, user->gid) < 0 || make_all(path) < 0)
		unable("mkdir_p_as %u %u", (unsigned)user->uid, (unsigned)user->gid);
	if (make_files_as(0, 0) < 0)
		unable("setuid");
}

void enter_directory(const char *directory)
{
	autoclose int fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		unable("open container destination");
	if (fchdir(fd) < 0)
		unable("fchdir to container destination");
}

/* Capabilities go before the user does, as it takes one to empty the bounding set; what is then left of them goes with the
 * change from root to somebody else. */
void enter_user(const struct user *user)
{
	uint64_t file_capabilities = CAP(CHOWN) | CAP(DAC_OVERRIDE) | CAP(FOWNER) | CAP(FSETID) | CAP(SETFCAP);

	if (setgroups(user->group_count, user->groups) < 0)
		unable("setgroups");
	if (setresgid(user->gid, user->gid, user->gid) < 0)
		unable("setgid");
	if (confine_capabilities(user->uid == 0 ? file_capabilities : CAP(SETUID)) < 0)
		unable("drop capabilities");
	if (setresuid(user->uid, user->uid, user->uid) < 0)
		unable("setuid");
}
