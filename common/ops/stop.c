#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/say.h"
#include "common/ops/container.h"
#include "common/ops/operations.h"
#include "common/runtime/cgroup.h"

#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#define ROUNDS 11 /* the contract's: SIGTERM again every second, SIGKILL together with the last */
#define ROUND_MS 1000
#define LOOK_MS 10 /* within a round, so that a stop does not outlast what it waits for */

static void processes(const struct record *record, struct pids *pids)
{
	autopids struct pids all = { 0 };

	cgroup_processes(&record->cgroups, &all);
	for (size_t i = 0; i < all.count; i++)
		if (all.pid[i] != record->init.pid)
			pids_add(pids, all.pid[i]);
}

static size_t signal_all(const struct record *record, int number)
{
	autopids struct pids pids = { 0 };

	processes(record, &pids);
	for (size_t i = 0; i < pids.count; i++)
		(void)kill(pids.pid[i], number); /* gone meanwhile is as good */
	return pids.count;
}

static bool all_gone(const struct record *record, int timeout_ms)
{
	long long deadline = clock_ms() + timeout_ms;

	for (;;) {
		autopids struct pids left = { 0 };

		processes(record, &left);
		if (!left.count)
			return true;
		if (clock_ms() >= deadline)
			return false;
		clock_sleep_ms(LOOK_MS);
	}
}

static void end_all(const struct record *record, bool at_once)
{
	for (int round = 1; !at_once && round <= ROUNDS; round++) {
		if (!signal_all(record, SIGTERM))
			return;
		if (round < ROUNDS && all_gone(record, ROUND_MS))
			return;
	}
	for (int round = 1; round <= ROUNDS; round++)
		if (!signal_all(record, SIGKILL) || all_gone(record, ROUND_MS))
			return;
	/* The contract: what remains is no failure of stop. */
	say(SAY_WARN, "stop: some processes do not end");
}

/* Only for the write of the state: nobody should wait for a lock while processes take their time. */
static int note_stopped(const struct settings *settings, const char *handle, int dir, struct error *err)
{
	autorecord struct record record = { 0 };
	int result;

	if (container_lock(settings, handle, dir, LOCK_EXCLUSIVE, err) < 0)
		return -1;
	result = container_record(settings, dir, &record, err);
	if (result == 0 && record.state == RECORD_CREATED) {
		record.stopped = true;
		result = record_save(dir, &record, err);
	}
	lock_release(dir);
	return result;
}

int container_stop(const struct settings *settings, const char *handle, bool kill_at_once, struct error *err)
{
	autorecord struct record record = { 0 };
	autoclose int dir = container_open(settings, handle, &record, err);
	bool above;

	if (dir < 0)
		return -1;
	if (container_require_init(&record, err) < 0)
		return wrap(err, "stop");
	if (cgroup_frozen(&record.cgroups, &above))
		return fail(err,
			"stop: container is paused: a frozen process receives no signal; resume it first, or destroy it");
	end_all(&record, kill_at_once);
	return note_stopped(settings, handle, dir, err);
}
