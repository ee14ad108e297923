/* The ends of the FIFOs that dadoo holds: for the runtime, for itself, and to keep what is in them alive. */
#ifndef DADOO_STDIO_H
#define DADOO_STDIO_H

#include "dadoo/directory.h"

#include <stdbool.h>

/* Descriptors; -1 is none. */
struct stdio {
	int in;       /* the reading end of stdin; with a terminal open for writing too, so that it never ends */
	int out, err; /* the writing ends, open for reading too */
	int out_kept, err_kept; /* reading ends, never read from: where there is a reader, the bytes stay */
	int exit;               /* its end is what those see who read `exit`; nothing is ever written to it */
	int in_held;            /* a writer on stdin, so that it ends only when somebody wants that */
	int winsz;              /* terminal only: window sizes, likewise without an end */
};

/* For a process to be started: opens stdin, stdout, stderr, each as soon as the caller has opened the other end, and
 * exit. Gives up when one is missing or the caller is gone. */
void stdio_open(struct stdio *io, const struct directory *dir, bool terminal);

/* What may be opened once the caller knows that the above is: the ends that keep, and winsz. */
void stdio_keep(struct stdio *io, const struct directory *dir, bool terminal);

/* For a process that runs already: both of the above, without waiting for anybody. */
void stdio_reopen(struct stdio *io, const struct directory *dir);

/* Lets stdin end if the process directory says so by now. */
void stdio_check_hold(struct stdio *io, const struct directory *dir);

/* Lets go of the writing ends: readers come to the end of the streams, and waiters to the end of `exit`. */
void stdio_release(struct stdio *io);

/* Whether somebody may still come and read: there are bytes left in a FIFO that has a name. */
bool stdio_unread(const struct stdio *io);

/* Whether the process directory's FIFOs have been removed. */
bool stdio_removed(const struct stdio *io);

#endif
