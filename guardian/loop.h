/* The one wait of the daemon: descriptors, timers and ended children, each with the function that answers it. What may block
 * is never done here. */
#ifndef GUARDIAN_LOOP_H
#define GUARDIAN_LOOP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* The struct that a member is part of. */
#define owner_of(pointer, type, member) ((type *)(void *)((char *)(pointer)-offsetof(type, member)))

/* A descriptor to be told about. Lives in its owner; fd is -1 while it is not watched. */
struct watch {
	int fd;
	uint32_t events; /* EPOLLIN, EPOLLOUT, ...; EPOLLERR and EPOLLHUP come by themselves */
	void (*ready)(struct watch *watch, uint32_t events);
};

/* Starts watching fd. 0, or -1 with errno. */
int loop_watch(struct watch *watch, int fd, uint32_t events, void (*ready)(struct watch *, uint32_t));

/* Changes what it is told about; nothing when that is what it is told already. */
void loop_want(struct watch *watch, uint32_t events);

/* Stops watching; the descriptor stays open and is the caller's. After it, not even an event that has been fetched already is
 * delivered. */
void loop_unwatch(struct watch *watch);

/* Called once, at or after its time. Lives in its owner; slot is 0 while it is not set. */
struct timer {
	long long at_ms; /* of clock_ms */
	size_t slot;
	void (*due)(struct timer *timer);
};
void loop_timer(struct timer *timer, long long in_ms, void (*due)(struct timer *)); /* sets it, or sets it anew */
void loop_timer_stop(struct timer *timer);

/* Frees memory after the events in hand have been dealt with, since one of them may still point there. */
void loop_free(void *memory);

/* Prepares; -1 with errno. Runs until loop_stop. */
int loop_open(void);
void loop_run(void);
void loop_stop(void);

#endif
