/* The one poll loop: reaps, carries a terminal's bytes and sizes, and waits for the process's end. */
#ifndef DADOO_RELAY_H
#define DADOO_RELAY_H

#include "dadoo/directory.h"
#include "dadoo/process.h"
#include "dadoo/stdio.h"
#include "dadoo/winsz.h"

#include <stddef.h>

/* One direction of a terminal: reads when it is empty, and writes when it is not. */
struct flow {
	int from, to; /* non-blocking; from is -1 while there is nothing to be expected */
	char *bytes;
	size_t at, len; /* what was read and not written yet */
};

struct relay {
	int signals;
	struct directory dir;
	struct stdio io;
	struct process process;
	bool ended; /* the process has */
	int master; /* of its terminal; -1 if it has none */
	struct flow output, input;
	struct winsz sizes;
};

/* Joins the master end of a terminal to the FIFOs, -1 if there is none. */
void relay_connect(struct relay *relay, int master);

/* Returns when the process has ended. */
void relay_until_exit(struct relay *relay);

/* Writes what the terminal still has, lets go of the writing ends, and stays while there is something left to be read. */
void relay_drain(struct relay *relay);

#endif
