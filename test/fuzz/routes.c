/* A line "METHOD PATH?QUERY", of any bytes, against the API's routes: found is what a plainer reading of the table finds, and
 * what a name or a parameter stands for is what it is when written anew. */
#include "guardian/routes.h"
#include "test/fuzz/must.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct server server = { .routes = api_routes };

/* --- The plainer reading: segment by segment --- */

static bool fits(const char *pattern, const char *path)
{
	autofree char *patterns = xstrdup(pattern), *segments = xstrdup(path);
	char *pattern_rest = patterns, *path_rest = segments, *wanted, *segment;

	do {
		wanted = strsep(&pattern_rest, "/");
		segment = strsep(&path_rest, "/");
		if (!wanted || !segment)
			return !wanted && !segment;
		if (*wanted == ':' ? !*segment && !path_rest : strcmp(wanted, segment) != 0)
			return false;
	} while (true);
}

static const struct route *plainly(const char *method, const char *path)
{
	for (size_t i = 0; i < api_route_count; i++)
		if (strcmp(api_routes[i].method, method) == 0 && fits(api_routes[i].path, path))
			return &api_routes[i];
	return NULL;
}

/* --- Writing anew --- */

static char *encoded(const char *text)
{
	struct text written = { 0 };

	for (; *text; text++)
		if (*text == ' ')
			text_addf(&written, "+");
		else if (isalnum((unsigned char)*text))
			text_add(&written, text, 1);
		else
			text_addf(&written, "%%%02X", (unsigned)(unsigned char)*text);
	return text_take(&written);
}

static void check_decoded(const char *text)
{
	autofree char *again = encoded(text);

	must(http_decode(again));
	must(strcmp(text, again) == 0);
}

static void check_query(const char *query)
{
	autostrings struct strings pairs = { 0 }, again = { 0 };
	autotext struct text written = { 0 };

	query_values(query, &pairs);
	must(pairs.count % 2 == 0);
	for (size_t i = 0; i < pairs.count; i += 2) {
		autofree char *name = encoded(pairs.item[i]), *value = encoded(pairs.item[i + 1]);
		autofree char *found = query_value(query, pairs.item[i]);

		must(found && strcmp(found, pairs.item[i + 1]) == 0);
		text_addf(&written, "%s%s=%s", i ? "&" : "", name, value);
	}
	query_values(text_string(&written), &again);
	must(again.count == pairs.count);
	for (size_t i = 0; i < pairs.count; i++)
		must(strcmp(pairs.item[i], again.item[i]) == 0);
}

static size_t names_in(const char *pattern)
{
	size_t count = 0;

	for (; (pattern = strchr(pattern, ':')); pattern++)
		count++;
	return count;
}

/* How long a text is once it is decoded; a NUL takes two bytes. */
static size_t decoded_len(const char *text)
{
	size_t len = 0;

	for (; *text; text += *text == '%' ? 3 : 1)
		len += strncmp(text, "%00", 3) == 0 ? 2 : 1;
	return len;
}

static void check_route(const char *method, char *path)
{
	struct server api = server;
	struct connection connection = { .server = &api, .request.method = method, .request.path = path };
	autofree char *decoded = xstrdup(path);
	const struct route *route;

	api.route_count = api_route_count;
	if (!http_decode(decoded))
		return; /* is refused before */
	must(strlen(decoded) == decoded_len(path));
	route = route_find(&connection);
	must(route == plainly(method, path));
	must(connection.request.captures.count == (route ? names_in(route->path) : 0));
	for (size_t i = 0; i < connection.request.captures.count; i++)
		check_decoded(connection.request.captures.item[i]);
	strings_free(&connection.request.captures);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	autofree char *line = xmalloc(len + 1);
	char *path = line, *query, *method;

	if (len)
		memcpy(line, data, len);
	method = strsep(&path, " ");
	if (!path)
		return 0;
	query = path;
	path = strsep(&query, "?");
	check_route(method, path);
	if (query)
		check_query(query);
	return 0;
}
