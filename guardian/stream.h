/* One output FIFO of a process and the clients that get its bytes: each every byte, in order, from when it came. Full means that
 * the process waits. One client is served by splice, straight from the FIFO to its socket, so that what the kernel has not
 * taken for delivery stays in the FIFO, whoever is killed; several share one ring. */
#ifndef GUARDIAN_STREAM_H
#define GUARDIAN_STREAM_H

#include "guardian/loop.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct outlet;

/* What a stream tells its owner. */
struct stream_events {
	void (*hung_up)(void *owner); /* no writer is left; bytes may still be on their way */
	/* A client took next to nothing for longer than the limit, or never came for a stream that is full: the outlet will
	 * get no more. */
	void (*stalled)(struct outlet *outlet);
	void (*drained)(struct outlet *outlet); /* once; the outlet must stay until a later turn of the loop */
};

struct stream {
	int fd; /* -1: closed */
	const char *name;
	const struct stream_events *events;
	void *owner;
	struct watch watch;
	bool hung_up, ended; /* ended: no writer, and nothing left in the FIFO */
	struct outlet *outlets;
	char *ring;        /* NULL while there is one client at most */
	uint64_t ring_end; /* how many bytes have ever gone into the ring; the last RING of them are in it */
	struct timer unfetched;
	long long full_since_ms;
};

/* A client's socket that wants the bytes. Two of them on one outlet get alternate pieces. */
struct tap {
	int fd;
	struct watch watch;
	struct outlet *outlet;
	bool full; /* waits for room in its socket */
	uint64_t accepted;
	int64_t taken_before;
	struct timer stall;
	struct tap *next;
};

/* What one attachment gets of a stream. */
struct outlet {
	struct stream *stream;
	void *owner;
	struct tap *taps;
	bool done;         /* it will get no more: void, cut, or its client has left */
	bool told;         /* that it is drained */
	uint64_t position; /* in the ring */
	struct outlet *next;
};

/* How long a client may take next to nothing; 0: for ever. */
extern long long stream_stall_ms;

/* Takes over the FIFO's descriptor. */
int stream_open(struct stream *stream, int fd, const char *name, const struct stream_events *events, void *owner);
void stream_close(struct stream *stream);

/* An attachment's share, from now on. */
void outlet_open(struct outlet *outlet, struct stream *stream, void *owner);

/* Gives the outlet a client's socket, taken over, non-blocking. An outlet that is done or has nothing left closes it. */
void outlet_tap(struct outlet *outlet, int fd);

/* The client has left: what is there now is delivered as far as its sockets take it, and they are closed. */
void outlet_close(struct outlet *outlet);

/* Whether it has been given all it will ever get. */
bool outlet_drained(const struct outlet *outlet);

#endif
