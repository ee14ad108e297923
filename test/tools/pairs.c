/* Compares the time that two commands take, run by turns so that whatever else the machine does hits both alike.
 *
 *   pairs COUNT COMMAND_A... --against COMMAND_B...
 *
 * In every argument "%d" stands for the number of the round, 1 to COUNT. Prints four numbers: the median of A and of B
 * in milliseconds, and the medians of A divided by B and of A less B of the same round. Their input is /dev/null, and so is their output
 * unless they fail, which ends the comparison with status 1. */
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

_Noreturn static void die(const char *what, const char *name)
{
	fprintf(stderr, "pairs: fatal: %s %s\n", what, name);
	exit(1);
}

/* argv with the round's number put in; never freed, this is a short life. */
static char **fill_in(char **argv, int round)
{
	size_t count = 0;
	char **made;

	while (argv[count])
		count++;
	made = calloc(count + 1, sizeof *made);
	for (size_t i = 0; made && i < count; i++) {
		const char *at = strstr(argv[i], "%d");

		made[i] = argv[i];
		if (at && asprintf(&made[i], "%.*s%d%s", (int)(at - argv[i]), argv[i], round, at + 2) < 0)
			die("out of memory for", argv[i]);
	}
	if (!made)
		die("out of memory for", argv[0]);
	return made;
}

/* Milliseconds from before the start of the command until it was reaped. */
static double time_one(char **argv)
{
	struct timespec before, after;
	posix_spawn_file_actions_t files;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
	clock_gettime(CLOCK_MONOTONIC, &before);
	if (posix_spawnp(&pid, argv[0], &files, NULL, argv, environ) != 0)
		die("unable to start", argv[0]);
	if (waitpid(pid, &status, 0) < 0 || status != 0)
		die("failed:", argv[0]);
	clock_gettime(CLOCK_MONOTONIC, &after);
	posix_spawn_file_actions_destroy(&files);
	return (double)(after.tv_sec - before.tv_sec) * 1e3 + (double)(after.tv_nsec - before.tv_nsec) / 1e6;
}

static int by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof *values, by_size);
	return (values[(count - 1) / 2] + values[count / 2]) / 2;
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 0, middle = 2;
	double *a, *b, *ratio, *more;

	while (middle < argc && strcmp(argv[middle], "--against") != 0)
		middle++;
	if (count < 1 || middle == 2 || middle + 1 >= argc)
		die("usage:", "pairs COUNT COMMAND_A... --against COMMAND_B...");
	argv[middle] = NULL;
	a = calloc((size_t)count * 4, sizeof *a);
	if (!a)
		die("out of memory for", "the figures");
	b = a + count;
	ratio = b + count;
	more = ratio + count;
	for (int i = 0; i < count; i++) {
		/* Who goes first takes turns too. */
		if (i % 2 == 0)
			a[i] = time_one(fill_in(argv + 2, i + 1));
		b[i] = time_one(fill_in(argv + middle + 1, i + 1));
		if (i % 2 == 1)
			a[i] = time_one(fill_in(argv + 2, i + 1));
		ratio[i] = a[i] / b[i];
		more[i] = a[i] - b[i];
	}
	printf("%.2f %.2f %.3f %.2f\n", median(a, (size_t)count), median(b, (size_t)count),
		median(ratio, (size_t)count), median(more, (size_t)count));
	return 0;
}
