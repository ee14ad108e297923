#include "common/bundle/seccomp.h"

#include "common/base/object.h"

#include <errno.h>
#include <string.h>

/* The names are of several architectures and of kernels old and new. A runtime passes over those that it does not know, so
 * one list serves them all. */
/* clang-format off */
static const char *const allowed[] = {
	"accept", "accept4", "access", "alarm",
	"bind", "brk",
	"capget", "capset", "chdir", "chmod", "chown", "chown32", "clock_getres", "clock_gettime",
	"clock_nanosleep", "close", "connect", "copy_file_range", "creat",
	"dup", "dup2", "dup3",
	"epoll_create", "epoll_create1", "epoll_ctl", "epoll_ctl_old", "epoll_pwait", "epoll_wait",
	"epoll_wait_old", "eventfd", "eventfd2", "execve", "execveat", "exit", "exit_group",
	"faccessat", "fadvise64", "fadvise64_64", "fallocate", "fanotify_mark", "fchdir", "fchmod", "fchmodat",
	"fchown", "fchown32", "fchownat", "fcntl", "fcntl64", "fdatasync", "fgetxattr", "flistxattr", "flock",
	"fork", "fremovexattr", "fsetxattr", "fstat", "fstat64", "fstatat64", "fstatfs", "fstatfs64", "fsync",
	"ftruncate", "ftruncate64", "futex", "futimesat",
	"getcpu", "getcwd", "getdents", "getdents64", "getegid", "getegid32", "geteuid", "geteuid32", "getgid",
	"getgid32", "getgroups", "getgroups32", "getitimer", "getpeername", "getpgid", "getpgrp", "getpid",
	"getppid", "getpriority", "getrandom", "getresgid", "getresgid32", "getresuid", "getresuid32",
	"getrlimit", "get_robust_list", "getrusage", "getsid", "getsockname", "getsockopt", "get_thread_area",
	"gettid", "gettimeofday", "getuid", "getuid32", "getxattr",
	"inotify_add_watch", "inotify_init", "inotify_init1", "inotify_rm_watch", "io_cancel", "ioctl",
	"io_destroy", "io_getevents", "ioprio_get", "ioprio_set", "io_setup", "io_submit", "ipc",
	"kill",
	"lchown", "lchown32", "lgetxattr", "link", "linkat", "listen", "listxattr", "llistxattr", "_llseek",
	"lremovexattr", "lseek", "lsetxattr", "lstat", "lstat64",
	"madvise", "memfd_create", "mincore", "mkdir", "mkdirat", "mknod", "mknodat", "mlock", "mlock2",
	"mlockall", "mmap", "mmap2", "mprotect", "mq_getsetattr", "mq_notify", "mq_open", "mq_timedreceive",
	"mq_timedsend", "mq_unlink", "mremap", "msgctl", "msgget", "msgrcv", "msgsnd", "msync", "munlock",
	"munlockall", "munmap",
	"nanosleep", "newfstatat", "_newselect",
	"open", "openat", "openat2",
	"pause", "personality", "pipe", "pipe2", "poll", "ppoll", "prctl", "pread64", "preadv", "preadv2",
	"prlimit64", "pselect6", "pwrite64", "pwritev", "pwritev2",
	"read", "readahead", "readlink", "readlinkat", "readv", "recv", "recvfrom", "recvmmsg", "recvmsg",
	"remap_file_pages", "removexattr", "rename", "renameat", "renameat2", "restart_syscall", "rmdir",
	"rt_sigaction", "rt_sigpending", "rt_sigprocmask", "rt_sigqueueinfo", "rt_sigreturn", "rt_sigsuspend",
	"rt_sigtimedwait", "rt_tgsigqueueinfo",
	"sched_getaffinity", "sched_getattr", "sched_getparam", "sched_get_priority_max",
	"sched_get_priority_min", "sched_getscheduler", "sched_rr_get_interval", "sched_setaffinity",
	"sched_setattr", "sched_setparam", "sched_setscheduler", "sched_yield", "seccomp", "select", "semctl",
	"semget", "semop", "semtimedop", "send", "sendfile", "sendfile64", "sendmmsg", "sendmsg", "sendto",
	"setfsgid", "setfsgid32", "setfsuid", "setfsuid32", "setgid", "setgid32", "setgroups", "setgroups32",
	"setitimer", "setpgid", "setpriority", "setregid", "setregid32", "setresgid", "setresgid32",
	"setresuid", "setresuid32", "setreuid", "setreuid32", "setrlimit", "set_robust_list", "setsid",
	"setsockopt", "set_thread_area", "set_tid_address", "setuid", "setuid32", "setxattr", "shmat", "shmctl",
	"shmdt", "shmget", "shutdown", "sigaltstack", "signalfd", "signalfd4", "sigreturn", "socket",
	"socketcall", "socketpair", "splice", "stat", "stat64", "statfs", "statfs64", "statx", "symlink",
	"symlinkat", "sync", "sync_file_range", "syncfs", "sysinfo", "syslog",
	"tee", "tgkill", "time", "timer_create", "timer_delete", "timerfd_create", "timerfd_gettime",
	"timerfd_settime", "timer_getoverrun", "timer_gettime", "timer_settime", "times", "tkill", "truncate",
	"truncate64",
	"ugetrlimit", "umask", "uname", "unlink", "unlinkat", "utime", "utimensat", "utimes",
	"vfork", "vmsplice",
	"wait4", "waitid", "waitpid", "write", "writev",
	"arch_prctl", "modify_ldt", "chroot", "clone", "clone3", "ptrace",
};
/* clang-format on */

/* Names that are not simply allowed, an entry a row. */
static const struct special {
	const char *name;
	const char *comparison; /* of the first argument, NULL: none */
	uint64_t value;
	int64_t error; /* refused with this errno; 0: allowed */
} specials[] = {
	{ "personality", "SCMP_CMP_EQ", 0x0, 0 },         /* PER_LINUX */
	{ "personality", "SCMP_CMP_EQ", 0x8, 0 },         /* PER_LINUX32 */
	{ "personality", "SCMP_CMP_EQ", 0xffffffff, 0 },  /* asks, changes nothing */
	{ "clone", "SCMP_CMP_MASKED_EQ", 0x7c020000, 0 }, /* no new namespace but a cgroup one: these flags are all 0 */
	{ "clone3", NULL, 0, ENOSYS }, /* its flags are in memory; the C library then falls back to clone */
};

static void add(struct text *list, const char *name, const struct special *special)
{
	text_addf(list, "%s{\"names\":[\"%s\"],\"action\":\"%s\"", list->len > 1 ? "," : "", name,
		special && special->error ? "SCMP_ACT_ERRNO" : "SCMP_ACT_ALLOW");
	if (special && special->error)
		text_addf(list, ",\"errnoRet\":%lld", (long long)special->error);
	if (special && special->comparison)
		text_addf(list, ",\"args\":[{\"index\":0,\"value\":%llu,\"op\":\"%s\"}]",
			(unsigned long long)special->value, special->comparison);
	text_addf(list, "}");
}

static void add_all_of(struct text *list, const char *name)
{
	bool special = false;

	for (size_t i = 0; i < ARRAY_SIZE(specials); i++) {
		if (strcmp(specials[i].name, name) == 0) {
			add(list, name, &specials[i]);
			special = true;
		}
	}
	if (!special)
		add(list, name, NULL);
}

/* Text at once: as objects these three hundred entries took half of the time that making a bundle takes. */
static json_object *syscalls(const struct host *host)
{
	struct text list = { 0 };
	/* Before 4.8 a tracer could change the number of a call after the filter had seen it. */
	bool ptrace = host->kernel_major > 4 || (host->kernel_major == 4 && host->kernel_minor >= 8);

	text_addf(&list, "[");
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++)
		if (ptrace || strcmp(allowed[i], "ptrace") != 0)
			add_all_of(&list, allowed[i]);
	text_addf(&list, "]");
	return json_written(&list);
}

static json_object *architectures(const char *machine)
{
	json_object *list = json_object_new_array();

	if (strcmp(machine, "aarch64") == 0) {
		/* No other implementation of the protocol was seen on this one, so there is nothing to be equal to. */
		array_add_string(list, "SCMP_ARCH_AARCH64");
		array_add_string(list, "SCMP_ARCH_ARM");
		return list;
	}
	array_add_string(list, "SCMP_ARCH_X86_64");
	array_add_string(list, "SCMP_ARCH_X86");
	array_add_string(list, "SCMP_ARCH_X32");
	return list;
}

json_object *seccomp_rule(const struct host *host)
{
	json_object *profile = json_object_new_object();

	object_add_string(profile, "defaultAction", "SCMP_ACT_ERRNO");
	object_add(profile, "architectures", architectures(host->machine));
	object_add(profile, "syscalls", syscalls(host));
	return profile;
}
