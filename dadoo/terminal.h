/* A process's terminal: the runtime makes it, and sends its master end over a socket that waits for it. */
#ifndef DADOO_TERMINAL_H
#define DADOO_TERMINAL_H

#include <stdbool.h>

struct terminal {
	int socket; /* listening, later the one connection; -1 when no console is awaited, or no more */
	bool connected;
	char path[108]; /* of the socket, for the runtime */
	int master;     /* non-blocking; -1 until it has arrived */
};

/* Makes the socket in a new directory below parent; NULL or "": in the process directory dir. It goes when the console has
 * arrived, or else when dadoo exits. Gives up when that cannot be done. */
void terminal_listen(struct terminal *terminal, const char *parent, int dir);

/* Does what can be done without waiting to get the console. 0, or -1 after a report if that what came is none. */
int terminal_accept(struct terminal *terminal);

/* The same when nothing more will be sent: then a console that has not come is an error too. */
int terminal_complete(struct terminal *terminal);

#endif
