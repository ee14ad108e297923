#include "dadoo/process.h"

#include "common/base/error.h"
#include "common/base/spawn.h"
#include "common/base/statefile.h"
#include "common/base/text.h"
#include "common/depot/names.h"
#include "dadoo/caller.h"
#include "dadoo/pidfdinfo.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

_Static_assert(sizeof(struct pidfd_info) == 64, "the size is part of the ioctl's number");

static bool is_child(pid_t pid)
{
	siginfo_t ignored;

	return waitid(P_PID, (id_t)pid, &ignored, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static void watch_by_pidfd(struct process *process)
{
	process->pidfd = identity_pidfd(&process->who);
	process->wait = POLLIN;
}

void process_find(struct process *process, const struct directory *dir)
{
	pid_t pid = pidfile_read(dir->fd, NAME_PID);

	if (pid < 0 && (errno == EINVAL || errno == ENODATA))
		give_up("parse %s/%s: not a process id", dir->path, NAME_PID);
	if (pid < 0)
		give_up("open %s/%s: %s", dir->path, NAME_PID, errno_text(errno));
	*process = (struct process){ .who.pid = pid, .pidfd = -1 };
	/* The number cannot have been used again: the process is our child, and not reaped yet. If it is not, because we
	 * could not become a subreaper, its start time still tells it from others. */
	if (identity_of(pid, &process->who, NULL) < 0 || identity_save(dir->fd, NAME_STARTED, &process->who) < 0)
		caution("Failed to record the start of process %d: %s", pid, errno_text(errno));
	if (!is_child(pid)) {
		watch_by_pidfd(process);
		process->lost = process->pidfd < 0;
	}
}

void process_adopt(struct process *process, const struct directory *dir)
{
	*process = (struct process){ .pidfd = -1 };
	if (directory_has(dir, NAME_EXITCODE))
		give_up("adopt %s: the process has ended, and its exit code is known", dir->path);
	if (identity_load(dir->fd, NAME_STARTED, &process->who) < 0 &&
		pidfile_identity(dir->fd, NAME_PID, &process->who) < 0)
		give_up("adopt %s: no process: %s", dir->path, errno_text(errno));
	/* It may be a zombie by now: its parent has not reaped it, so its status can still be had. */
	watch_by_pidfd(process);
	if (process->pidfd < 0)
		give_up("adopt %s: process %d is gone", dir->path, process->who.pid);
}

static bool may_trace(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct sets[_LINUX_CAPABILITY_U32S_3];

	return syscall(SYS_capget, &header, sets) == 0 &&
		sets[CAP_TO_INDEX(CAP_SYS_PTRACE)].effective & CAP_TO_MASK(CAP_SYS_PTRACE);
}

/* The status of a process that has ended and was not reaped yet: the last field of its stat file. To those who may not
 * trace it that field is 0, which would make a success of any death. */
static bool status_of_zombie(const struct identity *who, int *status)
{
	autofree char *path = xprintf("/proc/%d/stat", who->pid);
	autofree char *stat = may_trace() ? statefile_read(AT_FDCWD, path, 4096, NULL) : NULL;
	const char *last = stat ? strrchr(stat, ' ') : NULL;
	struct identity now;
	char state;

	return last && sscanf(last, "%d", status) == 1 && identity_of(who->pid, &now, &state) == 0 &&
		now.start == who->start && state == 'Z';
}

/* Somebody else's child. First it is a zombie, for as long as its parent likes; once reaped, the kernel says how it ended,
 * if it is new enough. True if there is nothing more to wait for. */
static bool stranger_ended(struct process *process, short events)
{
	struct pidfd_info info = { .mask = PIDFD_INFO_EXIT };
	int status;

	if (!events)
		return false;
	if (!(events & POLLHUP) && status_of_zombie(&process->who, &status)) {
		process->code = spawn_exit_code(status);
		return true;
	}
	/* ioctl(3) would have the number signed in one C library and unsigned in the other. */
	if (syscall(SYS_ioctl, process->pidfd, PIDFD_GET_INFO, &info) == 0 && info.mask & PIDFD_INFO_EXIT) {
		process->code = spawn_exit_code(info.exit_code);
		return true;
	}
	process->wait = 0; /* only the hang-up is news now, and that is always polled for */
	process->lost = events & POLLHUP;
	return process->lost;
}

/* Reaping comes first and whatever else there is to do: pid 1 of a container cannot go before its children are reaped. */
bool process_ended(struct process *process, short events)
{
	bool ended = process->lost;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == process->who.pid) {
			process->code = spawn_exit_code(status);
			ended = true;
		}
	}
	return ended || (process->pidfd >= 0 && stranger_ended(process, events));
}
