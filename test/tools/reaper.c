/* Runs a command as the parent of all orphans below it, for machines whose pid 1 takes its time to reap them, which would
 * be measured otherwise.
 *
 *   reaper COMMAND...
 *
 * Exits with the command's status, 128 plus the signal, once that has ended. */
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int status = 0;
	pid_t child, ended;

	if (argc < 2 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0 || (child = fork()) < 0) {
		fprintf(stderr, "reaper: fatal: unable to run a command\n");
		return 125;
	}
	if (child == 0) {
		execvp(argv[1], argv + 1);
		perror("reaper: unable to execute the command");
		_exit(125);
	}
	do
		ended = wait(&status);
	while (ended > 0 && ended != child);
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
