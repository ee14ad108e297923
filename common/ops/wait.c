#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/fifo.h"
#include "common/base/say.h"
#include "common/base/statefile.h"
#include "common/depot/names.h"
#include "common/ops/attach.h"
#include "common/ops/container.h"
#include "common/ops/operations.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <unistd.h>

#define PAUSE_MS 5 /* where there is nothing to wait on: a shim about to open `exit`, or about to end */

int process_exit_fd(int process_dir)
{
	autoclose int fd = fifo_open(process_dir, NAME_EXIT, O_RDONLY);
	char byte;

	/* A read says whether anybody holds it; a poll would keep quiet about one who left before. */
	if (fd < 0 || read(fd, &byte, 1) == 0)
		return -1;
	return fd_take(&fd);
}

/* Waits for the shim to let go of `exit`, or a moment where it has not taken it yet. */
static void await_exit(int process_dir, int timeout_ms)
{
	autoclose int fd = process_exit_fd(process_dir);
	struct pollfd released = { .fd = fd, .events = POLLIN };

	if (fd >= 0)
		poll(&released, 1, timeout_ms);
	else
		clock_sleep_ms(timeout_ms >= 0 && timeout_ms < PAUSE_MS ? timeout_ms : PAUSE_MS);
}

/* What the shim had to say goes where our own log goes; its file has served. */
static void collect_log(int dir, const char *id)
{
	autofree char *name = name_shim_log(id), *words = statefile_read(dir, name, 1 << 20, NULL);

	if (!words)
		return;
	if (*words)
		say(SAY_DEBUG, "dadoo: %s", words);
	unlinkat(dir, name, 0); /* somebody else may have been faster */
}

/* 1 when the process has ended, 0 when it has not. */
static int look(const struct settings *settings, const char *handle, const char *id, const struct record *record,
	int dir, int process_dir, int *exit_code, struct error *err)
{
	struct process process;

	if (process_probe(process_dir, &process, err) < 0)
		return -1;
	switch (process.state) {
	case PROCESS_ENDED:
		*exit_code = process.exit_code;
		collect_log(dir, id); /* a shim that stays for the sake of unread output has nothing more to say */
		return 1;
	case PROCESS_ORPHAN: return process_adopt(settings, handle, id, record, dir, process_dir, err);
	case PROCESS_FAILED: return fail(err, "process %s was never started", id);
	case PROCESS_LOST:
		return fail_kind(err, ERROR_STATUS_LOST, "process %s has ended, but its exit status is lost%s", id,
			process.terminal || process.terminal_lost ? ": its shim was killed, and its terminal with it"
								  : ": its shim was killed");
	case PROCESS_STARTING:
	case PROCESS_RUNNING:
	case PROCESS_ENDING: break;
	}
	return 0;
}

int process_wait(const struct settings *settings, const char *handle, const char *id, int timeout_ms, int *exit_code,
	struct error *err)
{
	autorecord struct record record = { 0 };
	autoclose int dir = container_open(settings, handle, &record, err);
	autoclose int process_dir = dir < 0 ? -1 : process_open(dir, id, err);
	long long deadline = timeout_ms < 0 ? LLONG_MAX : clock_ms() + timeout_ms;

	if (process_dir < 0)
		return -1;
	for (;;) {
		int ended = look(settings, handle, id, &record, dir, process_dir, exit_code, err);

		if (ended)
			return ended < 0 ? -1 : 0;
		if (clock_ms() >= deadline)
			return fail_kind(err, ERROR_TIMEOUT, "process %s is still running after %d ms", id, timeout_ms);
		await_exit(process_dir, timeout_ms < 0 ? -1 : clock_left_ms(deadline));
	}
}
