/* Lets something happen between two system calls of a program, so that a race is lost every time.
 *
 *   meanwhile NAME COMMAND -- ARGV...
 *
 * Runs ARGV, and holds it when it is about to open NAME (exactly that path, and only the first time) until the shell has run
 * COMMAND. Ends as ARGV does, with 128 plus the number for a signal; with 125 if ARGV never opens NAME. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static void die(const char *what)
{
	perror(what);
	exit(126);
}

static pid_t start(char **argv)
{
	pid_t pid = fork();

	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execvp(argv[0], argv);
		die(argv[0]);
	}
	if (pid < 0 || waitpid(pid, NULL, 0) < 0)
		die("start");
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL) < 0)
		die("ptrace");
	return pid;
}

/* Whether the program stands before a call that opens name. */
static bool about_to_open(pid_t pid, const char *name)
{
	struct __ptrace_syscall_info call;
	char path[4096] = "";
	struct iovec here = { path, strlen(name) + 1 };
	struct iovec there = { NULL, strlen(name) + 1 };

	if (ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof call, &call) <= 0 || call.op != PTRACE_SYSCALL_INFO_ENTRY)
		return false;
	if (call.entry.nr == SYS_openat)
		there.iov_base = (void *)call.entry.args[1];
#ifdef SYS_open
	else if (call.entry.nr == SYS_open)
		there.iov_base = (void *)call.entry.args[0];
#endif
	else
		return false;
	return process_vm_readv(pid, &here, 1, &there, 1, 0) > 0 && strcmp(path, name) == 0;
}

int main(int argc, char **argv)
{
	bool happened = false;
	int status, deliver = 0;
	pid_t pid;

	if (argc < 5 || strcmp(argv[3], "--") != 0)
		return 126;
	pid = start(argv + 4);
	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, (long)deliver) < 0 && errno != ESRCH)
			die("ptrace");
		if (waitpid(pid, &status, 0) < 0)
			die("wait");
		if (!WIFSTOPPED(status))
			break;
		deliver = WSTOPSIG(status) == (SIGTRAP | 0x80) ? 0 : WSTOPSIG(status);
		if (!happened && !deliver && about_to_open(pid, argv[1])) {
			happened = true;
			if (system(argv[2]) != 0)
				die(argv[2]);
		}
	}
	if (!happened)
		return 125;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
