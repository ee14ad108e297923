#include "guardian/loop.h"

#include "common/base/clock.h"
#include "common/base/text.h"

#include <stdlib.h>
#include <sys/epoll.h>

#define BATCH 64

/* What the loop itself must remember. Everything else lives with its owner. */
static struct {
	int epoll;
	bool running;
	struct epoll_event batch[BATCH];
	int fetched;
	struct timer **heap; /* 1-based; each no later than the two at 2n and 2n + 1 */
	size_t timers, room;
	void **doomed;
	size_t doomed_count, doomed_room;
} loop = { .epoll = -1 };

int loop_open(void)
{
	loop.epoll = epoll_create1(EPOLL_CLOEXEC);
	return loop.epoll < 0 ? -1 : 0;
}

int loop_watch(struct watch *watch, int fd, uint32_t events, void (*ready)(struct watch *, uint32_t))
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	*watch = (struct watch){ .fd = -1, .events = events, .ready = ready };
	if (epoll_ctl(loop.epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return -1;
	watch->fd = fd;
	return 0;
}

void loop_want(struct watch *watch, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = watch };

	if (watch->fd < 0 || watch->events == events)
		return;
	watch->events = events;
	epoll_ctl(loop.epoll, EPOLL_CTL_MOD, watch->fd, &event); /* cannot fail for what is being watched */
}

void loop_unwatch(struct watch *watch)
{
	if (watch->fd < 0)
		return;
	epoll_ctl(loop.epoll, EPOLL_CTL_DEL, watch->fd, NULL);
	watch->fd = -1;
	for (int i = 0; i < loop.fetched; i++)
		if (loop.batch[i].data.ptr == watch)
			loop.batch[i].data.ptr = NULL;
}

static void place(struct timer *timer, size_t slot)
{
	loop.heap[slot] = timer;
	timer->slot = slot;
}

static void rise(struct timer *timer, size_t slot)
{
	for (; slot > 1 && loop.heap[slot / 2]->at_ms > timer->at_ms; slot /= 2)
		place(loop.heap[slot / 2], slot);
	place(timer, slot);
}

static void sink(struct timer *timer, size_t slot)
{
	for (size_t child; (child = slot * 2) <= loop.timers; slot = child) {
		if (child < loop.timers && loop.heap[child + 1]->at_ms < loop.heap[child]->at_ms)
			child++;
		if (loop.heap[child]->at_ms >= timer->at_ms)
			break;
		place(loop.heap[child], slot);
	}
	place(timer, slot);
}

void loop_timer(struct timer *timer, long long in_ms, void (*due)(struct timer *))
{
	loop_timer_stop(timer);
	timer->at_ms = clock_ms() + in_ms;
	timer->due = due;
	if (loop.timers + 2 > loop.room) {
		loop.room = loop.room ? loop.room * 2 : 64;
		loop.heap = xrealloc(loop.heap, loop.room * sizeof *loop.heap);
	}
	rise(timer, ++loop.timers);
}

void loop_timer_stop(struct timer *timer)
{
	size_t slot = timer->slot;
	struct timer *last;

	if (!slot)
		return;
	timer->slot = 0;
	last = loop.heap[loop.timers--];
	if (last == timer)
		return;
	if (slot > 1 && loop.heap[slot / 2]->at_ms > last->at_ms)
		rise(last, slot);
	else
		sink(last, slot);
}

void loop_free(void *memory)
{
	if (loop.doomed_count == loop.doomed_room) {
		loop.doomed_room = loop.doomed_room ? loop.doomed_room * 2 : 16;
		loop.doomed = xrealloc(loop.doomed, loop.doomed_room * sizeof *loop.doomed);
	}
	loop.doomed[loop.doomed_count++] = memory;
}

static void fire_timers(void)
{
	long long now = clock_ms();

	while (loop.timers && loop.heap[1]->at_ms <= now) {
		struct timer *timer = loop.heap[1];

		loop_timer_stop(timer);
		timer->due(timer);
	}
}

static void deliver(void)
{
	for (int i = 0; i < loop.fetched; i++) {
		struct watch *watch = loop.batch[i].data.ptr;

		if (watch)
			watch->ready(watch, loop.batch[i].events);
	}
	loop.fetched = 0;
}

void loop_run(void)
{
	loop.running = true;
	while (loop.running) {
		int timeout = loop.timers ? clock_left_ms(loop.heap[1]->at_ms) : -1;

		loop.fetched = epoll_wait(loop.epoll, loop.batch, BATCH, timeout);
		if (loop.fetched < 0)
			loop.fetched = 0; /* a signal; those that matter come through their descriptor */
		deliver();
		fire_timers();
		while (loop.doomed_count)
			free(loop.doomed[--loop.doomed_count]);
	}
}

void loop_stop(void)
{
	loop.running = false;
}
