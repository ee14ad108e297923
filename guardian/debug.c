#include "guardian/debug.h"

#include "common/base/say.h"
#include "common/ops/operations.h"
#include "guardian/counters.h"
#include "guardian/log.h"
#include "guardian/worker.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

static const char plain[] = "text/plain; charset=utf-8";
static int argument_count;
static char **arguments;

void debug_setup(int argc, char **argv)
{
	argument_count = argc;
	arguments = argv;
}

static void reply_text(struct connection *c, int status, const char *type, const struct text *text)
{
	connection_reply(c, status, type, "", text_string(text), text->len);
}

/* How many containers there are; -1 if that cannot be told. */
static long long containers(const struct connection *c)
{
	autostrings struct strings handles = { 0 };
	struct error ignored;

	return container_list(c->server->settings, &handles, &ignored) < 0 ? -1 : (long long)handles.count;
}

static void handle_metrics_page(struct connection *c)
{
	autotext struct text page = { 0 };
	long long count = containers(c);

	counters_print(&page, count < 0 ? 0 : (size_t)count);
	reply_text(c, 200, "text/plain; version=0.0.4", &page);
}

static json_object *command_line(void)
{
	json_object *list = json_object_new_array();

	for (int i = 0; i < argument_count; i++)
		json_object_array_add(list, json_object_new_string(arguments[i]));
	return list;
}

static json_object *memory(void)
{
	json_object *object = json_object_new_object();
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	json_object_object_add(object, "MaxResident", json_object_new_int64((int64_t)usage.ru_maxrss * 1024));
	return object;
}

/* The reference's names, where there is such a thing here: one thread is one unit of concurrency, and each worker is another. */
static void handle_vars(struct connection *c)
{
	autojson json_object *vars = json_object_new_object();
	autotext struct text page = { 0 };

	json_object_object_add(vars, "backingStores", json_object_new_int(0));
	json_object_object_add(vars, "cmdline", command_line());
	json_object_object_add(vars, "depotDirs", json_object_new_int64(containers(c)));
	json_object_object_add(vars, "loopDevices", json_object_new_int(0));
	json_object_object_add(vars, "memstats", memory());
	json_object_object_add(vars, "numCPUS", json_object_new_int(get_nprocs()));
	json_object_object_add(vars, "numGoRoutines", json_object_new_int64(1 + (int64_t)workers_running()));
	text_addf(&page, "%s\n",
		json_object_to_json_string_ext(vars,
			JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE));
	reply_text(c, 200, "application/json; charset=utf-8", &page);
}

static const struct {
	const char *names[3];
	const char *level;
} levels[] = {
	{ { "debug", "d", "0" }, "debug" },
	{ { "info", "i", "1" }, "info" },
	{ { "warn", "w", "2" }, "warn" },
	{ { "error", "e", "3" }, "error" },
	{ { "fatal", "f", "4" }, "fatal" },
};

static const char *level_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(levels); i++)
		for (size_t n = 0; n < ARRAY_SIZE(levels[i].names); n++)
			if (!strcasecmp(word, levels[i].names[n]))
				return levels[i].level;
	return NULL;
}

static void refuse_level(struct connection *c, const char *why, const char *what)
{
	autotext struct text text = { 0 };

	text_addf(&text, "%s%s\n", why, what);
	reply_text(c, 400, plain, &text);
}

static void handle_log_level(struct connection *c)
{
	autofree char *word = xstrdup(text_string(&c->request.body));
	char *start = word + strspn(word, " \t\r\n");
	autotext struct text text = { 0 };
	const char *level;

	for (size_t len = strlen(start); len && isspace((unsigned char)start[len - 1]); len--)
		start[len - 1] = '\0';
	level = level_of(start);
	if (!*start) {
		refuse_level(c, "log level cannot be empty", "");
	} else if (!level) {
		refuse_level(c, "invalid log level: ", start);
	} else {
		log_set_level(level);
		text_addf(&text, "/log-level was invoked with Level: %s\n", level);
		if (!strcmp(level, "fatal"))
			text_addf(&text, "Note: Fatal logs are reported as error logs in the Gorouter logs.\n");
		reply_text(c, 200, plain, &text);
	}
}

static void handle_log_level_otherwise(struct connection *c)
{
	refuse_level(c, "method not allowed, use POST", "");
}

const struct route debug_routes[] = {
	{ "GET", "/metrics", "metrics", NULL, handle_metrics_page },
	{ "GET", "/debug/vars", "vars", NULL, handle_vars },
	{ "POST", "/log-level", "log-level", NULL, handle_log_level },
	{ "GET", "/log-level", "log-level", NULL, handle_log_level_otherwise },
	{ "PUT", "/log-level", "log-level", NULL, handle_log_level_otherwise },
	{ "DELETE", "/log-level", "log-level", NULL, handle_log_level_otherwise },
};
const size_t debug_route_count = ARRAY_SIZE(debug_routes);
