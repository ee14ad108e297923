/* What containers and the host have and use, for metrics.bats. The depot is $DEPOT.
 *
 *	metrics of HANDLE [PERCENT]     its metrics as JSON, with so much entitlement per share
 *	metrics limits HANDLE           shares and bytes
 *	metrics capacity [MOST]         as JSON, with at most so many containers
 *	metrics files DIR...            the numbers in control groups' directories, as metrics would show them
 *	metrics shares WEIGHT           of cgroup version 1
 *	metrics time COUNT HANDLE...    microseconds for the metrics of one, on average */
#include "common/base/clock.h"
#include "common/base/object.h"
#include "common/bundle/limits.h"
#include "common/ops/operations.h"
#include "common/runtime/stats.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct settings settings;
static struct error err;

static int failed(void)
{
	fprintf(stderr, "%s\n", err.text);
	return err.kind == ERROR_UNKNOWN_HANDLE ? 4 : 1;
}

static int show(json_object *object)
{
	autotext struct text text = { 0 };

	object_write_anyway(object, &text);
	puts(text_string(&text));
	return 0;
}

static int of(const char *handle, const char *percent)
{
	json_object *made = json_object_new_object(), *memory = json_object_new_object();
	struct metrics metrics;

	settings.cpu_entitlement_per_share = percent ? strtod(percent, NULL) : 0;
	if (container_metrics(&settings, handle, &metrics, &err) < 0)
		return failed();
	for (size_t i = 0; i < MEMORY_STATS; i++)
		object_add_unsigned(memory, memory_stat_names[i], metrics.memory[i]);
	object_add(made, "memory", memory);
	object_add_unsigned(made, "toward_limit", metrics.memory_toward_limit);
	object_add_unsigned(made, "usage", metrics.cpu_usage_ns);
	object_add_unsigned(made, "user", metrics.cpu_user_ns);
	object_add_unsigned(made, "system", metrics.cpu_system_ns);
	object_add_unsigned(made, "pids", metrics.pids_current);
	object_add_unsigned(made, "pids_max", metrics.pids_max);
	object_add_unsigned(made, "age", metrics.age_ns);
	object_add_unsigned(made, "entitlement", metrics.entitlement_ns);
	return show(made);
}

static int limits(const char *handle)
{
	uint64_t shares, bytes;

	if (container_cpu_limit(&settings, handle, &shares, &err) < 0 ||
		container_memory_limit(&settings, handle, &bytes, &err) < 0)
		return failed();
	printf("%" PRIu64 " %" PRIu64 "\n", shares, bytes);
	return 0;
}

static int capacity(const char *most)
{
	json_object *made = json_object_new_object();
	struct capacity capacity;

	settings.max_containers = most ? (unsigned)atoi(most) : 0;
	if (host_capacity(&settings, &capacity, &err) < 0)
		return failed();
	object_add_unsigned(made, "memory", capacity.memory_bytes);
	object_add_unsigned(made, "disk", capacity.disk_bytes);
	object_add_unsigned(made, "schedulable", capacity.schedulable_disk_bytes);
	object_add_unsigned(made, "containers", capacity.max_containers);
	return show(made);
}

static int files(char **dirs, int count)
{
	const struct strings list = { dirs, (size_t)count };
	uint64_t memory[MEMORY_STATS], current, most;
	struct cpu_usage cpu;

	if (stats_named(&list, "memory.stat", memory_stat_names, memory, MEMORY_STATS) < 0)
		printf("memory: %s\n", errno_text(errno));
	for (size_t i = 0; i < MEMORY_STATS; i++)
		if (memory[i])
			printf("%s %" PRIu64 "\n", memory_stat_names[i], memory[i]);
	if (stats_cpu(&list, &cpu) < 0)
		printf("cpu: %s\n", errno_text(errno));
	else
		printf("cpu %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", cpu.usage_ns, cpu.user_ns, cpu.system_ns);
	if (stats_pids(&list, &current, &most) < 0)
		printf("pids: %s\n", errno_text(errno));
	else
		printf("pids %" PRIu64 " %" PRIu64 "\n", current, most);
	return 0;
}

static int time_all(int count, char **handles, int handle_count)
{
	long long began = 0;
	struct metrics metrics;

	for (int i = -1; i < count; i++) {
		if (i <= 0) /* the first round does what is done once */
			began = clock_ms();
		for (int j = 0; j < handle_count; j++)
			if (container_metrics(&settings, handles[j], &metrics, &err) < 0)
				return failed();
	}
	printf("%lld\n", (clock_ms() - began) * 1000 / count / handle_count);
	return 0;
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "", *second = argc > 2 ? argv[2] : NULL;

	settings_default(&settings);
	settings.runtime_root = settings_runtime_root(settings.runtime);
	if (getenv("DEPOT"))
		settings_set(&settings.depot, getenv("DEPOT"));
	if (!strcmp(verb, "capacity"))
		return capacity(second);
	if (!strcmp(verb, "files"))
		return files(argv + 2, argc - 2);
	if (!second)
		return 2;
	if (!strcmp(verb, "of"))
		return of(second, argv[3]);
	if (!strcmp(verb, "limits"))
		return limits(second);
	if (!strcmp(verb, "shares"))
		return printf("%" PRIu64 "\n", limits_shares(strtoull(second, NULL, 10))) < 0;
	if (!strcmp(verb, "time"))
		return time_all(atoi(second), argv + 3, argc - 3);
	return 2;
}
