/* Runs a command on a terminal of a given size and copies what the terminal shows to standard output, for scripts that
 * have no terminal of their own.
 *
 *   pty COLUMNSxROWS [-e TEXT | -s TEXT | -r COLUMNSxROWS]... -- COMMAND...
 *
 * The options are done in their order: -e waits until TEXT was shown, -s types it, -r changes the size. Exits with the
 * command's status (128 plus the signal), 125 on a failure of its own, 124 when it takes more than a minute. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_SECONDS 60

static int master;
static char seen[65536]; /* what was shown since the last -e was met; the oldest half goes when it is full */
static size_t seen_len;

_Noreturn static void die(const char *what)
{
	fprintf(stderr, "pty: fatal: %s\n", what);
	exit(125);
}

static struct winsize parse_size(const char *words)
{
	struct winsize size = { 0 };

	if (sscanf(words, "%hux%hu", &size.ws_col, &size.ws_row) != 2)
		die("a size is COLUMNSxROWS");
	return size;
}

/* Does the options from *next on, until one has to wait for more output. */
static void play(char **argv, int *next, int end)
{
	for (; *next + 1 < end; *next += 2) {
		const char *word = argv[*next + 1];
		char *at;

		if (strcmp(argv[*next], "-e") == 0) {
			at = memmem(seen, seen_len, word, strlen(word));
			if (!at)
				return;
			at += strlen(word);
			seen_len -= (size_t)(at - seen);
			memmove(seen, at, seen_len);
		} else if (strcmp(argv[*next], "-s") == 0) {
			if (write(master, word, strlen(word)) < 0)
				die("unable to type");
		} else if (strcmp(argv[*next], "-r") == 0) {
			struct winsize size = parse_size(word);

			if (ioctl(master, TIOCSWINSZ, &size) < 0)
				die("unable to change the size");
		} else {
			die("options are -e, -s and -r");
		}
	}
}

/* False at the end, which a terminal reports as EIO once nobody holds its other side any more. */
static bool copy(void)
{
	ssize_t got;

	if (seen_len == sizeof seen) {
		seen_len /= 2;
		memmove(seen, seen + seen_len, seen_len);
	}
	got = read(master, seen + seen_len, sizeof seen - seen_len);
	if (got <= 0)
		return got < 0 && errno == EINTR;
	if (write(1, seen + seen_len, (size_t)got) != got)
		die("unable to write what was shown");
	seen_len += (size_t)got;
	return true;
}

static void on_alarm(int number)
{
	(void)number;
	_exit(124); /* the terminal goes with us, and hangs the command up */
}

int main(int argc, char **argv)
{
	struct winsize size;
	int next = 2, end = 2, status;
	pid_t pid;

	while (end < argc && strcmp(argv[end], "--") != 0)
		end++;
	if (end + 1 >= argc)
		die("usage: pty COLUMNSxROWS [-e TEXT | -s TEXT | -r COLUMNSxROWS]... -- COMMAND...");
	size = parse_size(argv[1]);
	pid = forkpty(&master, NULL, NULL, &size);
	if (pid < 0)
		die("unable to make a terminal");
	if (pid == 0) {
		execvp(argv[end + 1], argv + end + 1);
		die("unable to execute the command");
	}
	signal(SIGALRM, on_alarm);
	alarm(LIMIT_SECONDS);
	do
		play(argv, &next, end);
	while (copy());
	if (waitpid(pid, &status, 0) < 0)
		die("unable to wait for the command");
	if (next < end)
		die("the command ended before all options were done");
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
