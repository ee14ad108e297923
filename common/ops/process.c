/* The small operations on a process that exists: look, signal, resize, end its input, forget it. */
#include "common/depot/process.h"

#include "common/base/fd.h"
#include "common/base/fifo.h"
#include "common/depot/names.h"
#include "common/ops/attach.h"
#include "common/ops/container.h"
#include "common/ops/operations.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PID_SECONDS 10 /* how long a signal waits for a process that is still being started */

static int open_process(const struct settings *settings, const char *handle, const char *id, int *dir,
	struct error *err)
{
	*dir = container_directory(settings, handle, err);
	return *dir < 0 ? -1 : process_open(*dir, id, err);
}

int process_info(const struct settings *settings, const char *handle, const char *id, struct process *process,
	struct error *err)
{
	autoclose int dir = -1, process_dir = open_process(settings, handle, id, &dir, err);

	return process_dir < 0 ? -1 : process_probe(process_dir, process, err);
}

int process_signal(const struct settings *settings, const char *handle, const char *id, int number, struct error *err)
{
	autoclose int dir = -1, process_dir = open_process(settings, handle, id, &dir, err), pidfd = -1;
	struct process process;

	if (process_dir < 0)
		return -1;
	if (process_settle(process_dir, PID_SECONDS * 1000, &process, err) < 0)
		return err->kind == ERROR_TIMEOUT
			? fail_kind(err, ERROR_TIMEOUT, "fetching-pid: timeout: file '%s/%s/%s/%s/%s' is empty",
				  settings->depot, handle, NAME_PROCESSES, id, NAME_PID)
			: -1;
	if (process.state == PROCESS_FAILED)
		return fail(err, "process %s was never started", id);
	pidfd = process.state == PROCESS_ENDED ? -1 : identity_pidfd(&process.who);
	if (pidfd < 0 || syscall(SYS_pidfd_send_signal, pidfd, number, NULL, 0) < 0)
		return pidfd < 0 || errno == ESRCH ? fail(err, "os: process already finished")
						   : fail_sys(err, "signal %d to process %s", number, id);
	return 0;
}

int process_set_window(int process_dir, unsigned columns, unsigned rows, struct error *err)
{
	autoclose int fd = -1;
	autotext struct text event = { 0 };

	if (columns > UINT16_MAX || rows > UINT16_MAX)
		return fail_kind(err, ERROR_BAD_INPUT, "window size %ux%u: at most %dx%d", columns, rows, UINT16_MAX,
			UINT16_MAX);
	fd = fifo_open(process_dir, NAME_WINSZ, O_WRONLY);
	if (fd < 0)
		return fail_sys(err, "open %s", NAME_WINSZ);
	/* A zero is said by leaving it out, and one event is one write: shorter than PIPE_BUF, so that it arrives whole. */
	text_addf(&event, "{");
	if (columns)
		text_addf(&event, "\"columns\":%u%s", columns, rows ? "," : "");
	if (rows)
		text_addf(&event, "\"rows\":%u", rows);
	text_addf(&event, "}\n");
	return write(fd, event.data, event.len) < 0 ? fail_sys(err, "write %s", NAME_WINSZ) : 0;
}

int process_close_input(int process_dir, struct error *err)
{
	if (unlinkat(process_dir, NAME_STDIN_HOLD, 0) < 0 && errno != ENOENT)
		return fail_sys(err, "remove %s", NAME_STDIN_HOLD);
	return 0;
}

int process_forget(const struct settings *settings, const char *handle, const char *id, struct error *err)
{
	autoclose int dir = -1, process_dir = open_process(settings, handle, id, &dir, err);
	struct process process;

	if (process_dir < 0 || process_probe(process_dir, &process, err) < 0)
		return -1;
	if (process.state != PROCESS_ENDED && process.state != PROCESS_LOST && process.state != PROCESS_FAILED)
		return fail_kind(err, ERROR_IN_USE, "process %s is %s", id, process_state_name(process.state));
	return process_remove(dir, id, err);
}
