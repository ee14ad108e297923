/* Runs a command, becomes the parent of whatever that leaves behind, and lets the dead lie: it reaps only when it gets SIGUSR1,
 * and then everything. Ends with SIGTERM. */
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	sigset_t awaited;
	int number = 0;

	sigemptyset(&awaited);
	sigaddset(&awaited, SIGUSR1);
	sigprocmask(SIG_BLOCK, &awaited, NULL);
	if (argc < 2 || prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		return 125;
	if (fork() == 0) {
		execvp(argv[1], argv + 1);
		_exit(127);
	}
	while (sigwait(&awaited, &number) == 0)
		while (waitpid(-1, NULL, WNOHANG) > 0) {
		}
	return 125;
}
