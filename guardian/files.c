#include "common/base/fd.h"
#include "common/ops/operations.h"
#include "guardian/handlers.h"
#include "guardian/routes.h"
#include "guardian/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#define PIECE (64 << 10)

/* A transfer between a client's connection and a worker that has nstar at the other end of a pipe. */
struct transfer {
	struct connection *connection; /* NULL once the client has gone */
	const struct settings *settings;
	char *handle, *user, *path;
	int pipe, worker_end;
	struct watch watch;
	struct text pending; /* in: what the pipe had no room for yet */
	size_t sent;
	bool body_complete, worker_done, begun; /* begun: out: the reply's head has gone */
	struct reply reply;
};

static struct transfer *transfer_new(struct connection *c, const char *path_parameter)
{
	struct transfer *transfer = xmalloc(sizeof *transfer);

	*transfer = (struct transfer){ .connection = c,
		.settings = c->server->settings,
		.handle = xstrdup(captured(c, 0)),
		.user = query_value(c->request.query, "user"),
		.path = query_value(c->request.query, path_parameter),
		.pipe = -1,
		.worker_end = -1,
		.watch.fd = -1 };
	if (!transfer->path)
		transfer->path = xstrdup("");
	c->work = transfer;
	return transfer;
}

static void close_pipe(struct transfer *transfer)
{
	loop_unwatch(&transfer->watch);
	fd_close(&transfer->pipe);
}

static void transfer_free(struct transfer *transfer)
{
	close_pipe(transfer);
	fd_close(&transfer->worker_end);
	text_free(&transfer->pending);
	text_free(&transfer->reply.body);
	free(transfer->handle);
	free(transfer->user);
	free(transfer->path);
	loop_free(transfer);
}

/* Ours is non-blocking, the worker's is not: nstar inherits that one. */
static int open_pipe(struct transfer *transfer, bool ours_writes)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	transfer->pipe = ends[ours_writes];
	transfer->worker_end = ends[!ours_writes];
	return fcntl(transfer->pipe, F_SETFL, O_NONBLOCK);
}

static void cannot_begin(struct transfer *transfer)
{
	struct connection *c = transfer->connection;
	struct error err;

	fail_sys(&err, "%s: pipe", c->route->name);
	c->work = NULL;
	transfer_free(transfer);
	answer_error(c, &err, NULL);
}

/* --- In: the client's body goes into the pipe --- */

static void stream_in(struct reply *reply, void *data)
{
	struct transfer *transfer = data;
	struct error err;

	if (container_stream_in(transfer->settings, transfer->handle, transfer->user, transfer->path,
		    transfer->worker_end, &err) == 0) {
		wire_empty(reply);
		return;
	}
	if (err.kind == ERROR_UNKNOWN_HANDLE || err.kind == ERROR_BAD_INPUT)
		fail(&err, "stream-in: pid not found for container");
	wire_fail(reply, &err, transfer->handle, NULL);
}

/* Once the worker has said how it went and the client has said all; a failure is told at once. */
static void finish_in(struct transfer *transfer)
{
	struct connection *c = transfer->connection;

	if (!transfer->worker_done)
		return;
	close_pipe(transfer);
	if (c && !transfer->body_complete && transfer->reply.status == 200)
		return; /* what comes behind the archive's end is read and means nothing */
	if (c) {
		c->work = NULL;
		c->sink = NULL;
		c->gone = NULL;
		if (!transfer->body_complete)
			c->request.close = c->bad = true;
		answer(c, &transfer->reply);
	}
	transfer_free(transfer);
}

static void streamed_in(struct reply *reply, void *data)
{
	struct transfer *transfer = data;

	transfer->worker_done = true;
	transfer->reply = *reply;
	*reply = (struct reply){ 0 };
	finish_in(transfer);
}

/* True when nothing waits any more. */
static bool push(struct transfer *transfer)
{
	while (transfer->sent < transfer->pending.len && transfer->pipe >= 0) {
		ssize_t n = write(transfer->pipe, transfer->pending.data + transfer->sent,
			transfer->pending.len - transfer->sent);

		if (n > 0)
			transfer->sent += (size_t)n;
		else if (errno == EAGAIN)
			return false;
		else if (errno != EINTR)
			close_pipe(transfer); /* nstar reads no more; the worker will say why */
	}
	text_free(&transfer->pending);
	transfer->sent = 0;
	return true;
}

static void pipe_has_room(struct watch *watch, uint32_t events)
{
	struct transfer *transfer = owner_of(watch, struct transfer, watch);

	(void)events;
	if (!push(transfer))
		return;
	loop_unwatch(watch);
	if (transfer->body_complete || !transfer->connection)
		close_pipe(transfer);
	else
		connection_read_on(transfer->connection);
}

/* The client left in the middle: nstar sees a cut archive, and nobody hears of it. */
static void in_cut(struct connection *c)
{
	struct transfer *transfer = c->work;

	transfer->connection = NULL;
	if (!transfer->pending.len)
		close_pipe(transfer);
	finish_in(transfer);
}

static bool begin_in(struct connection *c)
{
	struct transfer *transfer = transfer_new(c, "destination");

	if (open_pipe(transfer, true) < 0) {
		c->sink = NULL;
		c->request.close = c->bad = true;
		cannot_begin(transfer);
		return false;
	}
	c->gone = in_cut;
	worker_run(c->route->name, stream_in, streamed_in, transfer, transfer->worker_end, true);
	fd_close(&transfer->worker_end);
	return true;
}

static bool in_data(struct connection *c, const char *data, size_t len)
{
	struct transfer *transfer;

	if (!c->work && !begin_in(c))
		return true;
	transfer = c->work;
	if (transfer->pipe < 0)
		return true;
	text_add(&transfer->pending, data, len);
	if (push(transfer))
		return true;
	if (transfer->watch.fd < 0)
		loop_watch(&transfer->watch, transfer->pipe, EPOLLOUT, pipe_has_room);
	return false;
}

static void in_end(struct connection *c)
{
	struct transfer *transfer;

	if (!c->work && !begin_in(c))
		return;
	transfer = c->work;
	transfer->body_complete = true;
	if (!transfer->pending.len)
		close_pipe(transfer);
	finish_in(transfer);
}

const struct sink stream_in_sink = { in_data, in_end };

/* --- Out: what comes out of the pipe goes to the client, and its first byte decides that it is a success --- */

static void stream_out(struct reply *reply, void *data)
{
	struct transfer *transfer = data;
	struct error err;

	if (container_stream_out(transfer->settings, transfer->handle, transfer->user, transfer->path,
		    transfer->worker_end, &err) == 0) {
		reply->status = 200;
		return;
	}
	if (err.kind == ERROR_UNKNOWN_HANDLE || err.kind == ERROR_BAD_INPUT)
		fail(&err, "stream-out: pid not found for container");
	wire_fail(reply, &err, transfer->handle, NULL);
}

static void finish_out(struct transfer *transfer)
{
	struct connection *c = transfer->connection;

	if (!transfer->worker_done || transfer->pipe >= 0)
		return;
	if (!c) {
		transfer_free(transfer);
		return;
	}
	c->gone = NULL;
	if (transfer->reply.status != 200 && transfer->begun) {
		connection_close(c); /* too late for words: a cut body is no success */
	} else if (transfer->reply.status != 200) {
		answer(c, &transfer->reply);
	} else {
		if (!transfer->begun)
			connection_chunks(c, 200, "application/x-tar", NULL);
		connection_chunks_end(c);
	}
	transfer_free(transfer);
}

static void streamed_out(struct reply *reply, void *data)
{
	struct transfer *transfer = data;

	transfer->worker_done = true;
	transfer->reply = *reply;
	*reply = (struct reply){ 0 };
	finish_out(transfer);
}

/* nstar notices at its next byte. */
static void out_cut(struct connection *c)
{
	struct transfer *transfer = c->work;

	transfer->connection = NULL;
	close_pipe(transfer);
	finish_out(transfer);
}

static void sent_on(struct connection *c)
{
	struct transfer *transfer = c->work;

	loop_want(&transfer->watch, EPOLLIN);
}

static void pipe_readable(struct watch *watch, uint32_t events)
{
	struct transfer *transfer = owner_of(watch, struct transfer, watch);
	static char piece[PIECE];
	ssize_t n = read(transfer->pipe, piece, sizeof piece);

	(void)events;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		close_pipe(transfer);
		finish_out(transfer);
		return;
	}
	if (!transfer->begun)
		connection_chunks(transfer->connection, 200, "application/x-tar", sent_on);
	transfer->begun = true;
	if (!connection_chunk(transfer->connection, piece, (size_t)n) && transfer->pipe >= 0)
		loop_want(watch, 0);
}

void handle_stream_out(struct connection *c)
{
	struct transfer *transfer = transfer_new(c, "source");

	connection_wait(c);
	if (open_pipe(transfer, false) < 0 ||
		loop_watch(&transfer->watch, transfer->pipe, EPOLLIN, pipe_readable) < 0) {
		cannot_begin(transfer);
		return;
	}
	c->gone = out_cut;
	worker_run(c->route->name, stream_out, streamed_out, transfer, transfer->worker_end, true);
	fd_close(&transfer->worker_end);
}
