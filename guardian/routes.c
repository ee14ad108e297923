#include "guardian/routes.h"

#include "guardian/handlers.h"

#include <stdlib.h>
#include <string.h>

const struct route api_routes[] = {
	{ "GET", "/ping", "ping", NULL, handle_ping },
	{ "GET", "/capacity", "capacity", NULL, handle_capacity },
	{ "GET", "/containers", "list", NULL, handle_list },
	{ "POST", "/containers", "create", "created", handle_create, .changes = true },
	{ "GET", "/containers/bulk_info", "bulk_info", "got-bulkinfo", handle_bulk_info },
	{ "GET", "/containers/bulk_metrics", "bulk_metrics", NULL, handle_bulk_metrics },
	{ "GET", "/containers/:handle/info", "info", "got-info", handle_info, .pauses = true },
	{ "DELETE", "/containers/:handle", "destroy", "destroyed", handle_destroy, .changes = true },
	{ "PUT", "/containers/:handle/stop", "stop", "stopped", handle_stop, .changes = true, .pauses = true },
	{ "PUT", "/containers/:handle/files", "stream-in", "streamed-in", NULL, &stream_in_sink, .changes = true,
		.pauses = true },
	{ "GET", "/containers/:handle/files", "stream-out", "streamed-out", handle_stream_out, .pauses = true },
	{ "GET", "/containers/:handle/limits/bandwidth", "current-bandwidth-limits", NULL, handle_no_limits,
		.pauses = true },
	{ "GET", "/containers/:handle/limits/cpu", "current-cpu-limits", NULL, handle_cpu_limits, .pauses = true },
	{ "GET", "/containers/:handle/limits/disk", "current-disk-limits", NULL, handle_no_limits, .pauses = true },
	{ "GET", "/containers/:handle/limits/memory", "current-memory-limits", NULL, handle_memory_limits,
		.pauses = true },
	{ "POST", "/containers/:handle/net/in", "net-in", "port-mapped", handle_net_in, .changes = true,
		.pauses = true },
	{ "POST", "/containers/:handle/net/out", "net-out", "allowed", handle_net_out, .changes = true,
		.pauses = true },
	{ "POST", "/containers/:handle/net/out/bulk", "bulk-net-out", "allowed", handle_bulk_net_out, .changes = true,
		.pauses = true },
	{ "GET", "/containers/:handle/processes/:pid/attaches/:streamid/stdout", "stdout", NULL, handle_stdout },
	{ "GET", "/containers/:handle/processes/:pid/attaches/:streamid/stderr", "stderr", NULL, handle_stderr },
	{ "POST", "/containers/:handle/processes", "run", "spawned", handle_run, .changes = true, .pauses = true },
	{ "GET", "/containers/:handle/processes/:pid", "attach", "attached", handle_attach, .pauses = true },
	{ "PUT", "/containers/:handle/grace_time", "set-grace-time", "set", handle_set_grace_time, .changes = true },
	{ "GET", "/containers/:handle/properties", "get-properties", NULL, handle_properties, .pauses = true },
	{ "GET", "/containers/:handle/properties/:key", "get-property", NULL, handle_property, .pauses = true },
	{ "PUT", "/containers/:handle/properties/:key", "set-property", "set", handle_set_property, .changes = true,
		.pauses = true },
	{ "DELETE", "/containers/:handle/properties/:key", "remove-property", "removed", handle_remove_property,
		.changes = true, .pauses = true },
	{ "GET", "/containers/:handle/metrics", "get-metrics", NULL, handle_metrics, .pauses = true },
};
const size_t api_route_count = ARRAY_SIZE(api_routes);

/* Whether path has the pattern's segments. A name captures its segment, still encoded; not an empty one at the end. */
static bool match(const char *pattern, const char *path, struct strings *captures)
{
	while (*pattern) {
		size_t segment;

		if (*pattern != ':') {
			if (*pattern++ != *path++)
				return false;
			continue;
		}
		pattern += strcspn(pattern, "/");
		segment = strcspn(path, "/");
		if (!segment && !path[segment])
			return false;
		strings_addf(captures, "%.*s", (int)segment, path);
		path += segment;
	}
	return !*path;
}

const struct route *route_find(struct connection *c)
{
	struct strings *captures = &c->request.captures;

	for (size_t i = 0; i < c->server->route_count; i++) {
		const struct route *route = &c->server->routes[i];

		strings_free(captures);
		if (strcmp(route->method, c->request.method) != 0 || !match(route->path, c->request.path, captures))
			continue;
		for (size_t n = 0; n < captures->count; n++)
			http_decode(captures->item[n]); /* a path with a bad escape has been refused before */
		return route;
	}
	strings_free(captures);
	return NULL;
}

/* "DELETE, PUT": what the path would take; "" if nothing knows it. In the order in which the methods' tables are asked. */
static void allowed(const struct connection *c, struct text *methods)
{
	static const char *const order[] = { "GET", "DELETE", "POST", "PUT" };

	for (size_t m = 0; m < ARRAY_SIZE(order); m++) {
		for (size_t i = 0; i < c->server->route_count; i++) {
			const struct route *route = &c->server->routes[i];
			autostrings struct strings captures = { 0 };

			if (strcmp(route->method, order[m]) != 0 || !match(route->path, c->request.path, &captures))
				continue;
			text_addf(methods, "%s%s", methods->len ? ", " : "", order[m]);
			break;
		}
	}
}

static void reply_plain(struct connection *c, int status, const char *extra, const char *body)
{
	autofree char *lines = xprintf("%sX-Content-Type-Options: nosniff\r\n", extra);

	connection_reply(c, status, "text/plain; charset=utf-8", lines, body, strlen(body));
}

void route_missing(struct connection *c)
{
	autotext struct text methods = { 0 };
	autofree char *allow = NULL;

	if (!strcmp(c->request.method, "OPTIONS") && !strcmp(c->request.path, "*")) {
		connection_reply(c, 200, NULL, "", "", 0);
		return;
	}
	allowed(c, &methods);
	if (!methods.len) {
		reply_plain(c, 404, "", "404 page not found\n");
		return;
	}
	allow = xprintf("Allow: %s\r\n", text_string(&methods));
	reply_plain(c, 405, allow, "Method Not Allowed\n");
}

static bool has_name(const struct strings *pairs, const char *name)
{
	for (size_t i = 0; i < pairs->count; i += 2)
		if (!strcmp(pairs->item[i], name))
			return true;
	return false;
}

void query_values(const char *query, struct strings *pairs)
{
	autofree char *copy = xstrdup(query);
	char *rest = copy, *pair;

	while ((pair = strsep(&rest, "&"))) {
		char *value = strchr(pair, '=');

		/* What has a semicolon or a bad escape in it is passed over, as it always was. */
		if (!*pair || strchr(pair, ';'))
			continue;
		if (value)
			*value++ = '\0';
		if (!http_decode(pair) || (value && !http_decode(value)) || has_name(pairs, pair))
			continue;
		strings_add(pairs, pair);
		strings_add(pairs, value ? value : "");
	}
}

char *query_value(const char *query, const char *name)
{
	autostrings struct strings pairs = { 0 };

	query_values(query, &pairs);
	for (size_t i = 0; i < pairs.count; i += 2)
		if (!strcmp(pairs.item[i], name))
			return xstrdup(pairs.item[i + 1]);
	return NULL;
}
