#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/ops/operations.h"
#include "guardian/attached.h"
#include "guardian/counters.h"
#include "guardian/grace.h"
#include "guardian/handlers.h"
#include "guardian/requestlog.h"
#include "guardian/routes.h"
#include "guardian/wire.h"

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The head of a stream says chunked, and what follows is not: the client insists on the one and reads the other. */
static void stream_head(const struct connection *c, int status, bool typed, struct text *head)
{
	text_addf(head, "HTTP/1.%d %s\r\n%sDate: %s\r\n", c->request.old ? 0 : 1, http_status(status),
		typed ? "Content-Type: application/json\r\n" : "", http_date());
	if (c->request.close && !c->request.old)
		text_addf(head, "Connection: close\r\n");
	if (!c->request.old)
		text_addf(head, "Transfer-Encoding: chunked\r\n");
	text_addf(head, "\r\n");
}

/* The connection becomes the main one of an attachment, and counts as activity of the container until it ends. */
static void attach_client(struct connection *c, const char *id, int status)
{
	autofree char *handle = xstrdup(captured(c, 0));
	autotext struct text head = { 0 }, leftover = { 0 };
	struct error err;
	int fd;

	if (attached_open(c->server->settings, handle, id, &err) < 0) {
		answer_error(c, &err, id);
		return;
	}
	stream_head(c, status, true, &head);
	counters_request(c->route, status, clock_ms() - c->began_ms);
	requestlog_answered(c, status, "", 0);
	grace_pause(handle); /* the connection's own pause ends with it */
	fd = connection_hijack(c, &leftover);
	attached_add(handle, id, fd, &head, &leftover, grace_resume);
}

/* --- Run --- */

static int refuse_unsupported(const struct run_request *request, struct error *err)
{
	if (*request->image_uri || *request->image_username || *request->image_password)
		return fail(err, "no image plugin configured");
	if (request->bind_mounts_given)
		return fail(err, "Running a process with bind mounts and no image provided is not allowed");
	return 0;
}

/* Replies with the bare id; what the client gets is made where its connection is. */
static void run(struct reply *reply, void *data)
{
	struct connection *c = data;
	struct run_request request = { 0 };
	struct error err = { 0 };

	if (wire_run(text_string(&c->request.body), c->request.body.len, &request, &err) < 0 ||
		refuse_unsupported(&request, &err) < 0) {
		wire_fail(reply, &err, NULL, NULL);
	} else if (process_run(c->server->settings, captured(c, 0), &request.spec, NULL, &err) == 0) {
		reply->status = 201;
		text_addf(&reply->body, "%s", request.spec.id);
	} else if (err.kind == ERROR_UNKNOWN_HANDLE) {
		wire_error(reply, ERROR_OTHER, NULL, NULL, "does not exist");
	} else {
		wire_fail(reply, &err, captured(c, 0), NULL);
	}
}

static void running(struct reply *reply, void *data)
{
	struct connection *c = data;

	if (reply->status == 201)
		attach_client(c, text_string(&reply->body), 201);
	else
		answer(c, reply);
}

void handle_run(struct connection *c)
{
	in_worker_then(c, run, running);
}

/* --- Attach --- */

/* Finds out whether there is such a process, and has it adopted when its shim has died. */
static void look_up(struct reply *reply, void *data)
{
	struct connection *c = data;
	const char *handle = captured(c, 0), *id = captured(c, 1);
	struct error err;
	int code;

	if (process_wait(c->server->settings, handle, id, 0, &code, &err) == 0 || err.kind == ERROR_TIMEOUT ||
		err.kind == ERROR_STATUS_LOST) {
		reply->status = 200;
	} else if (err.kind == ERROR_UNKNOWN_HANDLE || err.kind == ERROR_BAD_INPUT ||
		err.kind == ERROR_UNKNOWN_PROCESS) {
		wire_error(reply, ERROR_UNKNOWN_PROCESS, NULL, id, "unknown process: %s", id);
	} else {
		wire_fail(reply, &err, handle, id);
	}
}

static void looked_up(struct reply *reply, void *data)
{
	struct connection *c = data;
	autofree char *id = xstrdup(captured(c, 1));

	if (reply->status == 200)
		attach_client(c, id, 200);
	else
		answer(c, reply);
}

void handle_attach(struct connection *c)
{
	in_worker_then(c, look_up, looked_up);
}

/* --- The outputs --- */

static void fetch(struct connection *c, int which)
{
	autofree char *handle = xstrdup(captured(c, 0)), *id = xstrdup(captured(c, 1)),
		      *stream = xstrdup(captured(c, 2));
	autotext struct text head = { 0 }, leftover = { 0 };
	autoclose int fd = -1;

	stream_head(c, 200, false, &head);
	fd = connection_hijack(c, &leftover);
	/* A client that has left so many replies unread that there is no room for these few bytes gets nothing more. */
	if (send(fd, text_string(&head), head.len, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)head.len &&
		attached_fetch(handle, id, stream, which, fd))
		(void)fd_take(&fd);
}

void handle_stdout(struct connection *c)
{
	fetch(c, 0);
}

void handle_stderr(struct connection *c)
{
	fetch(c, 1);
}
