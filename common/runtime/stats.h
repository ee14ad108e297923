/* The files in which the kernel counts what control groups use (cgroups(7), and cgroup-v1 and cgroup-v2 of the kernel's
 * documentation), as numbers. dirs are directories as in cgroup.h: which of them has a file is found by looking. */
#ifndef COMMON_RUNTIME_STATS_H
#define COMMON_RUNTIME_STATS_H

#include "common/base/error.h"
#include "common/base/text.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Reads lines "NAME NUMBER" of a file: the values of the names given, in their order, 0 where the file lacks one. Only a file
 * that has the first of the names is taken. 0, or -1 with errno, ENOENT when no directory has it. */
int stats_named(const struct strings *dirs, const char *file, const char *const names[], uint64_t values[],
	size_t count);

struct cpu_usage {
	uint64_t usage_ns, user_ns, system_ns;
};
int stats_cpu(const struct strings *dirs, struct cpu_usage *usage);

/* most is 0 where there is no limit. */
int stats_pids(const struct strings *dirs, uint64_t *current, uint64_t *most);

/* The memory that we may use, in bytes: the machine's, or less if our own control group has a limit. */
int stats_own_memory(uint64_t *bytes, struct error *err);

#endif
