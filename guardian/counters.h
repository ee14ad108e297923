/* What the daemon counts of itself, for a Prometheus server to fetch: requests by route and status, and how long they took. */
#ifndef GUARDIAN_COUNTERS_H
#define GUARDIAN_COUNTERS_H

#include "common/base/text.h"
#include "guardian/routes.h"

/* A request that was answered. */
void counters_request(const struct route *route, int status, long long took_ms);

/* All of it, in Prometheus' text format, with the gauges of now. containers: how many there are in the depot. */
void counters_print(struct text *text, size_t containers);

#endif
