#include "guardian/http_write.h"

#include "common/base/clock.h"
#include "guardian/counters.h"
#include "guardian/http_read.h"
#include "guardian/requestlog.h"

#include <errno.h>
#include <sys/epoll.h>
#include <time.h>

static const struct {
	int status;
	const char *words;
} statuses[] = {
	{ 100, "100 Continue" },
	{ 200, "200 OK" },
	{ 201, "201 Created" },
	{ 400, "400 Bad Request" },
	{ 404, "404 Not Found" },
	{ 405, "405 Method Not Allowed" },
	{ 408, "408 Request Timeout" },
	{ 413, "413 Request Entity Too Large" },
	{ 417, "417 Expectation Failed" },
	{ 431, "431 Request Header Fields Too Large" },
	{ 500, "500 Internal Server Error" },
	{ 501, "501 Not Implemented" },
	{ 503, "503 Service Unavailable" },
	{ 505, "505 HTTP Version Not Supported" },
};

const char *http_status(int status)
{
	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
		if (statuses[i].status == status)
			return statuses[i].words;
	return "500 Internal Server Error";
}

const char *http_date(void)
{
	static char words[64];
	time_t now = time(NULL);
	struct tm parts;

	gmtime_r(&now, &parts);
	strftime(words, sizeof words, "%a, %d %b %Y %H:%M:%S GMT", &parts);
	return words;
}

void http_flush(struct connection *c)
{
	while (c->sent < c->output.len) {
		ssize_t n = send(c->fd, c->output.data + c->sent, c->output.len - c->sent, MSG_NOSIGNAL);

		if (n >= 0) {
			c->sent += (size_t)n;
		} else if (errno == EAGAIN) {
			/* Who does not read his replies is not read from either. */
			loop_want(&c->watch, (c->replied ? 0 : c->watch.events) | EPOLLOUT);
			if (c->replied && connections_draining() && !c->limit.slot)
				http_limit(c, DRAIN_MS);
			return;
		} else if (errno != EINTR) {
			c->request.close = true;
			connection_close(c);
			return;
		}
	}
	loop_want(&c->watch, c->watch.events & ~(uint32_t)EPOLLOUT);
	text_free(&c->output);
	c->sent = 0;
	if (c->replied)
		http_next(c);
	else if (c->flushed)
		c->flushed(c);
}

void connection_reply(struct connection *c, int status, const char *type, const char *extra, const void *body,
	size_t len)
{
	text_addf(&c->output, "HTTP/1.%d %s\r\n", c->request.old ? 0 : 1, http_status(status));
	if (type)
		text_addf(&c->output, "Content-Type: %s\r\n", type);
	text_addf(&c->output, "%sDate: %s\r\nContent-Length: %zu\r\n", extra, http_date(), len);
	if (c->request.close || connections_draining())
		text_addf(&c->output, "%s",
			c->request.old ? "" : "Connection: close\r\n"); /* goes without saying in 1.0 */
	else if (c->request.keep_alive_said)
		text_addf(&c->output, "Connection: keep-alive\r\n");
	text_addf(&c->output, "\r\n");
	if (c->parser.method != HTTP_HEAD)
		text_add(&c->output, body, len);
	c->replied = true;
	if (c->route) {
		counters_request(c->route, status, clock_ms() - c->began_ms);
		requestlog_answered(c, status, body, len);
	}
	http_flush(c);
}

void connection_chunks(struct connection *c, int status, const char *type, void (*flushed)(struct connection *))
{
	text_addf(&c->output, "HTTP/1.%d %s\r\nContent-Type: %s\r\nDate: %s\r\n", c->request.old ? 0 : 1,
		http_status(status), type, http_date());
	if (c->request.old) /* knows no chunks: the end of the connection is the end of the body */
		c->request.close = true;
	else
		text_addf(&c->output, "Transfer-Encoding: chunked\r\n");
	text_addf(&c->output, "%s\r\n", c->request.close ? "Connection: close\r\n" : "");
	c->flushed = flushed;
}

bool connection_chunk(struct connection *c, const void *data, size_t len)
{
	void (*flushed)(struct connection *) = c->flushed;

	if (!c->request.old)
		text_addf(&c->output, "%zx\r\n", len);
	text_add(&c->output, data, len);
	if (!c->request.old)
		text_addf(&c->output, "\r\n");
	c->flushed = NULL; /* only for what is left for later */
	http_flush(c);
	c->flushed = flushed;
	return c->fd < 0 || !c->output.len;
}

void connection_chunks_end(struct connection *c)
{
	if (!c->request.old)
		text_addf(&c->output, "0\r\n\r\n");
	c->flushed = NULL;
	c->replied = true;
	counters_request(c->route, 200, clock_ms() - c->began_ms);
	requestlog_answered(c, 200, "", 0);
	http_flush(c);
}

void connection_refuse(struct connection *c, int status, const char *reason)
{
	text_addf(&c->output,
		"HTTP/1.1 %s%s%s\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n%s%s%s",
		http_status(status), *reason ? ": " : "", reason, http_status(status), *reason ? ": " : "", reason);
	c->request.close = c->replied = c->bad = true;
	c->sink = NULL;
	http_flush(c);
}
