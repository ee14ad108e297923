#include "guardian/attached.h"

#include "common/base/fd.h"
#include "common/base/fifo.h"
#include "common/base/lock.h"
#include "common/base/say.h"
#include "common/depot/names.h"
#include "common/depot/process.h"
#include "common/ops/operations.h"
#include "guardian/loop.h"
#include "guardian/stream.h"
#include "guardian/wire.h"
#include "guardian/worker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#define KEEP_MS 60000 /* how long after its end a stream that still holds bytes can be fetched */
#define INPUT_SIZE (64 << 10)

/* The process: one for all its attachments. */
struct attached {
	const struct settings *settings;
	char *handle, *id;
	int process_dir, input; /* input: stdin's writing end, -1 while nobody holds it */
	struct stream outputs[2];
	struct watch exit;
	bool ended; /* known how, or known that nobody knows */
	int exit_code;
	char *failure;           /* why the exit code is not known, NULL if it is */
	struct watch input_room; /* while stdin is full */
	struct attachment *attachments;
	struct timer sweep;
	bool looking; /* a worker finds out how it ended */
	struct attached *next;
};

struct attachment {
	struct attached *process;
	char stream_id[24];
	int fd;
	struct watch watch;
	struct input_decoder *decoder;
	struct text input;   /* bytes of the client's messages that wait behind a full stdin */
	struct text pending; /* decoded, for stdin */
	size_t pending_sent;
	struct text output;
	bool holds_input, reads, ending; /* ending: its last message is in output */
	struct outlet outlets[2];
	struct timer keep;
	bool over; /* the main connection is gone */
	void (*gone)(const char *handle);
	struct attachment *next;
};

static struct attached *processes;
static unsigned long long stream_ids;
static size_t open_attachments;

static void main_ready(struct watch *watch, uint32_t events);
static void take_input(struct attachment *client);
static void settle(struct attached *process);

/* --- Ends --- */

static void forget_process(struct attached *process)
{
	struct attached **link = &processes;

	while (*link != process)
		link = &(*link)->next;
	*link = process->next;
	stream_close(&process->outputs[0]);
	stream_close(&process->outputs[1]);
	if (process->exit.fd >= 0) {
		int fd = process->exit.fd;

		loop_unwatch(&process->exit);
		fd_close(&fd);
	}
	loop_unwatch(&process->input_room);
	loop_timer_stop(&process->sweep);
	fd_close(&process->input);
	fd_close(&process->process_dir);
	free(process->handle);
	free(process->id);
	free(process->failure);
	loop_free(process);
}

static void forget_attachment(struct attachment *client)
{
	struct attachment **link = &client->process->attachments;

	while (*link != client)
		link = &(*link)->next;
	*link = client->next;
	outlet_close(&client->outlets[0]);
	outlet_close(&client->outlets[1]);
	loop_timer_stop(&client->keep);
	text_free(&client->input);
	text_free(&client->pending);
	text_free(&client->output);
	input_decoder_free(client->decoder);
	loop_free(client);
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

static void remove_record(const struct attached *process)
{
	struct removal *removal = xmalloc(sizeof *removal);

	*removal = (struct removal){ process->settings, xstrdup(process->handle), xstrdup(process->id) };
	worker_run("remove-process", remove_process, removed, removal, -1, false);
}

/* In a turn of the loop of its own, since what leads here is in the middle of the lists that this changes. */
static void sweep(struct timer *timer)
{
	struct attached *process = owner_of(timer, struct attached, sweep);

	for (struct attachment *client = process->attachments, *next; client; client = next) {
		next = client->next;
		if (client->over &&
			((outlet_drained(&client->outlets[0]) && outlet_drained(&client->outlets[1])) ||
				!client->keep.slot))
			forget_attachment(client);
	}
	if (process->attachments || process->looking)
		return;
	if (process->ended && process->outputs[0].ended && process->outputs[1].ended) {
		if (process->settings->cleanup_process_dirs_on_wait && !process->failure && *process->id)
			remove_record(process);
		forget_process(process);
	}
}

static void sweep_soon(struct attached *process)
{
	loop_timer(&process->sweep, 0, sweep);
}

static void kept_long_enough(struct timer *timer)
{
	sweep_soon(owner_of(timer, struct attachment, keep)->process);
}

/* --- stdin --- */

/* The process reads end of file once nobody holds its input: neither we nor, through the mark, its shim. */
static void release_input(struct attachment *client)
{
	struct attached *process = client->process;
	struct error err;

	if (!client->holds_input)
		return;
	client->holds_input = false;
	for (const struct attachment *other = process->attachments; other; other = other->next)
		if (other->holds_input)
			return;
	loop_unwatch(&process->input_room);
	fd_close(&process->input);
	if (process_close_input(process->process_dir, &err) < 0)
		say(SAY_WARN, "process %s: %s", process->id, err.text);
}

static void input_has_room(struct watch *watch, uint32_t events)
{
	struct attached *process = owner_of(watch, struct attached, input_room);

	(void)events;
	loop_unwatch(watch);
	for (struct attachment *client = process->attachments, *next; client; client = next) {
		next = client->next;
		if (client->pending.len)
			take_input(client);
	}
}

/* True when all that was decoded has gone to the process. */
static bool write_pending(struct attachment *client)
{
	struct attached *process = client->process;

	while (client->pending_sent < client->pending.len) {
		ssize_t n = process->input < 0 ? -1
					       : write(process->input, client->pending.data + client->pending_sent,
							 client->pending.len - client->pending_sent);

		if (n > 0) {
			client->pending_sent += (size_t)n;
			continue;
		}
		if (n < 0 && errno == EAGAIN && process->input >= 0 && !process->ended) {
			if (process->input_room.fd < 0)
				loop_watch(&process->input_room, process->input, EPOLLOUT, input_has_room);
			return false;
		}
		break; /* nobody will ever read it */
	}
	text_free(&client->pending);
	client->pending_sent = 0;
	return true;
}

/* --- The main connection --- */

static void end_main(struct attachment *client)
{
	struct attached *process = client->process;
	void (*gone)(const char *) = client->gone;

	if (client->over)
		return;
	client->over = true;
	open_attachments--;
	loop_unwatch(&client->watch);
	fd_close(&client->fd);
	release_input(client);
	loop_timer(&client->keep, KEEP_MS, kept_long_enough);
	sweep_soon(process);
	gone(process->handle);
}

/* The client has left: its streams get what is there now, the process goes on. */
static void disconnected(struct attachment *client)
{
	outlet_close(&client->outlets[0]);
	outlet_close(&client->outlets[1]);
	end_main(client);
}

static void flush_main(struct attachment *client)
{
	while (client->output.len) {
		ssize_t n = send(client->fd, client->output.data, client->output.len, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			loop_want(&client->watch, client->watch.events | EPOLLOUT);
			return;
		}
		if (n < 0) {
			disconnected(client);
			return;
		}
		memmove(client->output.data, client->output.data + n, client->output.len - (size_t)n);
		client->output.len -= (size_t)n;
	}
	loop_want(&client->watch, client->watch.events & ~(uint32_t)EPOLLOUT);
	if (client->ending)
		end_main(client);
}

static void stop_reading(struct attachment *client)
{
	client->reads = false;
	loop_want(&client->watch, client->watch.events & ~(uint32_t)EPOLLIN);
}

/* After the end of its stdin a client is still heard, for its signals; what makes no sense then is no disconnect. */
static void input_ended(struct attachment *client)
{
	if (client->holds_input)
		disconnected(client);
	else
		stop_reading(client);
}

static void obey(struct attachment *client, struct input_message *message)
{
	struct attached *process = client->process;
	struct error err = { 0 };
	int result = 0;

	switch (message->kind) {
	case INPUT_WINDOW:
		if (message->window_given)
			result = process_set_window(process->process_dir, message->columns, message->rows, &err);
		break;
	case INPUT_DATA:
		if (client->holds_input)
			text_add(&client->pending, message->data, message->len);
		break;
	case INPUT_END: release_input(client); break;
	case INPUT_SIGNAL:
		result = process_signal(process->settings, process->handle, process->id, message->signal, &err);
		break;
	}
	if (result < 0)
		say(SAY_WARN, "process %s: %s", process->id, err.text);
	free(message->data);
}

/* Message after message; one whose data does not fit into stdin holds up those behind it. */
static void take_input(struct attachment *client)
{
	struct text input = client->input;
	size_t at = 0;

	client->input = (struct text){ 0 };
	while (write_pending(client) && !client->over && client->reads && at < input.len) {
		struct input_message message = { 0 };
		bool complete = false;
		ssize_t used = input_decode(client->decoder, input.data + at, input.len - at, &message, &complete);

		if (used < 0) {
			input_ended(client);
			break;
		}
		at += (size_t)used;
		if (complete)
			obey(client, &message);
	}
	if (client->pending.len && !client->over && client->reads) {
		text_add(&client->input, input.data + at, input.len - at);
		loop_want(&client->watch, client->watch.events & ~(uint32_t)EPOLLIN);
	} else if (!client->over && client->reads) {
		loop_want(&client->watch, client->watch.events | EPOLLIN);
	}
	text_free(&input);
}

static void main_readable(struct attachment *client)
{
	static char buffer[INPUT_SIZE];
	ssize_t n = recv(client->fd, buffer, sizeof buffer, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		disconnected(client);
	} else if (n == 0) {
		input_ended(client);
	} else {
		text_add(&client->input, buffer, (size_t)n);
		take_input(client);
	}
}

static void main_ready(struct watch *watch, uint32_t events)
{
	struct attachment *client = owner_of(watch, struct attachment, watch);

	/* What a client sent before it left is still read. */
	if (events & EPOLLIN)
		main_readable(client);
	else if (events & (EPOLLERR | EPOLLHUP))
		disconnected(client);
	else if (events & EPOLLOUT)
		flush_main(client);
}

/* --- The end of the process --- */

/* Once it has ended and nobody can write to its outputs any more: the last message, then the main connection goes, then the
 * streams, each when it has been given all. */
static void settle(struct attached *process)
{
	if (!process->ended || !process->outputs[0].hung_up || !process->outputs[1].hung_up)
		return;
	for (struct attachment *client = process->attachments, *next; client; client = next) {
		next = client->next;
		if (client->over || client->ending)
			continue;
		client->ending = true;
		if (process->failure)
			wire_stream_error(&client->output, process->id, process->failure);
		else
			wire_stream_exit(&client->output, process->id, process->exit_code);
		flush_main(client);
	}
	sweep_soon(process);
}

static void exit_ready(struct watch *watch, uint32_t events);

static bool watch_exit(struct attached *process)
{
	int fd = process_exit_fd(process->process_dir);

	if (fd < 0)
		return false;
	if (loop_watch(&process->exit, fd, 0, exit_ready) == 0)
		return true;
	close(fd);
	return false;
}

/* In a worker: its shim may have died, and then it gets a new one. */
static void find_out(struct reply *reply, void *data)
{
	struct attached *process = data;
	struct error err = { 0 };
	int code;

	if (process_wait(process->settings, process->handle, process->id, 0, &code, &err) == 0) {
		reply->status = code;
	} else {
		reply->status = err.kind == ERROR_TIMEOUT ? -1 : -2;
		text_addf(&reply->body, "%s", err.text);
	}
}

static void look(struct attached *process);

static void found_out(struct reply *reply, void *data)
{
	struct attached *process = data;

	process->looking = false;
	if (reply->status == -1) {
		look(process); /* adopted */
		return;
	}
	process->ended = true;
	process->exit_code = reply->status;
	if (reply->status < 0 || reply->status > 255)
		process->failure = xstrdup(text_string(&reply->body));
	settle(process);
	sweep_soon(process);
}

/* What can be known at once is; else it is waited for, or a worker asks. */
static void look(struct attached *process)
{
	if (process_exit_code(process->process_dir, &process->exit_code) == 0) {
		process->ended = true;
		settle(process);
	} else if (!watch_exit(process)) {
		process->looking = true;
		worker_run("wait", find_out, found_out, process, -1, false);
	}
}

static void exit_ready(struct watch *watch, uint32_t events)
{
	struct attached *process = owner_of(watch, struct attached, exit);
	int fd = watch->fd;

	(void)events;
	loop_unwatch(watch);
	fd_close(&fd);
	look(process);
}

static void output_hung_up(void *owner)
{
	settle(owner);
}

static void output_drained(struct outlet *outlet)
{
	struct attachment *client = outlet->owner;

	sweep_soon(client->process);
}

/* Never a silent gap: the client is told on its main connection, and all three end. */
static void output_stalled(struct outlet *outlet)
{
	struct attachment *client = outlet->owner;
	autofree char *why = NULL;

	if (client->over || client->ending)
		return;
	why = xprintf("%s: its reader took too little for %lld ms and was cut off; the process goes on",
		outlet->stream->name, stream_stall_ms);
	wire_stream_error(&client->output, client->process->id, why);
	client->ending = true;
	outlet_close(&client->outlets[0]);
	outlet_close(&client->outlets[1]);
	flush_main(client);
}

static const struct stream_events events = { output_hung_up, output_stalled, output_drained };

/* --- Opening --- */

static struct attached *find(const char *handle, const char *id)
{
	for (struct attached *process = processes; process; process = process->next)
		if (!strcmp(process->handle, handle) && !strcmp(process->id, id))
			return process;
	return NULL;
}

/* Whether the directory is still the one that we hold: an id can be forgotten and used again. */
static bool same_directory(const struct attached *process, int process_dir)
{
	struct stat ours, there;

	return fstat(process->process_dir, &ours) == 0 && fstat(process_dir, &there) == 0 &&
		ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

/* A reader that was opened after the last writer had left is never told that there is none. One that comes and goes makes the
 * kernel say so. */
static void nudge(int process_dir, const char *name)
{
	autoclose int writer = fifo_open(process_dir, name, O_WRONLY);

	(void)writer;
}

static int open_outputs(struct attached *process, struct error *err)
{
	static const char *const names[] = { NAME_STDOUT, NAME_STDERR };

	for (int i = 0; i < 2; i++) {
		int fd = fifo_open(process->process_dir, names[i], O_RDONLY);

		if (fd < 0)
			return fail_sys(err, "open %s", names[i]);
		if (lock_take(fd, LOCK_EXCLUSIVE, 0) < 0) {
			fd_close(&fd);
			return fail_kind(err, ERROR_IN_USE,
				"somebody else is attached to this process: its %s has a reader", names[i]);
		}
		nudge(process->process_dir, names[i]);
		if (stream_open(&process->outputs[i], fd, names[i], &events, process) < 0)
			return fail_sys(err, "watch %s", names[i]);
	}
	return 0;
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
		free(process->id);
		process->id = xstrdup("");
	}
	process = xmalloc(sizeof *process);
	*process = (struct attached){ .settings = settings,
		.handle = xstrdup(handle),
		.id = xstrdup(id),
		.input = -1,
		.exit.fd = -1,
		.input_room.fd = -1,
		.next = processes };
	process->process_dir = fd_take(&dir);
	process->outputs[0] = process->outputs[1] = (struct stream){ .fd = -1, .watch.fd = -1 };
	processes = process;
	if (open_outputs(process, err) < 0) {
		forget_process(process);
		return -1;
	}
	return 0;
}

static void hold_input(struct attachment *client)
{
	struct attached *process = client->process;

	if (process->ended)
		return;
	if (process->input < 0)
		process->input = fifo_open(process->process_dir, NAME_STDIN, O_RDWR);
	client->holds_input = process->input >= 0;
}

void attached_add(const char *handle, const char *id, int fd, const struct text *begun, const struct text *leftover,
	void (*gone)(const char *handle))
{
	struct attached *process = find(handle, id);
	struct attachment *client = xmalloc(sizeof *client);
	bool first = process->exit.fd < 0 && !process->ended && !process->looking;

	*client = (struct attachment){ .process = process,
		.fd = fd,
		.gone = gone,
		.reads = true,
		.decoder = input_decoder_new(),
		.next = process->attachments };
	process->attachments = client;
	open_attachments++;
	snprintf(client->stream_id, sizeof client->stream_id, "%llu", ++stream_ids);
	text_add(&client->output, text_string(begun), begun->len);
	wire_stream_begin(&client->output, id, client->stream_id);
	text_add(&client->input, text_string(leftover), leftover->len);
	outlet_open(&client->outlets[0], &process->outputs[0], client);
	outlet_open(&client->outlets[1], &process->outputs[1], client);
	hold_input(client);
	if (loop_watch(&client->watch, fd, EPOLLIN, main_ready) < 0) {
		disconnected(client);
		return;
	}
	flush_main(client);
	if (!client->over && client->input.len)
		take_input(client);
	if (first)
		look(process);
	else
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
		for (struct attachment *client = process->attachments, *next; client; client = next) {
			next = client->next;
			if (!client->over)
				disconnected(client);
		}
}

size_t attached_count(void)
{
	return open_attachments;
}
