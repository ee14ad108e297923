/* Pid 1 of a container: starts nothing, is there so that the namespaces stay. What is re-parented to it never becomes a
 * zombie, because the kernel is told that nobody will ask. Signals need no handling: whatever a first process has not
 * asked for is not delivered to it, SIGKILL and SIGSTOP from outside excepted. */
#include <signal.h>
#include <unistd.h>

int main(void)
{
	struct sigaction drop = { .sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT };

	sigaction(SIGCHLD, &drop, NULL);
	for (;;)
		pause();
}
