/* A client that is attached to a process: its main connection, whose messages go to the process and which is told the end, and
 * its shares of the two outputs. */
#ifndef GUARDIAN_ATTACHMENT_H
#define GUARDIAN_ATTACHMENT_H

#include "common/base/text.h"
#include "guardian/inlet.h"
#include "guardian/input.h"
#include "guardian/stream.h"
#include "guardian/target.h"

#include <stdbool.h>

struct attachment {
	/* Set by whoever makes it. The socket is taken over, the rest borrowed. over is called when the main connection has
	 * ended; the memory stays until attachment_free. */
	const struct target *target;
	struct inlet *inlet;
	int fd;
	void *owner;
	void (*over)(struct attachment *client);
	void (*gone)(const char *handle); /* these three are for the owner's use */
	struct timer keep;
	struct attachment *next;

	char stream_id[24];
	struct outlet outlets[2]; /* whose owner it is */
	bool ending;              /* its last message is on its way */
	bool ended;               /* the main connection is gone */

	struct watch watch;
	struct input_decoder *decoder;
	struct text input;   /* bytes of the client's messages that wait behind a full stdin */
	struct text pending; /* decoded, for stdin */
	struct text output;
	bool holds_input, reads;
};

/* Begins with begun, the head of a reply, and the first message behind it. hold: the client may write to stdin. leftover is
 * what it has sent already. */
void attachment_begin(struct attachment *client, struct stream outputs[2], bool hold, const struct text *begun,
	const struct text *leftover);

/* Reads on when stdin has room again. */
void attachment_read_on(struct attachment *client);

/* Sends the last message, with which the main connection ends: an exit status or (not NULL) what went wrong. */
void attachment_finish(struct attachment *client, int exit_code, const char *failure);

/* The client has left: its streams get what is there now, the process goes on. */
void attachment_drop(struct attachment *client);

/* Tells the client why its streams end now, and ends the main connection too. */
void attachment_cut(struct attachment *client, const char *why);

/* Only after it has ended. */
void attachment_free(struct attachment *client);

#endif
