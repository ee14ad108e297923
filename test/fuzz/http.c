/* Any bytes from a client of the API, over a real socket and the daemon's own loop, with handlers that only tell what they were
 * asked. However the bytes are cut, the requests seen are the same, and so are the replies; and when the client has gone, so has
 * the connection. The first byte says how they are cut. */
#include "common/base/fd.h"
#include "guardian/grace.h"
#include "guardian/log.h"
#include "guardian/requestlog.h"
#include "guardian/routes.h"
#include "test/fuzz/must.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define ROUTES_MOST 64
#define PIECES_MOST 64
#define STEPS_MOST 1000 /* of a client that has said all */

/* What a handler has left for later, and what it saw. */
static struct {
	struct connection *connection;                /* NULL once it was taken over */
	void (*later)(struct connection *connection); /* the rest of what it does */
	int stream;                                   /* a socket that was taken over; -1: none */
	size_t pieces;                                /* of the body in hand */
	struct text seen;
} now;

static void note(const struct connection *c)
{
	const struct request *request = &c->request;

	text_addf(&now.seen, "\n%s %s ? %s, trace %s, old %d, close %d", request->method, request->path, request->query,
		request->trace_id ? request->trace_id : "none", request->old, request->close);
	for (size_t i = 0; i < request->captures.count; i++)
		text_addf(&now.seen, ", %s", request->captures.item[i]);
	text_addf(&now.seen, ": ");
	text_add(&now.seen, text_string(&request->body), request->body.len);
}

static void reply(struct connection *c)
{
	connection_reply(c, 200, "application/json", "", "{}\n", 3);
}

static void at_once(struct connection *c)
{
	note(c);
	reply(c);
}

static void delayed(struct connection *c)
{
	note(c);
	connection_wait(c);
	now.later = reply;
}

static void second_piece(struct connection *c)
{
	if (connection_chunk(c, "two", 3))
		connection_chunks_end(c);
}

static void in_pieces(struct connection *c)
{
	note(c);
	connection_wait(c);
	connection_chunks(c, 200, "application/x-tar", NULL);
	if (connection_chunk(c, "one", 3))
		now.later = second_piece;
}

/* What has been read behind the request belongs to the stream. */
static void take_over(struct connection *c)
{
	autotext struct text leftover = { 0 };

	note(c);
	now.stream = connection_hijack(c, &leftover);
	now.connection = NULL;
	text_add(&now.seen, leftover.data, leftover.len);
}

static bool take_piece(struct connection *c, const char *data, size_t len)
{
	if (!now.pieces++)
		note(c);
	text_add(&now.seen, data, len);
	if (now.pieces % 2)
		return true;
	now.later = connection_read_on;
	return false;
}

static void take_end(struct connection *c)
{
	if (!now.pieces)
		note(c);
	now.pieces = 0;
	now.later = reply;
}

static const struct sink taker = { take_piece, take_end };

static struct server server;

static void prepare(void)
{
	static struct route routes[ROUTES_MOST];
	static struct settings settings;

	must(api_route_count <= ARRAY_SIZE(routes));
	memcpy(routes, api_routes, api_route_count * sizeof *routes);
	for (size_t i = 0; i < api_route_count; i++) {
		const char *name = routes[i].name;

		routes[i].handle = !strcmp(name, "run") || !strcmp(name, "attach") ? take_over
			: !strcmp(name, "stream-out")                              ? in_pieces
			: routes[i].changes                                        ? delayed
										   : at_once;
		if (routes[i].sink)
			routes[i].sink = &taker;
	}
	settings_default(&settings);
	grace_setup(&settings);
	server = (struct server){ .routes = routes, .route_count = api_route_count, .settings = &settings };
	log_set_level("fatal");
	requestlog_open();
	must(loop_open() == 0);
}

/* --- The client --- */

static void stop(struct timer *timer)
{
	(void)timer;
	loop_stop();
}

/* One round of the loop, with what there is. */
static void run_once(void)
{
	static struct timer timer;

	loop_timer(&timer, 0, stop);
	loop_run();
}

static void receive(int fd, struct text *received)
{
	char bytes[4096];
	ssize_t n;

	while ((n = recv(fd, bytes, sizeof bytes, MSG_DONTWAIT)) > 0)
		text_add(received, bytes, (size_t)n);
}

static void step(int client, struct text *received)
{
	void (*later)(struct connection *) = now.later;

	run_once();
	if (now.stream >= 0)
		receive(now.stream, &now.seen);
	if (!connections_count())
		now.connection = NULL;
	now.later = later ? NULL : now.later;
	if (later && now.connection)
		later(now.connection);
	receive(client, received);
}

/* Cuts out what is between the beginning of each from and the next to. */
static void cut_out(char *all, const char *from, const char *to)
{
	for (char *at = all, *end; (at = strstr(at, from));) {
		end = strstr(at, to);
		must(end);
		memmove(at, end + strlen(to), strlen(end + strlen(to)) + 1);
	}
}

/* When it was is no matter; nor is whether somebody who did not wait for it was told to go on. */
static char *plain(struct text *text)
{
	char *all = text_take(text);

	cut_out(all, "Date: ", "\r\n");
	cut_out(all, "HTTP/1.1 100 Continue\r\n", "\r\n\r\n");
	return all;
}

/* Returns the replies; *seen is what the handlers saw. */
static char *talk(const char *bytes, size_t len, size_t cut, struct text *seen)
{
	autotext struct text received = { 0 };
	int ends[2], steps = 0;

	must(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) == 0);
	now.stream = -1;
	now.later = NULL;
	now.pieces = 0;
	now.connection = connection_open(&server, ends[1]);
	must(now.connection);
	for (size_t piece; len; bytes += piece, len -= piece) {
		ssize_t n = send(ends[0], bytes, len < cut ? len : cut, MSG_NOSIGNAL);

		if (n < 0)
			break; /* the server has closed it */
		piece = (size_t)n;
		for (int i = 0; i < 3; i++)
			step(ends[0], &received);
	}
	/* A server that has taken notice of all it will ever get closes its side. */
	while (now.later)
		step(ends[0], &received);
	shutdown(ends[0], SHUT_WR);
	while ((connections_count() || now.later) && steps++ < STEPS_MOST)
		step(ends[0], &received);
	must(!connections_count());
	run_once();
	if (now.stream >= 0)
		receive(now.stream, &now.seen);
	fd_close(&now.stream);
	receive(ends[0], &received);
	close(ends[0]);
	*seen = now.seen;
	now.seen = (struct text){ 0 };
	return plain(&received);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	autotext struct text seen = { 0 }, again = { 0 };
	autofree char *replies = NULL, *replies_again = NULL;
	const char *bytes = (const char *)data + 1;
	size_t cut;

	if (len < 2)
		return 0;
	if (!server.routes)
		prepare();
	len--;
	cut = 1 + data[0] % 64 + len / PIECES_MOST;
	replies = talk(bytes, len, len, &seen);
	replies_again = talk(bytes, len, cut, &again);
	must(strcmp(replies, replies_again) == 0);
	must(seen.len == again.len && (!seen.len || memcmp(seen.data, again.data, seen.len) == 0));
	return 0;
}
