/* Measures how long a server takes from the start of its program to its first answer.
 *
 *   startup COUNT SOCKET COMMAND...
 *
 * Starts the command COUNT times. Each time it asks for /ping as soon as the Unix socket lets it in, and ends the server by
 * SIGTERM. Prints the median in milliseconds. The server's output goes to /dev/null. */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define DEADLINE_MS 10000

extern char **environ;

static const char ping[] = "GET /ping HTTP/1.1\r\nHost: api\r\n\r\n", ok[] = "HTTP/1.1 200";
static pid_t server;

_Noreturn static void die(const char *what, const char *name)
{
	fprintf(stderr, "startup: fatal: %s %s\n", what, name);
	if (server > 0)
		kill(server, SIGKILL);
	exit(1);
}

static double now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

static void start(char **argv)
{
	posix_spawn_file_actions_t files;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	if (posix_spawnp(&server, argv[0], &files, NULL, argv, environ) != 0)
		die("unable to start", argv[0]);
	posix_spawn_file_actions_destroy(&files);
}

static void end(const char *name)
{
	int status;

	kill(server, SIGTERM);
	if (waitpid(server, &status, 0) < 0 || status != 0)
		die("did not end well:", name);
	server = 0;
}

/* As soon as it listens. The pauses leave the processor to the server. */
static int connect_soon(const char *path, double deadline_ms)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct timespec pause = { .tv_nsec = 20000 };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
	while (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) {
		if (fd < 0 || now_ms() > deadline_ms)
			die("unable to connect to", path);
		nanosleep(&pause, NULL);
	}
	return fd;
}

static double time_one(const char *path, char **argv)
{
	double began = now_ms(), took;
	char answer[512];
	int fd;

	start(argv);
	fd = connect_soon(path, began + DEADLINE_MS);
	if (write(fd, ping, strlen(ping)) < 0 || read(fd, answer, sizeof answer) < (ssize_t)strlen(ok) ||
		memcmp(answer, ok, strlen(ok)) != 0)
		die("no answer on", path);
	took = now_ms() - began;
	close(fd);
	end(argv[0]);
	return took;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	int count = argc > 3 ? atoi(argv[1]) : 0;
	double *took;

	if (count < 1)
		die("usage:", "startup COUNT SOCKET COMMAND...");
	took = calloc((size_t)count, sizeof *took);
	if (!took)
		die("out of memory for", "the figures");
	for (int i = 0; i < count; i++)
		took[i] = time_one(argv[2], argv + 3);
	qsort(took, (size_t)count, sizeof *took, by_size);
	printf("%.2f\n", (took[(count - 1) / 2] + took[count / 2]) / 2);
	return 0;
}
