#include "guardian/http_read.h"

#include "common/base/clock.h"
#include "guardian/grace.h"
#include "guardian/http_write.h"
#include "guardian/routes.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>

#define READ_SIZE (64 << 10)
#define LARGEST_HEAD (1 << 20)
#define LARGEST_BODY (64 << 20) /* of a request that is kept whole; files are not */
#define BEGUN_HEAD_MS 60000     /* a head that has begun must not take for ever, whatever the flag says */
#define LINGER_MS 2000          /* for a client to read its refusal before the reset that unread input would cause */

bool http_decode(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		unsigned value;

		if (*from == '+') {
			*to++ = ' ';
		} else if (*from != '%') {
			*to++ = *from;
		} else {
			if (!isxdigit((unsigned char)from[1]) || !isxdigit((unsigned char)from[2]))
				return false;
			sscanf((char[]){ from[1], from[2], '\0' }, "%x", &value);
			if (!value)
				*to++ = '\xc0';
			*to++ = value ? (char)value : '\x80';
			from += 2;
		}
	}
	*to = '\0';
	return true;
}

void http_forget_request(struct connection *c)
{
	struct request *request = &c->request;

	if (c->active)
		grace_resume(request->captures.item[0]);
	c->active = false;
	free(request->path);
	free(request->query);
	strings_free(&request->captures);
	free(request->trace_id);
	text_free(&request->body);
	*request = (struct request){ 0 };
}

/* --- The parser's callbacks: they note, and decide nothing that could call back. --- */

static struct connection *connection_of(llhttp_t *parser)
{
	return parser->data;
}

static int on_url(llhttp_t *parser, const char *at, size_t len)
{
	text_add(&connection_of(parser)->head, at, len);
	return 0;
}

static int on_url_complete(llhttp_t *parser)
{
	struct connection *c = connection_of(parser);
	char *target = text_take(&c->head), *mark = strchr(target, '?'), *path = target;

	/* "http://host/path" is the same as "/path". */
	if (*target != '/' && strstr(target, "://") && strchr(strstr(target, "://") + 3, '/'))
		path = strchr(strstr(target, "://") + 3, '/');
	if (mark)
		*mark = '\0';
	c->request.query = xstrdup(mark ? mark + 1 : "");
	c->request.path = xstrdup(path);
	/* Only looked at here: what a route's names stand for is decoded, the rest never is. */
	if (!http_decode(path))
		c->refusal = 400;
	free(target);
	return 0;
}

static int on_field(llhttp_t *parser, const char *at, size_t len)
{
	text_add(&connection_of(parser)->field, at, len);
	return 0;
}

static int on_value(llhttp_t *parser, const char *at, size_t len)
{
	text_add(&connection_of(parser)->head, at, len);
	return 0;
}

static int on_value_complete(llhttp_t *parser)
{
	struct connection *c = connection_of(parser);
	const char *field = text_string(&c->field), *value = text_string(&c->head);

	/* The parser lets it pass; whoever reads "Host :" as something else than "Host:" would see another request than we do. */
	if (strchr(field, ' '))
		c->refusal = 400;
	if (!strcasecmp(field, "host")) {
		c->hosts++;
	} else if (!strcasecmp(field, "expect")) {
		c->expects = true;
		if (strcasecmp(value, "100-continue") != 0)
			c->refusal = 417;
	} else if (!strcasecmp(field, "x-vcap-request-id")) {
		free(c->request.trace_id);
		c->request.trace_id = xstrdup(value);
	} else if (!strcasecmp(field, "transfer-encoding") && strcasecmp(value, "chunked") != 0) {
		c->refusal = 501;
	}
	text_free(&c->field);
	text_free(&c->head);
	return 0;
}

static int on_headers_complete(llhttp_t *parser)
{
	struct connection *c = connection_of(parser);

	loop_timer_stop(&c->limit);
	c->head_size = 0;
	c->began_ms = clock_ms();
	c->request.method = llhttp_method_name((llhttp_method_t)parser->method);
	c->request.old = parser->http_major == 1 && parser->http_minor == 0;
	c->request.close = !llhttp_should_keep_alive(parser);
	c->request.keep_alive_said = c->request.old && !c->request.close;
	if (parser->http_major != 1)
		c->refusal = 505;
	else if (!c->refusal && (c->hosts > 1 || (!c->hosts && !c->request.old)))
		c->refusal = 400;
	if (c->refusal)
		return -1;
	/* No protocol of ours is upgraded to: what asks for it is answered as if it had not. */
	parser->upgrade = 0;
	c->route = route_find(c);
	c->sink = c->route ? c->route->sink : NULL;
	c->active = c->route && c->route->pauses;
	if (c->active)
		grace_pause(c->request.captures.item[0]);
	if (c->expects && c->route)
		text_addf(&c->output, "HTTP/1.1 100 Continue\r\n\r\n");
	return 0;
}

static int on_body(llhttp_t *parser, const char *at, size_t len)
{
	struct connection *c = connection_of(parser);

	if (c->sink) {
		c->paused = !c->sink->data(c, at, len);
		return 0;
	}
	if (!c->route || c->replied)
		return 0; /* of a request that is answered already */
	if (c->request.body.len + len > LARGEST_BODY) {
		c->refusal = 413;
		return -1;
	}
	text_add(&c->request.body, at, len);
	return 0;
}

/* The parser stops right here, so that what follows stays untouched: it may be a stream's input. */
static int on_message_complete(llhttp_t *parser)
{
	(void)parser;
	return HPE_PAUSED;
}

static const llhttp_settings_t callbacks = {
	.on_url = on_url,
	.on_url_complete = on_url_complete,
	.on_header_field = on_field,
	.on_header_value = on_value,
	.on_header_value_complete = on_value_complete,
	.on_headers_complete = on_headers_complete,
	.on_body = on_body,
	.on_message_complete = on_message_complete,
};

void http_read_begin(struct connection *c)
{
	llhttp_init(&c->parser, HTTP_REQUEST, &callbacks);
	c->parser.data = c;
}

/* --- One request after the other --- */

static void refuse_parse(struct connection *c)
{
	static const char no_host[] = "missing required Host header";

	switch (c->refusal) {
	case 0: connection_refuse(c, 400, ""); break;
	case 400: connection_refuse(c, 400, c->hosts ? "" : no_host); break;
	case 417:
		c->request.close = c->bad = true;
		connection_reply(c, 417, NULL, "", "", 0);
		break;
	case 505: connection_refuse(c, 505, "unsupported protocol version"); break;
	default: connection_refuse(c, c->refusal, "");
	}
}

static void message_complete(struct connection *c)
{
	loop_timer_stop(&c->limit);
	if (c->sink) {
		const struct sink *sink = c->sink;

		c->busy = true;
		loop_want(&c->watch, c->watch.events & ~(uint32_t)EPOLLIN);
		sink->end(c);
	} else if (c->route) {
		c->busy = true;
		c->route->handle(c);
	} else {
		route_missing(c);
	}
}

static void too_slow(struct timer *timer)
{
	connection_close(owner_of(timer, struct connection, limit));
}

void http_limit(struct connection *c, long long ms)
{
	loop_timer(&c->limit, ms, too_slow);
}

static void begin_limit(struct connection *c)
{
	if (!c->request.method && !c->limit.slot)
		http_limit(c, c->server->header_ms ? c->server->header_ms : BEGUN_HEAD_MS);
}

/* Gives the parser what was read. It stops behind a complete request, or where a sink has enough for now. */
static void parse(struct connection *c)
{
	struct text input = c->input;
	enum llhttp_errno result;
	size_t parsed;

	c->input = (struct text){ 0 };
	result = llhttp_execute(&c->parser, text_string(&input), input.len);
	parsed = input.len;
	if (result != HPE_OK)
		parsed = (size_t)(llhttp_get_error_pos(&c->parser) - input.data);
	c->head_size += parsed;
	if (result == HPE_PAUSED) {
		llhttp_resume(&c->parser);
		text_add(&c->input, input.data + parsed, input.len - parsed);
		message_complete(c);
	} else if (result != HPE_OK) {
		if (!c->replied)
			refuse_parse(c);
	} else if (!c->request.method && c->head_size > LARGEST_HEAD) {
		connection_refuse(c, 431, "");
	} else if (c->output.len && !c->replied) {
		http_flush(c); /* 100 Continue */
	} else {
		begin_limit(c);
	}
	text_free(&input);
}

/* One request after the other, of however many came at once. A request that is answered at once leads back here by way of
 * its reply, and then the loop below goes on instead of going deeper. A connection that is closed or taken over in the
 * middle has lost its descriptor; its memory stays until the loop is done with its events. */
static void serve(struct connection *c)
{
	if (c->serving)
		return;
	c->serving = true;
	while (c->fd >= 0 && c->input.len && !c->busy && !c->replied && !c->lingering)
		parse(c);
	c->serving = false;
	if (c->fd >= 0 && c->paused)
		loop_want(&c->watch, c->watch.events & ~(uint32_t)EPOLLIN);
}

static void linger(struct connection *c)
{
	c->lingering = true;
	shutdown(c->fd, SHUT_WR);
	loop_want(&c->watch, EPOLLIN);
	http_limit(c, LINGER_MS);
}

void http_next(struct connection *c)
{
	if (c->request.close || connections_draining()) {
		if (c->bad || c->parser.error != HPE_OK)
			linger(c);
		else
			connection_close(c);
		return;
	}
	http_forget_request(c);
	c->route = NULL;
	c->sink = NULL;
	c->work = NULL;
	c->flushed = c->gone = NULL;
	c->hosts = c->refusal = 0;
	c->head_size = 0;
	c->expects = c->paused = c->busy = c->replied = false;
	llhttp_reset(&c->parser);
	loop_want(&c->watch, EPOLLIN);
	serve(c);
}

void http_readable(struct connection *c)
{
	static char buffer[READ_SIZE];
	ssize_t n = recv(c->fd, buffer, sizeof buffer, 0);

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n <= 0) {
		connection_close(c);
		return;
	}
	if (c->lingering)
		return;
	text_add(&c->input, buffer, (size_t)n);
	serve(c);
}
