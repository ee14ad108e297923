/* One direction of one stream: bytes go from a descriptor to another, inside the kernel where both allow it (splice(2)).
 * Neither of the two is ever made non-blocking here, since standard input and output belong to others too; instead no more
 * is moved at once than what poll(2) has promised room for. A pump that cannot write does not read: whoever writes to the
 * other end waits. */
#ifndef DEPOTCTL_PUMP_H
#define DEPOTCTL_PUMP_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>

struct pump {
	int from, to;   /* from is -1 when nothing more comes */
	size_t chunk;   /* the most to move at once */
	size_t left;    /* the most that may still be taken from `from` */
	bool full;      /* there is something to move, and it waits for room */
	bool copies;    /* splice does not work between these two */
	bool keys;      /* look out for the detach keys */
	bool first_key; /* the first of them was the last byte seen */
	char *held;     /* what was read and not yet written, when it copies */
	size_t at, len;
};

enum pump_result {
	PUMP_ON,     /* call again when poll says so */
	PUMP_END,    /* the end of `from` was reached and all of it is written */
	PUMP_BROKEN, /* no more can be moved, and errno says why */
	PUMP_KEYS,   /* the detach keys were typed */
};

/* Nothing is allocated or changed until bytes move. The descriptors stay the caller's. */
void pump_begin(struct pump *pump, int from, int to);
void pump_free(struct pump *pump);

/* What poll shall wait for before the next turn; its fd is -1 when there is nothing to wait for. */
struct pollfd pump_watch(const struct pump *pump);

/* Moves what can be moved without waiting. To be called when poll has reported on pump_watch. */
enum pump_result pump_turn(struct pump *pump);

/* Nothing is left to move, of what may be moved. */
bool pump_done(const struct pump *pump);

#endif
