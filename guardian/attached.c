#include "guardian/attached.h"

#include "common/base/fd.h"
#include "common/base/fifo.h"
#include "common/base/lock.h"
#include "common/base/say.h"
#include "common/depot/names.h"
#include "common/ops/operations.h"
#include "guardian/attachment.h"
#include "guardian/ending.h"
#include "guardian/worker.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEEP_MS 60000 /* how long after its end a stream that still holds bytes can be fetched */

/* The process: one for all its attachments. */
struct attached {
	struct target target;
	struct inlet inlet;
	struct stream outputs[2];
	struct ending ending;
	struct attachment *attachments;
	struct timer sweep;
	struct attached *next;
};

static struct attached *processes;
static size_t open_attachments;

static struct attached *find(const char *handle, const char *id)
{
	for (struct attached *process = processes; process; process = process->next)
		if (!strcmp(process->target.handle, handle) && !strcmp(process->target.id, id))
			return process;
	return NULL;
}

/* --- Letting go --- */

static void forget_process(struct attached *process)
{
	struct attached **link = &processes;

	while (*link != process)
		link = &(*link)->next;
	*link = process->next;
	ending_forget(&process->ending);
	stream_close(&process->outputs[0]);
	stream_close(&process->outputs[1]);
	inlet_close(&process->inlet);
	loop_timer_stop(&process->sweep);
	fd_close(&process->target.dir);
	free(process->target.handle);
	free(process->target.id);
	loop_free(process);
}

struct removal {
	const struct settings *settings;
	char *handle, *id;
};

static void remove_process(struct reply *reply, void *data)
{
	struct removal *removal = data;
	struct error err;

	reply->status = 200;
	if (process_forget(removal->settings, removal->handle, removal->id, &err) < 0 && err.kind == ERROR_OTHER)
		say(SAY_WARN, "remove process %s: %s", removal->id, err.text);
}

static void removed(struct reply *reply, void *data)
{
	struct removal *removal = data;

	(void)reply; /* a failure has been logged, and is all that can be done */
	free(removal->handle);
	free(removal->id);
	free(removal);
}

static void remove_record(const struct target *target)
{
	struct removal *removal = xmalloc(sizeof *removal);

	*removal = (struct removal){ target->settings, xstrdup(target->handle), xstrdup(target->id) };
	worker_run("remove-process", remove_process, removed, removal, -1, false);
}

static bool is_spent(const struct attachment *client)
{
	return client->ended &&
		((outlet_drained(&client->outlets[0]) && outlet_drained(&client->outlets[1])) || !client->keep.slot);
}

static void forget_spent(struct attached *process)
{
	struct attachment **link = &process->attachments, *client;

	while ((client = *link)) {
		if (is_spent(client)) {
			*link = client->next;
			attachment_free(client);
		} else {
			link = &client->next;
		}
	}
}

/* In a turn of the loop of its own, since what leads here is in the middle of the lists that this changes. */
static void sweep(struct timer *timer)
{
	struct attached *process = owner_of(timer, struct attached, sweep);
	const struct target *target = &process->target;

	forget_spent(process);
	if (process->attachments || process->ending.looking || !process->ending.known || !process->outputs[0].ended ||
		!process->outputs[1].ended)
		return;
	if (target->settings->cleanup_process_dirs_on_wait && !process->ending.failure && *target->id)
		remove_record(target);
	forget_process(process);
}

static void sweep_soon(struct attached *process)
{
	loop_timer(&process->sweep, 0, sweep);
}

static void kept_long_enough(struct timer *timer)
{
	sweep_soon(owner_of(timer, struct attachment, keep)->owner);
}

static void main_ended(struct attachment *client)
{
	open_attachments--;
	loop_timer(&client->keep, KEEP_MS, kept_long_enough);
	sweep_soon(client->owner);
	client->gone(client->target->handle);
}

/* --- What happens to the process --- */

/* Once it has ended and nobody can write to its outputs any more: the last message, then the main connection goes, then the
 * streams, each when it has been given all. */
static void settle(struct attached *process)
{
	const struct ending *ending = &process->ending;

	if (!ending->known || !process->outputs[0].hung_up || !process->outputs[1].hung_up)
		return;
	for (struct attachment *client = process->attachments; client; client = client->next)
		if (!client->ended && !client->ending)
			attachment_finish(client, ending->exit_code, ending->failure);
	sweep_soon(process);
}

static void process_ended(struct ending *ending)
{
	struct attached *process = owner_of(ending, struct attached, ending);

	settle(process);
	sweep_soon(process);
}

static void output_hung_up(void *owner)
{
	settle(owner);
}

static void output_drained(struct outlet *outlet)
{
	const struct attachment *client = outlet->owner;

	sweep_soon(client->owner);
}

/* Never a silent gap: the client is told on its main connection, and all three end. */
static void output_stalled(struct outlet *outlet)
{
	struct attachment *client = outlet->owner;
	autofree char *why = xprintf("%s: its reader took too little for %lld ms and was cut off; the process goes on",
		outlet->stream->name, stream_stall_ms);

	if (!client->ended && !client->ending)
		attachment_cut(client, why);
}

static const struct stream_events events = { output_hung_up, output_stalled, output_drained };

static void input_has_room(struct inlet *inlet)
{
	struct attached *process = owner_of(inlet, struct attached, inlet);

	for (struct attachment *client = process->attachments; client; client = client->next)
		attachment_read_on(client);
}

/* --- Opening --- */

/* Whether the directory is still the one that we hold: an id can be forgotten and used again. */
static bool same_directory(const struct attached *process, int dir)
{
	struct stat ours, there;

	return fstat(process->target.dir, &ours) == 0 && fstat(dir, &there) == 0 && ours.st_ino == there.st_ino &&
		ours.st_dev == there.st_dev;
}

/* A reader that was opened after the last writer had left is never told that there is none. One that comes and goes makes the
 * kernel say so. */
static void nudge(int process_dir, const char *name)
{
	autoclose int writer = fifo_open(process_dir, name, O_WRONLY);

	(void)writer;
}

static int open_output(struct attached *process, struct stream *stream, const char *name, struct error *err)
{
	int fd = fifo_open(process->target.dir, name, O_RDONLY);

	if (fd < 0)
		return fail_sys(err, "open %s", name);
	if (lock_take(fd, LOCK_EXCLUSIVE, 0) < 0) {
		fd_close(&fd);
		return fail_kind(err, ERROR_IN_USE, "somebody else is attached to this process: its %s has a reader",
			name);
	}
	nudge(process->target.dir, name);
	return stream_open(stream, fd, name, &events, process) < 0 ? fail_sys(err, "watch %s", name) : 0;
}

int attached_open(const struct settings *settings, const char *handle, const char *id, struct error *err)
{
	autofree char *path = xprintf("%s/%s/%s/%s", settings->depot, handle, NAME_PROCESSES, id);
	autoclose int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct attached *process = find(handle, id);

	if (dir < 0)
		return fail_kind(err, ERROR_UNKNOWN_PROCESS, "unknown process: %s", id);
	if (process && same_directory(process, dir))
		return 0;
	if (process) { /* of a process that is gone: nothing finds it any more, and it ends by itself */
		free(process->target.id);
		process->target.id = xstrdup("");
	}
	process = xmalloc(sizeof *process);
	*process = (struct attached){ .target = { settings, xstrdup(handle), xstrdup(id), fd_take(&dir) },
		.outputs = { { .fd = -1, .watch.fd = -1 }, { .fd = -1, .watch.fd = -1 } },
		.ending.exit.fd = -1,
		.next = processes };
	processes = process;
	inlet_open(&process->inlet, process->target.dir, input_has_room);
	if (open_output(process, &process->outputs[0], NAME_STDOUT, err) < 0 ||
		open_output(process, &process->outputs[1], NAME_STDERR, err) < 0) {
		forget_process(process);
		return -1;
	}
	ending_await(&process->ending, &process->target, process_ended);
	return 0;
}

void attached_add(const char *handle, const char *id, int fd, const struct text *begun, const struct text *leftover,
	void (*gone)(const char *handle))
{
	struct attached *process = find(handle, id);
	struct attachment *client = xmalloc(sizeof *client);

	*client = (struct attachment){ .target = &process->target,
		.inlet = &process->inlet,
		.fd = fd,
		.owner = process,
		.over = main_ended,
		.gone = gone,
		.next = process->attachments };
	process->attachments = client;
	open_attachments++;
	attachment_begin(client, process->outputs, !process->ending.known, begun, leftover);
	settle(process);
}

bool attached_fetch(const char *handle, const char *id, const char *stream_id, int which, int fd)
{
	struct attached *process = find(handle, id);

	for (struct attachment *client = process ? process->attachments : NULL; client; client = client->next) {
		if (strcmp(client->stream_id, stream_id) != 0)
			continue;
		outlet_tap(&client->outlets[which], fd);
		return true;
	}
	return false;
}

void attached_drop_all(void)
{
	for (struct attached *process = processes; process; process = process->next)
		for (struct attachment *client = process->attachments; client; client = client->next)
			if (!client->ended)
				attachment_drop(client);
}

size_t attached_count(void)
{
	return open_attachments;
}
