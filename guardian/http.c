#include "guardian/http.h"

#include "common/base/fd.h"
#include "guardian/http_read.h"
#include "guardian/http_write.h"
#include "guardian/requestlog.h"

#include <stdlib.h>
#include <sys/epoll.h>
#include <unistd.h>

static struct {
	struct connection *first;
	size_t count;
	bool draining;
} connections;

static void ready(struct watch *watch, uint32_t events)
{
	struct connection *c = owner_of(watch, struct connection, watch);

	if (events & EPOLLOUT) {
		http_flush(c);
		return; /* it may be gone; what else there is comes again */
	}
	if (events & EPOLLIN)
		http_readable(c);
	else if (events & (EPOLLERR | EPOLLHUP) && (!c->busy || c->replied || c->gone))
		connection_close(c);
	else if (events & (EPOLLERR | EPOLLHUP))
		loop_unwatch(watch); /* a request under way is finished; its reply then fails */
}

struct connection *connection_open(const struct server *server, int fd)
{
	struct connection *c = xmalloc(sizeof *c);
	socklen_t len = sizeof c->peer;

	c->fd = fd;
	c->server = server;
	/* Over TCP there is no such thing, and the peer stays nobody. */
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &c->peer, &len) < 0)
		c->peer = (struct ucred){ 0 };
	http_read_begin(c);
	if (loop_watch(&c->watch, fd, EPOLLIN, ready) < 0) {
		close(fd);
		free(c);
		return NULL;
	}
	c->next = connections.first;
	if (c->next)
		c->next->previous = c;
	connections.first = c;
	connections.count++;
	requestlog_connection("open");
	return c;
}

static void forget(struct connection *c)
{
	loop_unwatch(&c->watch);
	loop_timer_stop(&c->limit);
	*(c->previous ? &c->previous->next : &connections.first) = c->next;
	if (c->next)
		c->next->previous = c->previous;
	connections.count--;
	requestlog_connection("closed");
	http_forget_request(c);
	text_free(&c->head);
	text_free(&c->field);
	text_free(&c->input);
	text_free(&c->output);
	loop_free(c);
}

void connection_close(struct connection *c)
{
	void (*gone)(struct connection *) = c->gone;

	/* In this order: a worker that was forked a moment ago still has a copy, and closing ours would not end the watch. */
	loop_unwatch(&c->watch);
	fd_close(&c->fd);
	c->gone = NULL;
	if (gone)
		gone(c);
	forget(c);
}

int connection_hijack(struct connection *c, struct text *leftover)
{
	int fd = fd_take(&c->fd);

	text_add(leftover, text_string(&c->input), c->input.len);
	forget(c);
	return fd;
}

size_t connections_count(void)
{
	return connections.count;
}

static bool between_requests(const struct connection *c)
{
	return !c->busy && !c->route && !c->request.path && !c->head.len && !c->output.len;
}

/* Whoever sends its request or takes its reply too slowly must not hold up the stop; who waits for a worker, or moves files, may. */
void connections_drain(void)
{
	connections.draining = true;
	for (struct connection *c = connections.first, *next; c; c = next) {
		next = c->next;
		if (between_requests(c))
			connection_close(c);
		else if (c->replied || (!c->busy && !c->sink))
			http_limit(c, DRAIN_MS);
	}
}

bool connections_draining(void)
{
	return connections.draining;
}

void connection_wait(struct connection *c)
{
	c->busy = true;
	loop_want(&c->watch, c->watch.events & ~(uint32_t)EPOLLIN);
}

void connection_read_on(struct connection *c)
{
	c->paused = false;
	loop_want(&c->watch, c->watch.events | EPOLLIN);
}
