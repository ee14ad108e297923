/* Requests of a connection: read, parsed and given to their routes, one after the other. */
#ifndef GUARDIAN_HTTP_READ_H
#define GUARDIAN_HTTP_READ_H

#include "guardian/http.h"

/* Prepares the parser of a new connection. */
void http_read_begin(struct connection *connection);

/* Reads what the client has sent, and serves it. */
void http_readable(struct connection *connection);

/* The reply is on its way: the connection ends, or the next request, which may have been read already, gets its turn. */
void http_next(struct connection *connection);

/* Closes the connection after that time, unless its request is complete before, or its reply has gone. */
void http_limit(struct connection *connection, long long ms);

/* Lets go of the request in hand. */
void http_forget_request(struct connection *connection);

#endif
