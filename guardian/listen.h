/* The listening socket: made, inherited, or handed on to a successor; and who may connect to it. */
#ifndef GUARDIAN_LISTEN_H
#define GUARDIAN_LISTEN_H

#include "common/base/error.h"
#include "guardian/flags.h"
#include "guardian/http.h"

struct listener {
	int fd;
	char *path;          /* of a unix socket of ours, removed at a stop; NULL for others */
	const char *network; /* "unix" or "tcp", for the log */
	char *address;
	struct watch watch;
	struct timer rest;
	const struct server *server;
	const struct flags *flags;
};

/* Makes the socket that the flags ask for, or takes the one that was inherited: from socket2me (SOCKET2ME_FD), from systemd or
 * from an earlier daemon that handed it on (LISTEN_FDS, sd_listen_fds(3)). Connections wait from here on. */
int listen_open(struct listener *listener, const struct flags *flags, struct error *err);

/* Begins to accept. */
int listen_serve(struct listener *listener, const struct server *server, struct error *err);

/* Stops accepting, and removes the socket's name unless it is kept for a successor. */
void listen_close(struct listener *listener, bool keep);

/* Makes the socket survive exec, and the environment say where it is. */
int listen_hand_on(struct listener *listener);

#endif
