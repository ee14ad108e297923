#include "common/runtime/stats.h"

#include "common/base/statefile.h"
#include "common/runtime/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LARGEST (1 << 20)

static char *read_from(const char *dir, const char *file)
{
	char path[PATH_MAX];

	if ((size_t)snprintf(path, sizeof path, "%s/%s", dir, file) >= sizeof path) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return statefile_read(AT_FDCWD, path, LARGEST, NULL);
}

/* Puts the value of a line where its name stands in the list. */
static void take_line(const char *line, const char *const names[], uint64_t values[], bool *first_seen, size_t count)
{
	size_t len = strcspn(line, " ");

	for (size_t i = 0; i < count; i++) {
		if (strncmp(line, names[i], len) != 0 || names[i][len])
			continue;
		values[i] = strtoull(line + len, NULL, 10);
		*first_seen |= i == 0;
		return;
	}
}

int stats_named(const struct strings *dirs, const char *file, const char *const names[], uint64_t values[],
	size_t count)
{
	for (size_t i = 0; i < dirs->count; i++) {
		autofree char *lines = read_from(dirs->item[i], file);
		char *rest = lines, *line;
		bool first_seen = false;

		memset(values, 0, count * sizeof *values);
		while (lines && (line = strsep(&rest, "\n")))
			take_line(line, names, values, &first_seen, count);
		if (first_seen)
			return 0;
		if (!lines && errno != ENOENT && errno != ENOTDIR)
			return -1;
	}
	errno = ENOENT;
	return -1;
}

/* A file that holds one number, or the word "max" for none: then UINT64_MAX. */
static int read_number(const struct strings *dirs, const char *file, uint64_t *number)
{
	for (size_t i = 0; i < dirs->count; i++) {
		autofree char *line = read_from(dirs->item[i], file);

		if (line) {
			*number = strncmp(line, "max", 3) ? strtoull(line, NULL, 10) : UINT64_MAX;
			return 0;
		}
		if (errno != ENOENT && errno != ENOTDIR)
			return -1;
	}
	errno = ENOENT;
	return -1;
}

/* Version 2, whose cpu.stat is there even if version 1 has the controller; but then its sums say nothing of nested groups. */
static int cpu_v2(const struct strings *dirs, struct cpu_usage *usage)
{
	static const char *const names[] = { "usage_usec", "user_usec", "system_usec" };
	uint64_t us[ARRAY_SIZE(names)];

	if (stats_named(dirs, "cpu.stat", names, us, ARRAY_SIZE(names)) < 0)
		return -1;
	*usage = (struct cpu_usage){ us[0] * 1000, us[1] * 1000, us[2] * 1000 };
	return 0;
}

int stats_cpu(const struct strings *dirs, struct cpu_usage *usage)
{
	static const char *const names[] = { "user", "system" };
	const uint64_t tick_ns = 10000000; /* USER_HZ is 100, whatever the kernel's own clock is */
	uint64_t ticks[ARRAY_SIZE(names)];

	if (read_number(dirs, "cpuacct.usage", &usage->usage_ns) < 0)
		return errno == ENOENT ? cpu_v2(dirs, usage) : -1;
	if (stats_named(dirs, "cpuacct.stat", names, ticks, ARRAY_SIZE(names)) < 0)
		return -1;
	usage->user_ns = ticks[0] * tick_ns;
	usage->system_ns = ticks[1] * tick_ns;
	return 0;
}

int stats_pids(const struct strings *dirs, uint64_t *current, uint64_t *most)
{
	if (read_number(dirs, "pids.current", current) < 0 || read_number(dirs, "pids.max", most) < 0)
		return -1;
	if (*most == UINT64_MAX)
		*most = 0;
	return 0;
}

int stats_own_memory(uint64_t *bytes, struct error *err)
{
	static const char *const limits[] = { "memory.limit_in_bytes", "memory.max" };
	autofree char *table = statefile_read(AT_FDCWD, "/proc/meminfo", LARGEST, NULL);
	autostrings struct strings dirs = { 0 };
	const char *line = table ? strstr(table, "MemTotal:") : NULL;
	uint64_t kib, limit;

	if (!line || sscanf(line, "MemTotal: %" SCNu64, &kib) != 1)
		return fail_sys(err, "read /proc/meminfo");
	*bytes = kib * 1024;
	/* Our own groups; and the roots as we see them, which may have a limit if they are those of a namespace. */
	if (cgroup_candidates(".", ".", &dirs, err) < 0)
		return -1;
	for (size_t i = 0; i < dirs.count; i++) {
		const struct strings dir = { &dirs.item[i], 1 };

		for (size_t j = 0; j < ARRAY_SIZE(limits); j++)
			if (read_number(&dir, limits[j], &limit) == 0 && limit < *bytes)
				*bytes = limit;
	}
	return 0;
}
