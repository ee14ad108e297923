/* The one table of routes: method, path, and who handles it. */
#ifndef GUARDIAN_ROUTES_H
#define GUARDIAN_ROUTES_H

#include "guardian/http.h"

struct route {
	const char *method, *path; /* a segment that begins with ':' stands for anything */
	const char *name;          /* of the session in the log */
	const char *done;          /* what the log says of a success; NULL: nothing */
	void (*handle)(struct connection *connection);
	const struct sink *sink; /* of a route that takes its body as it comes; then handle is not called */
	bool changes;            /* is logged with who asked */
	bool pauses;             /* counts as activity of the container for its grace time */
};

extern const struct route api_routes[];
extern const size_t api_route_count;

/* The route of a connection's request, its captures filled in and decoded; NULL for none: route_missing then answers. */
const struct route *route_find(struct connection *connection);

/* Answers a request that has no route: 404, 405 with what is allowed, OPTIONS *. */
void route_missing(struct connection *connection);

/* The first value of a query parameter, decoded; NULL if there is none. The caller frees it. */
char *query_value(const char *query, const char *name);

/* All parameters as name, value, name, value, ...; of equal names the first, and none that cannot be decoded. */
void query_values(const char *query, struct strings *pairs);

#endif
