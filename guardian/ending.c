#include "guardian/ending.h"

#include "common/base/fd.h"
#include "common/base/text.h"
#include "common/depot/process.h"
#include "common/ops/operations.h"
#include "guardian/worker.h"

#include <stdlib.h>

static void exit_ready(struct watch *watch, uint32_t events);

static bool watch_exit(struct ending *ending)
{
	autoclose int fd = process_exit_fd(ending->target->dir);

	if (fd < 0 || loop_watch(&ending->exit, fd, 0, exit_ready) < 0)
		return false;
	(void)fd_take(&fd);
	return true;
}

static void unwatch_exit(struct ending *ending)
{
	int fd = ending->exit.fd;

	loop_unwatch(&ending->exit);
	fd_close(&fd);
}

/* In a worker: its shim may have died, and then it gets a new one. */
static void find_out(struct reply *reply, void *data)
{
	const struct ending *ending = data;
	const struct target *target = ending->target;
	struct error err = { 0 };
	int code;

	if (process_wait(target->settings, target->handle, target->id, 0, &code, &err) == 0) {
		reply->status = code;
	} else {
		reply->status = err.kind == ERROR_TIMEOUT ? -1 : -2;
		text_addf(&reply->body, "%s", err.text);
	}
}

static void look(struct ending *ending);

static void found_out(struct reply *reply, void *data)
{
	struct ending *ending = data;

	ending->looking = false;
	if (reply->status == -1) {
		look(ending); /* adopted */
		return;
	}
	ending->known = true;
	ending->exit_code = reply->status;
	if (reply->status < 0 || reply->status > 255)
		ending->failure = xstrdup(text_string(&reply->body));
	ending->happened(ending);
}

/* What can be known at once is; else it is waited for, or a worker asks. */
static void look(struct ending *ending)
{
	if (process_exit_code(ending->target->dir, &ending->exit_code) == 0) {
		ending->known = true;
		ending->happened(ending);
	} else if (!watch_exit(ending)) {
		ending->looking = true;
		worker_run("wait", find_out, found_out, ending, -1, false);
	}
}

static void exit_ready(struct watch *watch, uint32_t events)
{
	struct ending *ending = owner_of(watch, struct ending, exit);

	(void)events;
	unwatch_exit(ending);
	look(ending);
}

void ending_await(struct ending *ending, const struct target *target, void (*happened)(struct ending *ending))
{
	*ending = (struct ending){ .target = target, .exit.fd = -1, .happened = happened };
	look(ending);
}

void ending_forget(struct ending *ending)
{
	unwatch_exit(ending);
	free(ending->failure);
}
