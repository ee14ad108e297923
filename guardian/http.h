/* One connection of a client: requests in (http_read.c), replies out (http_write.c), until it is closed or handed over to a
 * stream. Parsing is llhttp's; what is kept of a request is bounded. */
#ifndef GUARDIAN_HTTP_H
#define GUARDIAN_HTTP_H

#include "common/base/text.h"
#include "common/depot/settings.h"
#include "guardian/loop.h"

#include <llhttp.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct connection;
struct route;

struct request {
	const char *method;      /* "GET" */
	char *path;              /* as it came, percent-encoded, without the query */
	char *query;             /* behind the '?', "" if there is none */
	struct strings captures; /* what the route's names stand for, decoded */
	char *trace_id;          /* X-Vcap-Request-Id, NULL if it has none */
	struct text body;
	bool old;             /* HTTP/1.0 */
	bool close;           /* the connection ends with its reply */
	bool keep_alive_said; /* HTTP/1.0 asked to stay, and is told so */
};

/* Who takes a body as it comes, instead of having it kept in request.body. */
struct sink {
	/* Takes all of the bytes. Returns false when no more should be read for now; connection_read_on goes on. */
	bool (*data)(struct connection *connection, const char *data, size_t len);
	void (*end)(struct connection *connection); /* the body is complete */
};

/* What all connections to one listening socket share. */
struct server {
	const struct route *routes;
	size_t route_count;
	const struct settings *settings;
	long long header_ms;        /* for a whole head; 0: only what has begun is limited */
	int64_t default_grace_ns;   /* of containers that are created without one; 0: none */
	const char *default_rootfs; /* likewise, "" for none */
};

struct connection {
	struct watch watch;
	int fd;
	const struct server *server;
	long long began_ms; /* the request in hand */
	struct ucred peer;  /* of a unix socket's client; pid 0 over TCP */
	llhttp_t parser;
	struct request request;
	const struct route *route;
	const struct sink *sink;
	void *work;       /* of whoever handles the request */
	struct text head; /* the header field or value being read */
	struct text field;
	struct text input; /* read and not parsed yet */
	struct text output;
	size_t sent;
	void (*gone)(struct connection *connection);    /* the client went away in the middle of a transfer */
	void (*flushed)(struct connection *connection); /* of a body that is sent in pieces */
	struct timer limit;
	size_t head_size;
	int hosts;                                                            /* Host header fields seen */
	bool expects, paused, busy, replied, serving, lingering, bad, active; /* active: holds up a grace time */
	int refusal; /* status of a head that is refused, 0 if it is not */
	struct connection *next, *previous;
};

/* Takes over an accepted, non-blocking socket. NULL when it cannot be watched; then it is closed. */
struct connection *connection_open(const struct server *server, int fd);

/* Closes it and lets go of everything. */
void connection_close(struct connection *connection);

/* Replies to the request in hand. type may be NULL; extra is further header lines, each ended by CRLF, or "". */
void connection_reply(struct connection *connection, int status, const char *type, const char *extra, const void *body,
	size_t len);

/* A reply whose body is sent in pieces, with Transfer-Encoding: chunked. connection_chunk returns whether the piece has gone
 * out; if not, flushed is called once when it has. connection_chunks_end completes the reply. */
void connection_chunks(struct connection *connection, int status, const char *type,
	void (*flushed)(struct connection *connection));
bool connection_chunk(struct connection *connection, const void *data, size_t len);
void connection_chunks_end(struct connection *connection);

/* Refuses what cannot be understood: text/plain, and the connection ends. */
void connection_refuse(struct connection *connection, int status, const char *reason);

/* The request is answered by somebody later; nothing more is read until then. */
void connection_wait(struct connection *connection);

/* Reads on after a sink had asked to stop. */
void connection_read_on(struct connection *connection);

/* Takes the socket out of the connection, with what the client has sent behind its request (added to leftover). The connection
 * is gone; the caller owns the socket, and nothing has been replied. */
int connection_hijack(struct connection *connection, struct text *leftover);

/* How many there are. */
size_t connections_count(void);

/* From now on a connection ends with its reply. Those between two requests are closed at once, and those of clients that do not
 * go on with their request or reply after DRAIN_MS. */
#define DRAIN_MS 5000
void connections_drain(void);
bool connections_draining(void);

/* "201 Created"; the Date header's value for now. */
const char *http_status(int status);
const char *http_date(void);

/* Decodes %XX, and '+' to a space, in place; %00 to C0 80, as in common/depot/properties.h, or it would cut what it stands in.
 * False for a bad escape. */
bool http_decode(char *text);

#endif
