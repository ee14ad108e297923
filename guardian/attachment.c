#include "guardian/attachment.h"

#include "common/base/fd.h"
#include "common/base/say.h"
#include "common/ops/operations.h"
#include "guardian/loop.h"
#include "guardian/wire.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#define INPUT_SIZE (64 << 10)

static unsigned long long stream_ids;

/* --- Ends --- */

static void release_input(struct attachment *client)
{
	struct error err;

	if (!client->holds_input)
		return;
	client->holds_input = false;
	if (inlet_release(client->inlet, &err) < 0)
		say(SAY_WARN, "process %s: %s", client->target->id, err.text);
}

static void end_main(struct attachment *client)
{
	if (client->ended)
		return;
	client->ended = true;
	loop_unwatch(&client->watch);
	fd_close(&client->fd);
	release_input(client);
	client->over(client);
}

static void close_outlets(struct attachment *client)
{
	outlet_close(&client->outlets[0]);
	outlet_close(&client->outlets[1]);
}

void attachment_drop(struct attachment *client)
{
	close_outlets(client);
	end_main(client);
}

void attachment_free(struct attachment *client)
{
	close_outlets(client);
	loop_timer_stop(&client->keep);
	text_free(&client->input);
	text_free(&client->pending);
	text_free(&client->output);
	input_decoder_free(client->decoder);
	loop_free(client);
}

/* --- What it is told --- */

static void flush(struct attachment *client)
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
			attachment_drop(client);
			return;
		}
		text_drop(&client->output, (size_t)n);
	}
	loop_want(&client->watch, client->watch.events & ~(uint32_t)EPOLLOUT);
	if (client->ending)
		end_main(client);
}

void attachment_finish(struct attachment *client, int exit_code, const char *failure)
{
	client->ending = true;
	if (failure)
		wire_stream_error(&client->output, client->target->id, failure);
	else
		wire_stream_exit(&client->output, client->target->id, exit_code);
	flush(client);
}

void attachment_cut(struct attachment *client, const char *why)
{
	client->ending = true; /* what the outlets tell now comes too late */
	close_outlets(client);
	attachment_finish(client, 0, why);
}

/* --- What it says --- */

/* True when all that was decoded has gone to the process. */
static bool write_pending(struct attachment *client)
{
	if (!client->holds_input)
		text_free(&client->pending);
	else if (client->pending.len)
		text_drop(&client->pending, inlet_write(client->inlet, client->pending.data, client->pending.len));
	return !client->pending.len;
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
		attachment_drop(client);
	else
		stop_reading(client);
}

static void obey(struct attachment *client, struct input_message *message)
{
	const struct target *target = client->target;
	struct error err = { 0 };
	int result = 0;

	switch (message->kind) {
	case INPUT_WINDOW:
		if (message->window_given)
			result = process_set_window(target->dir, message->columns, message->rows, &err);
		break;
	case INPUT_DATA:
		if (client->holds_input)
			text_add(&client->pending, message->data, message->len);
		break;
	case INPUT_END: release_input(client); break;
	case INPUT_SIGNAL:
		result = process_signal(target->settings, target->handle, target->id, message->signal, &err);
		break;
	}
	if (result < 0)
		say(SAY_WARN, "process %s: %s", target->id, err.text);
	free(message->data);
}

/* Message after message; one whose data does not fit into stdin holds up those behind it. */
static void take_input(struct attachment *client)
{
	struct text input = client->input;
	size_t at = 0;

	client->input = (struct text){ 0 };
	while (write_pending(client) && !client->ended && client->reads && at < input.len) {
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
	if (client->pending.len && !client->ended && client->reads) {
		text_add(&client->input, input.data + at, input.len - at);
		loop_want(&client->watch, client->watch.events & ~(uint32_t)EPOLLIN);
	} else if (!client->ended && client->reads) {
		loop_want(&client->watch, client->watch.events | EPOLLIN);
	}
	text_free(&input);
}

void attachment_read_on(struct attachment *client)
{
	if (client->pending.len)
		take_input(client);
}

static void readable(struct attachment *client)
{
	static char buffer[INPUT_SIZE];
	ssize_t n = recv(client->fd, buffer, sizeof buffer, MSG_DONTWAIT);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n < 0) {
		attachment_drop(client);
	} else if (n == 0) {
		input_ended(client);
	} else {
		text_add(&client->input, buffer, (size_t)n);
		take_input(client);
	}
}

static void ready(struct watch *watch, uint32_t events)
{
	struct attachment *client = owner_of(watch, struct attachment, watch);

	/* What a client sent before it left is still read. */
	if (events & EPOLLIN)
		readable(client);
	else if (events & (EPOLLERR | EPOLLHUP))
		attachment_drop(client);
	if (events & EPOLLOUT && !client->ended)
		flush(client);
}

/* --- The beginning --- */

void attachment_begin(struct attachment *client, struct stream outputs[2], bool hold, const struct text *begun,
	const struct text *leftover)
{
	client->watch.fd = -1;
	client->reads = true;
	client->decoder = input_decoder_new();
	snprintf(client->stream_id, sizeof client->stream_id, "%llu", ++stream_ids);
	text_add(&client->output, text_string(begun), begun->len);
	wire_stream_begin(&client->output, client->target->id, client->stream_id);
	text_add(&client->input, text_string(leftover), leftover->len);
	outlet_open(&client->outlets[0], &outputs[0], client);
	outlet_open(&client->outlets[1], &outputs[1], client);
	client->holds_input = hold && inlet_hold(client->inlet);
	if (loop_watch(&client->watch, client->fd, EPOLLIN, ready) < 0) {
		attachment_drop(client);
		return;
	}
	flush(client);
	if (!client->ended && client->input.len)
		take_input(client);
}
