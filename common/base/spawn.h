/* The one way to start a program: an explicit argv, exactly the descriptors that its map names, default signals, a process
 * group of its own. Nothing goes through a shell. */
#ifndef COMMON_BASE_SPAWN_H
#define COMMON_BASE_SPAWN_H

#include "common/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct fdmap {
	int from; /* a descriptor of ours */
	int to;   /* its number in the child */
};

/* Starts argv[0], looked up in PATH when it has no slash. Descriptors 0, 1 and 2 are /dev/null where the map names no
 * other. The environment is ours. Returns the pid, which leads its own process group and is ours to reap; -1 with errno,
 * the reason of a failed exec included: nothing is left to reap then. */
pid_t spawn(char *const argv[], const struct fdmap *map, size_t count);

/* As spawn, and runs setup(data) in the child before exec (async-signal-safe things only: the parent has one thread, so
 * anything that allocates nothing). A setup that returns -1 fails the spawn with its errno. */
pid_t spawn_with(char *const argv[], const struct fdmap *map, size_t count, int (*setup)(void *data), void *data);

/* Reaps pid. Kills its process group and reaps it when timeout_ms (-1: never) is over: then -1 with errno ETIMEDOUT,
 * else the wait status. */
int spawn_wait(pid_t pid, int timeout_ms);

/* What a wait status means, as the contract words it: "exit status 1", "signal: killed". */
void spawn_describe(int status, struct text *words);

/* The exit code a shell would give: the status, or 128 plus the signal. */
int spawn_exit_code(int status);

#endif
