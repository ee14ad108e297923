#include "guardian/counters.h"

#include "guardian/attached.h"
#include "guardian/worker.h"

/* Upper bounds of the histogram, in milliseconds; above the last there is +Inf. */
static const int bounds_ms[] = { 1, 5, 10, 25, 50, 100, 250, 1000, 5000, 30000 };
enum { BOUNDS = ARRAY_SIZE(bounds_ms) };

static const int statuses[] = { 200, 201, 404, 500 }; /* handlers make no others */

/* One for each route that was ever asked. */
struct counter {
	const struct route *route;
	unsigned long long by_status[ARRAY_SIZE(statuses)], below[BOUNDS], count, sum_ms;
	struct counter *next;
};

static struct counter *counters;

static struct counter *counter_of(const struct route *route)
{
	struct counter *counter;

	for (counter = counters; counter; counter = counter->next)
		if (counter->route == route)
			return counter;
	counter = xmalloc(sizeof *counter);
	counter->route = route;
	counter->next = counters;
	counters = counter;
	return counter;
}

void counters_request(const struct route *route, int status, long long took_ms)
{
	struct counter *counter = counter_of(route);

	for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
		counter->by_status[i] += statuses[i] == status;
	for (size_t i = 0; i < BOUNDS; i++)
		counter->below[i] += took_ms <= bounds_ms[i];
	counter->count++;
	counter->sum_ms += (unsigned long long)took_ms;
}

static void gauge(struct text *text, const char *name, const char *help, size_t value)
{
	text_addf(text, "# HELP %s %s\n# TYPE %s gauge\n%s %zu\n", name, help, name, name, value);
}

static void print_requests(struct text *text)
{
	text_addf(text,
		"# HELP garden_requests_total Requests answered, by route and status.\n"
		"# TYPE garden_requests_total counter\n");
	for (const struct counter *counter = counters; counter; counter = counter->next)
		for (size_t i = 0; i < ARRAY_SIZE(statuses); i++)
			if (counter->by_status[i])
				text_addf(text, "garden_requests_total{route=\"%s\",status=\"%d\"} %llu\n",
					counter->route->name, statuses[i], counter->by_status[i]);
}

static void print_latencies(struct text *text)
{
	static const char name[] = "garden_request_duration_seconds";

	text_addf(text, "# HELP %s Time from a request's head to its reply.\n# TYPE %s histogram\n", name, name);
	for (const struct counter *counter = counters; counter; counter = counter->next) {
		const char *route = counter->route->name;

		for (size_t i = 0; i < BOUNDS; i++)
			text_addf(text, "%s_bucket{route=\"%s\",le=\"%g\"} %llu\n", name, route, bounds_ms[i] / 1000.0,
				counter->below[i]);
		text_addf(text, "%s_bucket{route=\"%s\",le=\"+Inf\"} %llu\n", name, route, counter->count);
		text_addf(text, "%s_sum{route=\"%s\"} %g\n", name, route, (double)counter->sum_ms / 1000);
		text_addf(text, "%s_count{route=\"%s\"} %llu\n", name, route, counter->count);
	}
}

void counters_print(struct text *text, size_t containers)
{
	gauge(text, "garden_containers", "Containers in the depot.", containers);
	gauge(text, "garden_connections", "Open connections of clients.", connections_count());
	gauge(text, "garden_attached_streams", "Clients attached to processes.", attached_count());
	gauge(text, "garden_workers", "Workers at work.", workers_running());
	gauge(text, "garden_workers_waiting", "Requests that wait for a worker.", workers_waiting());
	print_requests(text);
	print_latencies(text);
}
