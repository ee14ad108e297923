/* Replies of a connection, on their way to the client. */
#ifndef GUARDIAN_HTTP_WRITE_H
#define GUARDIAN_HTTP_WRITE_H

#include "guardian/http.h"

/* Sends as much as the socket takes, and goes on with the next request when a reply has gone whole. */
void http_flush(struct connection *connection);

#endif
