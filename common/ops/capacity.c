#include "common/ops/operations.h"
#include "common/runtime/stats.h"

#include <sys/statvfs.h>

int host_capacity(const struct settings *settings, struct capacity *capacity, struct error *err)
{
	struct statvfs fs;

	*capacity = (struct capacity){ .max_containers = settings->network_slots };
	if (stats_own_memory(&capacity->memory_bytes, err) < 0)
		return -1;
	if (statvfs(settings->depot, &fs) < 0)
		return fail_sys(err, "statfs %s", settings->depot);
	capacity->disk_bytes = (uint64_t)fs.f_blocks * fs.f_frsize;
	if (settings->max_containers && settings->max_containers < capacity->max_containers)
		capacity->max_containers = settings->max_containers;
	return 0;
}
