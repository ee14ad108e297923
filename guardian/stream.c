#include "guardian/stream.h"

#include "common/base/clock.h"
#include "common/base/fd.h"
#include "common/base/fifo.h"
#include "common/base/text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define RING (64u << 10)
#define PIECE (64u << 10)
#define BUDGET (1u << 20)       /* bytes for one stream before others get their turn */
#define SEND_BUFFER (256 << 10) /* more would only be kernel memory that a stuck client holds */
#define STUCK_BYTES (128 << 10) /* who takes less than this within the limit is stuck */
#define UNFETCHED_MS 2000       /* a full stream that nobody comes for is given up */
#define LOOK_MS 500

long long stream_stall_ms = 30000;

static void pump(struct stream *stream);
static void fifo_ready(struct watch *watch, uint32_t events);
static void tap_ready(struct watch *watch, uint32_t events);

static void tap_close(struct tap *tap)
{
	struct tap **link = &tap->outlet->taps;

	while (*link != tap)
		link = &(*link)->next;
	*link = tap->next;
	loop_unwatch(&tap->watch);
	loop_timer_stop(&tap->stall);
	fd_close(&tap->fd);
	loop_free(tap);
}

static void close_taps(struct outlet *outlet)
{
	while (outlet->taps)
		tap_close(outlet->taps);
}

/* --- Stalls --- */

/* What the client itself has taken: what the socket accepted, less what still lies in it. */
static int64_t taken(const struct tap *tap)
{
	int waiting = 0;

	if (ioctl(tap->fd, SIOCOUTQ, &waiting) < 0)
		waiting = 0;
	return (int64_t)tap->accepted - waiting; /* a unix socket counts its buffers' own size: below 0 at first */
}

static void stalled(struct timer *timer)
{
	struct tap *tap = owner_of(timer, struct tap, stall);
	struct outlet *outlet = tap->outlet;
	int64_t now = taken(tap);

	if (!tap->full)
		return; /* nothing waits for it; the next time it is full counts anew */
	if (now - tap->taken_before >= STUCK_BYTES) {
		tap->taken_before = now;
		loop_timer(&tap->stall, stream_stall_ms, stalled);
		return;
	}
	outlet->done = true;
	outlet->stream->events->stalled(outlet);
	close_taps(outlet);
	pump(outlet->stream);
}

static void wait_for_room(struct tap *tap)
{
	tap->full = true;
	loop_want(&tap->watch, tap->watch.events | EPOLLOUT);
	if (stream_stall_ms && !tap->stall.slot) {
		tap->taken_before = taken(tap);
		loop_timer(&tap->stall, stream_stall_ms, stalled);
	}
}

static void has_room(struct tap *tap)
{
	tap->full = false;
	loop_want(&tap->watch, tap->watch.events & ~(uint32_t)EPOLLOUT);
}

/* --- Who is there --- */

static size_t live_outlets(const struct stream *stream, struct outlet **one)
{
	size_t count = 0;

	for (struct outlet *outlet = stream->outlets; outlet; outlet = outlet->next) {
		if (outlet->done)
			continue;
		*one = outlet;
		count++;
	}
	return count;
}

/* The tap whose turn it is: the first that has room. NULL if none has. */
static struct tap *next_tap(const struct outlet *outlet)
{
	struct tap *tap = outlet->taps;

	while (tap && tap->full)
		tap = tap->next;
	return tap;
}

/* It got a piece; now the others have their turn. */
static void had_its_turn(struct tap *tap)
{
	struct tap **link = &tap->outlet->taps;

	while (*link != tap)
		link = &(*link)->next;
	*link = tap->next;
	while (*link)
		link = &(*link)->next;
	*link = tap;
	tap->next = NULL;
}

/* --- Moving bytes --- */

static void fifo_ended(struct stream *stream)
{
	stream->ended = true;
	loop_unwatch(&stream->watch);
}

/* A client that is gone: nothing it could still get. */
static void tap_lost(struct tap *tap)
{
	struct outlet *outlet = tap->outlet;

	tap_close(tap);
	if (!outlet->taps)
		outlet->done = true;
}

/* From FIFO to socket in the kernel. True if there may be more to do at once. */
static bool splice_piece(struct stream *stream, struct outlet *outlet)
{
	struct tap *tap = next_tap(outlet);
	ssize_t n;

	if (!tap)
		return false;
	n = splice(stream->fd, NULL, tap->fd, NULL, PIECE, SPLICE_F_NONBLOCK | SPLICE_F_MOVE);
	if (n > 0) {
		tap->accepted += (size_t)n;
		had_its_turn(tap);
		return true;
	}
	if (n == 0) {
		fifo_ended(stream);
	} else if (errno == EAGAIN) {
		if (fifo_pending(stream->fd) > 0)
			wait_for_room(tap);
		return fifo_pending(stream->fd) > 0 && outlet->taps->next;
	} else if (errno != EINTR) {
		tap_lost(tap);
	}
	return false;
}

/* Nobody wants it: the process must not wait for that. */
static bool discard_piece(struct stream *stream)
{
	static char nowhere[PIECE];
	ssize_t n = read(stream->fd, nowhere, sizeof nowhere);

	if (n == 0)
		fifo_ended(stream);
	return n > 0;
}

static uint64_t slowest(const struct stream *stream)
{
	uint64_t position = stream->ring_end;

	for (const struct outlet *outlet = stream->outlets; outlet; outlet = outlet->next)
		if (!outlet->done && outlet->position < position)
			position = outlet->position;
	return position;
}

/* As much as is free in one stretch. True if it got something. */
static bool fill_ring(struct stream *stream)
{
	size_t at = stream->ring_end % RING, space = RING - (size_t)(stream->ring_end - slowest(stream));
	ssize_t n;

	if (space > RING - at)
		space = RING - at;
	if (!space || stream->ended)
		return false;
	n = read(stream->fd, stream->ring + at, space);
	if (n == 0)
		fifo_ended(stream);
	if (n > 0)
		stream->ring_end += (size_t)n;
	return n > 0;
}

static bool serve_from_ring(struct outlet *outlet)
{
	struct stream *stream = outlet->stream;
	size_t at = outlet->position % RING, len = (size_t)(stream->ring_end - outlet->position);
	struct tap *tap = len ? next_tap(outlet) : NULL;
	ssize_t n;

	if (!tap)
		return false;
	if (len > RING - at)
		len = RING - at;
	n = send(tap->fd, stream->ring + at, len, MSG_NOSIGNAL | MSG_DONTWAIT);
	if (n > 0) {
		tap->accepted += (size_t)n;
		outlet->position += (size_t)n;
		had_its_turn(tap);
		return true;
	}
	if (errno == EAGAIN)
		wait_for_room(tap);
	else if (errno != EINTR)
		tap_lost(tap);
	return false;
}

static bool serve_ring(struct stream *stream)
{
	bool moved = false;

	for (struct outlet *outlet = stream->outlets; outlet; outlet = outlet->next)
		if (!outlet->done)
			moved |= serve_from_ring(outlet);
	return fill_ring(stream) || moved;
}

/* The ring comes with the second client, who gets what has not been taken from the FIFO yet, and goes when one is left who has
 * all of it. */
static void choose_way(struct stream *stream, size_t live, const struct outlet *one)
{
	if (live > 1 && !stream->ring) {
		stream->ring = xmalloc(RING);
		for (struct outlet *outlet = stream->outlets; outlet; outlet = outlet->next)
			outlet->position = stream->ring_end;
	} else if (stream->ring && (live == 0 || (live == 1 && one->position == stream->ring_end))) {
		free(stream->ring);
		stream->ring = NULL;
	}
}

static bool move_piece(struct stream *stream)
{
	struct outlet *one = NULL;
	size_t live = live_outlets(stream, &one);

	choose_way(stream, live, one);
	if (stream->ring)
		return serve_ring(stream);
	if (stream->ended)
		return false;
	return live ? splice_piece(stream, one) : discard_piece(stream);
}

/* Whether more of the FIFO could go somewhere now. */
static bool wants_more(struct stream *stream)
{
	struct outlet *one = NULL;
	size_t live = live_outlets(stream, &one);

	if (stream->ring)
		return stream->ring_end - slowest(stream) < RING;
	if (!live)
		return true;
	for (struct tap *tap = one->taps; tap; tap = tap->next)
		if (!tap->full)
			return true;
	return false;
}

/* Clients that have all that they will get. */
static void close_finished(struct stream *stream)
{
	for (struct outlet *outlet = stream->outlets; outlet; outlet = outlet->next) {
		if (!outlet_drained(outlet))
			continue;
		close_taps(outlet);
		if (!outlet->told)
			stream->events->drained(outlet);
		outlet->told = true;
	}
}

/* Up to where each client's socket takes it: no event of the FIFO would come for what is in the ring already. */
static void empty_ring(struct stream *stream)
{
	for (struct outlet *outlet = stream->outlets; outlet; outlet = outlet->next)
		while (stream->ring && !outlet->done && serve_from_ring(outlet))
			continue;
}

static void hang_up(struct stream *stream)
{
	if (stream->hung_up)
		return;
	stream->hung_up = true;
	stream->events->hung_up(stream->owner);
}

static void pump(struct stream *stream)
{
	if (stream->fd < 0)
		return;
	for (size_t budget = BUDGET / PIECE; budget && move_piece(stream); budget--)
		continue;
	/* Its end may be met in here before the loop has told that the last writer left, and then the loop never will. */
	if (stream->ended)
		hang_up(stream);
	empty_ring(stream);
	close_finished(stream);
	if (stream->ended)
		return;
	/* Level-triggered: what cannot be moved must not be told of again and again. A FIFO without writers tells so for ever. */
	if (wants_more(stream)) {
		if (stream->watch.fd < 0)
			loop_watch(&stream->watch, stream->fd, EPOLLIN, fifo_ready); /* as it was before: cannot fail */
		loop_want(&stream->watch, EPOLLIN);
	} else if (stream->hung_up) {
		loop_unwatch(&stream->watch);
	} else {
		loop_want(&stream->watch, 0);
	}
}

static void fifo_ready(struct watch *watch, uint32_t events)
{
	struct stream *stream = owner_of(watch, struct stream, watch);

	if (events & EPOLLHUP)
		hang_up(stream);
	pump(stream);
}

static void tap_ready(struct watch *watch, uint32_t events)
{
	struct tap *tap = owner_of(watch, struct tap, watch);
	struct stream *stream = tap->outlet->stream;
	char ignored[4096];

	if (events & (EPOLLERR | EPOLLHUP)) {
		tap_lost(tap);
		pump(stream);
		return;
	}
	/* What a client sends here means nothing, but unread it would turn our close into a reset that loses bytes. */
	if (events & EPOLLIN && read(tap->fd, ignored, sizeof ignored) == 0)
		loop_want(&tap->watch, tap->watch.events & ~(uint32_t)EPOLLIN);
	if (events & EPOLLOUT)
		has_room(tap);
	pump(stream);
}

/* --- Streams nobody comes for --- */

static bool is_full(const struct stream *stream)
{
	if (stream->ring)
		return stream->ring_end - slowest(stream) == RING;
	return fifo_pending(stream->fd) > fcntl(stream->fd, F_GETPIPE_SZ) - 4096; /* less than a page fits */
}

static bool has_unfetched(const struct stream *stream)
{
	for (const struct outlet *outlet = stream->outlets; outlet; outlet = outlet->next)
		if (!outlet->done && !outlet->taps)
			return true;
	return false;
}

static void give_up_unfetched(struct stream *stream)
{
	for (struct outlet *outlet = stream->outlets; outlet; outlet = outlet->next)
		if (!outlet->taps)
			outlet->done = true;
	pump(stream);
}

/* Only while somebody has not come for his stream: a client who wants no output must not stop the process for ever. */
static void look_at_unfetched(struct timer *timer)
{
	struct stream *stream = owner_of(timer, struct stream, unfetched);
	long long now = clock_ms();

	if (!has_unfetched(stream) || stream->fd < 0)
		return;
	if (!is_full(stream))
		stream->full_since_ms = now;
	if (now - stream->full_since_ms >= UNFETCHED_MS)
		give_up_unfetched(stream);
	else
		loop_timer(&stream->unfetched, LOOK_MS, look_at_unfetched);
}

/* --- Opening and closing --- */

int stream_open(struct stream *stream, int fd, const char *name, const struct stream_events *events, void *owner)
{
	*stream = (struct stream){ .fd = fd, .name = name, .events = events, .owner = owner, .watch.fd = -1 };
	return loop_watch(&stream->watch, fd, 0, fifo_ready);
}

void stream_close(struct stream *stream)
{
	for (struct outlet *outlet = stream->outlets; outlet; outlet = outlet->next) {
		outlet->done = true;
		close_taps(outlet);
	}
	loop_unwatch(&stream->watch);
	loop_timer_stop(&stream->unfetched);
	fd_close(&stream->fd);
	free(stream->ring);
	stream->ring = NULL;
}

void outlet_open(struct outlet *outlet, struct stream *stream, void *owner)
{
	*outlet = (struct outlet){
		.stream = stream, .owner = owner, .position = stream->ring_end, .next = stream->outlets
	};
	stream->outlets = outlet;
	stream->full_since_ms = clock_ms();
	loop_timer(&stream->unfetched, LOOK_MS, look_at_unfetched);
	pump(stream);
}

void outlet_tap(struct outlet *outlet, int fd)
{
	struct tap *tap = xmalloc(sizeof *tap), **link = &outlet->taps;
	int size = SEND_BUFFER;

	/* A default larger than this stays as it is when it cannot be set: only memory is at stake. */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	*tap = (struct tap){ .fd = fd, .outlet = outlet };
	while (*link)
		link = &(*link)->next;
	*link = tap;
	if (loop_watch(&tap->watch, fd, EPOLLIN, tap_ready) < 0)
		tap_lost(tap);
	pump(outlet->stream);
	if (outlet->stream->fd < 0 || outlet->done || outlet_drained(outlet))
		close_taps(outlet);
}

void outlet_close(struct outlet *outlet)
{
	struct outlet **link = &outlet->stream->outlets;

	pump(outlet->stream);
	outlet->done = true;
	close_taps(outlet);
	while (*link && *link != outlet)
		link = &(*link)->next;
	if (*link)
		*link = outlet->next;
	pump(outlet->stream);
}

bool outlet_drained(const struct outlet *outlet)
{
	const struct stream *stream = outlet->stream;

	return outlet->done || (stream->ended && (!stream->ring || outlet->position == stream->ring_end));
}
