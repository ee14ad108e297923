/* A process's stdin, and the clients that hold it because they may write to it. Full means that they wait. */
#ifndef GUARDIAN_INLET_H
#define GUARDIAN_INLET_H

#include "common/base/error.h"
#include "guardian/loop.h"

struct inlet {
	int process_dir; /* borrowed */
	int fd;          /* -1 while nobody holds it */
	unsigned holders;
	struct watch room; /* while it is full */
	void (*has_room)(struct inlet *inlet);
};

void inlet_open(struct inlet *inlet, int process_dir, void (*has_room)(struct inlet *inlet));
void inlet_close(struct inlet *inlet);

/* One holder more. False if the FIFO cannot be opened. */
bool inlet_hold(struct inlet *inlet);

/* One holder fewer. After the last one the process reads end of file: neither we nor, through the mark in its directory, its
 * shim hold its input any more. 0, or -1 with err when that cannot be. */
int inlet_release(struct inlet *inlet, struct error *err);

/* Writes what fits. Returns how much that was; if less than all, has_room is called once when there is room again. What nobody
 * will ever read counts as written. */
size_t inlet_write(struct inlet *inlet, const char *data, size_t len);

#endif
