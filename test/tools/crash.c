/* Kills one program at one chosen step, so that a test can ask what is left behind.
 *
 *   crash [-a] [-o RESULT] COUNT PROGRAM -- ARGV...
 *
 * Runs ARGV and follows it and every process that executes a file named PROGRAM, up from their fork, so also what the
 * program's own children do before they execute something else. One counter goes over all calls of PROGRAM's processes
 * that change something outside of them (-a: over every system call); the process that is about to make call number
 * COUNT gets SIGKILL instead, and the call is not made. Everything else (the runtime, users' processes) is let go at its
 * exec, runs at full speed and does not notice when we or the target die.
 *
 * Returns once ARGV has ended and PROGRAM's processes too (or one was killed), with ARGV's exit status, 128 plus the
 * signal. The last line of RESULT is "killed at N: call" or "finished after N"; with COUNT 0 nobody is killed and a line
 * "N: call" for each comes before it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define NO_PATH (-1)

/* What counts as a step. Not what only prepares the process itself (descriptors, memory, credentials): dying there is the
 * same as dying before the step that follows. */
static const struct step {
	long number;
	const char *name;
	int path;  /* which argument names a file */
	int flags; /* which argument holds open flags: counts only if it opens for more than reading */
} steps[] = {
	{ SYS_accept4, "accept4", NO_PATH, 0 },
	{ SYS_bind, "bind", NO_PATH, 0 },
	{ SYS_chmod, "chmod", 0, 0 },
	{ SYS_chown, "chown", 0, 0 },
	{ SYS_chroot, "chroot", 0, 0 },
	{ SYS_clone, "clone", NO_PATH, 0 },
	{ SYS_clone3, "clone3", NO_PATH, 0 },
	{ SYS_connect, "connect", NO_PATH, 0 },
	{ SYS_copy_file_range, "copy_file_range", NO_PATH, 0 },
	{ SYS_execve, "execve", 0, 0 },
	{ SYS_execveat, "execveat", 1, 0 },
	{ SYS_exit_group, "exit_group", NO_PATH, 0 },
	{ SYS_fchmod, "fchmod", NO_PATH, 0 },
	{ SYS_fchmodat, "fchmodat", 1, 0 },
	{ SYS_fchown, "fchown", NO_PATH, 0 },
	{ SYS_fchownat, "fchownat", 1, 0 },
	{ SYS_flock, "flock", NO_PATH, 0 },
	{ SYS_fork, "fork", NO_PATH, 0 },
	{ SYS_fsetxattr, "fsetxattr", NO_PATH, 0 },
	{ SYS_ftruncate, "ftruncate", NO_PATH, 0 },
	{ SYS_kill, "kill", NO_PATH, 0 },
	{ SYS_lchown, "lchown", 0, 0 },
	{ SYS_link, "link", 0, 0 },
	{ SYS_linkat, "linkat", 1, 0 },
	{ SYS_listen, "listen", NO_PATH, 0 },
	{ SYS_lsetxattr, "lsetxattr", 0, 0 },
	{ SYS_memfd_create, "memfd_create", 0, 0 },
	{ SYS_mkdir, "mkdir", 0, 0 },
	{ SYS_mkdirat, "mkdirat", 1, 0 },
	{ SYS_mknod, "mknod", 0, 0 },
	{ SYS_mknodat, "mknodat", 1, 0 },
	{ SYS_mount, "mount", 1, 0 },
	{ SYS_mount_setattr, "mount_setattr", 1, 0 },
	{ SYS_move_mount, "move_mount", 3, 0 },
	{ SYS_open, "open", 0, 1 },
	{ SYS_open_tree, "open_tree", 1, 0 },
	{ SYS_openat, "openat", 1, 2 },
	{ SYS_pidfd_open, "pidfd_open", NO_PATH, 0 },
	{ SYS_pidfd_send_signal, "pidfd_send_signal", NO_PATH, 0 },
	{ SYS_pivot_root, "pivot_root", 0, 0 },
	{ SYS_pwrite64, "pwrite64", NO_PATH, 0 },
	{ SYS_rename, "rename", 1, 0 },
	{ SYS_renameat, "renameat", 3, 0 },
	{ SYS_renameat2, "renameat2", 3, 0 },
	{ SYS_rmdir, "rmdir", 0, 0 },
	{ SYS_sendfile, "sendfile", NO_PATH, 0 },
	{ SYS_sendmsg, "sendmsg", NO_PATH, 0 },
	{ SYS_sendto, "sendto", NO_PATH, 0 },
	{ SYS_setns, "setns", NO_PATH, 0 },
	{ SYS_splice, "splice", NO_PATH, 0 },
	{ SYS_symlink, "symlink", 1, 0 },
	{ SYS_symlinkat, "symlinkat", 2, 0 },
	{ SYS_tgkill, "tgkill", NO_PATH, 0 },
	{ SYS_tkill, "tkill", NO_PATH, 0 },
	{ SYS_umount2, "umount2", 0, 0 },
	{ SYS_unlink, "unlink", 0, 0 },
	{ SYS_unlinkat, "unlinkat", 1, 0 },
	{ SYS_unshare, "unshare", NO_PATH, 0 },
	{ SYS_utimensat, "utimensat", 1, 0 },
	{ SYS_vfork, "vfork", NO_PATH, 0 },
	{ SYS_wait4, "wait4", NO_PATH, 0 },
	{ SYS_waitid, "waitid", NO_PATH, 0 },
	{ SYS_write, "write", NO_PATH, 0 },
	{ SYS_writev, "writev", NO_PATH, 0 },
};

static bool every_call;
static long limit, count;
static bool killed;
static const char *program;
static FILE *result;
static pid_t first; /* ARGV's process */
static int first_status;

_Noreturn static void die_sys(const char *what)
{
	fprintf(stderr, "crash: fatal: unable to %s: %s\n", what, strerror(errno));
	exit(125);
}

static const struct step *find_step(long number)
{
	for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++)
		if (steps[i].number == number)
			return &steps[i];
	return NULL;
}

/* Told by the file it executes, since that holds from fork on and for children that show up before their parent's news. */
static bool is_target(pid_t pid)
{
	char link[64], path[4096];
	const char *base;
	ssize_t len;

	snprintf(link, sizeof link, "/proc/%d/exe", (int)pid);
	len = readlink(link, path, sizeof path - 1);
	if (len < 0)
		return false;
	path[len] = '\0';
	base = strrchr(path, '/');
	return base && strcmp(base + 1, program) == 0;
}

/* The string at an address of another process, "?" if it cannot be read. */
static void read_string(pid_t pid, unsigned long long address, char *string, size_t size)
{
	char path[64];
	ssize_t got = -1;
	int fd;

	snprintf(path, sizeof path, "/proc/%d/mem", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0) {
		got = pread(fd, string, size - 1, (off_t)address);
		close(fd);
	}
	if (got <= 0)
		snprintf(string, size, "?");
	else
		string[got] = '\0';
}

static void describe(pid_t pid, const struct __ptrace_syscall_info *call, char *words, size_t size)
{
	const struct step *step = find_step((long)call->entry.nr);
	char path[256] = "";

	if (!step) {
		snprintf(words, size, "system call %llu", (unsigned long long)call->entry.nr);
		return;
	}
	if (step->path != NO_PATH)
		read_string(pid, call->entry.args[step->path], path, sizeof path);
	snprintf(words, size, "%s%s%s", step->name, *path ? " " : "", path);
}

static bool counts(const struct __ptrace_syscall_info *call)
{
	const struct step *step = find_step((long)call->entry.nr);

	if (every_call || !step)
		return every_call;
	return !step->flags || (call->entry.args[step->flags] & (O_CREAT | O_TRUNC | O_WRONLY | O_RDWR));
}

/* A process of the target stands at the entry of a system call (or at its return, which is of no interest). A kill here
 * makes the kernel skip the call. */
static void on_call(pid_t pid)
{
	struct __ptrace_syscall_info call;
	char words[512];

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof call, &call) < 0 || call.op != PTRACE_SYSCALL_INFO_ENTRY ||
		!counts(&call))
		return;
	count++;
	describe(pid, &call, words, sizeof words);
	if (limit == 0)
		fprintf(result, "%ld: %s\n", count, words);
	if (count != limit)
		return;
	fprintf(result, "killed at %ld: %s\n", count, words);
	killed = true;
	kill(pid, SIGKILL);
}

/* A request may find its process killed by somebody else in the meantime; then its end is reported next. */
static void resume(enum __ptrace_request how, pid_t pid, int signal_number)
{
	if (ptrace(how, pid, NULL, (void *)(long)signal_number) < 0 && errno != ESRCH)
		die_sys("resume a process");
}

static void on_stop(pid_t pid, int status)
{
	int event = status >> 16, signal_number = WSTOPSIG(status);

	if (signal_number == (SIGTRAP | 0x80)) {
		on_call(pid);
		signal_number = 0;
	} else if (event == PTRACE_EVENT_EXEC && pid != first && !is_target(pid)) {
		resume(PTRACE_DETACH, pid, 0);
		return;
	} else if (event == PTRACE_EVENT_STOP && signal_number != SIGTRAP) {
		resume(PTRACE_LISTEN, pid, 0); /* really stopped, by SIGSTOP or a kin of it: stays so until SIGCONT */
		return;
	} else if (event) {
		signal_number = 0;
	}
	resume(!killed && is_target(pid) ? PTRACE_SYSCALL : PTRACE_CONT, pid, signal_number);
}

/* The child waits for us to seize it, so that its exec is the first thing we see. */
static pid_t start(char **argv)
{
	const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEEXEC | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK |
		PTRACE_O_TRACECLONE;
	int gate[2];
	char byte;
	pid_t pid;

	if (pipe2(gate, O_CLOEXEC) < 0 || (pid = fork()) < 0)
		die_sys("fork");
	if (pid == 0) {
		close(gate[1]);
		if (read(gate[0], &byte, 1) != 1)
			_exit(125);
		execvp(argv[0], argv);
		die_sys("execute ARGV");
	}
	if (ptrace(PTRACE_SEIZE, pid, NULL, (void *)options) < 0 || write(gate[1], "", 1) != 1)
		die_sys("trace ARGV");
	close(gate[0]);
	close(gate[1]);
	return pid;
}

static void parse(int argc, char **argv)
{
	const char *path = "/dev/stderr";
	int option;

	while ((option = getopt(argc, argv, "+ao:")) != -1) {
		if (option == 'a')
			every_call = true;
		else if (option == 'o')
			path = optarg;
		else
			exit(125);
	}
	if (argc - optind < 4 || strcmp(argv[optind + 2], "--") != 0) {
		fprintf(stderr, "usage: crash [-a] [-o RESULT] COUNT PROGRAM -- ARGV...\n");
		exit(125);
	}
	limit = strtol(argv[optind], NULL, 10);
	program = argv[optind + 1];
	result = fopen(path, "we");
	if (!result)
		die_sys("open the result file");
}

int main(int argc, char **argv)
{
	bool first_ended = false;
	int status;
	pid_t pid;

	parse(argc, argv);
	first = start(argv + optind + 3);
	while (!(killed && first_ended) && (pid = waitpid(-1, &status, __WALL)) > 0) {
		if (WIFSTOPPED(status))
			on_stop(pid, status);
		else if (pid == first) {
			first_status = status;
			first_ended = true;
		}
	}
	if (!killed)
		fprintf(result, "finished after %ld\n", count);
	if (fclose(result) != 0)
		die_sys("write the result");
	return WIFSIGNALED(first_status) ? 128 + WTERMSIG(first_status) : WEXITSTATUS(first_status);
}
