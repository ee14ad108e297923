/* The processes that clients are or were attached to, each with its attachments. */
#ifndef GUARDIAN_ATTACHED_H
#define GUARDIAN_ATTACHED_H

#include "common/base/error.h"
#include "common/base/text.h"
#include "common/depot/settings.h"

#include <stdbool.h>

/* Makes sure that the process, which runs or has ended, is one of them. 0, or -1 with err: ERROR_UNKNOWN_PROCESS, or ERROR_IN_USE
 * when another program reads its outputs. */
int attached_open(const struct settings *settings, const char *handle, const char *id, struct error *err);

/* Attaches a client to such a process, in the same turn of the loop. fd is its socket, taken over, with leftover behind its
 * request as the first of its input; begun is the head of the reply, to which the first message is added. pause and resume of
 * the handle's grace time are the caller's; gone(handle) is called when the main connection has ended. */
void attached_add(const char *handle, const char *id, int fd, const struct text *begun, const struct text *leftover,
	void (*gone)(const char *handle));

/* Gives an attachment's output (0: stdout, 1: stderr) to a client's socket, which is taken over and closed at its end. False when
 * there is no such attachment of that process (any longer). */
bool attached_fetch(const char *handle, const char *id, const char *stream_id, int which, int fd);

/* Ends all main connections without a final message; what the streams have is given out as far as clients take it. */
void attached_drop_all(void);

/* Attachments whose main connection is open. */
size_t attached_count(void);

#endif
