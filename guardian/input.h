/* What a client sends behind a Run or an Attach: JSON objects that come in pieces, however they are cut, each of which is
 * something to do. Memory stays flat however long a message's data is: it is handed on as it comes. */
#ifndef GUARDIAN_INPUT_H
#define GUARDIAN_INPUT_H

#include <stdbool.h>
#include <sys/types.h>

struct input_message {
	enum { INPUT_WINDOW, INPUT_DATA, INPUT_END, INPUT_SIGNAL } kind;
	bool window_given;      /* else there is nothing to change */
	unsigned columns, rows; /* as they came, 0 where absent */
	char *data;             /* UTF-8, may hold NULs; owned by whoever asked */
	size_t len;             /* more than 0 with INPUT_DATA */
	int signal;             /* SIGTERM or SIGKILL */
};

struct input_decoder;
struct input_decoder *input_decoder_new(void);
void input_decoder_free(struct input_decoder *decoder);

/* Takes up to len bytes and stops behind the first thing to do: returns how many were taken, and *message is filled if
 * *complete. Call again with the rest. -1 on a malformed stream, of which nothing more can be understood.
 *
 * A message means the first that applies of: a new window size (tty), data for stdin (source and data), its end (source), a
 * signal, its end (anything else). So it is judged when it has come whole; but data of more than 64 KiB behind a source, when
 * no tty was seen, is given out as it comes, in several INPUT_DATA, and what the message says besides is ignored then. Data
 * that must be kept, because it stands before source, may have up to 1 MiB. */
ssize_t input_decode(struct input_decoder *decoder, const char *bytes, size_t len, struct input_message *message,
	bool *complete);

#endif
