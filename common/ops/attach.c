#include "common/ops/attach.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/fifo.h"
#include "common/base/lock.h"
#include "common/depot/names.h"
#include "common/ops/container.h"
#include "common/runtime/shim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define LOOK_MS 5

void streams_close(struct streams *streams)
{
	fd_close(&streams->in);
	fd_close(&streams->out);
	fd_close(&streams->err);
	fd_close(&streams->use);
	fd_close(&streams->process_dir);
}

static int open_output(int process_dir, const char *name, struct error *err)
{
	autoclose int fd = fifo_open(process_dir, name, O_RDONLY);

	if (fd < 0)
		return fail_sys(err, "open %s", name);
	if (lock_take(fd, LOCK_EXCLUSIVE, 0) < 0)
		return errno == EWOULDBLOCK
			? fail_kind(err, ERROR_IN_USE, "somebody else is attached to this process: its %s has a reader",
				  name)
			: fail_sys(err, "lock %s", name);
	return fd_take(&fd);
}

int streams_open(struct streams *streams, int process_dir, bool with_input, struct error *err)
{
	*streams = (struct streams){ process_dir, -1, -1, -1, -1 };
	if (with_input) {
		/* Open for reading too, so that a write never meets SIGPIPE and opening never waits. */
		streams->in = fifo_open(process_dir, NAME_STDIN, O_RDWR);
		if (streams->in < 0) {
			fail_sys(err, "open %s", NAME_STDIN);
			goto undo_open;
		}
	}
	streams->out = open_output(process_dir, NAME_STDOUT, err);
	streams->err = streams->out < 0 ? -1 : open_output(process_dir, NAME_STDERR, err);
	/* The lock is on the directory of all the container's processes. It is a courtesy: who cannot take it goes on. */
	streams->use = streams->err < 0 ? -1 : openat(process_dir, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (streams->use >= 0)
		(void)lock_take(streams->use, LOCK_SHARED, 0);
	if (streams->err >= 0)
		return 0;

undo_open:
	streams_close(streams);
	return -1;
}

bool container_in_use(const struct settings *settings, const char *handle)
{
	struct error ignored;
	autoclose int dir = container_directory(settings, handle, &ignored);
	autoclose int processes = dir < 0 ? -1 : openat(dir, NAME_PROCESSES, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	return processes >= 0 && lock_take(processes, LOCK_EXCLUSIVE, 0) < 0 && errno == EWOULDBLOCK;
}

int process_adopt(const struct settings *settings, const char *handle, const char *id, const struct record *record,
	int bundle_dir, int process_dir, struct error *err)
{
	autofree char *log = name_shim_log(id),
		      *path = xprintf("%s/%s/%s/%s", settings->depot, handle, NAME_PROCESSES, id);
	struct shim shim = {
		.program = settings->dadoo,
		.runtime = record->runtime,
		.runtime_root = record->runtime_root,
		.mode = "adopt",
		.process_path = path,
		.container = handle,
		.bundle_dir = bundle_dir,
		.log = log,
		.step_seconds = settings->step_seconds,
	};
	struct process now;

	/* Its terminal went with the shim that held it; a new shim cannot bring it back. */
	if (renameat(process_dir, NAME_TERMINAL, process_dir, NAME_TERMINAL_LOST) < 0 && errno != ENOENT)
		return fail_sys(err, "note the lost terminal");
	if (shim_adopt(&shim, err) == 0)
		return 0;
	return process_probe(process_dir, &now, err) == 0 && now.state == PROCESS_ORPHAN ? -1 : 0;
}

int process_settle(int process_dir, int timeout_ms, struct process *process, struct error *err)
{
	long long deadline = clock_ms() + timeout_ms;

	for (;;) {
		if (process_probe(process_dir, process, err) < 0)
			return -1;
		if (process->state != PROCESS_STARTING)
			return 0;
		if (clock_ms() >= deadline)
			return fail_kind(err, ERROR_TIMEOUT, "the process is still being started");
		clock_sleep_ms(LOOK_MS);
	}
}

int process_attach(const struct settings *settings, const char *handle, const char *id, bool with_input,
	struct streams *streams, struct error *err)
{
	autorecord struct record record = { 0 };
	autoclose int dir = container_open(settings, handle, &record, err);
	autoclose int process_dir = dir < 0 ? -1 : process_open(dir, id, err);
	struct process process;

	*streams = (struct streams)NO_STREAMS;
	/* Never opened before it has started: that could wake a shim whose caller is long gone. */
	if (process_dir < 0 || process_settle(process_dir, settings->step_seconds * 1000, &process, err) < 0)
		return -1;
	if (process.state == PROCESS_FAILED)
		return fail(err, "process %s was never started", id);
	if (process.state == PROCESS_ORPHAN && process_adopt(settings, handle, id, &record, dir, process_dir, err) < 0)
		return -1;
	if (process.state == PROCESS_ENDED || process.state == PROCESS_LOST)
		with_input = false;
	return streams_open(streams, fd_take(&process_dir), with_input, err);
}
