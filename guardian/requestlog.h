/* A line in the log for each request that changed something, was meant to, or failed: what it was, who asked, how it went. */
#ifndef GUARDIAN_REQUESTLOG_H
#define GUARDIAN_REQUESTLOG_H

#include "guardian/http.h"
#include "guardian/log.h"

/* Call once, when the log is open. */
void requestlog_open(void);

/* Connections come and go at debug level. */
void requestlog_connection(const char *action);

/* A request of an API route has been answered. body is the reply's. */
void requestlog_answered(const struct connection *connection, int status, const char *body, size_t len);

#endif
