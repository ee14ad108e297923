#include "common/base/fd.h"
#include "common/ops/container.h"
#include "common/ops/operations.h"
#include "common/runtime/stats.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

const char *const memory_stat_names[MEMORY_STATS] = {
	"active_anon",
	"active_file",
	"cache",
	"hierarchical_memory_limit",
	"inactive_anon",
	"inactive_file",
	"mapped_file",
	"pgfault",
	"pgmajfault",
	"pgpgin",
	"pgpgout",
	"rss",
	"total_active_anon",
	"total_active_file",
	"total_cache",
	"total_inactive_anon",
	"total_inactive_file",
	"total_mapped_file",
	"total_pgfault",
	"total_pgmajfault",
	"total_pgpgin",
	"total_pgpgout",
	"total_rss",
	"total_unevictable",
	"unevictable",
	"swap",
	"hierarchical_memsw_limit",
	"total_swap",
	"anon",
	"file",
	"swapcached",
};

static uint64_t memory_stat(const struct metrics *metrics, const char *name)
{
	for (size_t i = 0; i < MEMORY_STATS; i++)
		if (!strcmp(memory_stat_names[i], name))
			return metrics->memory[i];
	return 0;
}

/* What the kernel would have to take away before it kills. */
static uint64_t memory_toward_limit(const struct metrics *metrics)
{
	bool v1 = memory_stat(metrics, "hierarchical_memory_limit"); /* version 2 has no such name */
	uint64_t reclaimable = memory_stat(metrics, v1 ? "total_inactive_file" : "inactive_file");
	uint64_t used = v1
		? memory_stat(metrics, "total_rss") + memory_stat(metrics, "total_cache") +
			memory_stat(metrics, "total_swap")
		: memory_stat(metrics, "anon") + memory_stat(metrics, "file") + memory_stat(metrics, "swapcached");

	return used > reclaimable ? used - reclaimable : 0;
}

static int read_usage(const struct record *record, struct metrics *metrics, struct error *err)
{
	struct cpu_usage cpu;

	if (stats_named(&record->cgroups, "memory.stat", memory_stat_names, metrics->memory, MEMORY_STATS) < 0)
		return fail_sys(err, "read memory.stat");
	metrics->memory_toward_limit = memory_toward_limit(metrics);
	if (stats_cpu(&record->cgroups, &cpu) < 0)
		return fail_sys(err, "read cpu usage");
	metrics->cpu_usage_ns = cpu.usage_ns;
	metrics->cpu_user_ns = cpu.user_ns;
	metrics->cpu_system_ns = cpu.system_ns;
	if (stats_pids(&record->cgroups, &metrics->pids_current, &metrics->pids_max) < 0)
		return fail_sys(err, "read pids.current and pids.max");
	return 0;
}

static uint64_t age_ns(const struct record *record)
{
	struct timespec now;
	int64_t age;

	clock_gettime(CLOCK_REALTIME, &now);
	age = (int64_t)now.tv_sec * 1000000000 + now.tv_nsec - record->created_ms * 1000000;
	return record->created_ms && age > 0 ? (uint64_t)age : 0; /* the clock may have been set back */
}

/* Percent of one CPU. Asked for once: it takes longer than all the rest, and reading it anew for each container would let the
 * entitlements of one host disagree. */
static int default_per_share(double *percent, struct error *err)
{
	static double known;
	uint64_t bytes;

	if (known <= 0) {
		if (stats_own_memory(&bytes, err) < 0)
			return -1;
		known = (double)sysconf(_SC_NPROCESSORS_ONLN) * 100 / (double)(bytes / 1024 / 1024);
	}
	*percent = known;
	return 0;
}

/* The CPU time that the container had a right to so far: a share of the host for as long as it is there. */
static int compute_entitlement(const struct settings *settings, const struct record *record, struct metrics *metrics,
	struct error *err)
{
	double percent = settings->cpu_entitlement_per_share;

	if (percent <= 0 && default_per_share(&percent, err) < 0)
		return -1;
	metrics->entitlement_ns = (uint64_t)((double)record->cpu_shares * (percent / 100) * (double)metrics->age_ns);
	return 0;
}

int container_metrics(const struct settings *settings, const char *handle, struct metrics *metrics, struct error *err)
{
	autorecord struct record record = { 0 };
	autoclose int dir = container_open(settings, handle, &record, err);

	*metrics = (struct metrics){ 0 };
	if (dir < 0 || container_require_init(&record, err) < 0 || read_usage(&record, metrics, err) < 0)
		return -1;
	metrics->age_ns = age_ns(&record);
	return compute_entitlement(settings, &record, metrics, err);
}
