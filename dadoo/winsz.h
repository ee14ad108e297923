/* Window sizes for a terminal: JSON objects that come through a FIFO, {"columns":80,"rows":24}, as a rule with a newline
 * behind each. They may arrive split or joined, and anybody may write anything into a FIFO. */
#ifndef DADOO_WINSZ_H
#define DADOO_WINSZ_H

#include <stdbool.h>
#include <stddef.h>

struct winsz {
	int fifo; /* non-blocking; -1 is none */
	char text[1024];
	size_t len;    /* of text: what has come and is no whole object yet */
	bool skipping; /* what came was no object, so the next newline is where sense may begin again */
};

/* Reads what there is, and gives the terminal that master belongs to the newest size in it. What is no size is reported. */
void winsz_read(struct winsz *sizes, int master);

#endif
